import Glibc
package import TailraceCore

/// Writes documents to standard output, one JSON object a line, instead of sending them.
///
/// A document counts as stored when `write` has taken all of it: what a reader of the pipe does with it nobody knows.
package actor StandardOutputTransport: BulkTransport {
    /// A pipe that is ready takes so many bytes without blocking (`PIPE_BUF`).
    private static let pieceMax = 4096
    /// In milliseconds, between two looks at whether the end has come.
    private static let patience: CInt = 250

    private let descriptor: CInt
    private let thread = ThreadExecutor(name: "output")

    /// - Parameter descriptor: stays open and stays the caller's.
    package init(descriptor: CInt = STDOUT_FILENO) { self.descriptor = descriptor }

    package func post(_ payload: Payload) async -> PostOutcome {
        await withTaskExecutorPreference(thread) { [descriptor] in Self.write(payload, to: descriptor) }
    }

    package func shutDown() {}

    private nonisolated static func write(_ payload: Payload, to descriptor: CInt) -> PostOutcome {
        let lines: [UInt8]
        do {
            lines = try payload.documentLines()
        } catch {
            preconditionFailure("a payload of our own can't be taken apart: \(error)")
        }
        var rest = lines[...]
        while !rest.isEmpty {
            var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&ready, 1, patience) != 0 else {
                if Task.isCancelled { return .failed(TransportFailure(.timedOut, "nobody reads standard output")) }
                continue
            }
            let count = rest.prefix(pieceMax).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR && errno != EAGAIN {
                let reason = String(cString: strerror(errno))
                return .failed(TransportFailure(.closed, "standard output can't be written to: \(reason)"))
            }
        }
        return .taken
    }
}
