import Foundation
import NIOCore
import NIOPosix
import Synchronization
import TailraceCore
import TailraceHTTP
import TailraceRuntime
import Testing

/// The ways to an endpoint that are not a plain connection.
@Suite(.timeLimit(.minutes(10))) struct DialerTests {
    private func status(_ outcome: PostOutcome) -> Int? {
        if case .reply(let reply) = outcome { reply.status } else { nil }
    }

    private func failure(_ outcome: PostOutcome) -> TransportFailure? {
        if case .failed(let failure) = outcome { failure } else { nil }
    }

    @Test func `a Unix socket, with and without a path behind it`() async throws {
        let path = NSTemporaryDirectory() + "tailrace-\(UUID().uuidString.prefix(8)).sock"
        let server = try await RawServer([.bytes(reply())], path: path)
        for url in ["unix://\(path)", "unix://\(path):/es", "http+unix://\(path.replacing("/", with: "%2F"))/es"] {
            let transport = try HTTPBulkTransport.reading([:], endpoint: url)
            #expect(status(await transport.get("/", at: try EndpointURL(parsing: url))) == 200)
        }
        #expect(
            server.requests.map { $0.prefix { $0 != "\r\n" } } == [
                "GET / HTTP/1.1", "GET /es/ HTTP/1.1", "GET /es/ HTTP/1.1",
            ])
        #expect(server.requests.first?.header("host") == "localhost")
        let gone = "unix:///no/such.sock"
        let failure = failure(
            await (try HTTPBulkTransport.reading([:], endpoint: gone)).get("/", at: try EndpointURL(parsing: gone)))
        #expect(failure?.kind == .unreachable)
        #expect(failure?.description.contains("No such file") == true, "\(failure?.description ?? "")")
    }

    @Test func `an address of IPv6`() async throws {
        // Not every machine has IPv6.
        guard let server = try? await RawServer([.bytes(reply())], host: "::1") else { return }
        let url = "http://[::1]:\(server.port)/es"
        let transport = try HTTPBulkTransport.reading([:], endpoint: url)
        #expect(status(await transport.get("/", at: try EndpointURL(parsing: url))) == 200)
    }

    @Test func `a proxy is handed plain requests whole`() async throws {
        let proxy = try await RawServer([.bytes(reply())])
        let url = "http://search.invalid:9200/es"
        let transport = try HTTPBulkTransport.reading(
            ["HTTP_PROXY": "http://me:sesame@127.0.0.1:\(proxy.port)"], endpoint: url)
        #expect(status(await transport.get("/", at: try EndpointURL(parsing: url))) == 200)
        let request = try #require(proxy.requests.first)
        #expect(request.hasPrefix("GET http://search.invalid:9200/es/ HTTP/1.1\r\n"))
        #expect(request.header("host") == "search.invalid:9200")
        #expect(request.header("proxy-authorization") == "Basic bWU6c2VzYW1l")
    }

    @Test func `a proxy opens a tunnel for TLS`() async throws {
        let certificates = try await TestCertificates()
        try await certificates.sign("named", by: "ca", host: "search.invalid")
        let server = try await TLSServer(certificates, name: "named")
        let proxy = try await TunnelProxy(to: server.port)
        let url = "https://search.invalid"
        let transport = try HTTPBulkTransport.reading(
            [
                "TAILRACE_PROXY": "http://me:sesame@127.0.0.1:\(proxy.port)",
                "TAILRACE_CA_FILE": certificates.path("ca.pem"),
            ], endpoint: url)
        let outcome = await transport.get("/", at: try EndpointURL(parsing: url))
        #expect(status(outcome) == 200, "\(outcome)")
        #expect(proxy.requests.first?.hasPrefix("CONNECT search.invalid:443 HTTP/1.1\r\n") == true)
        #expect(proxy.requests.first?.header("proxy-authorization") == "Basic bWU6c2VzYW1l")
    }

    @Test(arguments: [
        (
            "407 Proxy Authentication Required",
            "refuses to connect to search.invalid:9200, 407. Check user and password"
        ),
        ("403 Forbidden", "refuses to connect to search.invalid:9200, 403"),
    ])
    func `a proxy that refuses is named, without its password`(_ status: String, _ words: String) async throws {
        let proxy = try await RawServer([.bytes(reply(status))])
        let url = "https://search.invalid:9200"
        let transport = try HTTPBulkTransport.reading(
            ["HTTPS_PROXY": "me:sesame@127.0.0.1:\(proxy.port)"], endpoint: url)
        let failure = try #require(failure(await transport.get("/", at: try EndpointURL(parsing: url))))
        #expect(failure.kind == .unreachable)
        #expect(failure.description.contains(words), "\(failure.description)")
        #expect(!failure.description.contains("sesame"))
    }

    @Test func `a proxy that says nothing is given up`() async throws {
        let proxy = try await RawServer([.silence])
        let url = "https://search.invalid:9200"
        let transport = try HTTPBulkTransport.reading(
            ["TAILRACE_PROXY": "127.0.0.1:\(proxy.port)", "TAILRACE_CONNECT_TIMEOUT": "2s"], endpoint: url)
        #expect(failure(await transport.get("/", at: try EndpointURL(parsing: url)))?.kind == .timedOut)
    }

    /// Answers `CONNECT`, and then carries bytes to one port, whatever host was asked for.
    private final class TunnelProxy: Sendable {
        private let channel: any Channel
        private let seen: Seen
        private final class Seen: Sendable { let requests = Mutex<[String]>([]) }

        init(to target: Int) async throws {
            let seen = Seen()
            self.seen = seen
            channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Front(target, seen))
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
        }

        var port: Int { channel.localAddress?.port ?? 0 }
        var requests: [String] { seen.requests.withLock { $0 } }

        private final class Front: ChannelInboundHandler {
            typealias InboundIn = ByteBuffer
            private let target: Int
            private let seen: Seen
            private var back: (any Channel)?

            init(_ target: Int, _ seen: Seen) {
                self.target = target
                self.seen = seen
            }

            func channelRead(context: ChannelHandlerContext, data: NIOAny) {
                let bytes = unwrapInboundIn(data)
                if let back { return back.writeAndFlush(bytes, promise: nil) }
                seen.requests.withLock { $0.append(String(buffer: bytes)) }
                let front = context.channel
                let me = NIOLoopBound(self, eventLoop: context.eventLoop)
                ClientBootstrap(group: context.eventLoop)
                    .channelInitializer { $0.pipeline.addHandler(Back(front)) }
                    .connect(host: "localhost", port: target)
                    .whenSuccess { channel in
                        me.value.back = channel
                        front.writeAndFlush(
                            front.allocator.buffer(string: "HTTP/1.1 200 Connection established\r\n\r\n"), promise: nil)
                    }
            }

            func channelInactive(context: ChannelHandlerContext) { back?.close(promise: nil) }
        }

        private final class Back: ChannelInboundHandler, Sendable {
            typealias InboundIn = ByteBuffer
            private let front: any Channel
            init(_ front: any Channel) { self.front = front }

            func channelRead(context: ChannelHandlerContext, data: NIOAny) {
                front.writeAndFlush(unwrapInboundIn(data), promise: nil)
            }

            func channelInactive(context: ChannelHandlerContext) { front.close(promise: nil) }
        }
    }
}
