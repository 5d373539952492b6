/// What the runtimes and sanitizers of C and C++ print about the end of a program.
///
///     terminate called after throwing an instance of 'std::runtime_error'
///       what():  account 17
///
///     =================================================================
///     ==17==ERROR: AddressSanitizer: heap-use-after-free on address 0x6020…
///         #0 0x55d0… in main /app/main.c:5:7
///     SUMMARY: AddressSanitizer: heap-use-after-free /app/main.c:5:7 in main
///     Shadow bytes around the buggy address:
///     ==17==ABORTING
///
///     main.c:5:7: runtime error: signed integer overflow: …          (UndefinedBehaviorSanitizer)
///
///     ==================                                             (ThreadSanitizer)
///     WARNING: ThreadSanitizer: data race (pid=17)
///     SUMMARY: ThreadSanitizer: data race main.c:5 in main
///     ==================
///
/// Frames of glibc (`./bank(pay+0x14) [0x55d0…]`), Boost (` 0# pay in ./bank`), glog (`    @ 0x7f3c… pay`), gdb
/// (`#0  0x7f3c… in pay () from …`); valgrind puts `==17==` before every line.
///
/// - SeeAlso: `libstdc++-v3/libsupc++/vterminate.cc`; `compiler-rt/lib/sanitizer_common`, `…/asan/asan_report.cpp`,
///   `…/ubsan/ubsan_diag.cpp`, `…/tsan/rtl/tsan_report.cpp`; glibc's `debug/backtracesyms.c`; glog's `signalhandler.cc`.
enum CPPTrace {
    private static let terminated = TracePlaces.own(0)
    private static let what = TracePlaces.own(1)
    private static let ruler = TracePlaces.own(2)
    private static let report = TracePlaces.own(3)
    private static let summary = TracePlaces.own(4)
    private static let frames = TracePlaces.own(5)
    private static let runtime = TracePlaces.own(6)
    private static let glibc = TracePlaces.own(7)
    private static let valgrind = TracePlaces.own(8)
    private static let abort = TracePlaces.own(9)
    private static let threadRuler = TracePlaces.own(10)
    private static let threadReport = TracePlaces.own(11)
    private static let threadSummary = TracePlaces.own(12)

    static let grammar = TraceGrammar(
        language: .cpp,
        rules: [
            // The end of the program.
            TraceRule(.first, .starts("terminate called "), .joins(terminated)),
            TraceRule(.first, .starts("libc++abi: terminating"), .joins(what)),
            TraceRule(terminated, .starts("what():", indented: .some), .joins(what)),
            TraceRule([terminated, what, abort, frames], .starts("Aborted"), .joins(.end)),
            TraceRule(what, .free, .waits(what)),
            TraceRule(.first, glibcAbort, .joins(abort)),

            // AddressSanitizer and its kin.
            TraceRule([.first, summary], longRuler, .waits(ruler)),
            TraceRule([.first, ruler], sanitizerError, .joins(report)),
            TraceRule(report, .starts("SUMMARY: "), .joins(summary)),
            TraceRule(report, aborting, .joins(.end)),
            TraceRule(report, .unrecorded, .joins(report)),
            TraceRule(report, .blank, .waits(report)),
            TraceRule(summary, summaryLine, .joins(summary)),
            TraceRule(summary, aborting, .joins(.end)),

            // ThreadSanitizer.
            TraceRule(.first, .equals("=================="), .waits(threadRuler)),
            TraceRule([.first, threadRuler], .starts("WARNING: ThreadSanitizer: "), .joins(threadReport)),
            TraceRule(threadReport, .starts("SUMMARY: "), .joins(threadSummary)),
            TraceRule(threadReport, .unrecorded, .joins(threadReport)),
            TraceRule(threadReport, .blank, .waits(threadReport)),
            TraceRule(threadSummary, .equals("=================="), .joins(.end)),

            // UndefinedBehaviorSanitizer.
            TraceRule(.first, runtimeError, .joins(runtime)),
            TraceRule([runtime, frames], .starts("SUMMARY: UndefinedBehaviorSanitizer: "), .joins(.end)),
            TraceRule(runtime, sourceExcerpt, .waits(runtime)),
            TraceRule(runtime, .starts("^", indented: .any), .joins(runtime)),

            // Frames of several libraries.
            TraceRule([.anyHead, runtime, frames, abort], frame, .joins(frames)),
            TraceRule([.anyHead, runtime, frames, abort], symbol, .joins(frames)),
            TraceRule(frames, .indented, .joins(frames)),
            TraceRule([.anyHead, .first], .starts("*** Check failure stack trace: ***"), .joins(frames)),
            TraceRule(.first, .starts("*** Aborted at "), .joins(frames)),
            TraceRule(frames, .starts("*** SIG"), .joins(frames)),
            TraceRule(frames, .starts("PC: @ "), .joins(frames)),

            // glibc before 2.26.
            TraceRule(.first, .starts("*** Error in "), .joins(glibc)),
            TraceRule(glibc, .unrecorded, .joins(glibc)),

            // valgrind.
            TraceRule(.first, valgrindLine, .joins(valgrind)),
            TraceRule(valgrind, valgrindDetail, .joins(valgrind)),

            // The rest of a trace whose beginning is missing.
            TraceRule(.first, frame, .resumes(frames)),
            TraceRule(.first, symbol, .resumes(frames)),
        ])

