import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import TailraceCore
import TailraceRuntime

/// Opens connections: over TCP, through a proxy or to a Unix socket, and with a TLS handshake where the URL says so.
struct Dialer: Sendable {
    /// `nil` where no endpoint needs TLS.
    let trust: TLSTrust?
    let proxies: ProxyRules
    /// For the connection, again for the proxy, and again for the handshake.
    let timeout: Duration
    let loops: EventLoops
    /// Instead of the system's, for tests.
    var resolver: (any Resolver & Sendable)?

    /// - Throws: ``TransportMistake`` for certificates and keys that can't be used.
    init(
        _ settings: TransportSettings, time: any Timebase, loops: EventLoops, logger: Logger
    ) throws(TransportMistake) {
        // Where no endpoint needs TLS, it costs no memory.
        let needsTLS = settings.endpoints.contains(where: \.isSecure)
        trust =
            needsTLS
            ? try TLSTrust(settings.trust, client: settings.clientCertificate, time: time, logger: logger) : nil
        proxies = settings.proxies
        timeout = settings.connectTimeout
        self.loops = loops
    }

    /// Resolves the name, tries all its addresses, connects, and does the TLS handshake.
    func open(_ endpoint: EndpointURL) async throws(TransportFailure) -> HTTPConnection {
        do {
            guard endpoint.isSecure, let trust else { return try await connect(to: endpoint, nil) }
            return try await trust.isPinned ? openPinned(endpoint, trust) : openVerified(endpoint, trust)
        } catch let failure as TransportFailure {
            throw failure
        } catch {
            throw TransportFailure(.unreachable, "\(endpoint.authority): \(Self.words(for: error))")
        }
    }

    private func openVerified(_ endpoint: EndpointURL, _ trust: TLSTrust) async throws -> HTTPConnection {
        do {
            return try await connect(to: endpoint, .verified(trust.context()))
        } catch let fault as TLSFault {
            guard fault.isAboutCertificate else { throw fault.failure(of: endpoint) }
            // BoringSSL's error does not say what is wrong with the certificate. A second handshake, which is never
            // finished, shows it to us.
            let chain = try await chain(of: endpoint, trust).certificates
            throw fault.failure(of: endpoint, chain: chain, now: trust.wallClock)
        }
    }

    /// A pinned CA is not at hand before the server has sent it. It is taken from the first handshake and vouches in the
    /// second one, which is an ordinary one: names and dates are verified.
    private func openPinned(_ endpoint: EndpointURL, _ trust: TLSTrust) async throws -> HTTPConnection {
        if trust.hasPinnedRoot {
            do {
                return try await connect(to: endpoint, .verified(trust.context()))
            } catch let fault as TLSFault where fault.isAboutCertificate {
                // The CA may have been replaced by another one that is pinned as well.
            } catch let fault as TLSFault {
                throw fault.failure(of: endpoint)
            }
        }
        let shown = try await chain(of: endpoint, trust)
        if let connection = shown.connection { return connection }
        guard trust.adoptRoot(from: shown.certificates) else {
            throw TransportFailure(.tls, trust.pinFault(endpoint, shown.certificates))
        }
        do {
            return try await connect(to: endpoint, .verified(trust.context()))
        } catch let fault as TLSFault {
            throw fault.failure(of: endpoint, chain: shown.certificates, now: trust.wallClock)
        }
    }

    /// - Returns: what the server shows, and the connection if its own certificate is pinned.
    private func chain(
        of endpoint: EndpointURL, _ trust: TLSTrust
    ) async throws -> (certificates: [NIOSSLCertificate], connection: HTTPConnection?) {
        let shown = ShownChain()
        do {
            let connection = try await connect(to: endpoint, .shown(trust.context(), shown, trust))
            return (shown.certificates, connection)
        } catch let fault as TLSFault {
            guard shown.certificates.isEmpty else { return (shown.certificates, nil) }
            throw fault.failure(of: endpoint)
        }
    }

    private enum Encryption {
        case verified(NIOSSLContext)
        /// Shows the server's certificates, and trusts only one of its own that is pinned.
        case shown(NIOSSLContext, ShownChain, TLSTrust)
    }

    // MARK: Connecting

