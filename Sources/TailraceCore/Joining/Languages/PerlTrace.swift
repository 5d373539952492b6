/// Messages of Perl with a backtrace.
///
///     account 17 at /app/bank.pl line 3.
///     ⇥main::pay(17) called at /app/main.pl line 7
///     ⇥eval {...} called at /app/main.pl line 7
///     BEGIN failed--compilation aborted at /app/main.pl line 7.
///
///     Context:                                                       (Mojolicious: `Mojo::Exception`)
///       3: die 'account 17';
///     Traceback (most recent call first):
///       File "/app/bank.pl", line 3, in "main"
///
///     ERROR: OTRS-CGI-17 Perl: 5.36.0 OS: linux Time: Wed May  1 12:34:56 2024
///                                                                    (a blank line)
///      Message: account 17
///                                                                    (a blank line)
///      Traceback (17):
///        Module: Bank::Account::Pay Line: 3
///
/// The compiler lists mistakes before `Execution of /app/main.pl aborted due to compilation errors.` Catalyst puts quotes
/// around the text and its frames. Where such a text was passed on with `croak` or `confess`, ` at /app/main.pl line 9.` and its frames follow.
///
/// Search::Elasticsearch draws a table of frames.
///
/// - SeeAlso: `Carp.pm` (`longmess`), `Devel::StackTrace` (`as_string`), `perldiag`; `Mojo::Exception`
///   (`to_string`).
enum PerlTrace {
    private static let frames = TracePlaces.own(0)
    private static let context = TracePlaces.own(1)
    private static let places = TracePlaces.own(2)
    private static let message = TracePlaces.own(3)
    private static let mistakes = TracePlaces.own(4)
    private static let query = TracePlaces.own(5)
    private static let table = TracePlaces.own(6)
    private static let rows = TracePlaces.own(7)
    private static let explanation = TracePlaces.own(8)
    private static let report = TracePlaces.own(9)
    private static let beforeReport = TracePlaces.own(10)

    static let grammar = TraceGrammar(
        language: .perl,
        rules: [
            TraceRule([.anyHead, message, query, frames], frame, .joins(frames)),
            TraceRule([.tellingHead, message], .free, .waits(message)),
            TraceRule([.tellingHead, message], .blank, .waits(message)),
            TraceRule(.first, panic, .waits(message)),
            TraceRule(.first, constraint, .joins(explanation)),
            TraceRule(explanation, frame, .joins(frames)),
            TraceRule(explanation, .indented, .joins(explanation)),
            TraceRule(.first, .scopedName, .waits(message)),
            TraceRule([.anyHead, frames], .starts("...propagated at ", indented: .some), .joins(frames)),
            TraceRule([.anyHead, frames], .starts("BEGIN failed--compilation aborted"), .joins(frames)),
            TraceRule([.anyHead, frames], .starts("Compilation failed in require at "), .joins(frames)),
            TraceRule([.anyHead, frames], executionEnd, .joins(frames)),
            TraceRule([.anyHead, frames], passedOn, .joins(frames)),
            TraceRule([message, frames], lastFrame, .joins(frames)),
            TraceRule(frames, .equals("\""), .joins(.end)),
            TraceRule(.first, errorOfDatabase, .waits(message)),
            TraceRule(.first, .starts("DBD::"), .waits(query)),
            TraceRule([.first, .alarmHead], .starts("Global symbol \""), .waits(mistakes)),
            TraceRule(.first, .starts("syntax error at "), .waits(mistakes)),
            TraceRule(
                [.anyHead, frames, mistakes], .starts("BEGIN not safe after errors--compilation aborted"),
                .joins(frames)),
            TraceRule(mistakes, executionEnd, .joins(frames)),
            TraceRule(mistakes, mistake, .waits(mistakes)),
            TraceRule([.anyHead, message], .starts("Trace begun at "), .joins(frames)),
            TraceRule(.first, .starts("Trace begun at "), .waits(frames)),
            TraceRule(query, endOfQuery, .joins(frames)),
            TraceRule(query, .free, .waits(query)),
            TraceRule(query, .blank, .waits(query)),
            TraceRule(frames, place, .joins(frames)),
            TraceRule([.anyHead, mistakes, frames], .equals("Context:"), .waits(context)),
            TraceRule(context, .indented, .waits(context)),
            TraceRule([.anyHead, context], .equals("Traceback (most recent call first):"), .joins(places)),
            TraceRule(.first, .equals("Traceback (most recent call first):"), .resumes(places)),
            TraceRule(places, .starts("File \"", indented: .some), .joins(places)),
            TraceRule([.anyHead, table], .starts("------------------------------"), .waits(table)),
            TraceRule(table, .starts("#    Package  "), .joins(rows)),
            TraceRule(rows, .starts("------------------------------"), .joins(rows)),
            TraceRule(rows, row, .joins(rows)),
            TraceRule(.first, frame, .resumes(frames)),

            // OTRS and what became of it.
            TraceRule(.alarmHead, .blank, .waits(beforeReport)),
            TraceRule(beforeReport, .starts("Message: ", indented: .some), .waits(report)),
            TraceRule(report, frameOfOTRS, .joins(report)),
            TraceRule(report, .free, .waits(report)),
            TraceRule(report, .blank, .waits(report)),
        ])

