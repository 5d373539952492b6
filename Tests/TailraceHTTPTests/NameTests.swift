import NIOCore
import NIOPosix
import Synchronization
import TailraceCore
import TailraceRuntime
import Testing

@testable import TailraceHTTP

/// Names that lead to several addresses, and to others as time goes by. The addresses are real, and so is what listens there;
/// the answers of the name server are the tests'.
@Suite(.timeLimit(.minutes(10))) struct NameTests {
    /// Answers as a test says, and counts how often it was asked.
    private final class Names: Resolver, Sendable {
        private let addresses = Mutex<[String]>([])
        private let asked = Mutex(0)
        private let loop: any EventLoop

        init(_ loops: EventLoops, _ addresses: String...) {
            loop = loops.group.any()
            self.addresses.withLock { $0 = addresses }
        }

        func answer(_ addresses: String...) { self.addresses.withLock { $0 = addresses } }
        var askedCount: Int { asked.withLock { $0 } }

        func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
            asked.withLock { $0 += 1 }
            let addresses = addresses.withLock { $0 }
            return loop.makeCompletedFuture {
                try addresses.map { try SocketAddress(ipAddress: $0, port: port) }
            }
        }

        func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
            loop.makeSucceededFuture([])
        }

        func cancelQueries() {}
    }

    /// One that does not know the name.
    private struct NoNames: Resolver, Sendable {
        struct Unknown: Error {}
        let loop: any EventLoop
        func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
            loop.makeFailedFuture(Unknown())
        }
        func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
            loop.makeFailedFuture(Unknown())
        }
        func cancelQueries() {}
    }

    private let loops = EventLoops()
    private let time = MovedTime()
    private let payload = Payload(
        number: BatchNumber(1), body: Array("{\"create\":{}}\n{\"a\":1}\n".utf8), isCompressed: false, documentCount: 1,
        rawSize: 22)

    private func transport(_ port: Int, _ resolver: any Resolver & Sendable) async throws -> HTTPBulkTransport {
        var reader = SettingReader(
            ["TAILRACE_ENDPOINT": "http://search.test:\(port)", "TAILRACE_CONNECTION_MAX_AGE": "100s"],
            readFile: ProcessEnvironment.readFile)
        let transport = try HTTPBulkTransport(
            TransportSettings(Settings(reading: &reader), userAgent: "tailrace/test"), time: time, loops: loops)
        await transport.resolve(with: resolver)
        return transport
    }

    private func status(_ outcome: PostOutcome) -> Int? {
        if case .reply(let reply) = outcome { reply.status } else { nil }
    }

    @Test func `a name is looked up again for each connection, so that pods can come and go`() async throws {
        let old = try await RawServer([.bytes(reply())], host: "127.0.0.2")
        let new = try await RawServer([.bytes(reply())], host: "127.0.0.3", port: old.port)
        let names = Names(loops, "127.0.0.2")
        let transport = try await transport(old.port, names)
        for _ in 0..<2 { #expect(status(await transport.post(payload)) == 200) }
        names.answer("127.0.0.3")
        #expect(status(await transport.post(payload)) == 200)
        #expect((old.requests.count, new.requests.count) == (3, 0), "the connection is young, and works")
        #expect(names.askedCount == 1)
        for _ in 0..<3 {
            time.move(by: 40)
            #expect(status(await transport.post(payload)) == 200)
        }
        #expect(new.requests.count > 0, "a connection that is renewed goes where the name leads now")
        #expect(names.askedCount == 2)
        await transport.shutDown()
    }

    @Test func `a pod that ends takes nothing with it: the next request goes where the name leads then`() async throws {
        let old = try await RawServer([.bytes(reply()), .close], host: "127.0.0.2")
        let new = try await RawServer([.bytes(reply())], host: "127.0.0.3", port: old.port)
        let names = Names(loops, "127.0.0.2")
        let transport = try await transport(old.port, names)
        #expect(status(await transport.post(payload)) == 200)
        names.answer("127.0.0.3")
        // It hangs up instead of answering the second one.
        #expect(status(await transport.post(payload)) == 200)
        #expect(new.requests.count == 1)
        await transport.shutDown()
    }

    @Test func `of several addresses, one that nobody listens on is passed over`() async throws {
        let server = try await RawServer([.bytes(reply())], host: "127.0.0.3")
        let transport = try await transport(server.port, Names(loops, "127.0.0.2", "127.0.0.4", "127.0.0.3"))
        #expect(status(await transport.post(payload)) == 200)
        await transport.shutDown()
    }

    @Test func `a name that nobody knows is said to be unknown`() async throws {
        let transport = try await transport(9200, NoNames(loop: loops.group.any()))
        guard case .failed(let failure) = await transport.post(payload) else { return #expect(Bool(false)) }
        #expect(failure.kind == .unreachable)
        #expect(failure.description.contains("the name search.test can't be resolved"), "\(failure.description)")
    }
}
