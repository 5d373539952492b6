import Foundation
import Testing

/// Runs a program to its end without holding one of the few threads that all tests share.
///
/// - Returns: what it has written to standard output.
func runProgram(
    _ arguments: [String], in folder: String? = nil, _ environment: [String: String] = [:]
) async throws -> String {
    let path = NSTemporaryDirectory() + "tailrace-output-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: path)
    let status = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int32, any Error>) in
        process.terminationHandler = { done.resume(returning: $0.terminationStatus) }
        do { try process.run() } catch { done.resume(throwing: error) }
    }
    try #require(status == 0, "\(arguments.joined(separator: " "))")
    return try String(contentsOfFile: path, encoding: .utf8)
}
