/// What the runtimes and crash handlers of C and C++ print about the end of a program.
///
///     terminate called after throwing an instance of 'std::runtime_error'
///       what():  account 17
///     Aborted (core dumped)                                          (the shell)
///
///     *** stack smashing detected ***: terminated                    (glibc)
///     *** Error in `./bank': double free or corruption: 0x55d0… ***  (glibc before 2.26)
///     ======= Backtrace: =========
///     /lib/libc.so.6(+0x777f5)[0x7f3c…]
///     ======= Memory map: ========
///
///     Exception raised from pay at ../bank.cpp:44 (most recent call first):      (PyTorch)
///     frame #0: c10::Error::Error(…) + 0x57 (0x7f3c… in /usr/lib/libc10.so)
///
///     *** Process received signal ***                                (Open MPI, behind `[host:17] `)
///     [ 0] /lib/libc.so.6(+0x42520)[0x7f3c…]
///     *** End of error message ***
///
///     ==== backtrace (tid:     17) ====                              (UCX)
///      0 0x0000000000042520 __sigaction()  ???:0
///     =================================
///
///     *** Begin stack trace ***                                      (TensorFlow)
///     ⇥tsl::CurrentStackTrace()
///     *** End stack trace ***
///
///     Stack trace (most recent call last):                           (backward-cpp)
///     #0    Object "./bank", at 0x55d0…, in pay
///           Source "/app/bank.cpp", line 44, in pay
///
///     bank: bank.c:3: pay: Assertion `account' failed.               (glibc; Qt: `ASSERT: "account" in file bank.cpp, line 3`)
///
///     bank.cpp(11): Throw in function void pay(int)                  (Boost)
///     Dynamic exception type: boost::wrapexcept<overdrawn>
///     [tag_account*] = 17
///
///     *** Query id: 0-0 ***                                          (Doris, StarRocks)
///     *** SIGSEGV address not mapped to object (@0x10) received by PID 17 …; stack trace: ***
///
///     2024-05-01 12:34:56.789 UTC [17] BACKTRACE:                    (PostgreSQL, behind the record of the error)
///
///        --------                                                    (Seastar)
///        seastar::continuation<seastar::internal::promise_base_with_type<void>>
///
///     --------------------------------------                         (PaddlePaddle)
///     C++ Traceback (most recent call last):
///     --------------------------------------
///     0   paddle::framework::Executor::Run()
///     Error Message Summary:
///     FatalError: `Segmentation fault` is detected by the operating system.
///
/// Frames of glibc (`./bank(pay+0x14) [0x55d0…]`), Boost (` 0# pay in ./bank`), glog and Abseil (`    @ 0x7f3c… pay`;
/// Folly writes no `0x`, and the place in the source in a line of its own), Asterisk (`#0: [0x55d0…] bank(pay+0x14)`);
/// valgrind puts `==17==` before every line. Sanitizers: `SanitizerReport`; gdb and core dumps: `DebuggerTrace`.
///
/// - SeeAlso: `libstdc++-v3/libsupc++/vterminate.cc`; glibc's `debug/backtracesyms.c`; glog's `signalhandler.cc`;
///   `boost/stacktrace/detail/frame_unwind.ipp`; `c10/util/Backtrace.cpp`; `opal/util/stacktrace.c`; `ucs/debug/debug.c`;
///   `tsl/platform/default/stacktrace.h`; `folly/debugging/symbolizer/SignalHandler.cpp`; backward-cpp's `Printer`.
enum CPPTrace {
    private static let terminated = TracePlaces.own(0)
    private static let what = TracePlaces.own(1)
    private static let frames = TracePlaces.own(2)
    private static let glibc = TracePlaces.own(3)
    private static let valgrind = TracePlaces.own(4)
    private static let abort = TracePlaces.own(5)
    private static let signal = TracePlaces.own(6)
    private static let backtrace = TracePlaces.own(7)
    private static let valgrindHead = TracePlaces.own(8)
    private static let tensorflow = TracePlaces.own(9)
    private static let backward = TracePlaces.own(10)
    private static let checked = TracePlaces.own(11)
    private static let logged = TracePlaces.own(12)
    private static let starred = TracePlaces.own(13)
    private static let ruler = TracePlaces.own(14)
    private static let paddle = TracePlaces.own(15)
    private static let seastar = TracePlaces.own(16)
    private static let postgres = TracePlaces.own(17)
    private static let whatText = TracePlaces.own(18)
    private static let boost = TracePlaces.own(19)
    private static let caught = TracePlaces.own(20)

