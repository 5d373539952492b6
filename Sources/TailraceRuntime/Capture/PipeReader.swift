import CLinux
import Glibc
package import TailraceCore

/// Tells readers of pipes that nobody will write any more.
final class PipeEnd: Sendable {
    fileprivate let descriptor: CInt

    init() {
        descriptor = eventfd(0, CInt(EFD_NONBLOCK) | CInt(EFD_CLOEXEC))
        precondition(descriptor >= 0, "eventfd(2) failed with errno \(errno)")
    }

    deinit { close(descriptor) }

    func signal() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }
}

/// A pipe whose contents are captured, and perhaps handed on.
package struct PipeReader: Sendable {
    /// After the end was told: how long it has to be quiet, as processes that the app has left behind may go on writing.
    private static let quiet = Duration.milliseconds(200)
    private static let pieceMax = 64 << 10
    /// What a pipe holds at most.
    private static let pipeMax = 1 << 20

    package let descriptor: CInt
    package let stream: LogStream
    /// Where everything is written to as well, byte by byte. `nil` for nowhere.
    package let target: CInt?

    package init(_ descriptor: CInt, stream: LogStream, target: CInt?) {
        self.descriptor = descriptor
        self.stream = stream
        self.target = target
    }

    /// Returns at the end of the pipe; or, once `end` is told, when it is quiet, or `endMax` is over. Blocks.
    func run(into queue: CaptureQueue, end: PipeEnd, endMax: Duration, time: any Timebase) {
        defer { close(descriptor) }
        var isTargetOpen = target != nil
        var buffer = [UInt8](repeating: 0, count: Self.pieceMax)
        var deadline: Moment?
        // What is in the pipe already is read in any case.
        var rest = Self.pipeMax
        while true {
            if let deadline {
                let left = deadline - time.now
                guard left > .zero || rest > 0, waits(max(.zero, min(left, Self.quiet))) else { return }
            } else {
                var polled = [
                    pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: end.descriptor, events: Int16(POLLIN), revents: 0),
                ]
                if poll(&polled, 2, -1) < 0 { continue }
                if polled[1].revents != 0 { deadline = time.now + endMax }
                guard polled[0].revents != 0 else { continue }
            }
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return }
            if deadline != nil { rest -= count }
            queue.put(Array(buffer[..<count]), of: stream, at: time.wallClock)
            guard isTargetOpen, let target else { continue }
            switch Self.hand(on: buffer[..<count], to: target) {
            case 0: break
            // Without us, the app would hear of it.
            case EPIPE: return
            default: isTargetOpen = false
            }
        }
    }

    /// - Returns: true as soon as there is something to read.
    private func waits(_ duration: Duration) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, CInt(duration.nanoseconds / 1_000_000)) > 0
    }

    /// - Returns: 0 or an error number.
    private static func hand(on bytes: ArraySlice<UInt8>, to target: CInt) -> CInt {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var polled = pollfd(fd: target, events: Int16(POLLOUT), revents: 0)
                _ = poll(&polled, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}
