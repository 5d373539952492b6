import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import TailraceCore
import TailraceHTTP
import TailraceRuntime
import Testing

@Suite(.timeLimit(.minutes(10))) struct TLSTests {
    private let certificates: TestCertificates

    init() async throws { certificates = try await TestCertificates() }

    private func ask(
        _ server: TLSServer, _ variables: [String: String], host: String = "localhost"
    ) async throws -> PostOutcome {
        try await transport(server.port, variables, host: host).get("/", at: endpoint(server.port, host))
    }

    private func endpoint(_ port: Int, _ host: String = "localhost") throws -> EndpointURL {
        try EndpointURL(parsing: "https://\(host):\(port)")
    }

    private func transport(
        _ port: Int, _ variables: [String: String], host: String = "localhost", logger: Logger = .silent
    ) throws -> HTTPBulkTransport {
        var environment = variables
        environment["TAILRACE_ENDPOINT"] = "https://\(host):\(port)"
        var reader = SettingReader(environment, readFile: ProcessEnvironment.readFile)
        let settings = Settings(reading: &reader)
        try #require(reader.mistakes.isEmpty, "\(reader.mistakes)")
        return try HTTPBulkTransport(
            TransportSettings(settings, userAgent: "test"), time: LinuxTimebase(), loops: EventLoops(), logger: logger)
    }

    private let hello = PostOutcome.reply(HTTPReply(status: 200, body: Array("hello".utf8)))

    private func expectFault(
        _ outcome: PostOutcome, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard case .failed(let failure) = outcome else {
            return #expect(Bool(false), "\(outcome)", sourceLocation: sourceLocation)
        }
        #expect(failure.kind == .tls, sourceLocation: sourceLocation)
        #expect(failure.description.contains(words), "\(failure.description)", sourceLocation: sourceLocation)
    }

    private var caFile: [String: String] { ["TAILRACE_CA_FILE": certificates.path("ca.pem")] }

    // MARK: The server's certificate

    @Test func `a server is trusted by its CA file, and by the name in its certificate`() async throws {
        let server = try await TLSServer(certificates)
        #expect(try await ask(server, caFile) == hello)
    }

    @Test func `a server whose CA is unknown is sent nothing, and its fingerprint is told`() async throws {
        let server = try await TLSServer(certificates)
        let outcome = try await ask(server, [:])
        expectFault(outcome, "is signed by nobody who is trusted here")
        expectFault(
            outcome, try await certificates.fingerprint("ca").replacingOccurrences(of: ":", with: "").lowercased())
        #expect(server.requestCount == 0)
    }

    @Test func `a certificate that has expired says when`() async throws {
        try await certificates.sign("old", by: "ca", host: "localhost", days: -1)
        let server = try await TLSServer(certificates, name: "old")
        expectFault(try await ask(server, caFile), "has expired on 20")
    }

    @Test func `a certificate for another host says for which`() async throws {
        try await certificates.sign("other", by: "ca", host: "search.example")
        let server = try await TLSServer(certificates, name: "other")
        expectFault(try await ask(server, caFile), "is for search.example, and not for localhost")
    }

    @Test func `verification can be switched off`() async throws {
        let server = try await TLSServer(certificates)
        #expect(try await ask(server, ["TAILRACE_INSECURE_SKIP_VERIFY": "true"]) == hello)
    }

    // MARK: Fingerprints

    @Test(arguments: ["ca", "server"])
    func `a fingerprint vouches for the CA, or for the server itself`(_ name: String) async throws {
        let server = try await TLSServer(certificates)
        let transport = try transport(server.port, ["TAILRACE_CA_SHA256": try await certificates.fingerprint(name)])
        for _ in 0..<2 { #expect(await transport.get("/", at: try endpoint(server.port)) == hello) }
    }

    @Test func `a pinned CA does not vouch for another host`() async throws {
        try await certificates.sign("other", by: "ca", host: "search.example")
        let server = try await TLSServer(certificates, name: "other")
        let pin = ["TAILRACE_CA_SHA256": try await certificates.fingerprint("ca")]
        expectFault(try await ask(server, pin), "is for search.example, and not for localhost")
        #expect(server.requestCount == 0)
    }

    @Test func `a certificate in the name of a pinned CA that it has not signed is refused`() async throws {
        // The chain that is sent ends in the pinned certificate, but another key has signed the server's.
        try await certificates.makeCA("forger")
        try await certificates.sign("forged", by: "forger", host: "localhost")
        let own = try String(contentsOfFile: certificates.path("forged.pem"), encoding: .utf8)
        let ca = try String(contentsOfFile: certificates.path("ca.pem"), encoding: .utf8)
        try (own + ca).write(toFile: certificates.path("forged.pem"), atomically: true, encoding: .utf8)
        let server = try await TLSServer(certificates, name: "forged")
        expectFault(
            try await ask(server, ["TAILRACE_CA_SHA256": try await certificates.fingerprint("ca")]),
            "is signed by nobody who is trusted here")
        #expect(server.requestCount == 0)
    }

    @Test func `a server without the pinned certificate is told what it shows instead`() async throws {
        try await certificates.makeCA("elsewhere")
        let server = try await TLSServer(certificates)
        let outcome = try await ask(server, ["TAILRACE_CA_SHA256": try await certificates.fingerprint("elsewhere")])
        expectFault(outcome, "none of its certificates has a fingerprint of TAILRACE_CA_SHA256")
    }

    // MARK: Our certificate

    @Test func `a server that wants a client certificate gets it`() async throws {
        try await certificates.sign("client", by: "ca", host: "client")
        let server = try await TLSServer(certificates, clientCA: "ca")
        expectFault(try await ask(server, caFile), "it wants a client certificate. Set TAILRACE_CLIENT_CERT_FILE")
        let client = [
            "TAILRACE_CLIENT_CERT_FILE": certificates.path("client.pem"),
            "TAILRACE_CLIENT_KEY_FILE": certificates.path("client.key"),
        ]
        #expect(try await ask(server, caFile.merging(client) { $1 }) == hello)
    }

    @Test func `the key of our certificate may be encrypted`() async throws {
        try await certificates.sign("client", by: "ca", host: "client")
        let server = try await TLSServer(certificates, clientCA: "ca")
        let plain = certificates.path("client.key")
        let encrypted = certificates.path("encrypted.key")
        _ = try await runProgram(
            ["openssl", "pkcs8", "-topk8", "-in", plain, "-out", encrypted, "-passout", "pass:open-sesame"])
        let client = caFile.merging(
            ["TAILRACE_CLIENT_CERT_FILE": certificates.path("client.pem"), "TAILRACE_CLIENT_KEY_FILE": encrypted]) {
                $1
            }
        #expect(
            try await ask(server, client.merging(["TAILRACE_CLIENT_KEY_PASSPHRASE": "open-sesame"]) { $1 }) == hello)
        #expect {
            _ = try transport(server.port, client.merging(["TAILRACE_CLIENT_KEY_PASSPHRASE": "close-sesame"]) { $1 })
        } throws: { error in
            "\(error)".contains("is not its passphrase") && !"\(error)".contains("sesame")
        }
        #expect {
            _ = try transport(server.port, client)
        } throws: { error in
            "\(error)".contains("TAILRACE_CLIENT_KEY_PASSPHRASE")
        }
    }

    @Test func `a client certificate that the server does not know is said to be at fault`() async throws {
        try await certificates.makeCA("elsewhere")
        try await certificates.sign("client", by: "elsewhere", host: "client")
        let server = try await TLSServer(certificates, clientCA: "ca")
        let client = [
            "TAILRACE_CLIENT_CERT_FILE": certificates.path("client.pem"),
            "TAILRACE_CLIENT_KEY_FILE": certificates.path("client.key"),
        ]
        expectFault(try await ask(server, caFile.merging(client) { $1 }), "client certificate")
    }

    @Test func `a key that is not the certificate's is a mistake at the start`() async throws {
        try await certificates.sign("client", by: "ca", host: "client")
        let error = #expect(throws: TransportMistake.self) {
            try transport(
                1,
                [
                    "TAILRACE_CLIENT_CERT_FILE": certificates.path("client.pem"),
                    "TAILRACE_CLIENT_KEY_FILE": certificates.path("server.key"),
                ])
        }
        #expect(error?.description.contains("is not the key of the certificate") == true)
    }

    @Test func `a CA file that can't be read is named`() throws {
        let error = #expect(throws: TransportMistake.self) {
            try transport(1, ["TAILRACE_CA_FILE": "/no/such.pem"])
        }
        #expect(error?.description.contains("/no/such.pem") == true)
    }

    // MARK: Renewal

    @Test func `renewed files are taken up, and broken ones are not`() async throws {
        try await certificates.makeCA("next")
        try await certificates.sign("nextserver", by: "next", host: "localhost")
        let (logger, log) = Logger.kept()
        let first = try await TLSServer(certificates)
        let transport = try transport(first.port, caFile, logger: logger)
        #expect(await transport.get("/", at: try endpoint(first.port)) == hello)

        try "-----BEGIN".write(toFile: certificates.path("ca.pem"), atomically: true, encoding: .utf8)
        let second = try await TLSServer(certificates)
        #expect(await transport.get("/", at: try endpoint(second.port)) == hello)
        #expect(log.lines.count { $0.contains("The ones read before stay in force") } == 1)

        try certificates.move("next.pem", to: "ca.pem")
        let third = try await TLSServer(certificates, name: "nextserver")
        #expect(await transport.get("/", at: try endpoint(third.port)) == hello)
        #expect(log.lines.contains { $0.contains("Certificates were renewed") })
    }

    // MARK: The handshake

    @Test func `a port that speaks no TLS is told apart`() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // What it takes for a request it answers with an error, in plain HTTP.
                    let answer = FirstBytes(answer: "HTTP/1.1 400 Bad Request\r\n\r\n") { _ in }
                    try channel.pipeline.syncOperations.addHandler(answer)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = server.localAddress?.port ?? 0
        let transport = try transport(port, [:], host: "127.0.0.1")
        let outcome = await transport.get("/", at: try endpoint(port, "127.0.0.1"))
        expectFault(outcome, "it does not speak TLS on this port. Write http://")
    }

    @Test func `versions before 1.2 are refused`() async throws {
        let server = try await TLSServer(certificates, newest: .tlsv11)
        expectFault(try await ask(server, caFile), "1.2 or newer is needed")
    }

    @Test(arguments: [("localhost", true), ("127.0.0.1", false)])
    func `the server is told which name is wanted, and no address`(_ host: String, _ isTold: Bool) async throws {
        let seen = Mutex<[UInt8]>([])
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        FirstBytes { bytes in seen.withLock { $0 = bytes } })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = server.localAddress?.port ?? 0
        expectFault(await (try transport(port, [:], host: host)).get("/", at: try endpoint(port, host)), "hung up")
        let bytes = seen.withLock { $0 }
        #expect(!bytes.isEmpty)
        #expect(!bytes.ranges(of: Array(host.utf8)).isEmpty == isTold)
    }

    @Test func `a server that hangs up instead of a handshake is not taken for one that cut a reply`() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { $0.close() }
            .bind(host: "localhost", port: 0).get()
        let port = server.localAddress?.port ?? 0
        expectFault(await (try transport(port, [:])).get("/", at: try endpoint(port)), "TLS handshake")
    }

    @Test func `a server that never answers the handshake is given up`() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "localhost", port: 0).get()
        let port = server.localAddress?.port ?? 0
        let transport = try transport(port, ["TAILRACE_CONNECT_TIMEOUT": "2s"])
        guard case .failed(let failure) = await transport.get("/", at: try endpoint(port)) else {
            return #expect(Bool(false))
        }
        #expect(failure.kind == .timedOut, "\(failure.description)")
    }

    private final class FirstBytes: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let keep: @Sendable ([UInt8]) -> Void
        private let answer: String

        init(answer: String = "", _ keep: @escaping @Sendable ([UInt8]) -> Void) {
            self.answer = answer
            self.keep = keep
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            keep(Array(unwrapInboundIn(data).readableBytesView))
            context.writeAndFlush(NIOAny(context.channel.allocator.buffer(string: answer)), promise: nil)
            context.close(promise: nil)
        }
    }
}