    static let grammar = TraceGrammar(
        language: .cpp,
        rules: [
            // The end of the program.
            TraceRule(.first, .starts("terminate called "), .joins(terminated)),
            TraceRule(.first, .starts("libc++abi: terminating"), .joins(what)),
            TraceRule(terminated, .starts("what():", indented: .some), .joins([what, whatText])),
            TraceRule(whatText, .indented, .joins([what, whatText])),
            TraceRule([terminated, what], .starts("Stack trace (most recent call "), .joins([frames, backward])),
            TraceRule(what, UnknownTrace.announcement, .waits(what)),
            TraceRule([terminated, what, abort, frames, glibc], aborted, .joins(.end)),
            TraceRule(.first, glibcAbort, .joins(abort)),
            TraceRule(abort, announcementInStars, .joins(frames)),

            // Boost's `diagnostic_information`.
            TraceRule(.first, throwInFunction, .waits(boost)),
            TraceRule(.alarmHead, throwInFunction, .joins(boost)),
            TraceRule([.alarmHead, boost], .starts("Throw location unknown"), .joins(boost)),
            TraceRule(boost, .starts("Dynamic exception type: "), .joins(boost)),
            TraceRule(boost, .starts("std::exception::what: "), .joins(boost)),
            TraceRule([boost, frames], tagOfBoost, .joins(boost)),

            // PyTorch says more about it.
            TraceRule([.anyHead, what], detailOfTorch, .joins(what)),
            TraceRule([.anyHead, what, frames], frameOfTorch, .joins(frames)),
            TraceRule([what, frames], .blank, .waits([what, frames])),

            // Frames of several libraries.
            TraceRule(checked, frame, .joins(checked)),
            TraceRule([what, frames, abort, boost], frame, .joins(frames)),
            TraceRule(.anyHead, firstFrame, .joins(frames)),
            TraceRule(.alarmHead, frameOfSource, .joins(frames)),
            TraceRule(frames, frameOfSource, .joins(frames)),
            TraceRule([.anyHead, what, frames, abort], symbol, .joins(frames)),
            TraceRule(what, .free, .waits(what)),
            TraceRule(frames, restOfFrame, .joins(frames)),
            TraceRule([.alarmHead, .alarmText], .equals("Stack trace:"), .joins(frames)),
            TraceRule([.first, .alarmHead], .starts("Stack trace (most recent call "), .waits(backward)),
            TraceRule([.first, .anyHead, backward], frameOfBackward, .joins(backward)),
            TraceRule(backward, frame, .joins(backward)),
            TraceRule(backward, sourceOfBackward, .joins(backward)),
            TraceRule(backward, signalOfBackward, .joins(.end)),
            TraceRule(backward, .indented, .waits(backward)),
            TraceRule([.anyHead, .first], .starts("*** Check failure stack trace: ***"), .joins(checked)),
            TraceRule([.first, checked], .starts("*** Aborted at "), .joins(frames)),
            TraceRule(starred, .starts("*** Aborted at "), .waits(starred)),
            TraceRule(frames, lineInStars, .joins(frames)),
            TraceRule(frames, announcementInStars, .joins(frames)),
            TraceRule([checked, logged, .alarmHead], aborted, .joins(.end)),
            TraceRule(.first, lineOfSource, .waits(logged)),
            TraceRule([.first, frames, starred, checked], .starts("*** SIG"), .joins(frames)),
            TraceRule([.first, starred], lineInStars, .waits(starred)),
            TraceRule(frames, .starts("*** Signal "), .joins(frames)),
            TraceRule([.first, .anyHead], .starts("*** Begin stack trace ***"), .joins(tensorflow)),
            TraceRule(tensorflow, .starts("*** End stack trace ***"), .joins(.end)),
            TraceRule(tensorflow, .indented, .joins(tensorflow)),
            TraceRule([.anyHead, frames], .starts("PC: @ "), .joins(frames)),

            // What a handler says of the signal.
            TraceRule(.first, caughtSignal, .waits(caught)),
            TraceRule(caught, firstFrame, .joins(frames)),
            TraceRule(caught, symbol, .joins(frames)),

            // Open MPI, UCX.
            TraceRule(.first, .starts("*** Process received signal ***"), .waits(signal)),
            TraceRule(signal, frameInBrackets, .joins(signal)),
            TraceRule(signal, .starts("*** End of error message ***"), .joins(.end)),
            TraceRule(signal, detailOfSignal, .waits(signal)),
            TraceRule([.first, .anyHead], .starts("==== backtrace"), .joins(backtrace)),
            TraceRule(backtrace, numbered, .joins(backtrace)),
            TraceRule(backtrace, .starts("===="), .joins(.end)),

            // PostgreSQL.
            TraceRule(.alarmHead, backtraceOfPostgreSQL, .joins(postgres)),
            TraceRule(postgres, symbol, .joins(postgres)),
            TraceRule(postgres, restOfPostgreSQL, .joins(postgres)),

            // Seastar.
            TraceRule([.alarmHead, seastar], .equals("--------", indented: .some), .waits(seastar)),
            TraceRule(seastar, .starts("seastar::", indented: .some), .joins(seastar)),

            // PaddlePaddle.
            TraceRule(.first, rulerOfPaddle, .waits(ruler)),
            TraceRule([.first, ruler], .equals("C++ Traceback (most recent call last):"), .joins(paddle)),
            TraceRule(paddle, .starts("--------------------"), .waits(paddle)),
            TraceRule(paddle, .equals("Error Message Summary:"), .joins(paddle)),
            TraceRule(paddle, numbered, .joins(paddle)),
            TraceRule(paddle, .exceptionName, .joins(paddle)),
            TraceRule(paddle, .starts("[", indented: .some), .joins(paddle)),
            TraceRule(paddle, .blank, .waits(paddle)),
            TraceRule(paddle, CPPTrace.aborted, .joins(.end)),

            // glibc before 2.26.
            TraceRule(.first, .starts("*** Error in "), .joins(glibc)),
            TraceRule(glibc, .starts("======= "), .joins(glibc)),
            TraceRule(glibc, symbol, .joins(glibc)),
            TraceRule(glibc, mapping, .joins(glibc)),

            // valgrind.
            TraceRule(.first, valgrindThread, .waits(valgrindHead)),
            TraceRule([.first, valgrindHead], valgrindLine, .joins(valgrind)),
            TraceRule(valgrind, valgrindDetail, .joins(valgrind)),

            // The rest of a trace whose beginning is missing.
            TraceRule(.first, frame, .resumes(frames)),
            TraceRule(.first, frameOfSource, .resumes(frames)),
            TraceRule(.first, .starts("======= Backtrace: ======"), .resumes(glibc)),
            TraceRule(.first, symbol, .resumes(frames)),
        ])

