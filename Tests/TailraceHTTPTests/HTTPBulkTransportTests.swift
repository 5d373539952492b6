import NIOPosix
import TailraceCore
import TailraceHTTP
import TailraceRuntime
import Testing

@Suite(.timeLimit(.minutes(10))) struct HTTPBulkTransportTests {
    private let loops = EventLoops()
    private let group = MultiThreadedEventLoopGroup.singleton
    private let time = LinuxTimebase()

    private func transport(_ ports: [Int], _ environment: [String: String] = [:]) throws -> HTTPBulkTransport {
        var variables = environment
        if variables["TAILRACE_ENDPOINT"] == nil {
            variables["TAILRACE_ENDPOINT"] = ports.map { "http://127.0.0.1:\($0)" }.joined(separator: ",")
        }
        var reader = SettingReader(variables, readFile: ProcessEnvironment.readFile)
        let settings = TransportSettings(Settings(reading: &reader), userAgent: "tailrace/test")
        try #require(reader.mistakes.isEmpty)
        return try HTTPBulkTransport(settings, time: time, loops: loops)
    }

    private let payload = Payload(
        number: BatchNumber(1), body: Array("{\"create\":{}}\n{\"a\":1}\n".utf8), isCompressed: false, documentCount: 1,
        rawSize: 22)

    /// Larger than what the kernel buffers for a connection.
    private let largePayload = Payload(
        number: BatchNumber(1), body: [UInt8](repeating: 0x20, count: 32 << 20), isCompressed: true, documentCount: 1,
        rawSize: 32 << 20)

    private func status(_ outcome: PostOutcome) -> Int? {
        if case .reply(let reply) = outcome { reply.status } else { nil }
    }

    private func failure(_ outcome: PostOutcome) -> TransportFailure? {
        if case .failed(let failure) = outcome { failure } else { nil }
    }

    @Test func `a request says all that endpoints want to know, and the connection is kept`() async throws {
        let server = try await RawServer([.bytes(reply())], on: group)
        let transport = try transport(
            [server.port],
            [
                "TAILRACE_API_KEY": "id:key", "TAILRACE_HEADERS": "X-Team=ml,Content-Length=1",
                "TAILRACE_QUERY": "pipeline=a b",
            ])
        for _ in 0..<3 { #expect(status(await transport.post(payload)) == 200) }
        #expect(server.connectionCount == 1)
        let request = try #require(server.requests.first)
        #expect(request.hasPrefix("POST /_bulk?filter_path="))
        for line in [
            "pipeline=a%20b HTTP/1.1\r\n", "Host: 127.0.0.1:\(server.port)\r\n",
            "Content-Type: application/x-ndjson\r\n",
            "Content-Length: 22\r\n", "Authorization: ApiKey aWQ6a2V5\r\n", "X-Team: ml\r\n",
            "User-Agent: tailrace/test\r\n",
        ] { #expect(request.contains(line)) }
        #expect(request.hasSuffix("{\"create\":{}}\n{\"a\":1}\n"))
        #expect(!request.contains("Content-Encoding"))
    }

    @Test(arguments: EndpointKind.all)
    func `where it is sent, and what is asked for, depends on the kind of the endpoint`(_ kind: EndpointKind)
        async throws
    {
        let server = try await RawServer([.bytes(reply())], on: group)
        _ = await (try transport([server.port], ["TAILRACE_ENDPOINT_KIND": kind.name])).post(payload)
        let request = try #require(server.requests.first)
        #expect(
            request.hasPrefix(
                "POST \(kind.prefix)/_bulk\(kind.filtersReplies ? "?filter_path=errors" : " HTTP/1.1\r\n")"))
    }

    @Test(arguments: [
        (reply("200 OK", "", #"{"version":{"distribution":"opensearch"}}"#), "opensearch"),
        (reply("200 OK", "", #"{"version":{"number":"8.9.0"}}"#), "victorialogs"),
        (reply("403 Forbidden"), "elasticsearch"), (reply("200 OK", "", "<html>"), "elasticsearch"),
    ])
    func `an endpoint is asked what it is, and may refuse to tell`(_ answer: String, _ kind: String) async throws {
        let server = try await RawServer([.bytes(answer)], on: group)
        #expect(await (try transport([server.port])).identify(within: .seconds(20)).name == kind)
        #expect(server.requests.first?.hasPrefix("GET / HTTP/1.1\r\n") == true)
    }

    @Test func `an endpoint that says nothing is not waited for`() async throws {
        let server = try await RawServer([.silence], on: group)
        #expect(await (try transport([server.port])).identify(within: .milliseconds(50)).name == "elasticsearch")
    }

    @Test(arguments: [
        (["TAILRACE_USERNAME": "me", "TAILRACE_PASSWORD": "sesame"], "Basic bWU6c2VzYW1l"),
        (["TAILRACE_BEARER_TOKEN": "abc"], "Bearer abc"), (["TAILRACE_API_KEY": "aWQ6a2V5"], "ApiKey aWQ6a2V5"),
    ])
    func `each kind of credentials has its header`(_ variables: [String: String], _ header: String) async throws {
        let server = try await RawServer([.bytes(reply())], on: group)
        _ = await (try transport([server.port], variables)).post(payload)
        #expect(server.requests.first?.contains("Authorization: \(header)\r\n") == true)
    }

    @Test func `credentials in the URL are used, and shown in no failure`() async throws {
        let server = try await RawServer([.bytes(reply()), .close], on: group)
        let transport = try transport([], ["TAILRACE_ENDPOINT": "http://me:sesame@127.0.0.1:\(server.port)/prefix"])
        _ = await transport.post(payload)
        #expect(server.requests.first?.contains("Authorization: Basic bWU6c2VzYW1l\r\n") == true)
        #expect(server.requests.first?.hasPrefix("POST /prefix/_bulk?") == true)
        let failure = try #require(failure(await transport.post(payload)))
        #expect(!failure.description.contains("sesame"))
    }

    @Test func `a connection that the server had closed is replaced without a word`() async throws {
        let server = try await RawServer([.bytes(reply()), .close, .bytes(reply("201 Created"))], on: group)
        let transport = try transport([server.port])
        #expect(status(await transport.post(payload)) == 200)
        #expect(status(await transport.post(payload)) == 201)
        #expect(server.connectionCount == 2)
    }

    @Test func `a reply that is cut short is no reply`() async throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"items\":"
        let server = try await RawServer([.bytesAndClose(text)], on: group)
        #expect(failure(await (try transport([server.port])).post(payload))?.kind == .cut)
    }

    @Test func `a server that says nothing is given up`() async throws {
        let server = try await RawServer([.silence], on: group)
        let transport = try transport([server.port], ["TAILRACE_REQUEST_TIMEOUT": "1s"])
        #expect(failure(await transport.post(payload))?.kind == .timedOut)
    }

    @Test func `a port that nobody listens on is unreachable`() async throws {
        let port = try await RawServer.closedPort()
        let failure = try #require(failure(await (try transport([port])).post(payload)))
        #expect(failure.kind == .unreachable)
        #expect(failure.description.contains("127.0.0.1:\(port)"))
    }

    @Test func `what is not HTTP is malformed`() async throws {
        let server = try await RawServer([.bytes("SSH-2.0-OpenSSH\r\n\r\n")], on: group)
        #expect(failure(await (try transport([server.port])).post(payload))?.kind == .malformed)
    }

    @Test func `a reply that comes before the body is all sent counts, and ends the connection`() async throws {
        let server = try await RawServer([.early(reply("413 Payload Too Large")), .bytes(reply())], on: group)
        let transport = try transport([server.port])
        #expect(status(await transport.post(largePayload)) == 413)
        #expect(status(await transport.post(payload)) == 200)
        #expect(server.connectionCount == 2)
    }

    @Test func `a reply beyond the limit is not read to its end`() async throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n" + String(repeating: " ", count: 20_000_000)
        let server = try await RawServer([.bytes(text)], on: group)
        #expect(failure(await (try transport([server.port])).post(payload))?.kind == .replyTooLarge)
    }

    @Test func `Retry-After and Location are handed on`() async throws {
        let server = try await RawServer(
            [
                .bytes(reply("429 Too Many Requests", "Retry-After: 7\r\n")),
                .bytes(reply("302 Found", "Location: /login\r\n")),
            ],
            on: group)
        let transport = try transport([server.port])
        guard case .reply(let busy) = await transport.post(payload),
            case .reply(let moved) = await transport.post(payload)
        else { return #expect(Bool(false)) }
        #expect(busy.retryAfter == .seconds(7))
        #expect(moved.location == "/login")
    }

    @Test func `another endpoint stands in for one that is away, and for one that is unwell`() async throws {
        let port = try await RawServer.closedPort()
        let unwell = try await RawServer([.bytes(reply("503 Service Unavailable"))], on: group)
        let well = try await RawServer([.bytes(reply())], on: group)
        let transport = try transport([port, unwell.port, well.port])
        var statuses: [Int?] = []
        while statuses.filter({ $0 == 200 }).count < 10, statuses.count < 60 {
            statuses.append(status(await transport.post(payload)))
        }
        #expect(statuses.filter { $0 == 200 }.count == 10, "\(statuses)")
        #expect(well.requests.count == 10)
    }

    @Test func `cancelling ends a request at once`() async throws {
        let server = try await RawServer([.silence], on: group)
        let transport = try transport([server.port])
        let task = Task { await transport.post(payload) }
        while server.requests.isEmpty { await Task.yield() }
        task.cancel()
        #expect(failure(await task.value)?.kind == .cut)
    }

    @Test func `the endpoint of the demo stores each id once`() async throws {
        let endpoint = try await LoopbackEndpoint(on: loops) { _ in }
        let text =
            "{\"create\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{\"a\":1}\n{\"create\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{\"a\":1}\n"
        let bytes = Array(text.utf8)
        let compressed = Payload(
            sealing: bytes.span, number: BatchNumber(1), documentCount: 2, with: try GzipCompressor(level: 1))
        let transport = try transport([endpoint.port])
        let first = await transport.post(compressed)
        #expect(judge(first, documentCount: 2) == .accepted(AcceptedTally(stored: 1, alreadyThere: 1)))
        let second = await transport.post(compressed)
        #expect(judge(second, documentCount: 2) == .accepted(AcceptedTally(alreadyThere: 2)))
        #expect(endpoint.tally.stored == 1)
        #expect(endpoint.tally.repeated == 3)
        await endpoint.stop()
    }
}
