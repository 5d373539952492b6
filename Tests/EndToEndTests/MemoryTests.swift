import Foundation
import Testing

/// `Benchmarks/memory.py` with the program that was built along with the tests, for half a minute.
@Suite(.timeLimit(.minutes(10))) struct MemoryTests {
    @Test func `memory stays within its limit and a constant, whatever the load`() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", tests.appendingPathComponent("../../Benchmarks/memory.py").standardized.path, Shipper.binary,
            "--short",
        ]
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
        #expect(text.split(separator: "\n").count { $0.contains(" MiB of ") } == 9, "\(text)")
    }
}