    private static let glibcAbort = LinePattern.shape("an abort of glibc", ByteSet(of: "fmcr*d")) { line in
        line.has("*** stack smashing detected ***", at: 0) || line.has("*** buffer overflow detected ***", at: 0)
            || line.has("free(): ", at: 0) || line.has("malloc(): ", at: 0) || line.has("munmap_chunk(): ", at: 0)
            || line.has("corrupted ", at: 0) || line.has("realloc(): ", at: 0) || line.has("double free or ", at: 0)
    }

    private static let rulerOfPaddle = LinePattern.shape("a ruler", ByteSet(of: "-")) { line in
        line.count >= 20 && line.isRuler(of: UInt8(ascii: "-"))
    }

    /// What the shell says of the process: `Aborted`, `Segmentation fault (core dumped)`
    static let aborted = LinePattern.shape("the end of the process", ByteSet(of: "ASIFBT")) { line in
        line.ends(with: " (core dumped)") || line.has("Aborted", at: 0) && line.count == 7
    }

    /// `src/tcmalloc.cc:283] Attempt to free invalid pointer 0x7f3c1a2b3c4d`
    private static let lineOfSource = LinePattern.shape(
        "a record of TCMalloc", .letters, needs: [.dot, .colon, .digit, .squareBracket]
    ) { line in
        guard let place = SourcePlace(in: line, from: 0), place.start == 0 else { return false }
        return line.has("] ", at: place.end)
    }