    /// - Throws: a `TransportFailure`, a `TLSFault`, or NIO's errors of connecting.
    private func connect(to endpoint: EndpointURL, _ encryption: Encryption?) async throws -> HTTPConnection {
        let limit = TimeAmount.nanoseconds(timeout.nanoseconds)
        let proxy = proxies.proxy(for: endpoint)
        let isTunnel = proxy != nil && endpoint.isSecure
        let place = endpoint.authority
        let bootstrap = ClientBootstrap(group: loops.group).connectTimeout(limit).resolver(resolver)
        let prepare: @Sendable (any Channel) -> EventLoopFuture<Prepared> = { channel in
            channel.eventLoop.makeCompletedFuture {
                let tunnel = channel.eventLoop.makePromise(of: Void.self)
                guard isTunnel, let proxy else {
                    tunnel.succeed()
                    return Prepared(
                        channel: channel, tunnel: tunnel.futureResult,
                        stack: try Self.addHandlers(to: channel, endpoint, encryption, limit))
                }
                let handler = ProxyTunnel(to: place, through: proxy, within: limit, promise: tunnel)
                try channel.pipeline.syncOperations.addHandler(handler)
                return Prepared(channel: channel, tunnel: tunnel.futureResult, stack: nil)
            }
        }
        let prepared = try await Self.connect(bootstrap, to: proxy ?? endpoint, prepare)
        try await prepared.tunnel.get()
        let stack: Stack
        if let ready = prepared.stack {
            stack = ready
        } else {
            stack = try await prepared.channel.eventLoop.submit {
                try Self.addHandlers(to: prepared.channel, endpoint, encryption, limit)
            }.get()
        }
        try await stack.secured.get()
        let forward = isTunnel ? nil : proxy.map { ForwardProxy($0, for: endpoint) }
        return HTTPConnection(endpoint, prepared.channel, stack.exchange, forward: forward)
    }

    private static func connect(
        _ bootstrap: ClientBootstrap, to endpoint: EndpointURL,
        _ prepare: @escaping @Sendable (any Channel) -> EventLoopFuture<Prepared>
    ) async throws -> Prepared {
        if let path = endpoint.socketPath {
            return try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: prepare)
        }
        return
            try await bootstrap
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .connect(host: endpoint.host, port: endpoint.port, channelInitializer: prepare)
    }

    private struct Stack: Sendable {
        var exchange: NIOLoopBound<HTTPExchange>
        var secured: EventLoopFuture<Void>
    }

    private struct Prepared: Sendable {
        var channel: any Channel
        var tunnel: EventLoopFuture<Void>
        /// `nil` while a proxy has not opened its tunnel.
        var stack: Stack?
    }

    private static func addHandlers(
        to channel: any Channel, _ endpoint: EndpointURL, _ encryption: Encryption?, _ limit: TimeAmount
    ) throws -> Stack {
        let pipeline = channel.pipeline.syncOperations
        let secured = channel.eventLoop.makePromise(of: Void.self)
        do {
            if let encryption {
                try pipeline.addHandler(try client(encryption, endpoint))
                try pipeline.addHandler(TLSHandshake(place: endpoint.authority, within: limit, promise: secured))
            } else {
                secured.succeed()
            }
            try pipeline.addHTTPClientHandlers()
            let exchange = HTTPExchange(place: endpoint.authority)
            try pipeline.addHandler(exchange)
            return Stack(
                exchange: NIOLoopBound(exchange, eventLoop: channel.eventLoop), secured: secured.futureResult)
        } catch {
            secured.fail(error)
            throw error
        }
    }

    private static func client(_ encryption: Encryption, _ endpoint: EndpointURL) throws -> NIOSSLClientHandler {
        // RFC 6066 §3: no addresses in the server name extension. Certificates for addresses are verified all the same.
        let isAddress = (try? SocketAddress(ipAddress: endpoint.host, port: 0)) != nil
        let name = isAddress ? nil : endpoint.host
        switch encryption {
        case .verified(let context):
            return try NIOSSLClientHandler(context: context, serverHostname: name)
        case .shown(let context, let chain, let trust):
            return try NIOSSLClientHandler(context: context, serverHostname: name) { certificates, promise in
                chain.keep(certificates)
                promise.succeed(trust.isPinned(certificates.first) ? .certificateVerified : .failed)
            }
        }
    }

    private static func words(for error: any Error) -> String {
        if let error = error as? IOError { return String(cString: strerror(error.errnoCode)) }
        guard let error = error as? NIOConnectionError else { return "\(error)" }
        if let failed = error.connectionErrors.first {
            guard let error = failed.error as? IOError else { return "\(failed.error)" }
            return String(cString: strerror(error.errnoCode))
        }
        return "the name \(error.host) can't be resolved: \(error.dnsAError ?? error.dnsAAAAError ?? error)"
    }
}
