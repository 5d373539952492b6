/// What Clojure prints in other ways than Java.
///
///     Execution error (ExceptionInfo) at bank/pay (bank.clj:3).      (or `Syntax error … compiling at (bank.clj:3:1).`)
///     account 17
///                                                                    (a blank line)
///     Full report at:
///     /tmp/clojure-1234.edn
///
///     {:clojure.main/message                                         (before, with `-Dclojure.main.report=stderr`)
///      "Execution error (ExceptionInfo) at bank/pay (bank.clj:3).\naccount 17\n",
///      :clojure.main/triage …
///
///     #error {
///      :cause "account 17"
///      :via
///      [{:type clojure.lang.ExceptionInfo
///      :trace
///      [[bank$pay invoke "bank.clj" 3]]}
///
///     java.lang.ArithmeticException: Divide by zero                  (`clojure.stacktrace`, Ring)
///      at bank.core$pay.invoke (core.clj:3)
///         clojure.core$apply.invoke (core.clj:126)
///
///           app.bank/pay   bank.clj:   12                            (`io.aviso/pretty`, Timbre)
///     clojure.lang.ExceptionInfo: account 17
///         account: 17
///
/// - SeeAlso: `clojure.main/ex-str`, `clojure.main/report-error`; `print-method` of `Throwable` in `core_print.clj`;
///   `clojure.stacktrace/print-stack-trace`.
enum ClojureTrace {
    private static let head = TracePlaces.own(0)
    private static let report = TracePlaces.own(1)
    private static let data = TracePlaces.own(2)
    private static let message = TracePlaces.own(3)
    private static let trace = TracePlaces.own(4)
    private static let exception = TracePlaces.own(5)
    private static let printed = TracePlaces.own(6)
    private static let columns = TracePlaces.own(7)
    private static let properties = TracePlaces.own(8)
    private static let cause = TracePlaces.own(9)

    static let grammar = TraceGrammar(
        language: .clojure,
        rules: [
            TraceRule(.first, error, .waits(head)),
            TraceRule([head, message], .equals("Full report at:"), .joins(report)),
            TraceRule(report, .unrecorded, .joins(.end)),
            TraceRule(head, .starts("{:clojure.main/message"), .joins(data)),
            TraceRule(head, .free, .joins(message)),
            TraceRule(message, .unrecorded, .waits(message)),
            TraceRule([head, message], .blank, .waits(message)),
            TraceRule([.first, .alarmHead], .starts("#error {"), .joins(data)),
            TraceRule(.first, .starts("{:clojure.main/message"), .joins(printed)),
            TraceRule(printed, .indented, .joins(printed)),
            TraceRule(printed, error, .joins(head)),
            TraceRule(printed, .blank, .waits(printed)),
            TraceRule(data, endOfData, .joins(.end)),
            TraceRule(.anyHead, .starts(":cause ", indented: .some), .joins(data)),
            TraceRule(.anyHead, .starts("[{:type ", indented: .some), .joins(data)),
            TraceRule(data, .indented, .joins(data)),

            // clj-stacktrace.
            TraceRule([.first, .alarmHead], .exceptionName, .waits(exception)),
            TraceRule([.anyHead, exception], firstFrame, .settles(trace)),
            TraceRule(exception, .free, .waits(exception)),
            TraceRule(exception, .blank, .waits(exception)),
            TraceRule(trace, frame, .joins(trace)),
            TraceRule(trace, .starts("Caused by: "), .joins(exception)),
            TraceRule(.first, frame, .resumes(trace)),
            TraceRule(.first, firstFrame, .resumes(trace)),

            // io.aviso/pretty: the newest frame last, then the exception and what is in it.
            TraceRule([.alarmHead, columns], column, .joins(columns)),
            TraceRule([.alarmHead, columns], columnAtMargin, .joins(columns)),
            TraceRule(.first, column, .resumes(columns)),
            TraceRule(columns, .equals("...", indented: .some), .joins(columns)),
            TraceRule(columns, inputOfREPL, .joins(columns)),
            TraceRule(columns, nativeColumn, .joins(columns)),
            TraceRule(columns, .exceptionName, .joins(properties)),
            TraceRule([columns, properties], .indentedExceptionName, .joins(properties)),
            TraceRule(properties, .exceptionName, .waits(cause)),
            TraceRule(cause, property, .joins(properties)),
            TraceRule(properties, column, .joins(columns)),
            TraceRule(properties, property, .joins(properties)),
        ])

