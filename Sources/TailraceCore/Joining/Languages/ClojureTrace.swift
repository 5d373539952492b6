/// What Clojure prints in other ways than Java.
///
///     Execution error (ExceptionInfo) at bank/pay (bank.clj:3).      (or `Syntax error … compiling at (bank.clj:3:1).`)
///     account 17
///                                                                    (a blank line)
///     Full report at:
///     /tmp/clojure-1234.edn
///
///     #error {
///      :cause "account 17"
///      :via
///      [{:type clojure.lang.ExceptionInfo
///      :trace
///      [[bank$pay invoke "bank.clj" 3]]}
///
/// - SeeAlso: `clojure.main/ex-str`, `clojure.main/report-error`; `print-method` of `Throwable` in `core_print.clj`.
enum ClojureTrace {
    private static let head = TracePlaces.own(0)
    private static let report = TracePlaces.own(1)
    private static let data = TracePlaces.own(2)
    private static let message = TracePlaces.own(3)

    static let grammar = TraceGrammar(
        language: .clojure,
        rules: [
            TraceRule(.first, error, .waits(head)),
            TraceRule([head, message], .equals("Full report at:"), .joins(report)),
            TraceRule(report, .unrecorded, .joins(.end)),
            TraceRule(head, .free, .joins(message)),
            TraceRule(message, .unrecorded, .waits(message)),
            TraceRule([head, message], .blank, .waits(message)),
            TraceRule([.first, .alarmHead], .starts("#error {"), .joins(data)),
            TraceRule(data, endOfData, .joins(.end)),
            TraceRule(.anyHead, .starts(":cause ", indented: .some), .joins(data)),
            TraceRule(data, .indented, .joins(data)),
        ])

    /// `  [java.lang.Thread run "Thread.java" 833]]}`
    private static let endOfData = LinePattern.shape("the end of the data", .all, indented: .some) { line in
        (line.ends(with: "]]}") || line.ends(with: "[]}")) && !line.isRecord
    }

    private static let error = LinePattern.shape("an error of Clojure", ByteSet(of: "ES"), needs: .endsInDot) { line in
        (line.has("Execution error ", at: 0) || line.has("Syntax error ", at: 0)) && line.ends(with: ").")
    }
}
