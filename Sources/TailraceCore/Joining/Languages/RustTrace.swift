/// Panics of Rust, and errors of anyhow and eyre.
///
///     thread 'main' panicked at src/main.rs:4:5:                     (before 1.73: the text, then the place)
///     account 17                                                     (the text may have several lines)
///     stack backtrace:
///        0: rust_begin_unwind
///                  at /rustc/90b35a6/library/std/src/panicking.rs:645:5
///     note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
///     thread caused non-unwinding panic. aborting.                   (a panic while another one unwinds)
///
///     Error: no account                                              (error-stack draws a tree: `├╴at src/bank.rs:3:5`)
///                                                                    (a blank line)
///     Caused by:
///         0: no file
///
///     ====================                                           (Substrate, as Polkadot is made of)
///     Version: 1.0.0
///        0: sp_panic_handler::set::{{closure}}
///     Thread 'main' panicked at 'account 17', src/main.rs:4
///     This is a bug. Please report it at:
///     ⇥https://github.com/acme/bank/issues
///
/// - SeeAlso: `substrate/primitives/panic-handler/src/lib.rs`; `library/std/src/panicking.rs` (`default_hook`), `library/std/src/sys/backtrace.rs`; `anyhow/src/fmt.rs`;
///   `color-eyre`; `tracing-subscriber` (`fmt::format::Pretty`).
enum RustTrace {
    private static let text = TracePlaces.own(0)
    private static let message = TracePlaces.own(1)
    private static let frames = TracePlaces.own(2)
    private static let chain = TracePlaces.own(3)
    private static let gap = TracePlaces.own(4)
    private static let error = TracePlaces.own(5)
    private static let overflow = TracePlaces.own(6)
    private static let span = TracePlaces.own(7)
    private static let note = TracePlaces.own(8)
    private static let announced = TracePlaces.own(9)
    private static let memory = TracePlaces.own(10)
    private static let ruler = TracePlaces.own(11)
    private static let substrate = TracePlaces.own(12)
    private static let output = TracePlaces.own(13)
    private static let expectation = TracePlaces.own(14)

