/// Crashes of Swift.
///
///     Swift/ContiguousArrayBuffer.swift:600: Fatal error: Index out of range
///                                                                    (a blank line)
///     *** Signal 4: Backtracing from 0x7f3c… ... done ***
///     *** Program crashed: Illegal instruction at 0x7f3c… ***        (on a terminal: 💣 Program crashed)
///     Thread 0 "bank" crashed:
///     0 0x000055d0… pay(_:) + 12 in bank at /app/main.swift:3:5
///     Registers:
///     Images (27 omitted):
///     Backtrace took 0.02s
///
/// Before 5.9: `Current stack trace:`, then numbered frames; or `Stack dump:` of the compiler; or, with the package
/// swift-backtrace, `Received signal 4. Backtrace:` and `0x55d0…, pay(_:) at /app/main.swift:3`.
///
/// Foundation's exceptions:
///
///     *** Terminating app due to uncaught exception 'NSRangeException', reason: 'no account'
///     *** First throw call stack:
///     (
///     ⇥0   CoreFoundation   0x00007fff2049c6ba __exceptionPreprocess + 242
///     )
///     libc++abi: terminating with uncaught exception of type NSException
///
/// macOS's own report of a crash, from `Process:               bank [17]` to `Binary Images:`.
///
/// - SeeAlso: `stdlib/public/libexec/swift-backtrace/main.swift`, `stdlib/public/runtime/Errors.cpp`
///   (`swift_reportFatalErrorsInDebugMode`), `stdlib/public/runtime/CrashHandlerLinux.cpp`.
enum SwiftTrace {
    private static let error = TracePlaces.own(0)
    private static let crash = TracePlaces.own(1)
    private static let stack = TracePlaces.own(2)
    private static let thrown = TracePlaces.own(3)
    private static let report = TracePlaces.own(4)

    static let grammar = TraceGrammar(
        language: .swift,
        rules: [
            TraceRule([.first, error, crash], crashStart, .joins(crash)),
            TraceRule(.first, fatalError, .waits(error)),
            TraceRule(.first, .starts("Could not cast value of type '"), .waits(error)),
            TraceRule(error, .blank, .waits(error)),
            TraceRule(error, CPPTrace.aborted, .joins(.end)),
            TraceRule(crash, .starts("Backtrace took "), .joins(.end)),
            TraceRule(crash, partOfCrash, .joins(crash)),
            TraceRule(crash, .unrecorded, .waits(crash)),
            TraceRule(crash, .blank, .waits(crash)),

            TraceRule([.anyHead, error], .starts("Current stack trace:"), .joins(stack)),
            TraceRule([.anyHead, error], .equals("Stack dump:"), .joins(stack)),
            TraceRule(stack, frame, .joins(stack)),
            TraceRule(stack, symbol, .joins(stack)),
            TraceRule(stack, frameOfCompiler, .joins(stack)),
            TraceRule([.anyHead, error, stack], namedAddress, .joins(stack)),
            TraceRule([.alarmHead, error, stack], address, .joins(stack)),
            TraceRule(error, .free, .waits(error)),

            // Foundation.
            TraceRule([.first, .anyHead], .starts("*** First throw call stack:"), .joins(thrown)),
            TraceRule(thrown, .equals("("), .joins(thrown)),
            TraceRule(thrown, .indented, .joins(thrown)),
            TraceRule(thrown, .equals(")"), .joins(thrown)),
            TraceRule(thrown, .starts("libc++abi: terminating"), .joins(.end)),

            // macOS.
            TraceRule(.first, process, .waits(report)),
            TraceRule(.first, crashedThread, .waits(report)),
            TraceRule(report, threadOfReport, .joins(report)),
            TraceRule(report, .starts("Exception Type: "), .joins(report)),
            TraceRule(report, .starts("Binary Images:"), .joins(report)),
            TraceRule(report, partOfReport, .joins(report)),
            TraceRule(report, .unrecorded, .waits(report)),
            TraceRule(report, .blank, .waits(report)),

            // The rest of a trace whose beginning is missing.
            TraceRule(.first, taggedFrame, .resumes(crash)),
            TraceRule(.first, namedAddress, .resumes(stack)),
            TraceRule(.first, image, .resumes(crash)),
            TraceRule(.first, addressedFrame, .resumes(stack)),
            TraceRule(.first, .equals("Current stack trace:"), .resumes(stack)),
            TraceRule(.first, .equals("Stack dump:"), .waits(stack)),
        ])

    private static let crashStart = LinePattern.shape("a crash of Swift", ByteSet(of: "*💣")) { line in
        line.has("*** Signal ", at: 0) || line.has("*** Program crashed", at: 0) || line.has("*** Swift runtime", at: 0)
            || line.has("💣 Program crashed", at: 0)
    }

    /// `Thread 0 crashed:`, `0 0x55d0… pay(_:) + 12 in bank`, `Registers:`, `rax 0x0000000000000017  23`, `   3│ pay(17)`
    private static let partOfCrash = LinePattern.shape(
        "a part of a crash", ByteSet.digits.union(.letters).union(ByteSet(of: "*│✖")), indented: .any
    ) { line in
        switch line.firstByte {
        case UInt8(ascii: "T"): return line.has("Thread ", at: 0)
        case UInt8(ascii: "R"): return line.has("Registers:", at: 0)
        case UInt8(ascii: "I"): return line.has("Images", at: 0)
        case UInt8(ascii: "*"), 0xE2: return true
        default:
            if line.index(of: " 0x", from: 0) != nil || line.has("0x", at: 0) { return true }
            // Without addresses: `0 pay(_:) + 12 in bank at /app/main.swift:3:5`.
            let end = line.endOfDigits(from: line.indent)
            if end > line.indent, line.has(" ", at: end), line.index(of: " in ", from: end) != nil { return true }
            return line.has("│", at: end)
        }
    }

