import Foundation
import Testing

/// Standard output of the program, kept in a file: one document a line.
final class DocumentFile: Sendable {
    private let path: String

    init(_ workspace: Workspace) throws {
        path = "\(workspace.root)/output"
        try #require(FileManager.default.createFile(atPath: path, contents: nil))
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
