import Foundation
import Logging
import TailraceCore
import TailraceHTTP
import TailraceRuntime
import Testing

/// What requests prove themselves with, over real sockets, while it changes.
@Suite(.timeLimit(.minutes(10))) struct AuthorizerTests {
    private let folder = NSTemporaryDirectory() + "tailrace-auth-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    private func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        return "\(folder)/\(name)"
    }

    private func ask(_ server: RawServer, _ transport: HTTPBulkTransport) async throws -> PostOutcome {
        await transport.get("/", at: try EndpointURL(parsing: "http://127.0.0.1:\(server.port)"))
    }

    private func transport(
        _ server: RawServer, _ variables: [String: String], logger: Logger = .silent
    ) throws -> HTTPBulkTransport {
        try HTTPBulkTransport.reading(variables, endpoint: "http://127.0.0.1:\(server.port)", logger: logger)
    }

    private func authorizations(_ server: RawServer) -> [String] {
        server.requests.map { $0.header("authorization") ?? "" }
    }

    @Test func `secrets in files are used as they are now`() async throws {
        let server = try await RawServer([.bytes(reply())])
        let token = try write("one\n", to: "token")
        let transport = try transport(server, ["TAILRACE_BEARER_TOKEN_FILE": token])
        _ = try await ask(server, transport)
        _ = try write("two\n", to: "token")
        _ = try await ask(server, transport)
        #expect(authorizations(server) == ["Bearer one", "Bearer two"])
    }

    @Test(arguments: [
        (["TAILRACE_API_KEY_FILE": "a:b"], "ApiKey YTpi"), (["TAILRACE_PASSWORD_FILE": "b"], "Basic YTpi"),
        (["TAILRACE_HEADERS_FILE": "Authorization=Own x"], "Own x"),
    ])
    func `every kind of secret is read again`(_ settings: [String: String], _ expected: String) async throws {
        let server = try await RawServer([.bytes(reply())])
        var variables: [String: String] = [:]
        for (name, _) in settings {
            variables[name] = try write(name.contains("HEADERS") ? "a=b" : "before", to: "secret")
            if name.contains("PASSWORD") { variables["TAILRACE_USERNAME"] = "a" }
        }
        let transport = try transport(server, variables)
        _ = try await ask(server, transport)
        for (_, text) in settings { _ = try write(text, to: "secret") }
        _ = try await ask(server, transport)
        #expect(authorizations(server).last == expected)
        #expect(authorizations(server).first != expected)
    }

    @Test func `a secret whose file has gone, or is empty, stays in use`() async throws {
        let server = try await RawServer([.bytes(reply())])
        let file = try write("one", to: "token")
        let (logger, log) = Logger.kept()
        let transport = try transport(server, ["TAILRACE_BEARER_TOKEN_FILE": file], logger: logger)
        _ = try await ask(server, transport)
        _ = try write("", to: "token")
        _ = try await ask(server, transport)
        try FileManager.default.removeItem(atPath: file)
        for _ in 0..<2 { _ = try await ask(server, transport) }
        #expect(authorizations(server) == Array(repeating: "Bearer one", count: 4))
        #expect(log.lines.count { $0.contains("stays in use") } == 1)
        #expect(!log.lines.joined().contains("one\n"))
    }

    @Test func `after 401 a token that was renewed meanwhile is tried at once`() async throws {
        let file = try write("old", to: "token")
        let server = try await RawServer([
            .made { _ in
                try? "new".write(toFile: file, atomically: true, encoding: .utf8)
                return reply("401 Unauthorized")
            }, .bytes(reply()),
        ])
        guard
            case .reply(let answer) = try await ask(
                server, transport(server, ["TAILRACE_BEARER_TOKEN_FILE": file]))
        else { return #expect(Bool(false)) }
        #expect(answer.status == 200)
        #expect(authorizations(server) == ["Bearer old", "Bearer new"])
    }

    @Test func `after 401 the same token is not tried again`() async throws {
        let server = try await RawServer([.bytes(reply("401 Unauthorized"))])
        let file = try write("old", to: "token")
        _ = try await ask(server, transport(server, ["TAILRACE_BEARER_TOKEN_FILE": file]))
        #expect(server.requests.count == 1)
    }
}

extension HTTPBulkTransport {
    /// From settings as a person would write them.
    static func reading(
        _ variables: [String: String], endpoint: String, time: any Timebase = LinuxTimebase(), logger: Logger = .silent
    ) throws -> HTTPBulkTransport {
        var reader = SettingReader(
            variables.merging(["TAILRACE_ENDPOINT": endpoint]) { $1 }, readFile: ProcessEnvironment.readFile)
        let settings = TransportSettings(Settings(reading: &reader), userAgent: "tailrace/test")
        try #require(reader.mistakes.isEmpty, "\(reader.mistakes)")
        return try HTTPBulkTransport(settings, time: time, loops: EventLoops(), logger: logger)
    }
}

extension String {
    /// Of a request as it came; `name` in lower case.
    func header(_ name: String) -> String? {
        let line = split(separator: "\r\n").first { $0.lowercased().hasPrefix(name + ":") }
        return line.map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }
}
