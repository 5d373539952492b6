import Foundation
import FoundationNetworking
import Testing

/// A folder of a test's own, with logs in it, that goes away with the test.
final class Workspace: Sendable {
    let root: String

    init() throws {
        root = NSTemporaryDirectory() + "tailrace-test-\(UUID().uuidString)"
        for folder in ["logs", "state"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
        }
    }

    /// Stays with `TAILRACE_KEEP_WORKSPACE`, for whoever looks for what has gone wrong.
    deinit {
        if ProcessInfo.processInfo.environment["TAILRACE_KEEP_WORKSPACE"] == nil {
            try? FileManager.default.removeItem(atPath: root)
        }
    }

    var logs: String { root + "/logs" }

    /// Appends lines as they are; a newline is added to each.
    func append(_ lines: [String], to name: String) throws {
        let path = "\(logs)/\(name)"
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        let file = try #require(FileHandle(forWritingAtPath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
    }

    /// For writes one after the other, each of its own. To be closed by its end.
    func appender(_ name: String) throws -> FileHandle {
        let file = try #require(FileHandle(forWritingAtPath: "\(logs)/\(name)"))
        try file.seekToEnd()
        return file
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(logs)/\(name)") }

    /// Runs a command in the folder of the logs.
    func shell(_ command: String) throws {
        try #require(Machine.succeeds("cd '\(logs)' && set -e; \(command)"), "\(command)")
    }

    func rotate(_ name: String, to other: String) throws {
        try FileManager.default.moveItem(atPath: "\(logs)/\(name)", toPath: "\(logs)/\(other)")
    }
}

func lines(_ range: Range<Int>, _ word: String = "line") -> [String] { range.map { "\(word) \($0)" } }

/// What the admin port shows.
func page(_ path: String, _ port: Int) async throws -> String {
    let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
    return String(decoding: try await URLSession.shared.data(from: url).0, as: UTF8.self)
}

/// Polls until it holds.
///
/// - Parameter seconds: that a machine with nothing else to do needs at most. One that runs all tests at once gets more.
/// - Returns: false when it did not even then.
func eventually(within seconds: Double, _ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = Date(timeIntervalSinceNow: max(60, 4 * seconds))
    while Date() < deadline {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return try await condition()
}
