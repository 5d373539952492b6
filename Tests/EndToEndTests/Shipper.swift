import Foundation
import Testing

/// The built program, as its user runs it.
final class Shipper {
    private let process = Process()
    private let errors: String
    /// For the admin port; `nil` when it is off.
    let adminPort: Int?

    /// The program that was built along with the tests.
    static var binary: String {
        if let path = ProcessInfo.processInfo.environment["TAILRACE_BINARY"] { return path }
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return tests.appendingPathComponent("../../.build/debug/tailrace").standardized.path
    }

    /// - Parameter shell: a script that begins the program with `exec "$@"`.
    init(
        _ workspace: Workspace, endpoint: Int, index: String = "logs", adminPort: Int? = nil,
        _ settings: [String: String] = [:], output: FileHandle? = nil, arguments: [String] = ["run"],
        shell: String? = nil
    ) throws {
        self.adminPort = adminPort
        errors = "\(workspace.root)/errors-\(UUID().uuidString)"
        _ = FileManager.default.createFile(atPath: errors, contents: nil)
        process.executableURL = URL(fileURLWithPath: shell == nil ? Self.binary : "/bin/bash")
        process.arguments = shell.map { ["-c", $0, "bash", Self.binary] + arguments } ?? arguments
        process.environment = [
            "TAILRACE_PATHS": "\(workspace.logs)/*.log", "TAILRACE_STATE_DIR": "\(workspace.root)/state",
            "TAILRACE_ENDPOINT": "http://127.0.0.1:\(endpoint)", "TAILRACE_INDEX": index,
            "TAILRACE_ADMIN": adminPort.map { "127.0.0.1:\($0)" } ?? "off", "TAILRACE_FLUSH_INTERVAL": "100ms",
            "TAILRACE_MULTILINE_TIMEOUT": "200ms", "TAILRACE_LOG_FORMAT": "text", "TAILRACE_BACKOFF_MAX": "1s",
            "TAILRACE_SHUTDOWN_TIMEOUT": "2m",
        ].merging(settings) { $1 }
        process.standardError = FileHandle(forWritingAtPath: errors)
        process.standardOutput = output ?? FileHandle.nullDevice
        try process.run()
    }

    /// Runs a command to its end.
    ///
    /// - Returns: its exit code, and all that it printed.
    static func command(_ arguments: [String], _ environment: [String: String]) throws -> (code: Int32, text: String) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: binary)
        process.arguments = arguments
        process.environment = environment
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    var isRunning: Bool { process.isRunning }

    var processIdentifier: Int32 { process.processIdentifier }

    /// What it has written to standard error.
    var log: String { (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "" }

    /// What its descriptors lead to.
    func openFiles() throws -> [String] {
        let folder = "/proc/\(process.processIdentifier)/fd"
        return try FileManager.default.contentsOfDirectory(atPath: folder).compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
        }
    }

    /// Of all its threads, in seconds.
    func processorTime() throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
        // Behind the name, which may hold blanks: state is field 3, user and system time are 14 and 15.
        let fields = try #require(text.split(separator: ")").last).split(separator: " ")
        return (Double(try #require(Int(fields[11]))) + Double(try #require(Int(fields[12]))))
            / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// What is resident of its heap and stacks, in bytes; not the program itself, of which parts are resident that happened
    /// to run since memory was given back.
    func ownMemory() throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") })
        return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) }) << 10
    }

    /// True when it took less than a tenth of a processor for so long.
    func isQuiet(for time: Duration) async -> Bool {
        guard let before = try? processorTime() else { return false }
        try? await Task.sleep(for: time)
        guard let after = try? processorTime() else { return false }
        return after - before < 0.1 * (time / .seconds(1))
    }

    /// SIGKILL: it has no say in how it ends.
    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// SIGSTOP, and SIGCONT.
    func freeze(_ isFrozen: Bool) { Foundation.kill(process.processIdentifier, isFrozen ? SIGSTOP : SIGCONT) }

    /// SIGTERM, and looks at its memory until it has ended.
    ///
    /// - Returns: the most that was resident, in KiB.
    func waitForEnd() throws -> Int {
        process.terminate()
        var peak = 0
        while process.isRunning {
            let status =
                (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            peak = max(peak, line.flatMap { Int($0.filter(\.isNumber)) } ?? 0)
            usleep(5000)
        }
        process.waitUntilExit()
        return peak
    }

    /// SIGTERM.
    ///
    /// - Returns: the exit code.
    func terminate() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// The figures of the last log line.
    var ledger: [String: Int] {
        guard let line = log.split(separator: "\n").last(where: { $0.contains("Done: ") }) else { return [:] }
        var ledger: [String: Int] = [:]
        for word in line.split(whereSeparator: { $0 == " " || $0 == "." }) {
            let sides = word.split(separator: "=")
            if sides.count == 2 { ledger[String(sides[0])] = Int(sides[1]) }
        }
        return ledger
    }

    /// read = stored + already there + rejected + lost + pending.
    func expectBalancedLedger(pending: Int = 0, sourceLocation: SourceLocation = #_sourceLocation) {
        let ledger = ledger
        let settled = ["stored", "already_there", "rejected", "pending"].reduce(0) { $0 + (ledger[$1] ?? -1) }
        #expect(
            ledger["read"] == settled + (ledger["lost"] ?? 0), "\(log.suffix(2000))", sourceLocation: sourceLocation)
        #expect(ledger["pending"] == pending, sourceLocation: sourceLocation)
    }
}
