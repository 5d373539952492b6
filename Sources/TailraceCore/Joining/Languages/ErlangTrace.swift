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
///     2024-05-01 12:34:56 =CRASH REPORT====                          (`crash.log` of lager)
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
///     ** (FunctionClauseError) no function clause matching in Bank.pay/1
///                                                                    (a blank line)
///         The following arguments were given to Bank.pay/1:
///                                                                    (a blank line)
///             # 1
///             17
///                                                                    (a blank line)
///         lib/bank.ex:12: Bank.pay/1
///
///     12:34:56.789 [notice] Application bank exited: exited in: Bank.start(:normal, [])
///         ** (EXIT) an exception was raised:
///             ** (RuntimeError) account 17
///
///     BOOT FAILED                                                    (RabbitMQ)
///     ===========
///     Error during startup: {error,
///                               {timeout_waiting_for_tables,[bank]}}
///
///     {"init terminating in do_boot",{undef,[{bank,start,[],[]}]}}   (the emulator)
///     init terminating in do_boot ({undef,[{bank,start,[],[]}]})
///     Crash dump is being written to: erl_crash.dump...done
///
/// - SeeAlso: `logger_formatter`, `proc_lib:format`, `gen_server:format_log`, `erl_error`; `Exception.format/3`,
///   `Logger.Translator` of Elixir.
enum ErlangTrace {
    private static let report = TracePlaces.own(0)
    private static let reportText = TracePlaces.own(1)
    private static let neighbours = TracePlaces.own(2)
    private static let shell = TracePlaces.own(3)
    private static let exception = TracePlaces.own(4)
    private static let frames = TracePlaces.own(5)
    private static let request = TracePlaces.own(6)
    private static let process = TracePlaces.own(7)
    private static let arguments = TracePlaces.own(8)
    private static let source = TracePlaces.own(9)
    private static let start = TracePlaces.own(10)
    private static let boot = TracePlaces.own(11)

    static let grammar = TraceGrammar(
        language: .erlang,
        rules: [
            // Elixir. The text may have several lines; what `** (` stands behind blanks is the reason of another.
            TraceRule([.first, .alarmHead, .tellingHead, request], .starts("** ("), .joins(exception)),
            TraceRule([exception, frames], .starts("** (", indented: .some), .joins(exception)),
            TraceRule([exception, frames, process, source], frame, .joins(frames)),
            TraceRule([exception, frames, process], detailOfProcess, .joins(process)),
            TraceRule([exception, source], sourceLine, .joins(source)),
            TraceRule([exception, frames, arguments], argumentsStart, .joins(arguments)),
            TraceRule(arguments, frame, .joins(frames)),
            TraceRule(arguments, .indented, .joins(arguments)),
            TraceRule(arguments, .blank, .waits(arguments)),
            TraceRule(process, .indented, .joins(process)),
            TraceRule(process, closingBracket, .joins(process)),
            TraceRule(exception, .free, .waits(exception)),
            TraceRule(exception, .blank, .waits(exception)),
            TraceRule(process, .blank, .waits(process)),
            TraceRule([.first, .alarmHead], termination, .waits(request)),
            TraceRule(.first, .starts("== Compilation error in file "), .waits(request)),
            TraceRule([.alarmHead, request], .starts("Server: "), .waits(request)),
            // Before Elixir 1.5.
            TraceRule([.alarmHead, request], .starts("Last message: "), .waits(request)),
            TraceRule(request, .starts("State: "), .waits(request)),
            TraceRule([.alarmHead, request], .starts("Request: "), .waits(request)),

            // Erlang's shell and scripts.
            TraceRule([.first, .alarmHead], .starts("** exception "), .joins(shell)),
            TraceRule([.first, .alarmHead], .starts("escript: exception "), .joins(shell)),
            TraceRule(shell, callLine, .joins(shell)),
            TraceRule(shell, .starts("** Arg "), .joins(shell)),
            TraceRule(shell, .indented, .joins(shell)),

            // The emulator, when it can't start.
            TraceRule(.first, tuple, .waits(start)),
            TraceRule([.first, start], endOfEmulator, .joins(start)),
            TraceRule(start, .starts("Crash dump is being written to: "), .joins(.end)),
            TraceRule(start, .starts("Crash dump was written to: "), .joins(start)),
            TraceRule(start, .starts("[os_mon] "), .waits(start)),
            TraceRule(start, .blank, .waits(start)),

            // RabbitMQ.
            TraceRule(.first, .equals("BOOT FAILED"), .waits(boot)),
            TraceRule(boot, .starts("======="), .joins(boot)),
            TraceRule(boot, .starts("Error during startup:"), .joins(reportText)),
            TraceRule(boot, .unrecorded, .waits(boot)),
            TraceRule(boot, .blank, .waits(boot)),

            // Elixir, of what did not start, and in a record below a warning.
            TraceRule(.anyHead, .starts("** (EXIT) ", indented: .some), .joins(exception)),
            TraceRule(.anyHead, frameOfApplication, .joins(frames)),

            // Reports.
            TraceRule(.first, reportStart, .joins(report)),
            TraceRule(report, .unrecorded, .joins(reportText)),
            TraceRule(reportText, .equals("neighbours:", indented: .some), .joins(neighbours)),
            TraceRule(neighbours, .starts("neighbour", indented: .some), .joins(reportText)),
            TraceRule(reportText, detailOfReport, .joins(reportText)),
            TraceRule(reportText, .indented, .waits(reportText)),
            TraceRule(reportText, reportLine, .joins(reportText)),
            TraceRule([.alarmHead, .tellingHead], .starts("** Reason for "), .joins(reportText)),
            TraceRule(.alarmHead, .starts("** "), .joins(reportText)),
            TraceRule(.alarmHead, .starts("** FATAL ** ", indented: .some), .joins(.end)),
            TraceRule(.alarmHead, crasher, .joins(reportText)),
            TraceRule(.alarmHead, .starts("initial call: ", indented: .some), .joins(reportText)),
            TraceRule(.alarmHead, .starts("initial_call: ", indented: .some), .joins(reportText)),
            TraceRule(.announcingHead, term, .joins(reportText)),
            TraceRule(.alarmHead, stackOfCalls, .joins(reportText)),
            TraceRule(.alarmHead, .starts("in function  ", indented: .some), .joins(shell)),
            TraceRule(.alarmHead, functionWithArity, .joins(shell)),
            TraceRule(.alarmHead, stackOfCouchDB, .joins(.end)),

            // The rest of a report whose beginning is missing.
            TraceRule(.first, element, .resumes(reportText)),
            TraceRule(.first, placeOfCall, .resumes(shell)),
            TraceRule(.first, frameOfApplication, .resumes(frames)),
        ])

