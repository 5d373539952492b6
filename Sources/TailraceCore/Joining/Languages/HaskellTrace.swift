/// Errors of Haskell.
///
///     bank: account 17                                               (the text may have several lines)
///     CallStack (from HasCallStack):
///       error, called at bank.hs:3:5 in main:Main
///
///     bank: Uncaught exception ghc-internal:GHC.Internal.Exception.ErrorCall:    (9.10 and later)
///                                                                    (a blank line)
///     account 17
///                                                                    (a blank line)
///     HasCallStack backtrace:
///       error, called at bank.hs:3:5 in main:Main
///
///     bank: HttpExceptionRequest Request {                           (`http-client`)
///       host                 = "bank"
///     }
///      ConnectionTimeout
///
///     *** Exception (reporting due to +RTS -xc): (THUNK_2_0), stack trace:
///       --> evaluated by: Main.pay,
///       called from Main.CAF
///
///       test/BankSpec.hs:12:14:                                      (hspec)
///       1) Bank.pay pays
///            expected: 42
///
///       To rerun use: --match "/Bank/pay/pays/"
///
///     bank: internal error: evacuate: strange closure type 17        (the runtime)
///         (GHC version 9.4.7 for x86_64_unknown_linux)
///         Please report this as a GHC bug:  https://www.haskell.org/ghc/reportabug
///
/// - SeeAlso: `rts/RtsMessages.c`, `rts/Profiling.c` (`fprintCCS_stderr`); `GHC.Stack.prettyCallStack`, `GHC.Internal.Exception.displayExceptionWithInfo`.
enum HaskellTrace {
    private static let message = TracePlaces.own(0)
    private static let frames = TracePlaces.own(1)
    private static let evaluation = TracePlaces.own(2)
    private static let fault = TracePlaces.own(3)
    private static let fields = TracePlaces.own(4)
    private static let test = TracePlaces.own(5)

    static let grammar = TraceGrammar(
        language: .haskell,
        rules: [
            TraceRule([.anyHead, message, frames], stackStart, .joins(frames)),
            TraceRule(.first, stackStart, .resumes(frames)),
            TraceRule(.first, .starts("*** Exception (reporting due to +RTS -xc)"), .joins(evaluation)),
            TraceRule(evaluation, .indented, .joins(evaluation)),
            TraceRule(.first, .starts("--> evaluated by: ", indented: .some), .resumes(evaluation)),
            TraceRule(.first, calledAt, .resumes(frames)),
            TraceRule(.anyHead, .starts("(GHC version ", indented: .some), .joins(fault)),
            TraceRule(fault, .starts("Please report this as a GHC bug", indented: .some), .joins(fault)),
            TraceRule(fault, CPPTrace.aborted, .joins(.end)),
            TraceRule(frames, frame, .joins(frames)),
            TraceRule([.first, .alarmHead], request, .waits(fields)),
            TraceRule(fields, .indented, .joins(fields)),
            TraceRule(fields, .equals("}"), .joins(fields)),
            TraceRule(.first, placeOfTest, .waits(test)),
            TraceRule(test, .starts("To rerun use: ", indented: .some), .joins(.end)),
            TraceRule(test, .indented, .waits(test)),
            TraceRule(test, .blank, .waits(test)),
            TraceRule(.first, uncaught, .waits(message)),
            TraceRule(.announcingHead, .free, .waits(message)),
            TraceRule([.tellingHead, message], .free, .waits(message)),
            TraceRule([.tellingHead, message], .blank, .waits(message)),
        ])

    /// `  test/BankSpec.hs:12:14: `
    private static let placeOfTest = LinePattern.shape(
        "the place of a test", .letters, indented: .some, needs: [.colon, .digit]
    ) { line in
        guard line.indent == 2, let file = line.index(of: ".hs:", from: 2) else { return false }
        let column = line.endOfDigits(from: line.endOfDigits(from: file + 4) + 1)
        return line.has(":", at: column) && line.bytes.endOfText(before: line.count) == column + 1
    }

    /// `bank: HttpExceptionRequest Request {`
    private static let request = LinePattern.shape("an error of http-client", .letters, needs: .endsInBrace) { line in
        line.ends(with: "HttpExceptionRequest Request {")
    }

    private static let stackStart = LinePattern.shape(
        "a call stack of Haskell", ByteSet(of: "CH"), indented: .any
    ) { line in
        line.has("CallStack (from HasCallStack)", at: line.indent)
            || line.has("HasCallStack backtrace:", at: line.indent)
            || line.has("CallStack (from -prof)", at: line.indent)
    }

    private static let frame = LinePattern.shape("a frame of Haskell", .all, indented: .some) { line in
        if line.index(of: ", called at ", from: line.indent) != nil { return true }
        // With profiling: `Main.pay (bank.hs:3:5-12)`, `Main.CAF (<entire-module>)`
        return line.ends(with: ")") && (line.index(of: ".hs:", from: 0) ?? line.index(of: " (<entire", from: 0)) != nil
    }

    private static let calledAt = LinePattern.shape(
        "a frame of Haskell", .letters, indented: .some, needs: [.dot, .colon, .digit]
    ) { line in
        line.index(of: ", called at ", from: line.indent).flatMap { line.index(of: ".hs:", from: $0) } != nil
    }

    private static let uncaught = LinePattern.shape("an uncaught exception", .letters, needs: .endsInColon) { line in
        line.ends(with: ":") && line.index(of: ": Uncaught exception ", from: 1) != nil
    }
}
