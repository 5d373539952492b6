import Foundation
import Testing

/// `tailrace exec` or `TAILRACE_PATHS=-`, between a program and whoever reads what it prints.
final class Wrapper {
    let process = Process()
    private let output: String
    private let errors: String
    let state: String

    /// - Parameters:
    ///   - arguments: of `tailrace`; none for standard input.
    ///   - shell: a script that begins the program with `exec "$@"`, or runs it as `"$@"`.
    init(
        _ workspace: Workspace, endpoint: Int, _ arguments: [String], _ settings: [String: String] = [:],
        input: FileHandle? = nil, shell: String? = nil
    ) throws {
        let id = UUID().uuidString
        (output, errors) = ("\(workspace.root)/out-\(id)", "\(workspace.root)/err-\(id)")
        state = settings["TAILRACE_STATE_DIR"] ?? "\(workspace.root)/state"
        for path in [output, errors] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        process.executableURL = URL(fileURLWithPath: shell == nil ? Shipper.binary : "/bin/bash")
        process.arguments = shell.map { ["-c", $0, "bash", Shipper.binary] + arguments } ?? arguments
        process.environment = [
            "TAILRACE_STATE_DIR": state, "TAILRACE_ENDPOINT": "http://127.0.0.1:\(endpoint)", "TAILRACE_INDEX": "logs",
            "TAILRACE_ADMIN": "off", "TAILRACE_FLUSH_INTERVAL": "100ms", "TAILRACE_MULTILINE_TIMEOUT": "200ms",
            "TAILRACE_LOG_FORMAT": "text", "TAILRACE_BACKOFF_MAX": "1s", "TAILRACE_SHUTDOWN_TIMEOUT": "1m",
            "TAILRACE_SPOOL_MIN_FREE": "0", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        ].merging(settings) { $1 }.filter { !$0.value.isEmpty }
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        process.standardInput = input ?? FileHandle.nullDevice
        // What threads of the test runner block is not what an app begins with.
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
    }

    var printed: Data { (try? Data(contentsOf: URL(fileURLWithPath: output))) ?? Data() }
    var printedErrors: Data { (try? Data(contentsOf: URL(fileURLWithPath: errors))) ?? Data() }
    var printedText: String { String(decoding: printed, as: UTF8.self) }
    var log: String { String(decoding: printedErrors, as: UTF8.self) }

    /// Bytes in the files that hold what was captured.
    var captured: Int {
        let folder = "\(state)/capture"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.reduce(0) { sum, name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
            return sum + ((attributes?[.size] as? Int) ?? 0)
        }
    }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Foundation waits for what the app leaves behind as well, as that has its socket: no test may leave anything.
    func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }
}