    /// `*** Query id: 0-0 ***`
    private static let lineInStars = LinePattern.shape("what is known of the process", ByteSet(of: "*"), needs: .colon)
    {
        line in
        line.has("*** ", at: 0) && line.ends(with: " ***") && !line.has("*** Error in ", at: 0)
    }

    /// `*** caught signal 6 (Aborted), backtrace follows ***`
    private static let announcementInStars = LinePattern.shape(
        "the announcement of a stack", ByteSet(of: "*")
    ) { line in
        line.has("*** ", at: 0) && line.ends(with: " ***") && FrameShape.announcesStack(line.bytes)
    }

    /// `/app/bank.cpp(11): Throw in function void pay(int)`
    private static let throwInFunction = LinePattern.shape(
        "an exception of Boost", .letters.union(ByteSet(of: "./_")), needs: [.colon, .digit, .roundBracket]
    ) { line in
        line.index(of: "): Throw in function ", from: 1) != nil
    }

    /// `[tag_file*] = /etc/bank.conf`
    private static let tagOfBoost = LinePattern.shape(
        "what is in an exception", ByteSet(of: "["), needs: .squareBracket
    ) {
        line in
        line.index(of: "*] = ", from: 1) != nil
    }

    /// `[17] BACKTRACE:  ` behind the time
    private static let backtraceOfPostgreSQL = LinePattern.shape("a backtrace", ByteSet(of: "["), needs: .colon) {
        line in
        line.has("] BACKTRACE:", at: line.endOfDigits(from: 1))
    }

    /// `[17] STATEMENT:  SELECT 17`, with what else there is of a record with a backtrace
    private static let restOfPostgreSQL = LinePattern.shape("a part of a record", ByteSet(of: "["), needs: .colon) {
        line in
        let end = line.endOfDigits(from: 1)
        return line.has("] STATEMENT:", at: end) || line.has("] CONTEXT:", at: end) || line.has("] LOCATION:", at: end)
    }

    /// What is said of every error of CUDA.
    static let detailOfTorch = LinePattern.shape("a detail from PyTorch", ByteSet(of: "CFDSE")) { line in
        switch line.firstByte {
        case UInt8(ascii: "C"):
            line.has("CUDA kernel errors might be ", at: 0) || line.has("Compile with `TORCH_USE_", at: 0)
        case UInt8(ascii: "F"): line.has("For debugging consider passing ", at: 0)
        case UInt8(ascii: "D"): line.has("Device-side assertion tracking ", at: 0)
        case UInt8(ascii: "S"): line.has("Search for `cudaError", at: 0)
        default: line.has("Exception raised from ", at: 0) && line.ends(with: "(most recent call first):")
        }
    }

    /// `frame #0: c10::Error::Error(…) + 0x57 (0x7f3c… in /usr/lib/libc10.so)`
    static let frameOfTorch = LinePattern.shape("a frame of PyTorch", ByteSet(of: "f"), needs: [.colon, .digit]) {
        line in
        guard line.has("frame #", at: 0) else { return false }
        let end = line.endOfDigits(from: 7)
        return end > 7 && line.has(": ", at: end)
    }

    /// `#0  0x7f3c in pay () from …`, `    #0 0x55d0 in main /app/main.c:5:7`, ` 0# pay in ./bank`,
    /// `10# pay at bank.cpp:3`, `    @     0x7f3c  pay`, `    @ 00000000004f5e1c pay`
    private static let frame = LinePattern.shape(
        "a frame of C++", ByteSet(of: "#@0123456789"), indented: .any
    ) { isFrame($0) || isNumberedByBoost($0) }

