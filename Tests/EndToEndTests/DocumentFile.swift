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

    func messages() throws -> [String] { try documents().compactMap { $0["message"] as? String } }

    /// The files that the documents name, each once.
    func paths() throws -> [String] {
        let paths = try documents().compactMap {
            (($0["log"] as? [String: Any])?["file"] as? [String: Any])?["path"] as? String
        }
        return Set(paths).sorted()
    }

    private func documents() throws -> [[String: Any]] {
        let text = try Data(contentsOf: URL(fileURLWithPath: path))
        let end = text.lastIndex(of: UInt8(ascii: "\n")) ?? text.startIndex
        return try text[..<end].split(separator: UInt8(ascii: "\n")).compactMap {
            try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]
        }
    }
}
