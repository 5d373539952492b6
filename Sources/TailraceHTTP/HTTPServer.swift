import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// What a small server of our own is asked.
struct ServerRequest: Sendable {
    var method: HTTPMethod
    /// Without its query.
    var path: String
    var headers: HTTPHeaders
    var body: [UInt8]
}

struct ServerReply: Sendable {
    var status: Int
    var contentType: String
    var body: [UInt8]
}

/// A small HTTP/1.1 server: bounded in what it reads, in how long it waits and in how many it serves.
final class HTTPServer: Sendable {
    private static let connectionsMax = 64
    private static let idleMax = TimeAmount.seconds(30)

    let port: Int
    private let channel: any Channel
    private let quiesce: ServerConnections

    /// - Parameters:
    ///   - bodyMax: bytes of a request's body; more is answered with 413.
    ///   - answer: called on the event loop; must not block for long.
    static func start(
        host: String, port: Int, bodyMax: Int, on loops: EventLoops,
        answer: @escaping @Sendable (ServerRequest) -> ServerReply
    ) async throws -> HTTPServer {
        let connections = ServerConnections()
        let bootstrap = ServerBootstrap(group: loops.group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 64)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.add(channel, max: connectionsMax) else {
                        return channel.close(promise: nil)
                    }
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(IdleStateHandler(allTimeout: idleMax))
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(ServerExchange(bodyMax: bodyMax, answer: answer))
                }
            }
        let channel = try await bootstrap.bind(host: host, port: port).get()
        return HTTPServer(channel, connections)
    }

    private init(_ channel: any Channel, _ connections: ServerConnections) {
        self.channel = channel
        quiesce = connections
        port = channel.localAddress?.port ?? 0
    }

    func stop() async {
        try? await channel.close()
        quiesce.closeAll()
    }
}

/// The connections that are open, so that there are never too many, and so that they end with the server.
private final class ServerConnections: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    func add(_ channel: any Channel, max: Int) -> Bool {
        let key = ObjectIdentifier(channel)
        let isAdded = channels.withLock { channels in
            guard channels.count < max else { return false }
            channels[key] = channel
            return true
        }
        if isAdded { channel.closeFuture.whenComplete { [self] _ in channels.withLock { $0[key] = nil } } }
        return isAdded
    }

    func closeAll() {
        for channel in channels.withLock({ Array($0.values) }) { channel.close(promise: nil) }
    }
}

/// Reads one request after the other on one connection, and answers each.
private final class ServerExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let bodyMax: Int
    private let answer: @Sendable (ServerRequest) -> ServerReply
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLarge = false

    init(bodyMax: Int, answer: @escaping @Sendable (ServerRequest) -> ServerReply) {
        self.bodyMax = bodyMax
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            (self.head, body, isTooLarge) = (head, [], false)
        case .body(let bytes):
            isTooLarge = isTooLarge || body.count + bytes.readableBytes > bodyMax
            if !isTooLarge { body += bytes.readableBytesView }
        case .end:
            guard let head else { return }
            let path = String(head.uri.prefix { $0 != "?" })
            let reply =
                isTooLarge
                ? ServerReply(status: 413, contentType: "text/plain", body: [])
                : answer(ServerRequest(method: head.method, path: path, headers: head.headers, body: body))
            body = []
            send(reply, to: head, context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func send(_ reply: ServerReply, to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let headers = HTTPHeaders([
            ("Content-Type", reply.contentType), ("Content-Length", "\(reply.body.count)"),
            ("Connection", head.isKeepAlive ? "keep-alive" : "close"),
        ])
        let status = HTTPResponseStatus(statusCode: reply.status)
        let responseHead = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(responseHead)), promise: nil)
        if head.method != .HEAD {
            let bytes = context.channel.allocator.buffer(bytes: reply.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
        }
        let done = head.isKeepAlive ? nil : context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        done?.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: done)
    }
}
