import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A server that says what a test has it say, byte by byte, whatever HTTP has to say about it.
final class RawServer: Sendable {
    enum Answer: Sendable {
        /// When the request is complete.
        case bytes(String)
        /// The same; what is said is made when it is wanted.
        case made(@Sendable (_ request: String) -> String)
        /// The same, then the connection ends.
        case bytesAndClose(String)
        /// As soon as the head is there, while the body is still on its way.
        case early(String)
        case close
        case silence
        /// When the request is complete, one after the other.
        case steps(@Sendable (_ request: String) -> [Step])
        /// As soon as the connection is there, before anything was asked; nothing when the request comes.
        case unasked(String)
    }

    enum Step: Sendable {
        case send(String)
        case bytes([UInt8])
        /// In milliseconds.
        case wait(Int)
        case close
        /// RST instead of FIN.
        case reset
    }

    private let channel: any Channel
    private let seen: Seen

    private final class Seen: Sendable {
        let requests = Mutex<[String]>([])
        let connections = Mutex(0)
    }

    /// - Parameters:
    ///   - answers: one for each request, over all connections; the last one for all that follow.
    ///   - path: of a Unix socket to listen on, instead of a port.
    init(
        _ answers: [Answer], on group: MultiThreadedEventLoopGroup = .singleton, host: String = "127.0.0.1",
        port: Int = 0, path: String? = nil
    ) async throws {
        let seen = Seen()
        self.seen = seen
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    seen.connections.withLock { $0 += 1 }
                    try channel.pipeline.syncOperations.addHandler(Handler(answers, seen))
                }
            }
        channel =
            if let path {
                try await bootstrap.bind(unixDomainSocketPath: path).get()
            } else {
                try await bootstrap.bind(host: host, port: port).get()
            }
    }

    /// A port that nobody listens on, and that the kernel gives to nobody who does not ask for it by its number.
    static func closedPort() async throws -> Int {
        while true {
            let port = Int.random(in: 10_000..<32_000)
            guard let server = try? await RawServer([.silence], port: port) else { continue }
            await server.stop()
            return port
        }
    }

    var port: Int { channel.localAddress?.port ?? 0 }
    /// Heads and bodies, as they came.
    var requests: [String] { seen.requests.withLock { $0 } }
    var connectionCount: Int { seen.connections.withLock { $0 } }

    func stop() async { try? await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let answers: [Answer]
        private let seen: Seen
        private var bytes: [UInt8] = []
        private var isDone = false

        init(_ answers: [Answer], _ seen: Seen) {
            self.answers = answers
            self.seen = seen
        }

        func channelActive(context: ChannelHandlerContext) {
            let number = seen.requests.withLock { $0.count }
            guard case .unasked(let text) = answers[min(number, answers.count - 1)] else { return }
            // Once, also when the connection is closed before the request was read.
            seen.requests.withLock { $0.append("") }
            isDone = true
            write(text, context)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !isDone else { return }
            bytes += unwrapInboundIn(data).readableBytesView
            while let end = Self.headEnd(bytes) {
                let head = String(decoding: bytes[..<end], as: UTF8.self)
                let length = Self.contentLength(head)
                let number = seen.requests.withLock { $0.count }
                let answer = answers[min(number, answers.count - 1)]
                if case .early(let text) = answer {
                    seen.requests.withLock { $0.append(head) }
                    // The rest stays unread, as with a server that has seen enough.
                    isDone = true
                    context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
                    return write(text, context)
                }
                guard bytes.count >= end + length else { return }
                seen.requests.withLock { $0.append(String(decoding: bytes[..<(end + length)], as: UTF8.self)) }
                bytes.removeFirst(end + length)
                switch answer {
                case .bytes(let text): write(text, context)
                case .made(let make):
                    write(make(seen.requests.withLock { $0[$0.count - 1] }), context)
                case .bytesAndClose(let text):
                    write(text, context)
                    context.close(promise: nil)
                case .close: context.close(promise: nil)
                case .steps(let make):
                    let request = seen.requests.withLock { $0[$0.count - 1] }
                    Self.run(make(request)[...], on: context.channel)
                case .early, .silence, .unasked: break
                }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func write(_ text: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(NIOAny(context.channel.allocator.buffer(string: text)), promise: nil)
        }

        private static func run(_ steps: ArraySlice<Step>, on channel: any Channel) {
            guard let step = steps.first, channel.isActive else { return }
            let rest = steps.dropFirst()
            switch step {
            case .send(let text):
                let bytes = channel.allocator.buffer(string: text)
                channel.writeAndFlush(bytes).whenComplete { _ in run(rest, on: channel) }
            case .bytes(let bytes):
                channel.writeAndFlush(channel.allocator.buffer(bytes: bytes)).whenComplete { _ in
                    run(rest, on: channel)
                }
            case .wait(let time):
                channel.eventLoop.scheduleTask(in: .milliseconds(Int64(time))) { run(rest, on: channel) }
            case .close: channel.close(promise: nil)
            case .reset:
                let noLinger = linger(l_onoff: 1, l_linger: 0)
                (channel as? any SocketOptionProvider)?.setSoLinger(noLinger).whenComplete { _ in
                    channel.close(promise: nil)
                }
            }
        }

        private static func headEnd(_ bytes: [UInt8]) -> Int? {
            guard bytes.count >= 4 else { return nil }
            return (4...bytes.count).first { bytes[($0 - 4)..<$0].elementsEqual([13, 10, 13, 10]) }
        }

        private static func contentLength(_ head: String) -> Int {
            let line = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            return line.flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
        }
    }
}

/// A complete reply with a body.
func reply(_ status: String = "200 OK", _ headers: String = "", _ body: String = "{}") -> String {
    "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
}