    /// `main/main.swift:3: Fatal error: text`, `Fatal error: text`, `main/main.swift:3: Precondition failed: text`
    private static let fatalError = LinePattern.shape("a fatal error", .letters.union(ByteSet(of: "/_")), needs: .colon)
    { line in
        if line.has("fatal error: ", at: 0) { return true }
        if line.has("Fatal error: ", at: 0) { return line.index(of: "Uncaught ", from: 13) == nil }
        guard
            let word = line.index(of: ": Fatal error", from: 1) ?? line.index(of: ": Precondition failed", from: 1)
                ?? line.index(of: ": Assertion failed", from: 1)
        else { return false }
        // A name in front is somebody's prefix.
        return line.startOfLineNumber(endingAt: word) != nil && line.index(of: 0x20, from: 0) == word + 1
    }

    /// `0    libswiftCore.so    0x00007f… swift_reportFatalError + 50`, `0.	Program arguments: …`
    private static let frame = LinePattern.shape("a frame of Swift", .digits, indented: .any) { line in
        let end = line.endOfDigits(from: line.indent)
        return line.has(".\t", at: end) || (line.has(" ", at: end) && line.index(of: " 0x", from: end) != nil)
    }

    /// `#0 0x000055e0a6d0f7a3 llvm::sys::PrintStackTrace(llvm::raw_ostream&, int) (/usr/bin/swift-frontend+0x7ce27a3)`
    private static let frameOfCompiler = LinePattern.shape(
        "a frame of the compiler", ByteSet(of: "#"), indented: .any, needs: .digit
    ) { line in
        line.has(" 0x", at: line.endOfDigits(from: line.indent + 1))
    }

    private static let addressedFrame = LinePattern.shape("a frame of Swift", .digits, needs: .digit) {
        FrameShape.isOfMac($0)
    }

    /// `0x00007efa5b3fb000–0x00007efa5b414805 b02e3f0f libpay.so /usr/lib/libpay.so`
    private static let image = LinePattern.shape("an image", ByteSet(of: "0"), needs: .digit) { line in
        line.has("–0x", at: endOfAddress(line))
    }

    /// `0x000055d0a1b2, pay(_:) at /app/main.swift:3`
    private static let namedAddress = LinePattern.shape(
        "a frame of Swift", ByteSet(of: "0"), needs: [.digit, .endsInDigit, .colon]
    ) { line in
        line.has(", ", at: endOfAddress(line)) && line.index(of: " at ", from: 10) != nil
    }

    /// `Process:               bank [17]`
    private static let process = LinePattern.shape(
        "a report of macOS", ByteSet(of: "P"), needs: [.colon, .squareBracket, .digit]
    ) { line in
        line.has("Process:  ", at: 0) && line.ends(with: "]")
    }

    /// `Thread 0 Crashed:: Dispatch queue: com.apple.main-thread`, `Thread 7 crashed with X86 Thread State (64-bit):`
    private static let threadOfReport = LinePattern.shape("a thread", ByteSet(of: "T"), needs: [.colon, .digit]) {
        line in
        guard line.has("Thread ", at: 0) else { return false }
        let end = line.endOfDigits(from: 7)
        return end > 7 && line.has(":", at: end) || isCrashed(line)
    }

    /// `Thread 7 crashed with X86 Thread State (64-bit):`, where what was before it is missing
    private static let crashedThread = LinePattern.shape("a thread", ByteSet(of: "T"), needs: [.colon, .digit]) {
        isCrashed($0)
    }

    private static func isCrashed(_ line: borrowing LineView) -> Bool {
        guard line.has("Thread ", at: 0) else { return false }
        let end = line.endOfDigits(from: 7)
        return line.has(" Crashed:", at: end) || line.has(" crashed with ", at: end)
    }

    /// `0   bank   0x0000000100001f3c pay + 12`, `   rax: 0x0000000000000017  rbx: 0x0000000000000000`,
    /// `       0x100000000 -        0x100003fff bank (0) <…> /usr/local/bin/bank`
    private static let partOfReport = LinePattern.shape(
        "a part of a report", .digits.union(.letters), indented: .any, needs: .digit
    ) { line in
        FrameShape.hasRegisters(line) || line.index(of: "0x", from: line.indent) != nil && isDigit(line.firstByte)
    }

    /// `0x7f3c1a2b`, which has no name
    private static let address = LinePattern.shape("a frame of Swift", ByteSet(of: "0"), needs: [.digit, .oneWord]) {
        line in
        endOfAddress(line) == line.count
    }

    /// The place behind `0x` and at least eight digits, or 0.
    private static func endOfAddress(_ line: borrowing LineView) -> Int {
        guard line.has("0x", at: 0) else { return 0 }
        let end = line.endOfHexDigits(from: 2)
        return end >= 10 ? end : 0
    }

    /// `11 [ra] [thunk] 0x55d0a1b2 pay(_:) + 12 in bank at /app/main.swift:3:5`
    private static let taggedFrame = LinePattern.shape(
        "a frame of Swift", .digits, needs: [.squareBracket, .digit]
    ) { line in
        line.has(" [ra] ", at: line.endOfDigits(from: 0)) && line.index(of: " 0x", from: 5) != nil
    }

    /// `/usr/lib/swift/linux/libswiftCore.so(swift_reportError+0x8b) [0x7f4f]`, in the first versions for Linux
    private static let symbol = LinePattern.shape("a frame of glibc", ByteSet(of: "/."), needs: .squareBracket) {
        ServerCrash.endsInAddress($0)
    }
}
