import TailraceCore
import TailraceHTTP
import TailraceRuntime
import Testing

@Suite(.timeLimit(.minutes(10))) struct AdminServerTests {
    @Test func `pages are served, and nothing else`() async throws {
        let loops = EventLoops()
        let server = try await AdminServer(host: "127.0.0.1", port: 0, on: loops) { path in
            path == "/livez" ? AdminReply(body: "ok\n") : nil
        }
        var reader = SettingReader(
            ["TAILRACE_ENDPOINT": "http://127.0.0.1:\(server.port)"], readFile: ProcessEnvironment.readFile)
        let settings = Settings(reading: &reader)
        let client = try HTTPBulkTransport(
            TransportSettings(settings, userAgent: "test"), time: LinuxTimebase(), loops: loops)
        let endpoint = settings.endpoints[0]
        #expect(await client.get("/livez", at: endpoint) == .reply(HTTPReply(status: 200, body: Array("ok\n".utf8))))
        guard case .reply(let missing) = await client.get("/etc/passwd", at: endpoint) else {
            return #expect(Bool(false))
        }
        #expect(missing.status == 404)
        let payload = Payload(
            number: BatchNumber(1), body: Array("{}\n".utf8), isCompressed: false, documentCount: 1, rawSize: 3)
        guard case .reply(let refused) = await client.post(payload) else { return #expect(Bool(false)) }
        #expect(refused.status == 413 || refused.status == 405)
        await server.stop()
    }
}
