import TailraceCore
import TailraceHTTP
import TailraceRuntime
import Testing

/// Everything that an endpoint, or what stands before it, has been seen to do, as a table. Each row ends with every
/// document stored once, unless the row says that it is the document's fault, and with words that a person understands.
@Suite(.timeLimit(.minutes(10))) struct MisbehaviourTests {
    private static let payload: Payload = {
        let text = (0..<3).map { "{\"create\":{\"_id\":\"\($0)\"}}\n{\"n\":\($0)}\n" }.joined()
        let bytes = Array(text.utf8)
        return Payload(sealing: bytes.span, number: BatchNumber(1), documentCount: 3, with: nil)
    }()

    @Test(arguments: cases)
    func `nothing is lost, nothing comes twice, and a person knows why`(_ row: Case) async throws {
        let store = Store()
        let good = RawServer.Answer.made { reply("200 OK", "", store.take($0)) }
        let server = try await RawServer(row.answers(store) + [good])
        var reader = SettingReader(
            [
                "TAILRACE_ENDPOINT": "http://127.0.0.1:\(server.port)",
                "TAILRACE_REQUEST_TIMEOUT": row.words?.contains("did not answer") == true ? "3s" : "10m",
                "TAILRACE_BACKOFF_MAX": "100ms",
            ], readFile: ProcessEnvironment.readFile)
        let time = LinuxTimebase()
        let loops = EventLoops()
        let transport = try HTTPBulkTransport(
            TransportSettings(Settings(reading: &reader), userAgent: "tailrace/test"), time: time, loops: loops)
        var delivery = Delivery(of: Self.payload, backoff: Backoff(most: .milliseconds(100)))
        var complaints: [String] = []
        var refused: Set<String> = []
        var settled = 0
        for round in 0..<300 {
            guard let part = delivery.next else { break }
            let step = delivery.take(await transport.post(part), random: time.random(), storedElsewhere: round)
            if let complaint = step.complaint { complaints.append(complaint.sentence) }
            for document in try part.documents(at: step.refused.map(\.index)) {
                refused.insert(String(document.action.split(separator: "\"")[5]))
            }
            settled += step.accepted.total + step.refused.count
            // As long as it has to be, but nobody has to wait for half a minute here.
            try await time.sleep(until: time.now + min(step.wait, .milliseconds(100)))
        }
        await transport.shutDown()
        await server.stop()
        #expect(delivery.next == nil, "not settled: \(complaints)")
        #expect(settled == 3)
        #expect(refused == row.refused)
        #expect(store.ids == ["0", "1", "2"].filter { !row.refused.contains($0) })
        if let words = row.words {
            #expect(complaints.contains { $0.contains(words) }, "\(complaints)")
        } else {
            #expect(complaints == [])
        }
        #expect(!complaints.contains { $0.contains("sesame") })
        await loops.shutDown()
    }

    @Test func `a connection that was closed while idle, just as the next request is written`() async throws {
        let store = Store()
        let good = RawServer.Answer.made { reply("200 OK", "", store.take($0)) }
        let server = try await RawServer([good, .close, good])
        var reader = SettingReader(
            ["TAILRACE_ENDPOINT": "http://127.0.0.1:\(server.port)"], readFile: ProcessEnvironment.readFile)
        let loops = EventLoops()
        let transport = try HTTPBulkTransport(
            TransportSettings(Settings(reading: &reader), userAgent: "tailrace/test"), time: LinuxTimebase(),
            loops: loops)
        let first = judge(await transport.post(Self.payload), documentCount: 3)
        #expect(first == .accepted(AcceptedTally(stored: 3)))
        let second = judge(await transport.post(Self.payload), documentCount: 3)
        #expect(second == .accepted(AcceptedTally(alreadyThere: 3)), "on a new connection, without a word")
        #expect(server.connectionCount == 2)
        await transport.shutDown()
    }

    @Test func `connections are renewed when they are old`() async throws {
        let store = Store()
        let server = try await RawServer([.made { reply("200 OK", "", store.take($0)) }])
        let time = MovedTime()
        let transport = try HTTPBulkTransport.reading(
            ["TAILRACE_CONNECTION_MAX_AGE": "100m"], endpoint: "http://127.0.0.1:\(server.port)", time: time)
        // Unused, a connection is given up after 50 s; less than a tenth of its age is taken off by chance.
        for _ in 0..<180 {
            _ = await transport.post(Self.payload)
            time.move(by: 30)
        }
        #expect(server.connectionCount == 1, "89 minutes and a half")
        for _ in 0..<40 {
            _ = await transport.post(Self.payload)
            time.move(by: 30)
        }
        #expect(server.connectionCount == 2)
        await transport.shutDown()
    }
}