    /// `10# pay in ./bank`
    private static func isNumberedByBoost(_ line: borrowing LineView) -> Bool {
        let end = line.endOfDigits(from: 0)
        return end >= 2 && end <= 4 && line.has("# ", at: end)
            && (line.index(of: " in ", from: end) ?? line.index(of: " at ", from: end)) != nil
    }

    /// As `frame`. A stack that begins further on has lost its head, and the line before it is none.
    private static let firstFrame = LinePattern.shape(
        "a frame of C++", ByteSet(of: "#@0123456789"), indented: .any
    ) { line in
        guard line.firstByte != UInt8(ascii: "#") || line.startsStack else { return false }
        return isFrame(line)
    }

    private static func isFrame(_ line: borrowing LineView) -> Bool {
        switch line.firstByte {
        case UInt8(ascii: "#"):
            let end = line.endOfDigits(from: line.indent + 1)
            if line.has(": [0x", at: end) { return true }
            guard end > line.indent + 1, line.has(" ", at: end) else { return false }
            let address = line.has("  ", at: end) ? end + 2 : end + 1
            return line.has("0x", at: address)
        case UInt8(ascii: "@"): return line.indent > 0 && hasAddress(line, from: line.indent + 1)
        default:
            let end = line.endOfDigits(from: line.indent)
            guard line.has("# ", at: end), end <= 4 else { return false }
            return line.indent > 0 || line.has("0x", at: end + 2) || line.index(of: " in ", from: end) != nil
                || line.startOfLineNumber(endingAt: line.count) != nil
        }
    }

    /// `  #1 bank::pay(int) at bank.cc:12`, `  #4 bank::take() at bank.cc:44 (discriminator 2)`
    private static let frameOfSource = LinePattern.shape(
        "a frame of C++", ByteSet(of: "#"), indented: .some, needs: [.colon, .digit]
    ) { line in
        let number = line.endOfDigits(from: line.indent + 1)
        guard number > line.indent + 1, line.has(" ", at: number), let at = line.index(of: " at ", from: number) else {
            return false
        }
        let end = line.index(of: " (discriminator ", from: at) ?? line.count
        return line.startOfLineNumber(endingAt: end) != nil
    }

    /// `0x7f3c`, or at least eight hexadecimal digits.
    private static func hasAddress(_ line: borrowing LineView, from start: Int) -> Bool {
        var index = start
        while index < line.count, line.bytes[index] == 0x20 { index += 1 }
        if line.has("0x", at: index) { return true }
        let end = line.endOfHexDigits(from: index)
        return end - index >= 8 && line.has(" ", at: end)
    }

    /// `#4    Object "./bank", at 0x55d0, in pay`
    private static let frameOfBackward = LinePattern.shape(
        "a frame of backward-cpp", ByteSet(of: "#"), needs: .digit
    ) { line in
        let end = line.endOfDigits(from: 1)
        return end > 1 && (line.index(of: " Object \"", from: end) ?? line.index(of: " Source \"", from: end)) != nil
    }

    /// `          44: int pay();`, `      >  45: pay();`
    private static let sourceOfBackward = LinePattern.shape(
        "a line of source", ByteSet.digits.union(ByteSet(of: ">")), indented: .some, needs: .colon
    ) { line in
        guard line.indent >= 6 else { return false }
        var start = line.firstByte == UInt8(ascii: ">") ? line.indent + 1 : line.indent
        while line.has(" ", at: start) { start += 1 }
        let end = line.endOfDigits(from: start)
        return end > start && line.has(":", at: end)
    }

    /// `Segmentation fault (Address not mapped to object [(nil)])`, as psiginfo(3) writes it
    private static let signalOfBackward = LinePattern.shape(
        "the signal", ByteSet(of: "ABFIST"), needs: .endsInRoundBracket
    ) { line in
        let names: [StaticString] = [
            "Segmentation fault (", "Aborted (", "Bus error (", "Floating point exception (", "Illegal instruction (",
            "Trace/breakpoint trap (",
        ]
        return names.contains { line.has($0, at: 0) }
    }