    static let grammar = TraceGrammar(
        language: .rust,
        rules: [
            TraceRule(frames, frame, .joins(frames)),
            TraceRule(frames, inlinedFrame, .joins(frames)),
            TraceRule([.anyHead, text, message, error, chain, gap, memory, announced], backtrace, .joins(frames)),
            // A test whose panic should have said something else.
            TraceRule([message, note], .starts("note: panic did not contain expected string"), .joins(expectation)),
            TraceRule(expectation, .indented, .joins(expectation)),
            TraceRule([message, frames, note], .starts("note: "), .joins(note)),
            TraceRule([message, frames, note], abortion, .joins(note)),

            // A panic.
            TraceRule(.first, panicWithTextBehind, .joins(text)),
            TraceRule(.first, panicWithText, .joins(message)),
            TraceRule(text, .unrecorded, .joins(message)),
            TraceRule(text, .blank, .waits(text)),
            TraceRule(message, operand, .joins(message)),
            TraceRule(message, endOfText, .joins(message)),
            // It may be the text of an error with causes.
            TraceRule(message, .equals("Caused by:"), .waits(message)),
            TraceRule(message, .free, .waits(message)),
            TraceRule(message, .blank, .waits(message)),
            TraceRule(.first, allocation, .waits(memory)),
            TraceRule([memory, frames], CPPTrace.aborted, .joins(.end)),
            TraceRule(.first, .equals("===================="), .waits(ruler)),
            TraceRule(ruler, .blank, .waits(ruler)),
            TraceRule(ruler, .starts("Version: "), .joins(substrate)),
            TraceRule(substrate, frame, .joins(substrate)),
            TraceRule(substrate, .starts("Thread '"), .joins(substrate)),
            TraceRule(substrate, .starts("This is a bug. Please report it at:"), .joins(substrate)),
            TraceRule(substrate, .starts("http", indented: .some), .joins(.end)),
            TraceRule(substrate, .blank, .waits(substrate)),
            TraceRule(.first, stackOverflow, .waits(overflow)),
            TraceRule(overflow, .starts("fatal runtime error: "), .joins(.end)),

            // Errors with causes.
            TraceRule([.first, .alarmHead], .starts("Error: "), .waits(error)),
            TraceRule([.first, .alarmHead], .equals("Error:"), .waits(error)),
            TraceRule([error, chain, gap], link, .joins(chain)),
            TraceRule([.alarmHead, .alarmText], numberedPath, .joins(chain)),
            TraceRule([.alarmHead, error, gap], firstBranch, .joins(chain)),
            TraceRule(chain, branch, .joins(chain)),
            TraceRule([.anyHead, error, chain, gap, announced], .equals("Caused by:", indented: .any), .joins(chain)),
            // What a program says that ran another.
            TraceRule(output, panicWithTextBehind, .joins(text)),
            TraceRule(output, panicWithText, .joins(message)),
            TraceRule(.announcingHead, .blank, .waits([announced, output])),
            // Loggers print an error of anyhow behind what they say.
            TraceRule(.alarmHead, .blank, .waits(announced)),
            TraceRule([error, chain, gap], .equals("Location:"), .joins(chain)),
            TraceRule(chain, .indented, .joins(chain)),
            TraceRule([.tellingHead, error], .free, .waits(error)),
            TraceRule(error, .blank, .waits(error)),
            TraceRule([chain, frames], .blank, .waits(gap)),
            TraceRule([chain, gap], .starts("Backtrace omitted. "), .joins(chain)),
            TraceRule([chain, gap], .starts("━━━━━━━━"), .waits(gap)),
            TraceRule(gap, .starts("backtrace no. "), .joins(frames)),
            TraceRule(frames, .starts("━━━━━━━━"), .joins(gap)),
            TraceRule([chain, gap], .starts("Suggestion: "), .joins(chain)),
            TraceRule([chain, gap], .starts("Note: "), .joins(chain)),
            TraceRule([chain, gap], .starts("Run with COLORBT_SHOW_HIDDEN=1 "), .joins(chain)),
            TraceRule([chain, gap], .starts("Run with RUST_BACKTRACE=full "), .joins(.end)),

            // What slog adds behind an error of several lines.
            TraceRule([frames, chain], .starts(", "), .joins(.end)),

            // What tracing adds to a record: where it came from.
            TraceRule(.first, prettyRecord, .joins(span)),
            TraceRule([.anyHead, span], spanLine, .joins(span)),

            // The rest of a trace whose beginning is missing.
            TraceRule(.first, numberedPath, .resumes(frames)),
            TraceRule(.first, placeOfFrame, .resumes(frames)),
            TraceRule(.first, .equals("stack backtrace:"), .resumes(frames)),
            TraceRule(.first, .equals("Stack backtrace:"), .resumes(frames)),
            TraceRule(.first, .equals("Caused by:"), .waits(chain)),
        ])

    /// `thread 'main' panicked at src/main.rs:4:5:`
    private static let panicWithTextBehind = LinePattern.shape("a panic of Rust", ByteSet(of: "t")) { line in
        isPanic(line) && line.ends(with: ":")
    }

    private static let panicWithText = LinePattern.shape("a panic of Rust", ByteSet(of: "t")) { line in
        isPanic(line)
    }

    private static func isPanic(_ line: borrowing LineView) -> Bool {
        (line.has("thread '", at: 0) || line.has("thread <unnamed>", at: 0))
            && line.index(of: " panicked at ", from: 8) != nil
    }

    private static let stackOverflow = LinePattern.shape("a stack overflow", ByteSet(of: "t")) { line in
        line.has("thread '", at: 0) && line.index(of: "has overflowed its stack", from: 8) != nil
    }

    /// `memory allocation of 17179869184 bytes failed`
    private static let allocation = LinePattern.shape("a lack of memory", ByteSet(of: "m"), needs: .digit) { line in
        line.has("memory allocation of ", at: 0) && line.ends(with: " bytes failed")
    }

    /// `   0: rust_begin_unwind`, `             at /rustc/90b35a6/library/std/src/panicking.rs:645:5`,
    /// `   0:     0x55ef6e323a0a - main`, `      ⋮ 12 frames hidden ⋮`
    private static let frame = LinePattern.shape(
        "a frame of Rust", ByteSet.digits.union(ByteSet(of: "a⋮━")), indented: .some
    ) { line in
        switch line.firstByte {
        case UInt8(ascii: "a"): return line.has("at ", at: line.indent)
        case 0xE2: return line.has("⋮", at: line.indent) || line.has("━━", at: line.indent)
        default: return line.has(":", at: line.endOfDigits(from: line.indent))
        }
    }

