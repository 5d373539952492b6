/// What Python prints when its interpreter itself fails: a grammar of its own, because no exception is in it.
///
///     Fatal Python error: Segmentation fault
///                                                                    (a blank line)
///     Current thread 0x00007f9b830a6b80 (most recent call first):    (also `Stack (most recent call first):`)
///       File "/app/main.py", line 12 in pay
///       ...
///                                                                    (a blank line)
///     Thread 0x00007f9b7f3ff6c0 [worker] (most recent call first):
///       <no Python frame>
///                                                                    (a blank line)
///     Extension modules: numpy.core._multiarray_umath (total: 1)
///
///     Exception ignored in: <_io.TextIOWrapper name='<stdout>' mode='w' encoding='utf-8'>
///     BrokenPipeError: [Errno 32] Broken pipe                        (where there is no traceback)
///
/// - SeeAlso: `Modules/faulthandler.c`, `Python/traceback.c` (`_Py_DumpTracebackThreads`, `_Py_DumpStack`),
///   `Python/pylifecycle.c` (`fatal_error`);
///   `Python/errors.c` (`write_unraisable_exc`).
enum PythonFault {
    private static let error = TracePlaces.own(0)
    private static let frames = TracePlaces.own(1)
    private static let end = TracePlaces.own(2)
    private static let ignored = TracePlaces.own(3)

    static let grammar = TraceGrammar(
        language: .python,
        rules: [
            TraceRule([error, frames], frame, .joins(frames)),
            TraceRule([.first, error, frames], stackStart, .joins(frames)),
            TraceRule(.first, .starts("Fatal Python error: "), .joins(error)),
            TraceRule(.first, .starts("Windows fatal exception: "), .joins(error)),
            TraceRule(.first, .starts("Timeout ("), .waits(error)),
            // PyTorch.
            TraceRule(.first, .starts("!!!!!!! Segfault encountered !!!!!!!"), .waits(error)),
            TraceRule([error, frames], .starts("Python runtime state: "), .joins(frames)),
            TraceRule([error, frames], .starts("Extension modules: "), .joins(end)),
            TraceRule([error, frames, end], abortion, .joins(.end)),
            TraceRule([error, frames], .blank, .waits(frames)),
            TraceRule(.first, .starts("Exception ignored "), .waits(ignored)),
            TraceRule(ignored, .exceptionName, .joins(.end)),
        ])

    private static let stackStart = LinePattern.shape("a thread", ByteSet(of: "CTS"), needs: .endsInColon) { line in
        guard line.ends(with: "(most recent call first):") else { return false }
        return line.has("Thread 0x", at: 0) || line.has("Current thread", at: 0)
            || line.has("Stack (most recent call first):", at: 0)
    }

    /// `  File "/app/main.py", line 12 in pay`, `  <no Python frame>`, `  ...`, `  Binary file "/usr/bin/python3", at …`
    private static let frame = LinePattern.shape(
        "a frame of faulthandler", ByteSet(of: "F<.BG"), indented: .some
    ) { line in
        switch line.firstByte {
        case UInt8(ascii: "F"): line.has("File \"", at: line.indent)
        case UInt8(ascii: "<"): line.ends(with: ">")
        case UInt8(ascii: "."): line.has("...", at: line.indent) && line.count == line.indent + 3
        case UInt8(ascii: "B"): line.has("Binary file \"", at: line.indent)
        default: line.has("Garbage-collecting", at: line.indent)
        }
    }

    /// What the shell says of the process.
    static let abortion = LinePattern.shape("the end of the process", ByteSet(of: "AS")) { line in
        line.has("Aborted", at: 0) && (line.count == 7 || line.ends(with: "(core dumped)"))
            || (line.has("Segmentation fault", at: 0) && (line.count == 18 || line.ends(with: "(core dumped)")))
    }
}