    /// `    app.bank/pay   bank.clj:   12`, `app.bank/pay  bank.cljc:  3 (repeats 2 times)`
    private static let column = LinePattern.shape(
        "a frame of Clojure", .letters, indented: .some, needs: [.dot, .colon, .digit]
    ) { isColumn($0) }

    /// The longest name has no blanks in front.
    private static let columnAtMargin = LinePattern.shape(
        "a frame of Clojure", .letters, needs: [.dot, .colon, .digit]
    ) { isColumn($0) }

    /// `   sun.nio.ch.Net.bind0   Net.java`
    private static let nativeColumn = LinePattern.shape("a frame of Clojure", .letters, indented: .any, needs: .dot) {
        isColumn($0, isNative: true)
    }

    private static func isColumn(_ line: borrowing LineView, isNative: Bool = false) -> Bool {
        guard var start = line.index(of: 0x20, from: line.indent), line.has("  ", at: start),
            (line.index(of: UInt8(ascii: "."), from: line.indent) ?? start) < start
                || (line.index(of: UInt8(ascii: "/"), from: line.indent) ?? start) < start
        else { return false }
        while line.has(" ", at: start) { start += 1 }
        guard let dot = line.index(of: UInt8(ascii: "."), from: start) else { return false }
        for suffix in [".clj", ".cljc", ".cljs", ".java"] as [StaticString] where line.has(suffix, at: dot) {
            var end = dot + suffix.utf8CodeUnitCount
            if isNative {
                while line.has(" ", at: end) { end += 1 }
                if end == line.count { return true }
            } else if line.has(":", at: end) {
                end += 1
                while line.has(" ", at: end) { end += 1 }
                let number = line.endOfDigits(from: end)
                if number > end, number == line.count || line.has(" (repeats ", at: number) { return true }
            }
        }
        return false
    }

    /// `    user/eval  REPL Input`
    private static let inputOfREPL = LinePattern.shape("a frame of Clojure", .letters, indented: .some) { line in
        line.index(of: "  REPL Input", from: line.indent) != nil
    }

    /// `    account: 17`, and what is further in
    private static let property = LinePattern.shape("what is in an exception", .all, indented: .some) { line in
        guard line.indent >= 4, !line.isRecord else { return false }
        guard let colon = line.index(of: UInt8(ascii: ":"), from: line.indent + 1) else { return line.indent >= 8 }
        return line.index(of: 0x20, from: line.indent) ?? line.count == colon + 1 || line.indent >= 16
    }

    /// `  [java.lang.Thread run "Thread.java" 833]]}`
    private static let endOfData = LinePattern.shape("the end of the data", .all, indented: .some) { line in
        (line.ends(with: "]]}") || line.ends(with: "[]}")) && !line.isRecord
    }

    /// `    clojure.core$apply.invoke (core.clj:126)`
    static let frame = LinePattern.shape(
        "a frame of Clojure", .letters, indented: .some, needs: [.dot, .colon, .digit, .endsInRoundBracket]
    ) { line in
        line.indent >= 4 && isCall(line, from: line.indent)
    }

    /// ` at bank.core$pay.invoke (core.clj:3)`
    static let firstFrame = LinePattern.shape(
        "a frame of Clojure", ByteSet(of: "a"), indented: .some, needs: [.dot, .colon, .digit, .endsInRoundBracket]
    ) { line in
        line.has("at ", at: line.indent) && isCall(line, from: line.indent + 3)
    }

    private static func isCall(_ line: borrowing LineView, from start: Int) -> Bool {
        guard let blank = line.index(of: 0x20, from: start), line.has(" (", at: blank),
            let number = line.startOfLineNumber(endingAt: line.count - 1)
        else { return false }
        return number == line.index(of: UInt8(ascii: ":"), from: blank)
            && (line.index(of: ".clj", from: blank) ?? line.index(of: ".java:", from: blank)
                ?? line.index(of: "NO_SOURCE_FILE:", from: blank)) != nil
    }

    private static let error = LinePattern.shape("an error of Clojure", ByteSet(of: "ES"), needs: .endsInDot) { line in
        (line.has("Execution error ", at: 0) || line.has("Syntax error ", at: 0)) && line.ends(with: ").")
    }
}
