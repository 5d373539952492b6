/// Stack traces of the Java virtual machine: Java, Kotlin, Scala, Groovy.
///
///     Exception in thread "main" com.acme.Overdrawn: account 17      (the name and the text of the exception;
///     second line of the text                                         the text may have several lines, also blank ones)
///     ⇥at com.acme.Bank.pay(Bank.java:12)
///     ⇥at java.base/java.lang.Thread.run(Thread.java:833) ~[?:?]     (logback and log4j add where the class is from)
///     ⇥Suppressed: java.io.IOException: close
///     ⇥⇥at com.acme.File.close(File.java:3)
///     Caused by: java.sql.SQLException: no                           (logback, root cause first: `Wrapped by: `)
///     ⇥at com.acme.Db.run(Db.java:7)
///     ⇥... 3 more                                                    (logback: `... 3 common frames omitted`)
///     ⇥[CIRCULAR REFERENCE: com.acme.Loop: again]
///
/// - SeeAlso: `java.lang.Throwable.printStackTrace()` and its source, `printEnclosedStackTrace`;
///   `java.util.logging.SimpleFormatter`; HotSpot `VMThread::print_on` for thread dumps.
enum JavaTrace {
    private static let message = TracePlaces.own(0)
    private static let frames = TracePlaces.own(1)
    private static let gap = TracePlaces.own(2)
    private static let loggerDate = TracePlaces.own(3)
    private static let loggerAlarm = TracePlaces.own(4)
    private static let dump = TracePlaces.own(5)

    static let grammar = TraceGrammar(
        language: .java,
        rules: [
            TraceRule([.anyHead, message, frames, loggerAlarm], frame, .joins(frames)),
            TraceRule([message, frames], omitted, .joins(frames)),
            TraceRule([.anyHead, message, frames, gap], cause, .joins(message)),

            // A trace that stands alone, or behind the record that announces it.
            TraceRule(.first, .starts("Exception in thread \""), .joins(message)),
            TraceRule([.first, .alarmHead, loggerAlarm], .exceptionName, .waits(message)),
            TraceRule([.tellingHead, message], .free, .waits(message)),
            TraceRule([.tellingHead, message], .blank, .waits(message)),
            TraceRule(frames, .blank, .waits(gap)),

            // The rest of a trace whose beginning is missing.
            TraceRule(.first, frame, .resumes(frames)),
            TraceRule(.first, cause, .resumes(message)),
            TraceRule(.first, omitted, .resumes(frames)),

            // java.util.logging writes a record in two lines: date and place, then level and text.
            TraceRule(.first, loggerDateLine, .joins(loggerDate)),
            TraceRule(loggerDate, .starts("SEVERE: "), .joins(loggerAlarm)),
            TraceRule(loggerDate, .starts("WARNING: "), .joins(loggerAlarm)),
            TraceRule(loggerDate, loggerCalmLine, .joins(.end)),

            // `kill -3` and `jstack`.
            TraceRule(.first, .starts("Full thread dump "), .joins(dump)),
            TraceRule(dump, .indented, .joins(dump)),
            TraceRule(dump, dumpLine, .joins(dump)),
            TraceRule(dump, .blank, .waits(dump)),
        ])

    /// `at com.acme.Bank.pay(Bank.java:12)`: no blank before the bracket, unlike in Node.js.
    private static let frame = LinePattern.shape(ByteSet(of: "a"), indented: .any) { line in
        guard line.has("at ", at: line.indent),
            let bracket = line.index(of: UInt8(ascii: "("), from: line.indent + 4),
            line.bytes[bracket - 1] != 0x20, line.index(of: UInt8(ascii: ")"), from: bracket) != nil
        else { return false }
        guard line.indent == 0 else { return true }
        // "at home(now)" may begin a sentence.
        guard let dot = line.index(of: UInt8(ascii: "."), from: 3) else { return false }
        return dot < bracket && (line.index(of: 0x20, from: 3) ?? line.count) > bracket
    }

    /// `... 3 more`, `... 3 common frames omitted`, `... suppressed 2 lines`.
    private static let omitted = LinePattern.shape(ByteSet(of: "."), indented: .some) { line in
        let number = line.indent + 4
        guard line.has("... ", at: line.indent), number < line.count else { return false }
        return isDigit(line.bytes[number]) || line.has("suppressed ", at: number)
    }

    private static let cause = LinePattern.shape(ByteSet(of: "CSW["), indented: .any) { line in
        line.has("Caused by: ", at: line.indent) || line.has("Suppressed: ", at: line.indent)
            || line.has("Wrapped by: ", at: line.indent) || line.has("[CIRCULAR REFERENCE", at: line.indent)
    }

    /// True for the first line of `java.util.logging`: `May 01, 2024 12:34:56 PM com.acme.Bank pay`.
    static func startsTwoLineHeader(_ line: borrowing LineView) -> Bool {
        guard line.indent == 0, isUpper(line.firstByte), line.count > 24, line.bytes[3] == 0x20 else { return false }
        let comma = line.endOfDigits(from: 4)
        guard line.has(", 20", at: comma) else { return false }
        return line.has("M ", at: line.count > 26 ? endOfClock(line, from: comma + 7) : line.count)
    }

    /// - Returns: the place of the `M` in `12:34:56 PM `, or something that is none.
    private static func endOfClock(_ line: borrowing LineView, from start: Int) -> Int {
        (line.index(of: 0x20, from: start) ?? line.count) + 2
    }

    private static let loggerDateLine = LinePattern.shape(ByteSet(of: "JFMASOND")) { startsTwoLineHeader($0) }

    private static let loggerCalmLine = LinePattern.shape(ByteSet(of: "ICF")) { line in
        line.has("INFO: ", at: 0) || line.has("CONFIG: ", at: 0) || line.has("FINE: ", at: 0)
            || line.has("FINER: ", at: 0) || line.has("FINEST: ", at: 0)
    }

    private static let dumpLine = LinePattern.shape(ByteSet(of: "\"T_0}JF=H")) { line in
        switch line.firstByte {
        case UInt8(ascii: "\""): line.index(of: "\" ", from: 1) != nil || line.ends(with: "\":")
        case UInt8(ascii: "T"): line.has("Threads class SMR info:", at: 0)
        case UInt8(ascii: "_"): line.has("_java_thread_list=", at: 0)
        case UInt8(ascii: "0"): line.has("0x", at: 0)
        case UInt8(ascii: "}"): line.count == 1
        case UInt8(ascii: "J"): line.has("JNI global ref", at: 0) || line.has("Java stack information", at: 0)
        case UInt8(ascii: "F"): line.has("Found ", at: 0)
        case UInt8(ascii: "="): line.has("====", at: 0)
        default: line.has("Heap", at: 0) && line.count == 4
        }
    }
}
