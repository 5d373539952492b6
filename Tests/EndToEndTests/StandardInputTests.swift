import Foundation
import Testing

/// `TAILRACE_PATHS=-`.
@Suite(.serialized, .timeLimit(.minutes(10))) struct StandardInputTests {
    private func ship(
        _ workspace: Workspace, _ endpoint: Int, from pipe: Pipe, _ settings: [String: String] = [:]
    ) throws -> Wrapper {
        let wrapper = try Wrapper(
            workspace, endpoint: endpoint, [],
            ["TAILRACE_PATHS": "-", "TAILRACE_LOG_LEVEL": "info"].merging(settings) { $1 },
            input: pipe.fileHandleForReading)
        try pipe.fileHandleForReading.close()
        return wrapper
    }

    @Test func `everything that is piped in is delivered, and then it ends`() async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem()
        let pipe = Pipe()
        let wrapper = try ship(workspace, osmem.port, from: pipe)
        let lines = (0..<2_000).map { "line \($0)" }
        try pipe.fileHandleForWriting.write(contentsOf: Data((lines.joined(separator: "\n") + "\nrest").utf8))
        try pipe.fileHandleForWriting.close()
        #expect(wrapper.wait() == 0, "\(wrapper.log)")
        let messages = try await osmem.messages()
        #expect(messages.count == 2_001 && Set(messages) == Set(lines + ["rest"]))
        #expect(wrapper.captured == 0)
    }

    @Test func `the formats of container runtimes are known here too`() async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem()
        let pipe = Pipe()
        let wrapper = try ship(workspace, osmem.port, from: pipe)
        try pipe.fileHandleForWriting.write(
            contentsOf: Data("2026-11-23T17:52:39.1Z stderr P hel\n2026-11-23T17:52:39.2Z stderr F lo\n".utf8))
        try pipe.fileHandleForWriting.close()
        #expect(wrapper.wait() == 0)
        let document = try #require(try await osmem.documents().first)
        #expect(document["message"] as? String == "hello" && document["stream"] as? String == "stderr")
    }

    @Test func `what can't be delivered in time is told, and is there the next time`() async throws {
        let workspace = try Workspace()
        let port = try FreePort.find()
        let pipe = Pipe()
        let wrapper = try ship(workspace, port, from: pipe, ["TAILRACE_SHUTDOWN_TIMEOUT": "1s"])
        try pipe.fileHandleForWriting.write(contentsOf: Data("one\ntwo\n".utf8))
        try pipe.fileHandleForWriting.close()
        #expect(wrapper.wait() == 1)
        #expect(wrapper.log.contains(/pending=2|There was no time for 8 bytes/), "\(wrapper.log)")
        let osmem = try await Osmem(port: port)
        let next = Pipe()
        let second = try ship(workspace, port, from: next)
        try next.fileHandleForWriting.write(contentsOf: Data("three\n".utf8))
        try next.fileHandleForWriting.close()
        #expect(second.wait() == 0, "\(second.log)")
        #expect(try await osmem.messages().sorted() == ["one", "three", "two"])
    }

    @Test func `SIGTERM ends it while the pipe is open, with what was piped in`() async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem()
        let pipe = Pipe()
        let wrapper = try ship(workspace, osmem.port, from: pipe)
        try pipe.fileHandleForWriting.write(contentsOf: Data("one\ntwo\n".utf8))
        let isThere = await eventually(within: 60) { (try? await osmem.count()) == 2 }
        #expect(isThere, "\(wrapper.log)")
        try pipe.fileHandleForWriting.write(contentsOf: Data("three\n".utf8))
        wrapper.send(SIGTERM)
        #expect(wrapper.wait() == 0)
        #expect(try await osmem.messages().sorted() == ["one", "three", "two"])
    }

    @Test func `SIGTERM ends it while the endpoint is away and nothing more has room`() async throws {
        let workspace = try Workspace()
        let (pipe, writer) = (Pipe(), Process())
        writer.executableURL = URL(fileURLWithPath: "/usr/bin/yes")
        writer.arguments = [String(repeating: "x", count: 1023)]
        writer.standardOutput = pipe.fileHandleForWriting
        let wrapper = try ship(
            workspace, try FreePort.find(), from: pipe,
            ["TAILRACE_SHUTDOWN_TIMEOUT": "2s", "TAILRACE_CAPTURE_MAX_SIZE": "4MiB", "TAILRACE_SPOOL": "off"])
        try writer.run()
        defer { writer.terminate() }
        let isFull = await eventually(within: 60) { wrapper.captured > 3 << 20 }
        #expect(isFull)
        wrapper.send(SIGTERM)
        let hasEnded = await eventually(within: 60) { !wrapper.process.isRunning }
        #expect(hasEnded, "\(wrapper.log)")
        wrapper.send(SIGKILL)
        #expect(wrapper.wait() == 1)
    }

    @Test func `files are followed beside it`() async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem()
        try workspace.append(["of a file"], to: "a.log")
        let pipe = Pipe()
        let wrapper = try ship(workspace, osmem.port, from: pipe, ["TAILRACE_PATHS": "-,\(workspace.logs)/*.log"])
        try pipe.fileHandleForWriting.write(contentsOf: Data("of the pipe\n".utf8))
        try pipe.fileHandleForWriting.close()
        #expect(wrapper.wait() == 0)
        #expect(try await osmem.messages().sorted() == ["of a file", "of the pipe"])
    }
}
