/// Exceptions of OCaml.
///
///     Fatal error: exception Failure("account 17")
///     Raised at Stdlib.failwith in file "stdlib.ml", line 29, characters 17-33
///     Called from Bank.pay in file "bank.ml" (inlined), line 3, characters 2-10
///
///     Thread 1 killed on uncaught exception Not_found
///     Raised by primitive operation at Bank.find in file "bank.ml", line 7, characters 4-20
///
///     Uncaught exception:                                            (Base, Core)
///
///       (Failure "account 17")
///                                                                    (a blank line)
///     Raised at Base__Error.raise in file "src/error.ml", line 9, characters 14-30
///
/// Loggers put the frames of `Printexc.get_backtrace` behind their record, where `Format` may have indented the first. Before
/// 4.11 frames had no names.
///
/// - SeeAlso: `stdlib/printexc.ml` (`format_backtrace_slot`), `runtime/printexc.c` (`default_fatal_uncaught_exception`),
///   `otherlibs/systhreads/thread.ml` (`uncaught_exception_handler`).
enum OCamlTrace {
    private static let message = TracePlaces.own(0)
    private static let frames = TracePlaces.own(1)

    static let grammar = TraceGrammar(
        language: .ocaml,
        rules: [
            TraceRule([.anyHead, message, frames], frame, .joins(frames)),
            TraceRule([.anyHead, message], .starts("(Program not linked with -g, "), .joins(.end)),
            TraceRule([.anyHead, message], .starts("(Cannot print stack backtrace"), .joins(.end)),
            TraceRule(.first, uncaught, .waits(message)),
            TraceRule(message, .free, .waits(message)),
            TraceRule(message, .blank, .waits(message)),
            // The rest of a trace whose beginning is missing.
            TraceRule(.first, frame, .resumes(frames)),
        ])

    private static let uncaught = LinePattern.shape("an uncaught exception", ByteSet(of: "FTU")) { line in
        if line.has("Thread ", at: 0) {
            return line.has(" killed on uncaught exception ", at: line.endOfDigits(from: 7))
        }
        return line.has("Fatal error: exception ", at: 0) || line.has("Uncaught exception:", at: 0) && line.count < 22
    }

    private static let frame = LinePattern.shape("a frame of OCaml", ByteSet(of: "RC"), indented: .any) {
        isFrame($0)
    }

    static func isFrame(_ line: borrowing LineView) -> Bool {
        for opening in ["Raised ", "Re-raised at ", "Called from "] as [StaticString]
        where line.has(opening, at: line.indent) {
            let end = line.indent + opening.utf8CodeUnitCount
            if let file = line.index(of: "file \"", from: end), let number = line.index(of: " line", from: file) {
                return line.index(of: ", characters ", from: number) != nil
            }
            return line.has("unknown location", at: line.count - 16)
                && (line.count - 16 == end || line.has("by primitive operation at ", at: end)
                    || line.has("at ", at: end))
        }
        return false
    }
}
