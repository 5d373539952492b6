import Foundation
import Testing

/// A real folder that goes away with the test.
final class Folder: Sendable {
    let path = NSTemporaryDirectory() + "tailrace-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Makes the file, and the folders that lead to it.
    @discardableResult
    func write(_ name: String, _ text: String = "x\n") throws -> String {
        let file = "\(path)/\(name)"
        let parent = URL(fileURLWithPath: file).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return file
    }

    func append(_ name: String, _ text: String) throws {
        let file = try #require(FileHandle(forWritingAtPath: "\(path)/\(name)"))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: Data(text.utf8))
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(path)/\(name)", withDestinationPath: target)
    }
}