    private static let glibcAbort = LinePattern.shape("an abort of glibc", ByteSet(of: "fmcr*d")) { line in
        line.has("*** stack smashing detected ***", at: 0) || line.has("*** buffer overflow detected ***", at: 0)
            || line.has("free(): ", at: 0) || line.has("malloc(): ", at: 0) || line.has("munmap_chunk(): ", at: 0)
            || line.has("corrupted ", at: 0) || line.has("realloc(): ", at: 0) || line.has("double free or ", at: 0)
    }

    private static let longRuler = LinePattern.shape("a ruler", ByteSet(of: "=")) { line in
        guard line.count >= 60 else { return false }
        for index in 0..<line.count where line.bytes[index] != UInt8(ascii: "=") { return false }
        return true
    }

    /// The place behind `==17==`, or 0.
    private static func endOfProcess(_ line: borrowing LineView) -> Int {
        guard line.has("==", at: 0) else { return 0 }
        let end = line.endOfDigits(from: 2)
        return end > 2 && line.has("==", at: end) ? end + 2 : 0
    }

    private static let sanitizerError = LinePattern.shape("a report of a sanitizer", ByteSet(of: "=")) { line in
        let end = endOfProcess(line)
        return end > 0 && (line.has("ERROR: ", at: end) || line.has("WARNING: ", at: end))
            && line.index(of: "Sanitizer", from: end) != nil
    }

    private static let aborting = LinePattern.shape("the end of a report", ByteSet(of: "=")) { line in
        line.has("ABORTING", at: endOfProcess(line))
    }

    private static let summaryLine = LinePattern.shape(
        "memory around the fault", ByteSet(of: "S0=ABCFGHILNOPRUX"), indented: .any
    ) {
        line in
        line.has("Shadow ", at: line.indent) || line.has("0x", at: line.indent) || line.has("=>0x", at: line.indent)
            || (line.indent == 2 && line.index(of: ":", from: 3) != nil)
    }

    /// `main.c:5:7: runtime error: signed integer overflow`
    private static let runtimeError = LinePattern.shape(
        "a runtime error", .letters.union(ByteSet(of: "/._")), needs: [.colon, .digit]
    ) { line in
        guard let word = line.index(of: ": runtime error: ", from: 1) else { return false }
        return line.startOfLineNumber(endingAt: word) != nil
    }

    private static let sourceExcerpt = LinePattern.shape("a line of source", .all, indented: .some) { !$0.isRecord }

    /// `#0  0x7f3c in pay () from …`, `    #0 0x55d0 in main /app/main.c:5:7`, ` 0# pay in ./bank`,
    /// `    @     0x7f3c  pay`
    private static let frame = LinePattern.shape(
        "a frame of C++", ByteSet(of: "#@0123456789"), indented: .any
    ) { line in
        switch line.firstByte {
        case UInt8(ascii: "#"):
            let end = line.endOfDigits(from: line.indent + 1)
            guard end > line.indent + 1, line.has(" ", at: end) else { return false }
            let address = line.has("  ", at: end) ? end + 2 : end + 1
            return line.has("0x", at: address)
        case UInt8(ascii: "@"): return line.indent > 0 && line.index(of: " 0x", from: line.indent) != nil
        default:
            let end = line.endOfDigits(from: line.indent)
            return line.indent > 0 && line.has("# ", at: end)
        }
    }

    /// `./bank(pay+0x14) [0x55d0]`
    private static let symbol = LinePattern.shape(
        "a frame of glibc", .letters.union(ByteSet(of: "/.")), needs: [.squareBracket, .digit]
    ) { line in
        guard line.ends(with: "]"), !line.isRecord, let bracket = line.index(of: "[0x", from: 1) else { return false }
        return line.index(of: UInt8(ascii: "("), from: 1).map { $0 < bracket } ?? (line.bytes[bracket - 1] == 0x20)
    }

    /// `==17== Invalid read of size 4`
    private static let valgrindLine = LinePattern.shape("a finding of valgrind", ByteSet(of: "=")) { line in
        let end = endOfProcess(line)
        return end > 0 && line.has(" ", at: end) && end + 1 < line.count && line.bytes[end + 1] != 0x20
    }

    private static let valgrindDetail = LinePattern.shape("a detail from valgrind", ByteSet(of: "=")) { line in
        let end = endOfProcess(line)
        return end > 0 && line.has("  ", at: end)
    }
}
