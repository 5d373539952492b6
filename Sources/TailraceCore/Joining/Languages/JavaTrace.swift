import CScan

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
/// Groovy's scripts say `Caught: ` and the exception in a line before it. The virtual machine's own troubles stand behind
/// number signs, from an empty one to an empty one.
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
    private static let crash = TracePlaces.own(6)
    private static let nested = TracePlaces.own(7)
    private static let crashed = TracePlaces.own(8)
    private static let heap = TracePlaces.own(9)
    private static let behindHead = TracePlaces.own(10)
    private static let pythonText = TracePlaces.own(11)
    private static let caught = TracePlaces.own(12)
    private static let array = TracePlaces.own(13)
    private static let address = TracePlaces.own(14)
    private static let addressed = TracePlaces.own(15)
    private static let fatal = TracePlaces.own(16)
    private static let headGap = TracePlaces.own(17)
    private static let title = TracePlaces.own(18)
    private static let analysis = TracePlaces.own(19)
    private static let action = TracePlaces.own(20)
    private static let advice = TracePlaces.own(21)
    private static let marked = TracePlaces.own(22)
    private static let history = TracePlaces.own(23)
    private static let textBehindFrames = TracePlaces.own(24)
    private static let heapDump = TracePlaces.own(25)
    private static let report = TracePlaces.own(26)
    private static let plugin = TracePlaces.own(27)
    private static let launcher = TracePlaces.own(28)
    private static let causeBelow = TracePlaces.own(29)
    private static let quoted = TracePlaces.own(30)
    private static let clojure = TracePlaces.own(31)
    private static let bracketed = TracePlaces.own(32)

    static let grammar = TraceGrammar(
        language: .java,
        rules: [
            // Hadoop leaves a line blank between the frames of the server and those of the client.
            TraceRule(
                [message, pythonText, frames, gap, textBehindFrames, history], frameWithSource, .settles(frames)),
            // GlassFish and Payara put the text of a record in brackets.
            TraceRule(.first, bracketedRecord, .waits(bracketed)),
            TraceRule(bracketed, endOfBrackets, .joins(.end)),
            TraceRule(bracketed, frame, .joins(bracketed)),
            TraceRule(bracketed, omitted, .joins(bracketed)),
            TraceRule(bracketed, cause, .joins(bracketed)),
            TraceRule(bracketed, .starts("Exception in thread "), .waits(bracketed)),
            TraceRule(bracketed, .unrecorded, .waits(bracketed)),
            TraceRule(bracketed, .blank, .waits(bracketed)),
            // Solr writes the first frame of a trace before it.
            TraceRule(.bracketHead, frame, .joins([nested, frames])),
            TraceRule(
                [.anyHead, message, pythonText, frames, loggerDate, loggerAlarm, history], frame, .joins(frames)),
            TraceRule([message, frames, textBehindFrames], omitted, .joins(frames)),
            // Guice has frames in its text.
            TraceRule(frames, placeOfGuice, .joins(frames)),
            TraceRule(frames, omittedAtMargin, .joins(frames)),
            TraceRule(frames, .starts("at ", indented: .some), .joins(frames)),
            TraceRule([.tellingHead, message, frames], frameWithoutAt, .joins(frames)),
            TraceRule(frames, .equals("[...]", indented: .some), .joins(frames)),
            // The launcher, now and of old.
            TraceRule(.first, .starts("Error: LinkageError occurred while loading main class "), .waits(launcher)),
            TraceRule(.first, .starts("Error: Unable to initialize main class "), .waits(launcher)),
            TraceRule(launcher, .indentedExceptionName, .joins(.end)),
            TraceRule(launcher, cause, .joins(.end)),
            // Jetty's own logger names the cause on the next line.
            TraceRule(frames, .equals("Caused by:"), .waits(causeBelow)),
            TraceRule(causeBelow, .exceptionName, .joins(message)),
            TraceRule(frames, .starts("Could not find the main class"), .joins(.end)),
            TraceRule(frames, .starts("(Coroutine boundary)", indented: .some), .joins(frames)),
            // `clojure.stacktrace` behind the record of the error.
            TraceRule(message, ClojureTrace.firstFrame, .joins(clojure)),
            TraceRule(clojure, ClojureTrace.frame, .joins(clojure)),
            TraceRule(clojure, cause, .joins(message)),
            TraceRule([message, frames, gap], causeInPython, .joins(pythonText)),
            TraceRule([message, frames, gap], .equals("Driver stacktrace:"), .waits(message)),
            TraceRule([.anyHead, message, frames, gap, textBehindFrames], announcingCause, .joins([message, nested])),
            TraceRule([.anyHead, message, frames, gap, textBehindFrames], cause, .joins(message)),
            TraceRule(frames, .namedCause, .joins(message)),
            // Quartz.
            TraceRule([frames, gap], .starts("* Nested Exception"), .waits(nested)),
            // Jenkins.
            TraceRule([frames, gap], .starts("Caused: "), .joins(message)),
            TraceRule(.first, .starts("Also:   "), .waits([message, nested])),
            // WebLogic, Mule.
            TraceRule(frames, .starts("Truncated. see log file ", indented: .some), .joins(frames)),
            TraceRule(frames, ruler, .joins(.end)),
            // The virtual machine that was told to dump its heap.
            TraceRule([message, frames], .starts("Dumping heap to "), .joins(heapDump)),
            TraceRule(heapDump, .starts("Heap dump file created "), .joins(.end)),
            // Flutter puts the trace of its plug-in into its own.
            TraceRule(frames, .equals(")"), .waits(plugin)),
            TraceRule(plugin, .starts("#"), .joins(plugin)),
            TraceRule(plugin, .starts("<asynchronous suspension>"), .joins(plugin)),
            // Application servers put records in brackets.
            TraceRule([frames, gap], endOfRecord, .joins(.end)),
            // Dropwizard marks what belongs to the record.
            TraceRule(.alarmHead, markedException, .joins(marked)),
            TraceRule(marked, .starts("!"), .joins(marked)),

            // A trace that stands alone, or behind the record that announces it.
            TraceRule(.first, .starts("Exception in thread \""), .joins(message)),
            TraceRule([.first, .alarmHead, loggerAlarm], exceptionInPython, .waits(pythonText)),
            TraceRule(pythonText, .exceptionName, .waits(pythonText)),
            TraceRule(pythonText, .free, .waits(pythonText)),
            TraceRule(pythonText, .blank, .waits(pythonText)),
            // Android.
            TraceRule(.first, .starts("FATAL EXCEPTION: "), .waits(fatal)),
            TraceRule(fatal, .starts("Process: "), .waits(fatal)),
            TraceRule(fatal, .unrecorded, .waits(message)),
            TraceRule(.first, .starts("Caught: "), .waits(caught)),
            TraceRule(caught, .exceptionName, .waits(message)),
            TraceRule(caught, .starts("Possible solutions: "), .waits(caught)),
            TraceRule(caught, .unrecorded, .waits(message)),
            TraceRule(caught, .blank, .waits(message)),
            TraceRule([.alarmHead, loggerAlarm], exceptionInPackage, .joins(message)),
            // `Exception chain:` of Kafka Connect, with all of them behind it.
            TraceRule(
                [.first, .alarmHead, loggerAlarm, behindHead, nested], announcingException, .waits([message, nested])),
            TraceRule([.first, .alarmHead, loggerAlarm], .exceptionName, .waits(message)),
            TraceRule([.alarmHead, loggerAlarm], .indentedExceptionName, .waits(message)),
            TraceRule(message, .equals("nested exception is:", indented: .any), .waits(nested)),
            TraceRule(nested, .exceptionName, .waits([message, nested])),
            TraceRule(nested, .free, .waits([message, nested])),
            TraceRule(nested, .blank, .waits([message, nested])),
            TraceRule(behindHead, .exceptionName, .waits(message)),
            // Mule says first what it knows.
            TraceRule(.alarmHead, ruler, .waits(report)),
            TraceRule(report, .exceptionName, .waits(message)),
            TraceRule(report, .unrecorded, .waits(report)),
            // Camel says first where the message went.
            TraceRule([headGap, behindHead], .starts("Message History"), .waits(history)),
            TraceRule(history, .unrecorded, .waits(history)),
            TraceRule(history, .blank, .waits(history)),
            TraceRule([.tellingAlarm, .closingText], .indented, .waits([message, behindHead, .closingText])),
            TraceRule([.tellingAlarm, behindHead], .free, .waits([message, behindHead])),
            // Flyway.
            TraceRule(message, .starts("-----"), .waits(message)),
            // Groovy quotes what it could not parse.
            TraceRule(message, .starts("index number "), .waits(quoted)),
            TraceRule(quoted, .parsedText, .waits(message)),
            TraceRule([.tellingHead, message], .free, .waits(message)),
            TraceRule(.closingText, .blank, .waits([message, behindHead, .closingText])),
            // MyBatis explains itself over several lines, in the record and in the exception.
            TraceRule([.tellingHead, behindHead], .blank, .waits([message, behindHead])),
            TraceRule(message, .blank, .waits(message)),
            TraceRule(frames, .blank, .waits(gap)),
            // A text with frames in it goes on; other frames would have the name of an exception before them.
            TraceRule([frames, gap, textBehindFrames], .freeBehindFrames, .waits(textBehindFrames)),
            TraceRule([gap, textBehindFrames], .blank, .waits(textBehindFrames)),

            // Spring Boot leaves a line blank, and explains some failures in place of a trace.
            TraceRule(.alarmHead, .blank, .waits(headGap)),
            TraceRule(headGap, .exceptionName, .waits(message)),
            // Hibernate writes what PostgreSQL said, without a trace.
            TraceRule([.alarmHead, .tellingHead, .anyHead], detailOfPostgreSQL, .joins([message, behindHead])),
            // Jackson.
            TraceRule([.alarmHead, .tellingHead], .starts("at [Source: ", indented: .some), .joins(message)),
            // Play.
            TraceRule(headGap, .starts("! @"), .waits(headGap)),
            TraceRule(headGap, .blank, .waits(headGap)),
            TraceRule(headGap, .starts("********"), .waits(title)),
            TraceRule(title, .equals("APPLICATION FAILED TO START"), .joins(analysis)),
            TraceRule(analysis, .equals("Action:"), .joins(action)),
            TraceRule(analysis, .unrecorded, .waits(analysis)),
            TraceRule(analysis, .blank, .waits(analysis)),
            TraceRule(action, .blank, .waits(action)),
            TraceRule([action, advice], .unrecorded, .joins(advice)),

            // Elasticsearch 7 wrote one frame a line into its JSON.
            TraceRule(.anyHead, .starts("\"stacktrace\": [\""), .joins(array)),
            TraceRule(array, endOfArray, .joins(.end)),
            TraceRule(array, .starts("\""), .joins(array)),

            // The rest of a trace whose beginning is missing.
            TraceRule(.first, frame, .resumes(frames)),
            TraceRule(.first, cause, .resumes(message)),
            TraceRule(.first, omitted, .resumes(frames)),

            // java.util.logging writes a record in two lines: date and place, then level and text.
            TraceRule(.first, loggerDateLine, .joins(loggerDate)),
            TraceRule(loggerDate, .starts("SEVERE: "), .joins(loggerAlarm)),
            TraceRule(loggerDate, .starts("WARNING: "), .joins(loggerAlarm)),
            TraceRule(loggerDate, loggerCalmLine, .joins(.end)),
            TraceRule(loggerDate, loggerLine, .joins(loggerAlarm)),

            // `kill -3` and `jstack`.
            TraceRule([.first, .timeHead], .starts("Full thread dump "), .joins(dump)),
            TraceRule(.first, .starts("Found one Java-level deadlock"), .joins(dump)),
            TraceRule(dump, .equals("Heap"), .joins(heap)),
            TraceRule(heap, .indented, .joins(heap)),
            TraceRule(dump, threadLine, .joins(dump)),
            TraceRule(dump, dumpLine, .joins(dump)),
            TraceRule([dump, heap], .blank, .waits(dump)),

            // A crash of the virtual machine, or no memory for it.
            TraceRule(.first, .equals("#"), .waits(crash)),
            TraceRule([.first, crash], crashLine, .joins(crashed)),
            TraceRule(crashed, .starts("# If you would like to submit a bug report, "), .joins(address)),
            // What begins another report, if it is not in the middle of this one.
            TraceRule(crashed, .equals("#"), .waits(crashed)),
            TraceRule(crashed, partOfCrash, .joins(crashed)),
            TraceRule(crashed, .blank, .waits(crashed)),
            TraceRule(address, .starts("#   "), .joins(addressed)),
            TraceRule(addressed, .equals("#"), .joins(.end)),
            TraceRule(addressed, partOfCrash, .joins(addressed)),
        ])

    /// `at com.acme.Bank.pay(Bank.java:12)`, as most frames are: no other language has them.
    private static let frameWithSource = LinePattern.shape(
        "a frame of Java", ByteSet(of: "a"), indented: .some, needs: [.dot, .colon, .roundBracket, .digit]
    ) { line in
        guard line.has("at ", at: line.indent), let close = line.index(of: UInt8(ascii: ")"), from: line.indent),
            let number = line.startOfLineNumber(endingAt: close)
        else { return false }
        return line.has(".java", at: number - 5) || line.has(".kt", at: number - 3)
            || line.has(".scala", at: number - 6) || line.has(".groovy", at: number - 7)
    }

    /// `⇥at com.acme.Bank.pay(Bank.java:12)` and nothing more: a ``frameWithSource`` that is seen at one glance.
    static func isPlainFrame(_ line: Span<UInt8>) -> Bool {
        let close = line.count - 1
        guard line.has("\tat ", at: 0), line[unchecked: close] == UInt8(ascii: ")"),
            let number = line.startOfLineNumber(endingAt: close),
            line.has(".java", at: number - 5) || line.has(".kt", at: number - 3)
        else { return false }
        return line.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { scan_end_of_call($0 + 4, close - 3) } == close - 4
        }
    }

    /// `at com.acme.Bank.pay(Bank.java:12)`: no blank before the bracket, unlike in Node.js.
    ///
    /// A logger that shortens frames may leave a name with two dots alone.
    static let frame = LinePattern.shape("a frame of Java", ByteSet(of: "a"), indented: .any, needs: .dot) {
        line in
        guard line.has("at ", at: line.indent) else { return false }
        let name = line.indent + 3
        let end = line.index(of: 0x20, from: name) ?? line.count
        guard let bracket = line.index(of: UInt8(ascii: "("), from: name + 1), bracket < end,
            let close = line.index(of: UInt8(ascii: ")"), from: bracket)
        else { return line.indent > 0 && end == line.count && dots(line, name..<end) >= 2 }
        guard isPlace(line, bracket + 1..<close) else { return false }
        // "at home(now)" may begin a sentence.
        return line.indent > 0 || dots(line, name..<bracket) >= 1
    }

    /// `Bank.java:12`, `Native Method`, `Unknown Source`: what stands in brackets. .NET has parameters there, or nothing.
    private static func isPlace(_ line: borrowing LineView, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        guard let blank = line.index(of: 0x20, from: range.lowerBound), blank < range.upperBound else { return true }
        return line.has("Method)", at: blank + 1) || line.has("Source)", at: blank + 1)
    }

    private static func dots(_ line: borrowing LineView, _ range: Range<Int>) -> Int {
        var count = 0
        for index in range where line.bytes[index] == UInt8(ascii: ".") { count += 1 }
        return count
    }

    /// `# A fatal error has been detected by the Java Runtime Environment:`
    private static let crashLine = LinePattern.shape("a crash of the virtual machine", ByteSet(of: "#")) { line in
        line.has("# A fatal error has been detected by", at: 0) || line.has("# There is insufficient memory", at: 0)
            || line.has("# java.lang.OutOfMemoryError", at: 0)
    }

    /// `... 3 more`, `... 3 common frames omitted`, `... suppressed 2 lines`.
    static let omitted = LinePattern.shape("omitted frames", ByteSet(of: "."), indented: .some) { line in
        let number = line.indent + 4
        guard line.has("... ", at: line.indent), number < line.count else { return false }
        // Node.js says `... 20 more items` of an array.
        return isDigit(line.bytes[number]) && !line.has(" more ", at: line.endOfDigits(from: number))
            || line.has("suppressed ", at: number)
    }

    /// `... 3 more`, of a logger that takes indentation off
    private static let omittedAtMargin = LinePattern.shape(
        "omitted frames", ByteSet(of: "."), needs: .digit
    ) { line in
        line.has("... ", at: 0) && line.endOfDigits(from: 4) > 4
            && (line.ends(with: " more") || line.ends(with: " omitted"))
    }

    /// `]` of WebSphere, `]]` of Payara, `>` of WebLogic
    private static let endOfRecord = LinePattern.shape("the end of the record", ByteSet(of: "]>|")) { line in
        line.count <= 2 || line.has("|#]", at: 0)
    }

    /// `****************************************`
    private static let ruler = LinePattern.shape("a ruler", ByteSet(of: "*")) { line in
        line.count >= 40 && line.isRuler(of: UInt8(ascii: "*"))
    }

    /// `! java.io.IOException: disk`
    private static let markedException = LinePattern.shape("an exception of Dropwizard", ByteSet(of: "!")) { line in
        line.has("! ", at: 0) && ExceptionText.endOfName(in: line.bytes, from: 2) != nil
    }

    /// `# Problematic frame:`
    private static let partOfCrash = LinePattern.shape("a part of the crash", ByteSet(of: "#")) { line in
        !line.has("# A fatal error has been detected by", at: 0)
    }

    /// `org.apache.spark.api.python.PythonException: Traceback (most recent call last):`
    private static let exceptionInPython = LinePattern.shape(
        "an exception in Python", .letters, needs: [.name, .endsInColon]
    ) { line in
        line.ends(with: ": Traceback (most recent call last):")
            && ExceptionText.endOfName(in: line.bytes, from: 0) != nil
    }

    /// `org.apache.kafka.common.errors.TimeoutException: text`: what Kafka throws has no frames.
    private static let exceptionInPackage = LinePattern.shape(
        "an exception of Java", .letters, needs: [.name, .dot]
    ) { line in
        guard let end = ExceptionText.endOfName(in: line.bytes, from: 0), !isUpper(line.firstByte) else { return false }
        let name = line.bytes.extracting(first: end)
        guard let last = lastDot(in: name), isUpper(name[last + 1]) else { return false }
        return name.firstIndex(of: UInt8(ascii: ".")) != last && ExceptionText.endsLikeName(name, at: end)
            && name.firstIndex(of: UInt8(ascii: "_")) == nil
    }

    private static func lastDot(in name: Span<UInt8>) -> Int? {
        var index = name.count - 2
        while index > 0, name[index] != UInt8(ascii: ".") { index -= 1 }
        return index > 0 ? index : nil
    }

    /// `"at com.acme.Bank.pay(Bank.java:12)"] }`, the last of an array
    private static let endOfArray = LinePattern.shape("the last frame in JSON", ByteSet(of: "\"")) { line in
        line.ends(with: "] }") || line.ends(with: "]}")
    }

    /// `    com.acme.Bank.pay(Bank.java:12)`, as JUnit and Google's Dataflow write frames
    private static let frameWithoutAt = LinePattern.shape(
        "a frame of Java", .letters, indented: .any, needs: [.oneWord, .dot, .endsInRoundBracket]
    ) { line in
        guard let bracket = line.index(of: UInt8(ascii: "("), from: line.indent) else { return false }
        return dots(line, line.indent..<bracket) >= 1 && line.startOfLineNumber(endingAt: line.count - 1) != nil
    }

    /// `  Position: 12`, `  Detail: Key (id)=(1) already exists.`
    private static let detailOfPostgreSQL = LinePattern.shape(
        "a detail from PostgreSQL", ByteSet(of: "DHPW"), indented: .some, needs: .colon
    ) { line in
        guard line.indent == 2 else { return false }
        return line.has("Detail: ", at: 2) || line.has("Hint: ", at: 2) || line.has("Where: ", at: 2)
            || (line.has("Position: ", at: 2) && line.endOfDigits(from: 12) == line.count)
    }

    private static let causeInPython = LinePattern.shape(
        "a cause in Python", ByteSet(of: "C"), needs: .endsInColon
    ) { line in
        line.has("Caused by: ", at: 0) && line.ends(with: ": Traceback (most recent call last):")
    }

    /// `java.sql.SQLException: Exception chain:`
    private static let announcingException = LinePattern.shape(
        "an exception that announces others", .letters, needs: [.name, .endsInColon]
    ) { line in
        ExceptionText.endOfName(in: line.bytes, from: 0).map { $0 < line.count - 1 } ?? false
    }

    private static let announcingCause = LinePattern.shape(
        "a cause that announces others", ByteSet(of: "CSW"), indented: .any, needs: .endsInColon
    ) { isCause($0) }

    /// `  while locating com.acme.Bank`, `    for the 1st parameter of com.acme.Bank.<init>(Bank.java:12)`
    private static let placeOfGuice = LinePattern.shape(
        "a place of Guice", ByteSet(of: "wf"), indented: .some, needs: .dot
    ) { line in
        line.has("while locating ", at: line.indent) || line.has("for the ", at: line.indent)
            || line.has("for field at ", at: line.indent) || line.has("for parameter ", at: line.indent)
    }

    static let cause = LinePattern.shape("a cause", ByteSet(of: "CSW["), indented: .any, needs: .colon) { isCause($0) }

    private static func isCause(_ line: borrowing LineView) -> Bool {
        ((line.has("Caused by: ", at: line.indent) || line.has("Caused By: ", at: line.indent))
            && line.count > line.indent + 11)
            || line.has("Suppressed: ", at: line.indent)
            || line.has("Wrapped by: ", at: line.indent) || line.has("[CIRCULAR REFERENCE", at: line.indent)
    }

    /// `[2024-05-01T12:34:56.789+0200] [Payara 5.192] [INFO] [] … [levelValue: 800] [[`. One whose level is known as an alarm is
    /// a head like others.
    static func startsBrackets(_ line: borrowing LineView) -> Bool {
        line.firstByte == UInt8(ascii: "[") && line.isRecord && line.header != .alarm && line.ends(with: "] [[")
            && line.index(of: "] [levelValue: ", from: 20) != nil
    }

    private static let bracketedRecord = LinePattern.shape(
        "a record in brackets", ByteSet(of: "["), admitsRecords: true
    ) { startsBrackets($0) }

    private static let endOfBrackets = LinePattern.shape(
        "the end of a record in brackets", .all, indented: .any, needs: .squareBracket
    ) { $0.ends(with: "]]") }

    /// True for the first line of `java.util.logging`: `May 01, 2024 12:34:56 PM com.acme.Bank pay`, also `janv. 01, 2024 …`.
    static func startsTwoLineHeader(_ line: borrowing LineView) -> Bool {
        guard line.indent == 0, isLetter(line.firstByte), line.count > 24,
            let blank = line.index(of: 0x20, from: 0), blank > 2, blank < 8
        else { return false }
        let comma = line.endOfDigits(from: blank + 1)
        guard line.has(", 20", at: comma) else { return false }
        return line.has("M ", at: line.count > 26 ? endOfClock(line, from: comma + 7) : line.count)
    }

    /// - Returns: the place of the `M` in `12:34:56 PM `, or something that is none.
    private static func endOfClock(_ line: borrowing LineView, from start: Int) -> Int {
        (line.index(of: 0x20, from: start) ?? line.count) + 2
    }

    private static let loggerDateLine = LinePattern.shape(
        "the date of java.util.logging", .letters, needs: [.colon, .digit], admitsRecords: true
    ) { startsTwoLineHeader($0) }

    private static let loggerCalmLine = LinePattern.shape(
        "a level of java.util.logging", ByteSet(of: "ICF"), admitsRecords: true
    ) { line in
        line.has("INFO: ", at: 0) || line.has("CONFIG: ", at: 0) || line.has("FINE: ", at: 0)
            || line.has("FINER: ", at: 0) || line.has("FINEST: ", at: 0)
            || line.has("INFOS: ", at: 0) || line.has("INFORMATION: ", at: 0)
    }

    /// `AVERTISSEMENT: text`: what nobody knows may be a warning.
    private static let loggerLine = LinePattern.shape(
        "a level in another language", .letters, needs: .colon, admitsRecords: true
    ) { line in
        let word = HeaderWord(in: line.bytes, at: 0)
        return word.count > 3 && word.count < 16 && line.has(": ", at: word.end)
    }

    /// What is said of a thread: its state, its frames, its locks.
    private static let threadLine = LinePattern.shape(
        "a line about a thread", ByteSet(of: "ja-LNCwi"), indented: .some
    ) { line in
        switch line.firstByte {
        case UInt8(ascii: "j"): line.has("java.lang.Thread.State: ", at: line.indent)
        case UInt8(ascii: "a"): line.has("at ", at: line.indent)
        case UInt8(ascii: "-"): line.has("- ", at: line.indent)
        case UInt8(ascii: "L"): line.has("Locked ", at: line.indent)
        case UInt8(ascii: "N"):
            line.has("None", at: line.indent) || line.has("No compile task", at: line.indent)
        case UInt8(ascii: "C"): line.has("Compiling:", at: line.indent) || line.has("Carrying ", at: line.indent)
        case UInt8(ascii: "w"): line.has("waiting ", at: line.indent) || line.has("which is held by ", at: line.indent)
        default: line.has("in Object.wait", at: line.indent)
        }
    }

    private static let dumpLine = LinePattern.shape("a thread dump", ByteSet(of: "\"T_0}JF=")) { line in
        switch line.firstByte {
        case UInt8(ascii: "\""): line.index(of: "\" ", from: 1) != nil || line.ends(with: "\":")
        case UInt8(ascii: "T"): line.has("Threads class SMR info:", at: 0)
        case UInt8(ascii: "_"): line.has("_java_thread_list=", at: 0)
        case UInt8(ascii: "0"): line.has("0x", at: 0)
        case UInt8(ascii: "}"): line.count == 1
        case UInt8(ascii: "J"): line.has("JNI global ref", at: 0) || line.has("Java stack information", at: 0)
        case UInt8(ascii: "F"): line.has("Found ", at: 0)
        default: line.has("====", at: 0)
        }
    }
}
