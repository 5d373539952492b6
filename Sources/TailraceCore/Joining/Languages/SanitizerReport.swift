/// Reports of the sanitizers of Clang and GCC.
///
///     AddressSanitizer:DEADLYSIGNAL                                  (when a signal came first; long ago `ASAN:SIGSEGV`)
///     Uninitialized bytes in strlen at offset 0 inside [0x7010…, 4)  (MemorySanitizer)
///     =================================================================
///     ==17==ERROR: AddressSanitizer: heap-use-after-free on address 0x6020…
///     READ of size 4 at 0x6020… thread T0
///         #0 0x55d0… in main /app/main.c:5:7
///                                                                    (blank lines between the stacks)
///     SUMMARY: AddressSanitizer: heap-use-after-free /app/main.c:5:7 in main
///     Shadow bytes around the buggy address:
///     ==17==ABORTING                                                 (MemorySanitizer: `Exiting`)
///
///     main.c:5:7: runtime error: signed integer overflow: …          (UndefinedBehaviorSanitizer)
///         #0 0x55d0… in main /app/main.c:5:7
///
///     ==================                                             (ThreadSanitizer)
///     WARNING: ThreadSanitizer: data race (pid=17)
///       Read of size 4 at 0x7fff… by main thread:
///         #0 pay /app/main.c:5 (bank+0x1234)
///     SUMMARY: ThreadSanitizer: data race main.c:5 in main
///     ==================
///
///     /usr/include/c++/12/debug/vector:450:                          (libstdc++ in its debug mode)
///     In function:
///         const_reference std::debug::vector<int>::operator[](size_type) const
///
///     Error: attempt to subscript container with out-of-bounds index 5, but
///     container only holds 3 elements.
///
///     Objects involved in the operation:
///         sequence "this" @ 0x7ffe2e53c840 {
///         }
///
/// What stands between the stacks is held until the next frame or the summary, so that a report that was cut takes no
/// other line with it.
///
/// - SeeAlso: `compiler-rt/lib/sanitizer_common` (`sanitizer_symbolizer_report.cpp`), `…/asan/asan_report.cpp`,
///   `…/ubsan/ubsan_diag.cpp`, `…/tsan/rtl/tsan_report.cpp`, `…/msan/msan_report.cpp`, `…/lsan/lsan_common.cpp`.
enum SanitizerReport {
    private static let ruler = TracePlaces.own(0)
    private static let report = TracePlaces.own(1)
    private static let summary = TracePlaces.own(2)
    private static let threadRuler = TracePlaces.own(3)
    private static let threadReport = TracePlaces.own(4)
    private static let threadSummary = TracePlaces.own(5)
    private static let runtime = TracePlaces.own(6)
    private static let debug = TracePlaces.own(7)
    private static let debugText = TracePlaces.own(8)
    private static let objects = TracePlaces.own(9)

    static let grammar = TraceGrammar(
        language: .cpp,
        rules: [
            // AddressSanitizer and its kin.
            TraceRule(.first, signal, .waits(ruler)),
            TraceRule(.first, .starts("Uninitialized bytes in "), .waits(ruler)),
            TraceRule([.first, ruler], longRuler, .waits(ruler)),
            TraceRule([.first, ruler], error, .joins(report)),
            TraceRule([.first, ruler], warning, .joins([report, ruler])),
            TraceRule(report, .starts("READ of size "), .joins(report)),
            TraceRule(report, .starts("WRITE of size "), .joins(report)),
            TraceRule(report, frame, .joins(report)),
            TraceRule(report, bareFrame, .joins(report)),
            TraceRule(report, .starts("SUMMARY: "), .joins(summary)),
            TraceRule([report, summary], aborting, .joins(.end)),
            TraceRule([report, summary], CPPTrace.aborted, .joins(.end)),
            TraceRule(summary, .equals("Exiting"), .joins(.end)),
            TraceRule(report, noteOfProcess, .joins(report)),
            TraceRule(report, .starts("NOTE: libFuzzer has "), .joins(report)),
            TraceRule(report, .unrecorded, .waits(report)),
            TraceRule(report, .blank, .waits(report)),
            TraceRule(summary, shadow, .joins(summary)),
            TraceRule(summary, hint, .joins(summary)),

            // The rest of a report whose beginning is missing.
            TraceRule(.first, addressedFrame, .resumes(report)),

            // ThreadSanitizer.
            TraceRule(.first, .equals("=================="), .waits(threadRuler)),
            TraceRule([.first, threadRuler], .starts("WARNING: ThreadSanitizer: "), .joins(threadReport)),
            TraceRule(threadReport, frame, .joins(threadReport)),
            TraceRule(threadReport, .starts("SUMMARY: "), .joins(threadSummary)),
            TraceRule(threadReport, .unrecorded, .waits(threadReport)),
            TraceRule(threadReport, .blank, .waits(threadReport)),
            TraceRule(threadSummary, .equals("=================="), .joins(.end)),

            // libstdc++.
            TraceRule(.first, placeInLibrary, .waits(debug)),
            TraceRule(debug, .equals("In function:"), .joins(debug)),
            TraceRule(debug, .indented, .joins(debug)),
            TraceRule(debug, .blank, .waits(debug)),
            TraceRule(debug, .starts("Error: "), .joins(debugText)),
            TraceRule(debugText, .equals("Objects involved in the operation:"), .joins(objects)),
            TraceRule(debugText, .free, .waits(debugText)),
            TraceRule(debugText, .blank, .waits(debugText)),
            TraceRule(objects, .indented, .joins(objects)),

            // UndefinedBehaviorSanitizer.
            TraceRule(.first, runtimeError, .joins(runtime)),
            TraceRule(runtime, frame, .joins(runtime)),
            TraceRule(runtime, bareFrame, .joins(runtime)),
            TraceRule(runtime, .starts("SUMMARY: "), .joins(.end)),
            TraceRule(runtime, .starts("^", indented: .any), .joins(runtime)),
            TraceRule(runtime, .indented, .waits(runtime)),
            TraceRule(runtime, note, .joins(runtime)),
            TraceRule(runtime, .blank, .waits(runtime)),
        ])

