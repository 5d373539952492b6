import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import TailraceCore
import TailraceRuntime

/// A connection to an endpoint, kept for the next request.
final class HTTPConnection: Sendable {
    let endpoint: EndpointURL
    private let channel: any Channel
    private let exchange: NIOLoopBound<HTTPExchange>

    private init(_ endpoint: EndpointURL, _ channel: any Channel, _ exchange: NIOLoopBound<HTTPExchange>) {
        self.endpoint = endpoint
        self.channel = channel
        self.exchange = exchange
    }

    var isOpen: Bool { channel.isActive }

    func close() { channel.close(promise: nil) }

    /// Resolves the name, tries all its addresses, connects, and does the TLS handshake.
    ///
    /// - Parameter limit: for the connection, and again for the handshake.
    static func open(
        to endpoint: EndpointURL, tls: NIOSSLContext?, within limit: Duration, replyMax: Int, on loops: EventLoops
    ) async throws(TransportFailure) -> HTTPConnection {
        let place = endpoint.authority
        let bootstrap = ClientBootstrap(group: loops.group)
            .connectTimeout(.nanoseconds(limit.nanoseconds))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
        do {
            let (channel, exchange, secured) = try await bootstrap.connect(
                host: endpoint.host, port: endpoint.port
            ) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    let encryption = try tls.map { try Self.client($0, endpoint) }
                    let secured = channel.eventLoop.makePromise(of: Void.self)
                    if let encryption {
                        try pipeline.addHandler(encryption)
                        let limit = TimeAmount.nanoseconds(limit.nanoseconds)
                        try pipeline.addHandler(TLSHandshake(place: place, within: limit, promise: secured))
                    } else {
                        secured.succeed()
                    }
                    try pipeline.addHTTPClientHandlers()
                    let exchange = HTTPExchange(place: place, replyMax: replyMax)
                    try pipeline.addHandler(exchange)
                    return (channel, NIOLoopBound(exchange, eventLoop: channel.eventLoop), secured.futureResult)
                }
            }
            try await secured.get()
            return HTTPConnection(endpoint, channel, exchange)
        } catch let failure as TransportFailure {
            throw failure
        } catch {
            throw TransportFailure(.unreachable, "\(place): \(describe(error))")
        }
    }

    /// Cancelling the task closes the connection.
    func send(_ request: HTTPRequest, within limit: Duration) async throws(ExchangeFailure) -> HTTPAnswer {
        let promise = channel.eventLoop.makePromise(of: HTTPAnswer.self)
        let limit = TimeAmount.nanoseconds(limit.nanoseconds)
        channel.eventLoop.execute { [self] in
            exchange.value.begin(request, on: channel, within: limit, promise: promise)
        }
        do {
            return try await withTaskCancellationHandler {
                try await promise.futureResult.get()
            } onCancel: {
                close()
            }
        } catch let failure as ExchangeFailure {
            throw failure
        } catch {
            throw ExchangeFailure(failure: TransportFailure(.cut, "\(error)"), isBeforeReply: false)
        }
    }

    private static func client(_ tls: NIOSSLContext, _ endpoint: EndpointURL) throws -> NIOSSLClientHandler {
        // RFC 6066 §3: no addresses in the server name extension. Certificates for addresses are verified all the same.
        let isAddress = (try? SocketAddress(ipAddress: endpoint.host, port: 0)) != nil
        return try NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : endpoint.host)
    }

    private static func describe(_ error: any Error) -> String {
        guard let error = error as? NIOConnectionError else { return "\(error)" }
        if let failed = error.connectionErrors.first {
            guard let error = failed.error as? IOError else { return "\(failed.error)" }
            return String(cString: strerror(error.errnoCode))
        }
        return "the name \(error.host) can't be resolved: \(error.dnsAError ?? error.dnsAAAAError ?? error)"
    }
}
