import CLinux
import Glibc

/// The app that is run as our child. Signals are passed on to it, and as process 1 we take leave of all orphans.
package struct ChildProcess: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let program: String
        /// As in errno(3).
        package let code: CInt

        /// As shells and container runtimes have it.
        package var exitCode: CInt { code == ENOENT || code == ENOTDIR ? 127 : 126 }

        package var description: String {
            let remedy =
                exitCode == 127
                ? "Give a program of this image after --, by its path or by a name that PATH leads to."
                : "It has to be a program that the user of this process may run."
            return "\(program) can't be run: \(String(cString: strerror(code))). \(remedy)"
        }
    }

    private let id: pid_t
    /// To read from; they belong to the caller.
    package let output: CInt
    package let errors: CInt

    /// From now on signals are for the child, also those that come before there is one.
    package static func forwardSignals() { clinux_forward_signals() }

    /// Starts it, with its standard input from ours.
    ///
    /// - Parameters:
    ///   - words: the program and its arguments; at least one.
    ///   - environment: its variables, as `NAME=value`.
    package init(_ words: [String], environment: [String]) throws(Failure) {
        let arguments = words.map { strdup($0) } + [nil]
        let variables = environment.map { strdup($0) } + [nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        var (id, output, errors): (pid_t, CInt, CInt) = (0, -1, -1)
        let code = clinux_spawn(arguments, variables, &output, &errors, &id)
        guard code == 0 else { throw Failure(program: words[0], code: code) }
        (self.id, self.output, self.errors) = (id, output, errors)
    }

    /// Blocks until it has ended.
    ///
    /// - Returns: its exit code, or 128 and the number of the signal that ended it.
    package func wait() -> CInt { clinux_wait(id) }
}