    /// `   Module: Bank::Account::Pay Line: 17`
    private static let frameOfOTRS = LinePattern.shape(
        "a frame of Perl", ByteSet(of: "M"), indented: .some, needs: [.colon, .endsInDigit]
    ) { line in
        line.has("Module: ", at: line.indent)
            && line.index(of: " Line: ", from: line.indent).map { line.endOfDigits(from: $0 + 7) == line.count }
                ?? false
    }

    /// `⇥main::pay(17) called at /app/main.pl line 7`
    private static let frame = LinePattern.shape(
        "a frame of Perl", .letters.union(ByteSet(of: "_(")), indented: .any, needs: .endsInDigit
    ) { isFrame($0) }

    private static func isFrame(_ line: borrowing LineView) -> Bool {
        // Moose, Exception::Class
        if line.has("eval {...} at ", at: line.indent) || line.index(of: "::try {...}  at ", from: line.indent) != nil {
            return true
        }
        guard let called = line.index(of: " called at ", from: line.indent),
            let number = line.index(of: " line ", from: called + 11),
            line.endOfDigits(from: number + 6) > number + 6
        else { return false }
        return line.indent > 0 || line.index(of: "::", from: 0).map { $0 < called } ?? line.has("eval {", at: 0)
    }

    /// `⇥main::pay(17) called at /app/main.pl line 7.`, as the last one of a text that was passed on; with `"` behind it of
    /// one that Catalyst quotes.
    private static let lastFrame = LinePattern.shape(
        "a frame of Perl", .letters.union(ByteSet(of: "_")), indented: .some, needs: .digit
    ) { ($0.lastByte == UInt8(ascii: ".") || $0.lastByte == UInt8(ascii: "\"")) && isFrame($0) }

    /// `Global symbol "$account" requires … at /app/bank.pl line 3.`, `syntax error at /app/bank.pl line 3, near "}"`
    private static let mistake = LinePattern.shape("a mistake in a program", .letters, needs: .digit) { line in
        line.index(of: " at ", from: 0).flatMap { line.index(of: " line ", from: $0) } != nil
    }

    /// `Bank::BEGIN at /app/bank.pm line 3`, among the frames of Devel::StackTrace
    private static let place = LinePattern.shape(
        "a frame of Perl", .letters.union(ByteSet(of: "_")), needs: [.colon, .endsInDigit]
    ) { line in
        guard let at = line.index(of: " at ", from: 0), line.index(of: 0x20, from: 0) == at,
            let number = line.index(of: " line ", from: at + 4)
        else { return false }
        return line.endOfDigits(from: number + 6) == line.count
    }

    /// `WHERE number = 17' at line 2 at /app/bank.pl line 9.`, where a statement of several lines failed
    private static let endOfQuery = LinePattern.shape(
        "the place of an error", .all, indented: .any, needs: [.digit, .endsInDot]
    ) { endsInPlace($0) }

    /// `1    main                                                  9  main::main`
    private static let row = LinePattern.shape("a frame of Perl", .digits, needs: [.colon, .digit]) { line in
        line.has("    ", at: line.endOfDigits(from: 0)) && line.index(of: "::", from: 5) != nil
    }

    /// `DBD::Pg::st execute failed: no such account at /app/bank.pl line 9.`
    private static let errorOfDatabase = LinePattern.shape(
        "an error of a database", ByteSet(of: "D"), needs: [.digit, .endsInDot]
    ) { line in
        line.has("DBD::", at: 0) && endsInPlace(line)
    }

    private static func endsInPlace(_ line: borrowing LineView) -> Bool {
        guard let at = line.index(of: " at /", from: 0), let number = line.index(of: " line ", from: at) else {
            return false
        }
        return line.endOfDigits(from: number + 6) == line.count - 1
    }

    /// ` at /app/main.pl line 9.`, behind a text that ends in a newline
    private static let passedOn = LinePattern.shape(
        "the place where it was passed on", ByteSet(of: "a"), indented: .some, needs: .digit
    ) { line in
        guard line.has("at ", at: line.indent), let number = line.index(of: " line ", from: line.indent + 3) else {
            return false
        }
        let end = line.endOfDigits(from: number + 6)
        return end > number + 6 && (end == line.count || line.has(".", at: end))
    }

    /// `panic: text at /app/bank.pl line 9.`, which reads like one of Go
    private static let panic = LinePattern.shape("a panic of Perl", ByteSet(of: "p"), needs: [.digit, .endsInDot]) {
        line in
        line.has("panic: ", at: 0) && line.index(of: " line ", from: 7) != nil
    }

    /// Type::Tiny: `Value "pay" did not pass type constraint "Int" (in $args->{"sum"}) at /app/bank.pl line 9`
    private static let constraint = LinePattern.shape("an error of types", ByteSet(of: "RUV"), needs: .digit) {
        line in
        line.index(of: " did not pass type constraint \"", from: 0).flatMap { line.index(of: " line ", from: $0) }
            != nil
    }

    private static let executionEnd = LinePattern.shape(
        "the end of a compilation", .letters.union(ByteSet(of: "/._-")), needs: .endsInDot
    ) {
        line in
        line.ends(with: " had compilation errors.")
            || (line.has("Execution of ", at: 0) && line.ends(with: " aborted due to compilation errors."))
    }
}
