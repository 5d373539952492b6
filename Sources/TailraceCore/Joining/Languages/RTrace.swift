/// Errors and warnings of R.
///
///     Error in pay(17) : account 17                                  (long texts stand in a line of their own)
///     Calls: main -> pay
///     2: pay(17)                                                     (`traceback()` as what to do about errors)
///     1: main()
///     In addition: Warning message:
///     In pay(17) : low
///     Execution halted
///
///     Error in `pay()`:                                              (rlang)
///     ! account 17
///     Backtrace:
///         ▆
///      1. └─global pay()
///     Caused by error in `take()`:
///     ! low
///     Run rlang::last_trace(drop = FALSE) to see 1 hidden frame.
///
///     Warning: Error in pay: account 17                              (Shiny)
///       63: stop
///       62: pay [app.R#8]
///
///      *** caught segfault ***
///     address 0x18, cause 'memory not mapped'
///                                                                    (a blank line)
///     Traceback:
///      1: dyn.load(file)
///     An irrecoverable exception occurred. R is aborting now ...
///
/// knitr puts `Quitting from lines 3-4 (bank.Rmd)` before an error.
///
/// - SeeAlso: `src/main/errors.c` (`verrorcall_dflt`, `PrintWarnings`), `src/main/main.c` (`sigactionSegv`); `rlang`, `cnd-message.R`, `trace.R`;
///   `shiny`, `conditions.R` (`printError`, `printStackTrace`).
enum RTrace {
    private static let error = TracePlaces.own(0)
    private static let warning = TracePlaces.own(1)
    private static let warnings = TracePlaces.own(2)
    private static let call = TracePlaces.own(3)
    private static let backtrace = TracePlaces.own(4)
    private static let calls = TracePlaces.own(5)
    private static let condition = TracePlaces.own(6)
    private static let shiny = TracePlaces.own(7)
    private static let shinyCalls = TracePlaces.own(8)
    private static let segfault = TracePlaces.own(9)
    private static let aborted = TracePlaces.own(10)
    private static let parsed = TracePlaces.own(11)
    private static let output = TracePlaces.own(12)
    private static let listed = TracePlaces.own(13)
    private static let text = TracePlaces.own(14)
    private static let inner = TracePlaces.own(15)