    /// `{"Kernel pid terminated",application_controller,"…"}`
    private static let tuple = LinePattern.shape("a tuple of the emulator", ByteSet(of: "{")) {
        isTuple($0.bytes)
    }

    /// True of `{"text",`, which reads like an object of JSON at first.
    static func isTuple(_ line: Span<UInt8>) -> Bool {
        guard line.has("{\"", at: 0), let quote = line.firstIndex(of: UInt8(ascii: "\""), from: 2) else { return false }
        return line.has(",", at: quote + 1)
    }

    /// `init terminating in do_boot ({undef,…})`, `Kernel pid terminated (application_controller) (…)`
    private static let endOfEmulator = LinePattern.shape(
        "the end of the emulator", ByteSet(of: "iKR"), needs: .roundBracket
    ) { line in
        line.has("init terminating in do_boot ", at: 0) || line.has("Kernel pid terminated (", at: 0)
            || line.has("Runtime terminating during boot (", at: 0)
    }

    /// True of `12:34:56.789 [notice] Application bank exited: …`, which says why below, and of `[debug] ** (RuntimeError) …`.
    ///
    /// - Parameter record: at least one byte.
    static func tellsMore(_ record: Span<UInt8>) -> Bool {
        let start =
            if record.count > 24, record[unchecked: 24] == UInt8(ascii: "[") {
                24
            } else if record.count > 13, record[unchecked: 13] == UInt8(ascii: "[") {
                13
            } else {
                0
            }
        guard record[start] == UInt8(ascii: "[") else { return false }
        var close = start + 1
        while close < record.count, isLetter(record[unchecked: close]) { close += 1 }
        guard record.has("] ", at: close) else { return false }
        return record.has("** (", at: close + 2)
            || record.has("Application ", at: close + 2) && record.firstIndex(of: " exited: ", from: close) != nil
    }

    /// `{badarith,[{bank,pay,1,[{file,"bank.erl"},{line,12}]},`
    private static let term = LinePattern.shape("a term", ByteSet(of: "{[")) { line in
        line.firstByte == UInt8(ascii: "{") && line.index(of: ",[{", from: 1) != nil
    }

    /// `[{bank,pay,`, as `~p` prints a stack
    private static let stackOfCalls = LinePattern.shape("a stack of Erlang", ByteSet(of: "[")) { line in
        guard line.has("[{", at: 0), let comma = line.index(of: UInt8(ascii: ","), from: 2), comma > 2 else {
            return false
        }
        for index in 2..<comma where !isWordByte(line.bytes[index]) { return false }
        guard comma + 1 < line.count, !isUpper(line.bytes[2]), !isDigit(line.bytes[2]) else { return false }
        let function = line.bytes[comma + 1]
        return isLetter(function) && !isUpper(function) || function == UInt8(ascii: "'")
    }

