import Foundation
import Testing

/// Standard output of the program, kept in a file: one document a line.
final class DocumentFile: Sendable {
    private let workspace: Workspace
    private let path: String

    init(_ workspace: Workspace) throws {
        self.workspace = workspace
        path = "\(workspace.root)/output"
        try #require(FileManager.default.createFile(atPath: path, contents: nil))
    }

    /// Runs the program on the logs of the workspace.
    ///
    /// - Parameter shell: as in ``Shipper``.
    func start(_ settings: [String: String] = [:], shell: String? = nil) throws -> Shipper {
        let defaults = ["TAILRACE_OUTPUT": "stdout", "TAILRACE_MULTILINE": "off"]
        return try Shipper(
            workspace, endpoint: 1, defaults.merging(settings) { $1 }, output: handle(), shell: shell)
    }

    /// Waits for as many messages as are expected: these, each once, in any order.
    func expectAll(
        _ expected: [String], within seconds: Double = 30, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        _ = try await eventually(within: seconds) { try messages().count >= expected.count }
        #expect(try messages().sorted() == expected.sorted(), sourceLocation: sourceLocation)
    }

    /// For a process to write to, behind what others wrote.
    func handle() throws -> FileHandle {
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        return handle
    }

    /// In bytes.
    var size: UInt64 {
        get throws {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            return try #require(attributes[.size] as? UInt64)
        }
    }

    var bytes: Data { get throws { try Data(contentsOf: URL(fileURLWithPath: path)) } }

    var lineCount: Int { get throws { try bytes.count { $0 == 0x0A } } }

    /// Whole lines from an offset at the start of one.
    func text(from offset: UInt64) throws -> String {
        let file = try #require(FileHandle(forReadingAtPath: path))
        defer { try? file.close() }
        try file.seek(toOffset: offset)
        let bytes = try file.readToEnd() ?? Data()
        let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.startIndex
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    func messages() throws -> [String] { try documents().compactMap { $0["message"] as? String } }

    /// The files that the documents name, each once.
    func paths() throws -> [String] {
        let paths = try documents().compactMap {
            (($0["log"] as? [String: Any])?["file"] as? [String: Any])?["path"] as? String
        }
        return Set(paths).sorted()
    }

    func documents() throws -> [[String: Any]] {
        let text = try bytes
        let end = text.lastIndex(of: UInt8(ascii: "\n")) ?? text.startIndex
        return try text[..<end].split(separator: UInt8(ascii: "\n")).compactMap {
            try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]
        }
    }
}