    static let grammar = TraceGrammar(
        language: .r,
        rules: [
            TraceRule(.first, .starts("*** caught ", indented: .any), .joins(segfault)),
            TraceRule(segfault, .starts("address "), .joins(segfault)),
            TraceRule(segfault, .equals("Traceback:"), .joins(segfault)),
            TraceRule(segfault, segfaultCall, .joins(segfault)),
            TraceRule(segfault, .starts("An irrecoverable exception occurred. "), .joins(aborted)),
            TraceRule(segfault, .starts("Possible actions:"), .joins(aborted)),
            TraceRule(aborted, numbered, .joins(aborted)),
            TraceRule(aborted, .starts("Segmentation fault"), .joins(.end)),
            TraceRule(segfault, .indented, .waits(segfault)),
            TraceRule(segfault, .blank, .waits(segfault)),

            TraceRule(.first, .starts("Quitting from "), .waits(condition)),
            TraceRule([.first, condition], errorInLongCall, .joins(call)),
            TraceRule([.first, condition], errorInCall, .joins([error, text])),
            TraceRule([.first, .alarmHead], .starts("<error/"), .waits(condition)),
            TraceRule(condition, .equals("Error:"), .joins(call)),
            // jsonlite shows the place.
            TraceRule(.first, .starts("Error: parse error: "), .waits(parsed)),
            TraceRule(parsed, .starts("(right here) ------^", indented: .some), .joins(error)),
            TraceRule(parsed, .indented, .waits(parsed)),
            TraceRule([.first, .alarmHead], .starts("Error: "), .waits(error)),
            TraceRule(.first, .equals("Error:"), .waits(call)),
            TraceRule(.first, errorInSomeCall, .waits(error)),
            TraceRule(call, .indented, .joins(error)),
            TraceRule([call, error], bullet, .joins(error)),
            // The text has more lines.
            TraceRule(text, .indented, .joins([error, text])),
            TraceRule([call, error, backtrace], .starts("Caused by error"), .joins(call)),
            TraceRule([call, error], .starts("Backtrace:"), .joins(backtrace)),
            TraceRule(error, .equals("---"), .waits([error, output])),
            TraceRule(backtrace, .equals("---"), .waits([backtrace, inner])),
            TraceRule(inner, .equals("Subprocess backtrace:"), .joins(backtrace)),
            // callr, of what the process said.
            TraceRule(output, .starts("Standard "), .waits(output)),
            TraceRule([error, output], .starts("Type .Last.error to see the more details."), .joins(.end)),
            TraceRule(output, .unrecorded, .waits(output)),
            TraceRule(output, warningStart, .waits(output)),
            TraceRule(backtrace, numberedLine, .joins(backtrace)),
            TraceRule([call, error, backtrace], adviceOfRlang, .joins(error)),
            TraceRule(backtrace, lineOfBacktrace, .joins(backtrace)),
            TraceRule(backtrace, .indented, .waits(backtrace)),
            TraceRule([call, error, calls, backtrace, warnings], .starts("Calls: "), .joins(error)),
            TraceRule([call, error, calls, backtrace, warnings], .starts("Execution halted"), .joins(.end)),
            TraceRule([call, error, calls, backtrace], .starts("In addition: Warning message"), .joins(warning)),
            TraceRule([call, error], .equals("Traceback:"), .joins([calls, listed])),
            TraceRule(listed, .indented, .joins([calls, listed])),
            TraceRule([error, calls], numberedCall, .joins(calls)),
            TraceRule(backtrace, callOfFunction, .joins(calls)),
            TraceRule(calls, restOfCall, .joins(calls)),
            TraceRule(calls, .indented, .waits(calls)),
            TraceRule([error, call], .free, .waits(error)),
            TraceRule(.first, .starts("Warning: Error in "), .waits(shiny)),
            TraceRule(.first, .starts("Warnung: Error in "), .waits(shiny)),
            TraceRule([shiny, shinyCalls], shinyCall, .joins(shinyCalls)),
            TraceRule(shiny, .equals("[No stack trace available]", indented: .any), .joins(shinyCalls)),
            TraceRule(shinyCalls, .starts("From earlier call:"), .joins(shinyCalls)),
            TraceRule(shinyCalls, .starts("Error : "), .joins(error)),
            TraceRule([.first, shiny], .starts("Stack trace (innermost first):"), .waits(shiny)),
            TraceRule(shiny, .free, .waits(shiny)),
            TraceRule(shiny, .blank, .waits(shiny)),
            TraceRule(.first, warningStart, .joins(warning)),
            TraceRule(warning, warningText, .joins(warnings)),
            TraceRule(warnings, .indented, .joins(warnings)),
            TraceRule(warnings, .starts("(`"), .joins(warnings)),
            TraceRule(warnings, numbered, .joins(warnings)),

            // The rest of an error whose beginning is missing.
            TraceRule(.first, .equals("Backtrace:"), .waits(backtrace)),
            TraceRule(.first, .equals("Traceback:"), .waits(segfault)),
            TraceRule(.first, branch, .resumes(backtrace)),
            TraceRule(.first, shinyPlace, .resumes(shinyCalls)),
        ])

    /// `Error in pay(17) : text`
    private static let errorInCall = LinePattern.shape("an error of R", ByteSet(of: "EF")) { line in
        isError(line) && line.index(of: ") : ", from: 9) != nil
    }

    /// `Error in pay(17) : `, `Error in `pay()`:`, with the text behind it
    private static let errorInLongCall = LinePattern.shape("an error of R", ByteSet(of: "EF")) { line in
        isError(line) && (line.ends(with: "`:") || line.ends(with: ") :") || line.ends(with: ") : "))
    }

    /// `Error in `pay()`: text`; `Error in the reactor: text` is nobody's in particular.
    private static let errorInSomeCall = LinePattern.shape("an error of R", ByteSet(of: "E")) { line in
        line.has("Error in ", at: 0)
            && (line.index(of: "`: ", from: 9) ?? line.index(of: "): ", from: 9) ?? line.index(of: " : ", from: 9))
                != nil
    }

    /// In some of the languages that R speaks.
    private static func isError(_ line: borrowing LineView) -> Bool {
        line.has("Error in ", at: 0) || line.has("Fehler in ", at: 0) || line.has("Erreur dans ", at: 0)
            || line.has("Errore in ", at: 0)
    }