    /// `                       ./bank.cpp:44` of Folly
    private static let restOfFrame = LinePattern.shape(
        "the rest of a frame", .letters.union(ByteSet(of: "./")), indented: .some, needs: [.dot, .oneWord]
    ) { line in
        line.indent >= 20 && line.startOfLineNumber(endingAt: line.count) != nil
    }

    /// `./bank(pay+0x14) [0x55d0]`, `/lib/libpay.so(+0x14) [0x55d0] pay()`, `  /lib/libpay.so : pay()+0x14  [0x55d0]`
    private static let symbol = LinePattern.shape(
        "a frame of glibc", .letters.union(ByteSet(of: "/.")), indented: .any, needs: [.squareBracket, .digit]
    ) { line in
        guard !line.isRecord, let bracket = line.index(of: "[0x", from: 1) else { return false }
        if line.indent > 1 {
            return line.ends(with: "]") && line.index(of: "+0x", from: 1).map { $0 < bracket } ?? false
        }
        let name = line.index(of: UInt8(ascii: "("), from: 1).map { $0 < bracket } ?? line.marks.contains(.oneWord)
        if line.ends(with: "]") { return name || line.bytes[bracket - 1] == 0x20 }
        return name && line.firstByte == UInt8(ascii: "/") && line.index(of: "] ", from: bracket) != nil
    }

    /// `Caught signal 11 (Segmentation fault)`
    private static let caughtSignal = LinePattern.shape("a signal", ByteSet(of: "C"), needs: .digit) { line in
        line.has("Caught signal ", at: 0) && line.endOfDigits(from: 14) > 14 && !line.ends(with: ":")
    }

    /// `[ 0] /lib/libc.so.6(+0x42520)[0x7f3c]`
    private static let frameInBrackets = LinePattern.shape("a frame of Open MPI", ByteSet(of: "[")) { line in
        let number = line.has("[ ", at: 0) ? 2 : 1
        let end = line.endOfDigits(from: number)
        return end > number && line.has("] ", at: end)
    }

    private static let detailOfSignal = LinePattern.shape("what is known of the signal", ByteSet(of: "SFA")) { line in
        line.has("Signal", at: 0) || line.has("Failing at ", at: 0) || line.has("Associated errno: ", at: 0)
    }

    /// ` 0 0x0000000000042520 __sigaction()  ???:0`
    private static let numbered = LinePattern.shape("a frame of UCX", .digits, indented: .any) { line in
        let end = line.endOfDigits(from: line.indent)
        return line.has(" 0x", at: end) || line.has("  ", at: end)
    }

    /// `00400000-00401000 r-xp 00000000 08:01 17   /app/bank`
    private static let mapping = LinePattern.shape(
        "a part of memory", ByteSet(of: "0123456789abcdef"), admitsRecords: true
    ) { line in
        guard let dash = line.index(of: UInt8(ascii: "-"), from: 0), dash >= 8,
            let blank = line.index(of: 0x20, from: dash)
        else { return false }
        return blank - dash >= 9 && line.has(" ", at: blank + 5)
    }

    /// The place behind `==17==`, or 0.
    private static func endOfProcess(_ line: borrowing LineView) -> Int {
        guard line.has("==", at: 0) else { return 0 }
        let end = line.endOfDigits(from: 2)
        return end > 2 && line.has("==", at: end) ? end + 2 : 0
    }

    /// `==17== Invalid read of size 4`
    private static let valgrindLine = LinePattern.shape("a finding of valgrind", ByteSet(of: "=")) { line in
        let end = endOfProcess(line)
        guard end > 0, line.has(" ", at: end), end + 1 < line.count, line.bytes[end + 1] != 0x20 else { return false }
        return !line.has("Thread ", at: end + 1)
    }

    /// `==17== Thread 2:`, before a finding.
    private static let valgrindThread = LinePattern.shape("a thread", ByteSet(of: "="), needs: .endsInColon) { line in
        let end = endOfProcess(line)
        return end > 0 && line.has(" Thread ", at: end)
    }

    private static let valgrindDetail = LinePattern.shape("a detail from valgrind", ByteSet(of: "=")) { line in
        let end = endOfProcess(line)
        return end > 0 && line.has("  ", at: end)
    }
}
