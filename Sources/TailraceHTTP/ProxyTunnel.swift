import NIOCore
import NIOHTTP1
import TailraceCore
import TailraceRuntime

/// Asks a proxy for a tunnel (`CONNECT`, RFC 9110 §9.3.6). First in the pipeline, and gone once the tunnel is there.
final class ProxyTunnel: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes of the proxy's reply.
    private static let headMax = 8192

    private let target: String
    private let proxy: EndpointURL
    private let limit: TimeAmount
    private var promise: EventLoopPromise<Void>?
    private var timeout: Scheduled<Void>?
    private var head: [UInt8] = []

    /// - Parameter promise: completed exactly once, failed with a `TransportFailure`.
    init(to authority: String, through proxy: EndpointURL, within limit: TimeAmount, promise: EventLoopPromise<Void>) {
        // The port is obligatory here, also when it is the scheme's own.
        target = authority.hasSuffix("]") || !authority.contains(":") ? authority + ":443" : authority
        self.proxy = proxy
        self.limit = limit
        self.promise = promise
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { [self] in
            fail(.timedOut, "did not open a tunnel within \(limit.nanoseconds / 1_000_000) ms", channel)
        }
        var request = "CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n"
        if let value = proxy.basicAuthorization { request += "Proxy-Authorization: \(value)\r\n" }
        context.writeAndFlush(wrapOutboundOut(channel.allocator.buffer(string: request + "\r\n")), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        head += unwrapInboundIn(data).readableBytesView
        guard let end = head.firstRange(of: Array("\r\n\r\n".utf8)) else {
            if head.count > Self.headMax { fail(.malformed, "does not speak HTTP", context.channel) }
            return
        }
        let line = String(decoding: head.prefix { $0 != 0x0D }, as: UTF8.self)
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            return fail(.malformed, "does not speak HTTP", context.channel)
        }
        guard (200...299).contains(status), end.upperBound == head.count else {
            let hint = status == 407 ? " Check user and password in its URL" : " Check NO_PROXY and the proxy's rules"
            return fail(.unreachable, "refuses to connect to \(target), \(status).\(hint)", context.channel)
        }
        let promise = take()
        context.pipeline.syncOperations.removeHandler(context: context).assumeIsolated().whenComplete { _ in
            promise?.succeed()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.unreachable, "closed the connection", context.channel)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.unreachable, "\(error)", context.channel)
    }

    func handlerRemoved(context: ChannelHandlerContext) { fail(.unreachable, "was never reached", context.channel) }

    private func fail(_ kind: TransportFailure.Kind, _ what: String, _ channel: any Channel) {
        guard let promise = take() else { return }
        channel.close(promise: nil)
        promise.fail(TransportFailure(kind, "the proxy \(proxy) \(what)"))
    }

    private func take() -> EventLoopPromise<Void>? {
        timeout?.cancel()
        timeout = nil
        defer { promise = nil }
        return promise
    }
}

/// A proxy that is handed requests rather than asked for a tunnel, as is the custom for plain HTTP (RFC 9112 §3.2.2).
struct ForwardProxy: Sendable {
    private let prefix: String
    private let authorization: String?

    init(_ proxy: EndpointURL, for endpoint: EndpointURL) {
        prefix = "http://" + endpoint.authority
        authorization = proxy.basicAuthorization
    }

    func adapted(_ request: HTTPRequest) -> HTTPRequest {
        var request = request
        request.target = prefix + request.target
        if let authorization { request.headers.replaceOrAdd(name: "Proxy-Authorization", value: authorization) }
        return request
    }
}