    /// `3: stop("account ", number)`
    private static let numberedCall = LinePattern.shape("a call", .digits, needs: [.colon, .roundBracket]) { line in
        bracketOfCall(line) != nil
    }

    /// As `numberedCall`, and a name stands before the bracket.
    private static let callOfFunction = LinePattern.shape("a call", .digits, needs: [.colon, .roundBracket]) { line in
        guard let bracket = bracketOfCall(line) else { return false }
        return line.index(of: 0x20, from: line.endOfDigits(from: 0) + 2).map { $0 > bracket } ?? true
    }

    private static func bracketOfCall(_ line: borrowing LineView) -> Int? {
        let end = line.endOfDigits(from: 0)
        return line.has(": ", at: end) ? line.index(of: UInt8(ascii: "("), from: end) : nil
    }

    /// ` 1: dyn.load(file, DLLpath = DLLpath, ...)`
    private static let segfaultCall = LinePattern.shape(
        "a call", .digits, indented: .any, needs: [.colon, .roundBracket]
    ) { line in
        line.has(": ", at: line.endOfDigits(from: line.indent))
    }

    /// `  62: pay [app.R#8]`
    private static let shinyCall = LinePattern.shape("a call", .digits, indented: .any, needs: .colon) { line in
        line.has(": ", at: line.endOfDigits(from: line.indent))
    }

    /// `  62: pay [app.R#8]`
    private static let shinyPlace = LinePattern.shape(
        "a call", .digits, indented: .some, needs: [.colon, .squareBracket]
    ) { line in
        line.has(": ", at: line.endOfDigits(from: line.indent)) && line.ends(with: "]")
            && line.index(of: ".R#", from: line.indent) != nil
    }

    /// ` 2. └─global pay()`
    private static let branch = LinePattern.shape("a call", .digits, indented: .some, needs: .dot) { line in
        let end = line.endOfDigits(from: line.indent)
        return line.has(". └─", at: end) || line.has(". ├─", at: end) || line.has(". │ ", at: end)
    }

    /// `1. callr::r(pay)`, as callr writes it
    private static let numberedLine = LinePattern.shape("a call", .digits, needs: [.dot, .roundBracket]) { line in
        line.has(". ", at: line.endOfDigits(from: 0))
    }

    private static let adviceOfRlang = LinePattern.shape("advice from rlang", ByteSet(of: "R")) { line in
        line.has("Run `rlang::last_", at: 0) || line.has("Run rlang::last_", at: 0)
    }

    /// `    ▆`, ` 1. ├─base::tryCatch(…)`, ` 2. │ └─global pay() at app.R:3:5`, `      at app.R:3:5`
    private static let lineOfBacktrace = LinePattern.shape(
        "a call", ByteSet.digits.union(ByteSet(of: "x▆a")), indented: .some
    ) { line in
        switch line.firstByte {
        case UInt8(ascii: "x"): line.count == line.indent + 1
        case UInt8(ascii: "a"): line.has("at ", at: line.indent)
        case 0xE2: line.has("▆", at: line.indent)
        default: line.has(". ", at: line.endOfDigits(from: line.indent))
        }
    }

    private static let bullet = LinePattern.shape("a bullet of rlang", ByteSet(of: "!ℹ✖•xi")) { line in
        line.has("! ", at: 0) || line.has("ℹ ", at: 0) || line.has("✖ ", at: 0) || line.has("• ", at: 0)
            || line.has("x ", at: 0)
            // "i am" begins a sentence.
            || line.has("i ", at: 0) && line.count > 2 && (!isLetter(line.bytes[2]) || isUpper(line.bytes[2]))
    }

    /// A call of several lines, as `traceback()` prints them.
    private static let restOfCall = LinePattern.shape("the rest of a call", .all, indented: .some) { $0.indent > 3 }

    private static let warningStart = LinePattern.shape("warnings of R", ByteSet(of: "W")) { line in
        line.ends(with: ":") && (line.has("Warning message", at: 0) || line.has("Warning in ", at: 0))
    }

    private static let warningText = LinePattern.shape("a warning", .all, indented: .any) { line in
        line.has("In ", at: 0) || line.has("1: ", at: 0) || line.indent > 0
    }

    private static let numbered = LinePattern.shape("a warning", .digits) { line in
        line.has(": ", at: line.endOfDigits(from: 0))
    }
}
