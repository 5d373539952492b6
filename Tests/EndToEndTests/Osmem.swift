import Foundation
import FoundationNetworking
import Synchronization
import Testing

/// A server nobody here wrote: `osmem-server` from PyPI, which models OpenSearch in memory.
final class Osmem {
    let port: Int
    private let process = Process()

    /// Where `make test` has put it.
    static var binary: String {
        if let path = ProcessInfo.processInfo.environment["TAILRACE_OSMEM"] { return path }
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return tests.appendingPathComponent("../../.build/osmem/osmem_server/bin/osmem-server").standardized.path
    }

    /// - Parameter index: made at once, so that all of its documents can be asked for in one search.
    init(index: String = "logs", port wanted: Int? = nil) async throws {
        port = try wanted ?? FreePort.find()
        try #require(
            FileManager.default.isExecutableFile(atPath: Self.binary), "\(Self.binary) is missing: run `make test` once"
        )
        process.executableURL = URL(fileURLWithPath: Self.binary)
        process.arguments = ["-addr", "127.0.0.1:\(port)", "-no-stdin-watch"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let isUp = await eventually(within: 30) { await (try? self.get("/")) != nil }
        try #require(isUp, "osmem-server did not start")
        try await put("/\(index)", "{}")
        try await put("/\(index)/_settings", #"{"index.max_result_window":1000000}"#)
    }

    deinit {
        guard process.processIdentifier > 0 else { return }
        process.terminate()
        process.waitUntilExit()
    }

    /// It neither answers nor ends, or goes on as if nothing had been.
    func freeze(_ isFrozen: Bool) { kill(process.processIdentifier, isFrozen ? SIGSTOP : SIGCONT) }

    var url: String { "http://127.0.0.1:\(port)" }

    func text(_ path: String) async throws -> String { String(decoding: try await get(path), as: UTF8.self) }

    func count(_ index: String = "logs") async throws -> Int {
        let reply = try JSONSerialization.jsonObject(with: try await get("/\(index)/_count")) as? [String: Any]
        return try #require(reply?["count"] as? Int)
    }

    /// Waits for as many documents, however long that takes, as long as more come: a busy machine has much to catch up
    /// with.
    ///
    /// - Parameter pause: in seconds, within which more has to come.
    /// - Returns: how many have come.
    func catchUp(to expected: Int, pause: Double) async throws -> Int {
        var before = -1
        var arrived = try await count()
        while before < arrived, arrived < expected {
            before = arrived
            _ = try await eventually(within: pause) {
                arrived = try await self.count()
                return arrived > before
            }
        }
        return arrived
    }

    /// The messages of all documents, found by search.
    func messages(_ index: String = "logs") async throws -> [String] {
        let filter = "filter_path=hits.hits._source.message"
        let data = try await get("/\(index)/_search?size=1000000&\(filter)")
        let reply = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let hits = (reply?["hits"] as? [String: Any])?["hits"] as? [[String: Any]] ?? []
        return hits.compactMap { ($0["_source"] as? [String: Any])?["message"] as? String }
    }

    /// All documents, found by search.
    func documents(_ index: String = "logs") async throws -> [[String: Any]] {
        let data = try await get("/\(index)/_search?size=1000000&filter_path=hits.hits._source")
        let reply = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let hits = (reply?["hits"] as? [String: Any])?["hits"] as? [[String: Any]] ?? []
        return hits.compactMap { $0["_source"] as? [String: Any] }
    }

    func put(_ path: String, _ json: String) async throws { try await send("PUT", path, json) }

    func delete(_ path: String) async throws { try await send("DELETE", path) }

    private func send(_ method: String, _ path: String, _ json: String? = nil) async throws {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
        request.httpMethod = method
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = json.map { Data($0.utf8) }
        let (body, response) = try await URLSession.shared.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode
        let text = String(decoding: body, as: UTF8.self)
        // Whoever waits for this server may have been faster with a document.
        try #require(status == 200 || text.contains("resource_already_exists"), "\(method) \(path): \(text)")
    }

    private func get(_ path: String) async throws -> Data {
        let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
        return try await URLSession.shared.data(from: url).0
    }
}

enum FreePort {
    /// Below those that the kernel gives to whoever does not ask for a certain one: nobody can get it in between.
    private static let range = 10_000..<32_000
    private static let last = Mutex(Int.random(in: range))

    /// A port that nobody listens on just now, a different one each time.
    static func find() throws -> Int {
        for _ in range {
            let port = last.withLock { last in
                last = last + 1 < range.upperBound ? last + 1 : range.lowerBound
                return last
            }
            guard let socket = try? ListeningSocket(port: port) else { continue }
            socket.close()
            return port
        }
        throw Exhausted()
    }

    private struct Exhausted: Error {}
}
