/// Errors of Erlang and Elixir.
///
///     =CRASH REPORT==== 1-May-2024::12:34:56.789012 ===
///       crasher:
///         initial call: bank:init/1
///
///     =ERROR REPORT==== 1-May-2024::12:34:56.789012 ===
///     ** Generic server bank terminating
///     ** Reason for termination ==
///     ** {badarith,[{bank,pay,1,[{file,"bank.erl"},{line,3}]}]}
///
///     ** exception error: bad argument                               (the shell)
///          in function  bank:pay/1 (bank.erl, line 3)
///
///     12:34:56.789 [error] GenServer Bank terminating                (Elixir)
///     ** (RuntimeError) account 17
///         (bank 0.1.0) lib/bank.ex:12: Bank.pay/1
///     Last message (from #PID<0.1.0>): :pay
///     State: %{}
///
/// - SeeAlso: `logger_formatter`, `proc_lib:format`, `gen_server:format_log`, `erl_error`; `Exception.format/3`,
///   `Logger.Translator` of Elixir.
enum ErlangTrace {
    private static let report = TracePlaces.own(0)
    private static let reportText = TracePlaces.own(1)
    private static let exception = TracePlaces.own(2)
    private static let request = TracePlaces.own(3)

    static let grammar = TraceGrammar(
        language: .erlang,
        rules: [
            TraceRule([.first, .alarmHead, .tellingHead, request, exception], .starts("** ("), .joins(exception)),
            TraceRule(exception, .indented, .joins(exception)),
            TraceRule(exception, afterException, .joins(exception)),
            TraceRule(exception, .blank, .waits(exception)),
            TraceRule([.alarmHead, request], .starts("Server: "), .waits(request)),
            TraceRule([.alarmHead, request], .starts("Request: "), .waits(request)),

            TraceRule([.first, .alarmHead], .starts("** exception "), .joins(exception)),
            TraceRule([.first, .alarmHead], .starts("escript: exception "), .joins(exception)),

            TraceRule(.first, reportStart, .joins(report)),
            TraceRule(report, .unrecorded, .joins(reportText)),
            TraceRule(reportText, .indented, .joins(reportText)),
            TraceRule(reportText, reportLine, .joins(reportText)),
            TraceRule([.alarmHead, .tellingHead], .starts("** Reason for "), .joins(reportText)),
            TraceRule(.alarmHead, .starts("** "), .joins(reportText)),
            TraceRule(.alarmHead, crasher, .joins(reportText)),
        ])

    private static let reportStart = LinePattern.shape("a report of Erlang", ByteSet(of: "=")) { line in
        line.index(of: " REPORT==== ", from: 1) != nil && line.ends(with: "===")
    }

    private static let reportLine = LinePattern.shape("a part of a report", ByteSet(of: "*{[Rw}]")) { line in
        switch line.firstByte {
        case UInt8(ascii: "*"): line.has("** ", at: 0)
        case UInt8(ascii: "R"): line.has("Reason", at: 0)
        case UInt8(ascii: "w"): line.has("with ", at: 0)
        default: true
        }
    }

    private static let crasher = LinePattern.shape("a part of a report", ByteSet(of: "cs"), indented: .some) { line in
        line.has("crasher:", at: line.indent) || line.has("supervisor: ", at: line.indent)
    }

    /// What Elixir tells of the process.
    private static let afterException = LinePattern.shape("what is known of the process", ByteSet(of: "LSCIAFNPRTQE")) {
        line in
        switch line.firstByte {
        case UInt8(ascii: "L"): line.has("Last message", at: 0)
        case UInt8(ascii: "S"): line.has("State: ", at: 0) || line.has("Start Call: ", at: 0)
        case UInt8(ascii: "C"): line.has("Client ", at: 0)
        case UInt8(ascii: "I"): line.has("Initial Call: ", at: 0)
        case UInt8(ascii: "A"): line.has("Ancestors: ", at: 0) || line.has("Args: ", at: 0)
        case UInt8(ascii: "F"): line.has("Function: ", at: 0)
        case UInt8(ascii: "N"): line.has("Neighbours:", at: 0)
        case UInt8(ascii: "P"): line.has("Process Label: ", at: 0) || line.has("Postponed events: ", at: 0)
        case UInt8(ascii: "Q"): line.has("Queue: ", at: 0)
        default: false
        }
    }
}
