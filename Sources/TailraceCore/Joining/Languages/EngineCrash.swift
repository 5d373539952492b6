/// What V8 and the programs around it, Node.js and Chromium, say of their own crash.
///
///     #
///     # Fatal error in ../src/api.cc, line 17
///     # Check failed: number < 17.
///     #
///     ==== C stack trace ===============================
///      1: 0x7f4843814746
///
///     <--- Last few GCs --->                                         (out of memory)
///     [17:0x5581a0]   123456 ms: Mark-sweep 2045.3 (2090.1) -> 2044.9 (2090.4) MB, …
///     <--- JS stacktrace --->
///     FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory
///      1: 0xb7a940 node::Abort() [node]
///
///       #  node[17]: void node::pay() at ../src/pay.cc:44            (Node.js 20; before: one line and the frames)
///       #  Assertion failed: account != nullptr
///     ----- Native stack trace -----
///      1: 0xca5430 node::Abort() [node]
///     ----- JavaScript stack trace -----
///     1: pay (/app/bank.js:3:5)
///
///     Received signal 11 SEGV_MAPERR 000000000018                    (Chromium)
///     #0 0x7fdf1ae337a8 base::debug::CollectStackTrace()
///       r8: 0000000000000000  r9: 0000000000001fe9 r10: …
///     [end of stack trace]
///
/// - SeeAlso: V8's `base/logging.cc` (`V8_Fatal`), `base/debug/stack_trace_posix.cc`; Node.js's `node_errors.cc`,
///   `debug_utils.cc` (`DumpNativeBacktrace`), `api/environment.cc`; Chromium's `base/debug/stack_trace_posix.cc`.
enum EngineCrash {
    private static let hash = TracePlaces.own(0)
    private static let check = TracePlaces.own(1)
    private static let stack = TracePlaces.own(2)
    private static let collections = TracePlaces.own(3)
    private static let native = TracePlaces.own(4)
    private static let script = TracePlaces.own(5)
    private static let signal = TracePlaces.own(6)

    static let grammar = TraceGrammar(
        language: .cpp,
        rules: [
            TraceRule(.first, .equals("#"), .waits(hash)),
            TraceRule([.first, hash], .starts("# Fatal error in "), .joins(check)),
            TraceRule(check, .starts("# "), .joins(check)),
            TraceRule(check, .equals("#"), .joins(stack)),
            // What begins another error, if it is not in the middle of this one.
            TraceRule(stack, .equals("#"), .waits(stack)),
            TraceRule(stack, .starts("#FailureMessage Object: "), .joins(stack)),
            TraceRule([.first, stack, signal], .starts("==== C stack trace ==="), .joins(stack)),
            TraceRule(stack, numbered, .joins(stack)),
            TraceRule(stack, symbol, .joins(stack)),
            TraceRule([stack, signal], .starts("[end of stack trace]"), .joins(.end)),
            TraceRule(stack, .blank, .waits(stack)),

            TraceRule(.first, received, .waits(signal)),
            TraceRule(signal, frame, .joins(signal)),
            TraceRule(signal, .free, .waits(signal)),

            TraceRule(.first, .starts("<--- Last few GCs --->"), .joins(collections)),
            TraceRule(collections, collection, .joins(collections)),
            TraceRule(collections, .starts("<--- JS stacktrace --->"), .joins(collections)),
            TraceRule(collections, .starts("FATAL ERROR: "), .joins(native)),
            TraceRule(collections, .free, .waits(collections)),
            TraceRule(collections, .blank, .waits(collections)),

            TraceRule(.first, .starts("#  ", indented: .some), .waits(native)),
            TraceRule([.first, .anyHead, native], .starts("----- Native stack trace -----"), .joins(native)),
            TraceRule(.anyHead, .starts("1: 0x", indented: .some), .joins(native)),
            TraceRule(native, nativeFrame, .joins(native)),
            TraceRule(native, .starts("#  ", indented: .some), .waits(native)),
            TraceRule(native, .starts("----- JavaScript stack trace -----"), .joins(script)),
            TraceRule(script, numbered, .joins(script)),
            TraceRule([native, script], CPPTrace.aborted, .joins(.end)),
            TraceRule([native, script], .blank, .waits([native, script])),

            // The rest of a report whose beginning is missing.
            TraceRule(.first, nativeFrame, .resumes([native, stack])),
            TraceRule(.first, address, .resumes(stack)),
        ])

    /// `Received signal 11 SEGV_MAPERR 000000000018`
    private static let received = LinePattern.shape("a signal", ByteSet(of: "R"), needs: .digit) { line in
        guard line.has("Received signal ", at: 0) else { return false }
        let end = line.endOfDigits(from: 16)
        return end > 16 && line.has(" ", at: end) && end + 1 < line.count && isUpper(line.bytes[end + 1])
    }

    /// `#0 0x7fdf1ae337a8 base::debug::CollectStackTrace()`
    private static let frame = LinePattern.shape("a frame", ByteSet(of: "#"), needs: .digit) { line in
        line.has(" 0x", at: line.endOfDigits(from: 1))
    }

    /// `[17:0x5581a0]   123456 ms: Mark-sweep …`
    private static let collection = LinePattern.shape(
        "a collection of garbage", ByteSet(of: "["), needs: .colon, admitsRecords: true
    ) { line in
        line.index(of: " ms: ", from: 1) != nil
    }

    /// ` 1: 0xb7a940 node::Abort() [node]`, ` 3: 0x7f3c1a2b3c4d  [/lib/libc.so.6]`
    private static let nativeFrame = LinePattern.shape(
        "a frame of Node.js", .digits, indented: .any, needs: [.colon, .digit]
    ) { line in
        let end = line.endOfDigits(from: line.indent)
        guard line.has(": 0x", at: end), end - line.indent <= 3 else { return false }
        return line.endOfHexDigits(from: end + 4) - end >= 9
    }

    /// `[0x7f597f904204]`
    private static let address = LinePattern.shape(
        "a frame", ByteSet(of: "["), indented: .any, needs: [.squareBracket, .oneWord]
    ) { line in
        line.has("[0x", at: line.indent) && line.endOfHexDigits(from: line.indent + 3) == line.count - 1
    }

    /// ` 1: 0x7f4843814746`, `16: __libc_start_main`, `1: pay (/app/bank.js:3:5)`
    private static let numbered = LinePattern.shape("a frame", .digits, indented: .any, needs: .colon) { line in
        line.has(": ", at: line.endOfDigits(from: line.indent))
    }

    /// `    ./libv8.so(V8_Fatal+0x272) [0x7f59a9f47549]`, `    [0x7f597f904204]`
    private static let symbol = LinePattern.shape(
        "a frame of glibc", .letters.union(ByteSet(of: "/.[")), indented: .any, needs: .squareBracket
    ) { ServerCrash.endsInAddress($0) }
}
