import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import NIOHTTP1
import TailraceCore
import TailraceHTTP
import TailraceRuntime
import Testing

/// Certificates are made with the `openssl` program, as an operator would.
@Suite(.timeLimit(.minutes(1))) struct TLSTests {
    private let folder = NSTemporaryDirectory() + "tailrace-tls-\(UUID().uuidString)"

    private func openssl(_ arguments: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    private func serve() async throws -> any Channel {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try openssl(
            "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
        )
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(folder + "/cert.pem").map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: folder + "/key.pem", format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        let context = try NIOSSLContext(configuration: configuration)
        return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Hello())
                }
            }
            .bind(host: "localhost", port: 0).get()
    }

    private func get(port: Int, _ variables: [String: String]) async throws -> PostOutcome {
        var environment = variables
        environment["TAILRACE_ENDPOINT"] = "https://localhost:\(port)"
        var reader = SettingReader(environment, readFile: ProcessEnvironment.readFile)
        let settings = Settings(reading: &reader)
        let loops = EventLoops()
        let transport = try HTTPBulkTransport(
            TransportSettings(settings, userAgent: "test"), time: LinuxTimebase(), loops: loops)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return await transport.get("/", at: settings.endpoints[0])
    }

    @Test func `a server is trusted by its CA file, and by the name in its certificate`() async throws {
        let server = try await serve()
        let outcome = try await get(
            port: server.localAddress?.port ?? 0, ["TAILRACE_CA_FILE": folder + "/cert.pem"])
        #expect(outcome == .reply(HTTPReply(status: 200, body: Array("hello".utf8))))
    }

    @Test func `a server that nobody vouches for is not sent anything`() async throws {
        let server = try await serve()
        guard case .failed(let failure) = try await get(port: server.localAddress?.port ?? 0, [:]) else {
            return #expect(Bool(false))
        }
        #expect(failure.kind == .tls, "\(failure.description)")
    }

    @Test func `verification can be switched off`() async throws {
        let server = try await serve()
        let outcome = try await get(
            port: server.localAddress?.port ?? 0, ["TAILRACE_INSECURE_SKIP_VERIFY": "true"])
        #expect(outcome == .reply(HTTPReply(status: 200, body: Array("hello".utf8))))
    }

    @Test func `a server that hangs up instead of a handshake is not taken for one that cut a reply`() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { $0.close() }
            .bind(host: "localhost", port: 0).get()
        guard case .failed(let failure) = try await get(port: server.localAddress?.port ?? 0, [:]) else {
            return #expect(Bool(false))
        }
        #expect(failure.kind == .tls, "\(failure.description)")
    }

    @Test func `a server that never answers the handshake is given up`() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "localhost", port: 0).get()
        let variables = ["TAILRACE_CONNECT_TIMEOUT": "100ms"]
        guard case .failed(let failure) = try await get(port: server.localAddress?.port ?? 0, variables) else {
            return #expect(Bool(false))
        }
        #expect(failure.kind == .timedOut, "\(failure.description)")
    }

    @Test func `a CA file that can't be read is named`() async throws {
        let error = await #expect(throws: TransportMistake.self) {
            try await get(port: 1, ["TAILRACE_CA_FILE": "/no/such.pem"])
        }
        #expect(error?.description.contains("/no/such.pem") == true)
    }

    private final class Hello: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "5"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            let body = context.channel.allocator.buffer(string: "hello")
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