    /// `    (bank 0.1.0) lib/bank.ex:12: Bank.pay/1`, `    cases.exs:18: (file)`, `    :erlang.+(:a, 1)`
    private static let frame = LinePattern.shape("a frame of Elixir", .all, indented: .some) { line in
        guard !line.isRecord else { return false }
        var start = line.indent
        if line.firstByte == UInt8(ascii: "("), let close = line.index(of: ") ", from: start) {
            // `(stdlib 4.2) :erl_eval.do_apply/6` has no file.
            if line.index(of: UInt8(ascii: "/"), from: close) != nil { return true }
            start = close + 2
        }
        if isCall(line, from: start) { return true }
        guard let colon = line.index(of: ": ", from: start), line.startOfLineNumber(endingAt: colon) != nil else {
            return false
        }
        return line.index(of: 0x20, from: start).map { $0 > colon } ?? false
    }

    /// `Bank.pay()`, `:maps.get(:a, %{})`, `expanding struct: Bank.__struct__/1`
    private static func isCall(_ line: borrowing LineView, from start: Int) -> Bool {
        if line.has("expanding ", at: start) || line.has("anonymous fn/", at: start) { return true }
        guard line.ends(with: ")"), let bracket = line.index(of: "(", from: start),
            let dot = line.index(of: ".", from: start), dot > start, dot < bracket
        else { return false }
        return line.index(of: 0x20, from: start).map { $0 > bracket } ?? true
    }

    /// `  1 │ [foo, (bar])`, `    └─ lib/bank.ex:1:18`, before 1.15 `  1 | [foo, (bar])`
    private static let sourceLine = LinePattern.shape(
        "a line of source", ByteSet.digits.union(ByteSet(of: "│└eh|")), indented: .any
    ) { line in
        switch line.firstByte {
        case 0xE2, UInt8(ascii: "|"): line.indent > 0
        case UInt8(ascii: "e"): line.has("error: ", at: line.indent)
        case UInt8(ascii: "h"): line.has("hint: ", at: line.indent)
        default:
            line.has(" │", at: line.endOfDigits(from: line.indent))
                || line.has(" | ", at: line.endOfDigits(from: line.indent))
        }
    }

    /// `GenServer Bank terminating`, `Process #PID<0.1.0> raised an exception`, from a logger that writes nothing else
    private static let termination = LinePattern.shape("the end of a process", ByteSet(of: "GTPA:#")) { line in
        if line.has("#PID<", at: 0), line.ends(with: " terminated") { return true }
        guard line.ends(with: " terminating") || line.ends(with: " raised an exception") else { return false }
        return line.has("GenServer ", at: 0) || line.has("Task #", at: 0) || line.has("Process ", at: 0)
            || line.has("Agent ", at: 0) || line.has(":gen_", at: 0)
    }

    private static let argumentsStart = LinePattern.shape(
        "arguments", ByteSet(of: "TA"), indented: .some, needs: .endsInColon
    ) { line in
        line.has("The following arguments were given to ", at: line.indent)
            || line.has("Attempted function clauses ", at: line.indent)
    }

    /// `  in function  bank:pay/1 (bank.erl, line 3)`, `  in call from bank:main/0 (bank.erl, line 7)`
    private static let callLine = LinePattern.shape("a call", ByteSet(of: "i*c"), indented: .some) { line in
        line.has("in ", at: line.indent) || line.has("called as ", at: line.indent) || line.has("*** ", at: line.indent)
    }

    /// `    in bank:pay/2 (src/bank.erl:3)`
    private static let functionWithArity = LinePattern.shape(
        "a call", ByteSet(of: "i"), indented: .some, needs: [.colon, .slash, .digit]
    ) { line in
        guard line.has("in ", at: line.indent), let colon = line.index(of: ":", from: line.indent),
            let slash = line.index(of: "/", from: colon)
        else { return false }
        let end = line.index(of: 0x20, from: line.indent + 3) ?? line.count
        return slash < end && line.endOfDigits(from: slash + 1) == end
    }

    private static let closingBracket = LinePattern.shape("a closing bracket", ByteSet(of: "}]")) { line in
        line.count <= 2
    }

    private static let reportStart = LinePattern.shape("a report of Erlang", ByteSet(of: "=")) { line in
        line.ends(with: "===") && line.index(of: " REPORT====", from: 1) != nil
    }