    /// `    no file', src/main.rs:4:5`: before 1.73.
    private static let endOfText = LinePattern.shape(
        "the end of the text", .all, indented: .any, needs: [.endsInDigit, .colon, .quote]
    ) { line in
        guard let column = line.startOfLineNumber(endingAt: line.count),
            line.startOfLineNumber(endingAt: column) != nil, let quote = line.index(of: "', ", from: line.indent)
        else { return false }
        return line.index(of: 0x20, from: quote + 3) == nil
    }

    /// `      core::iter::range::RangeIteratorImpl::spec_next`: of a function that was put into the one above.
    private static let inlinedFrame = LinePattern.shape(
        "a frame of Rust", .letters.union(ByteSet(of: "<_")), indented: .some
    ) { line in
        line.indent >= 6 && (line.index(of: "::", from: line.indent) != nil || line.marks.contains(.oneWord))
    }

    /// `                               at /app/src/bank.rs:12:5`
    private static let placeOfFrame = LinePattern.shape(
        "a frame of Rust", ByteSet(of: "a"), indented: .some, needs: [.endsInDigit, .colon, .dot]
    ) { line in
        line.indent >= 10 && line.has("at ", at: line.indent) && line.index(of: ".rs:", from: line.indent) != nil
    }

    /// `thread caused non-unwinding panic. aborting.`, `thread panicked while processing panic. aborting.`
    private static let abortion = LinePattern.shape("the end of the process", ByteSet(of: "tf"), needs: .dot) { line in
        (line.has("thread ", at: 0) && line.ends(with: "panic. aborting."))
            || line.has("fatal runtime error: failed to initiate panic", at: 0)
    }

    /// `   0: no account` of eyre, `  × no account` of miette, `  ━━━ SPANTRACE ━━━`
    private static let link = LinePattern.shape(
        "an error in a chain", ByteSet.digits.union(ByteSet(of: "×━")), indented: .some
    ) { line in
        if line.firstByte >= 0x80 { return line.has("× ", at: line.indent) || line.has("━━", at: line.indent) }
        return line.has(": ", at: line.endOfDigits(from: line.indent))
    }

    /// `├╴at src/bank.rs:3:5`, `╰─▶ no file`
    private static let firstBranch = LinePattern.shape("a branch of a tree", ByteSet(of: "├"), indented: .any) { line in
        line.has("├╴", at: line.indent) || line.has("├─▶", at: line.indent) || line.has("╰─▶", at: line.indent)
    }

    /// `│   ├╴at src/bank.rs:7:9`, `│`, `╰╴2 additional opaque attachments`
    private static let branch = LinePattern.shape("a branch of a tree", ByteSet(of: "│")) { line in
        line.has("│  ", at: 0) || line.count == 3 || line.has("├", at: 0) || line.has("╰", at: 0)
    }

    /// `  31: tokio::runtime::task::poll`
    private static let numberedPath = LinePattern.shape(
        "a frame of Rust", .digits, indented: .some, needs: [.colon, .digit]
    ) { line in
        let end = line.endOfDigits(from: line.indent)
        guard line.has(": ", at: end), !line.isRecord, let path = line.index(of: "::", from: end + 2) else {
            return false
        }
        return line.index(of: 0x20, from: end + 2).map { $0 > path || line.has("0x", at: end + 6) } ?? true
    }

    private static let backtrace = LinePattern.shape("the start of a backtrace", ByteSet(of: "sS"), needs: .colon) {
        line in
        line.has("stack backtrace:", at: 0) || line.has("Stack backtrace:", at: 0)
    }

    /// `  left: 1` of `assert_eq!`
    private static let operand = LinePattern.shape("an operand", ByteSet(of: "lr"), indented: .some) { line in
        line.has("left: ", at: line.indent) || line.has("right: ", at: line.indent)
    }

    /// `  2024-05-01T12:34:56.789Z  INFO bank: text`
    static func startsPrettyRecord(_ line: borrowing LineView) -> Bool {
        line.indent == 2 && isDigit(line.firstByte) && line.isRecord
    }

    private static let prettyRecord = LinePattern.shape(
        "a record of tracing", .digits, indented: .some, admitsRecords: true
    ) {
        startsPrettyRecord($0)
    }

    /// `    at src/main.rs:5`, `    in acme::pay with account: 17`
    private static let spanLine = LinePattern.shape("a span of tracing", ByteSet(of: "ai"), indented: .some) { line in
        guard line.indent >= 4 else { return false }
        if line.has("at ", at: line.indent) { return line.index(of: ".rs:", from: line.indent) != nil }
        return line.has("in ", at: line.indent) && line.index(of: "::", from: line.indent) != nil
    }
}
