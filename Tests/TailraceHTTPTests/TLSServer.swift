import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// Says `hello` to every request.
final class TLSServer: Sendable {
    private let channel: any Channel

    /// - Parameters:
    ///   - name: of the certificate.
    ///   - clientCA: wants a certificate of the client that this CA has signed.
    init(
        _ certificates: TestCertificates, name: String = "server", clientCA: String? = nil,
        newest: TLSVersion = .tlsv13
    ) async throws {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificates.path("\(name).pem"))
                .map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: certificates.path("\(name).key"), format: .pem)))
        configuration.minimumTLSVersion = .tlsv1
        configuration.maximumTLSVersion = newest
        if let clientCA {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .file(certificates.path("\(clientCA).pem"))
        }
        let context = try NIOSSLContext(configuration: configuration)
        let count = Counter()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Hello(count))
                }
            }
            .bind(host: "localhost", port: 0).get()
        counter = count
    }

    private let counter: Counter
    var port: Int { channel.localAddress?.port ?? 0 }
    var requestCount: Int { counter.value.withLock { $0 } }

    final class Counter: Sendable { let value = Mutex(0) }

    private final class Hello: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let counter: Counter
        init(_ counter: Counter) { self.counter = counter }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            counter.value.withLock { $0 += 1 }
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "5"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            let body = context.channel.allocator.buffer(string: "hello")
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