    /// `    reason: killed`, `               {id,bank},`, `      in function  bank:pay/1 (bank.erl, line 3)`
    private static let detailOfReport = LinePattern.shape("a part of a report", .all, indented: .some) { line in
        guard !line.isRecord, line.firstByte != UInt8(ascii: "("), let last = line.lastByte else { return false }
        for mark in "{[<#\"'|*".utf8 where mark == line.firstByte { return true }
        for mark in ":,]})>|".utf8 where mark == last { return true }
        return line.index(of: ": ", from: line.indent) != nil || line.has("in ", at: line.indent)
    }

    private static let reportLine = LinePattern.shape("a part of a report", ByteSet(of: "*{[Rw")) { line in
        guard !line.isRecord else { return false }
        switch line.firstByte {
        case UInt8(ascii: "*"): return line.has("** ", at: 0) && !line.has("** (", at: 0)
        case UInt8(ascii: "R"): return line.has("Reason", at: 0)
        case UInt8(ascii: "w"): return line.has("with ", at: 0)
        case UInt8(ascii: "{"): return line.has("{", at: 0) && !line.has("{\"", at: 0)
        default: return true
        }
    }

    private static let crasher = LinePattern.shape("a part of a report", ByteSet(of: "cs"), indented: .some) { line in
        line.has("crasher:", at: line.indent) || line.has("supervisor: ", at: line.indent)
    }

    /// `     {gen_server,handle_msg,6,[{file,"gen_server.erl"},{line,17}]},`, `     {bank,pay,2,`
    private static let element = LinePattern.shape("an element of a stack", ByteSet(of: "{["), indented: .some) {
        line in
        guard !line.isRecord, line.indent >= 4 else { return false }
        if line.index(of: "{file,\"", from: line.indent) != nil || line.has("{line,", at: line.indent) { return true }
        guard line.firstByte == UInt8(ascii: "{"), line.lastByte == UInt8(ascii: ","),
            let arity = line.index(of: UInt8(ascii: ","), from: line.indent)
                .flatMap({ line.index(of: UInt8(ascii: ","), from: $0 + 1) })
        else { return false }
        return line.endOfDigits(from: arity + 1) > arity + 1 && line.index(of: 0x20, from: line.indent) == nil
    }

    /// `    [<<"couch_file:init/1 L405">>,<<"gen_server:init_it/2 L851">>]`
    private static let stackOfCouchDB = LinePattern.shape(
        "a stack of CouchDB", ByteSet(of: "["), indented: .some, needs: [.squareBracket, .slash, .colon, .digit]
    ) { line in
        line.has("[<<\"", at: line.indent) && line.ends(with: ">>]") && line.index(of: " L", from: line.indent) != nil
    }

    /// `   in function  bank:pay/1 (bank.erl, line 3)`
    private static let placeOfCall = LinePattern.shape(
        "a call", ByteSet(of: "i"), indented: .some, needs: [.slash, .colon, .endsInRoundBracket]
    ) { line in
        line.has("in ", at: line.indent) && line.index(of: ".erl, line ", from: line.indent) != nil
    }

    /// `    (bank 0.1.0) lib/bank.ex:12: Bank.pay/1`
    private static let frameOfApplication = LinePattern.shape(
        "a frame of Elixir", ByteSet(of: "("), indented: .some, needs: [.roundBracket, .dot, .colon]
    ) { line in
        guard line.indent >= 4, let close = line.index(of: ") ", from: line.indent),
            let file = line.index(of: ".ex:", from: close) ?? line.index(of: ".erl:", from: close)
                ?? line.index(of: ".exs:", from: close)
        else { return false }
        return line.index(of: 0x20, from: close + 2).map { $0 > file } ?? false
    }

    /// What Elixir tells of the process.
    private static let detailOfProcess = LinePattern.shape(
        "what is known of the process", ByteSet(of: "LSCIAFNPQ"), indented: .any
    ) { line in
        let start = line.indent
        switch line.firstByte {
        case UInt8(ascii: "L"): return line.has("Last message", at: start)
        case UInt8(ascii: "S"): return line.has("State: ", at: start) || line.has("Start Call: ", at: start)
        case UInt8(ascii: "C"): return line.has("Client ", at: start)
        case UInt8(ascii: "I"): return line.has("Initial Call: ", at: start)
        case UInt8(ascii: "A"): return line.has("Ancestors: ", at: start) || line.has("Args: ", at: start)
        case UInt8(ascii: "F"): return line.has("Function: ", at: start)
        case UInt8(ascii: "N"): return line.has("Neighbours:", at: start)
        case UInt8(ascii: "P"):
            return line.has("Process Label: ", at: start) || line.has("Postponed events: ", at: start)
        default: return line.has("Queue: ", at: start)
        }
    }
}