    /// `/usr/include/c++/12/debug/vector:450:`
    private static let placeInLibrary = LinePattern.shape(
        "a place in libstdc++", ByteSet(of: "/"), needs: [.oneWord, .endsInColon, .digit]
    ) { $0.index(of: "/c++/", from: 0) != nil && $0.startOfLineNumber(endingAt: $0.count - 1) != nil }

    /// `AddressSanitizer:DEADLYSIGNAL`, `ASAN:SIGSEGV`
    private static let signal = LinePattern.shape("a deadly signal", ByteSet(of: "AHLMTU"), needs: .oneWord) { line in
        line.ends(with: "Sanitizer:DEADLYSIGNAL") || line.ends(with: "SAN:DEADLYSIGNAL")
            || line.index(of: "SAN:SIG", from: 0) != nil
    }

    private static let longRuler = LinePattern.shape("a ruler", ByteSet(of: "=")) { line in
        line.count >= 60 && line.isRuler(of: UInt8(ascii: "="))
    }

    /// The place behind `==17==`, or 0.
    private static func endOfProcess(_ line: borrowing LineView) -> Int {
        guard line.has("==", at: 0) else { return 0 }
        let end = line.endOfDigits(from: 2)
        return end > 2 && line.has("==", at: end) ? end + 2 : 0
    }

    private static let error = LinePattern.shape("a report of a sanitizer", ByteSet(of: "=")) { line in
        says("ERROR: ", line)
    }

    /// `==17==WARNING: MemorySanitizer: use-of-uninitialized-value`; also what is said before an error.
    private static let warning = LinePattern.shape("a warning of a sanitizer", ByteSet(of: "=")) { line in
        says("WARNING: ", line)
    }

    /// Before 2013 there was a blank behind `==17==`.
    private static func says(_ level: StaticString, _ line: borrowing LineView) -> Bool {
        let end = endOfProcess(line)
        guard end > 0 else { return false }
        return (line.has(level, at: end) || (line.has(" ", at: end) && line.has(level, at: end + 1)))
            && (line.index(of: "Sanitizer", from: end) ?? line.index(of: ": libFuzzer: ", from: end)) != nil
    }

    /// `WARNING: ThreadSanitizer: data race (pid=17)`, where the ruler before it is missing.
    static func startsReport(_ line: borrowing LineView) -> Bool {
        line.firstByte == UInt8(ascii: "W") && line.has("WARNING: ThreadSanitizer: ", at: 0)
    }

    /// `    #0 0x55d0… in main /app/main.c:5:7`
    private static let frame = LinePattern.shape("a frame of C++", ByteSet(of: "#"), indented: .some) { line in
        let end = line.endOfDigits(from: line.indent + 1)
        return end > line.indent + 1 && line.has(" ", at: end)
    }

    /// `#0 0x55d0… in main /app/main.c:5:7`, where somebody took the blanks away
    private static let bareFrame = LinePattern.shape("a frame of C++", ByteSet(of: "#"), needs: .digit) {
        isAddressed($0)
    }

    private static let addressedFrame = LinePattern.shape(
        "a frame of C++", ByteSet(of: "#"), indented: .some, needs: .digit
    ) { isAddressed($0) }

    private static func isAddressed(_ line: borrowing LineView) -> Bool {
        line.has(" 0x", at: line.endOfDigits(from: line.indent + 1))
    }

    /// `==17==Hint: address points to the zero page.`
    private static let noteOfProcess = LinePattern.shape("a note of the sanitizer", ByteSet(of: "=")) { line in
        let end = endOfProcess(line)
        return end > 0 && end < line.count && line.bytes[end] != 0x20 && !line.has("ERROR: ", at: end)
    }

    private static let hint = LinePattern.shape("a hint of the sanitizer", ByteSet(of: "=")) { line in
        line.has("HINT: ", at: endOfProcess(line))
    }

    private static let aborting = LinePattern.shape("the end of a report", ByteSet(of: "=")) { line in
        line.has("ABORTING", at: endOfProcess(line))
    }

    private static let shadow = LinePattern.shape(
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
        // `panic serving 10.0.0.1:60825: runtime error: …` is one of Go.
        guard let word = line.index(of: ": runtime error: ", from: 1), line.index(of: 0x20, from: 0) == word + 1 else {
            return false
        }
        return line.startOfLineNumber(endingAt: word) != nil
    }

    /// `0x7ffd…: note: pointer points here`, `bank.h:4:28: note: nonnull attribute specified here`
    private static let note = LinePattern.shape(
        "a note of the sanitizer", .letters.union(ByteSet(of: "0/._")), needs: .colon
    ) { line in
        guard let word = line.index(of: ": note: ", from: 2) else { return false }
        return line.has("0x", at: 0) || line.startOfLineNumber(endingAt: word) != nil
    }
}
