import Glibc
import Logging
import TailraceCore
import TailraceHTTP
import TailraceRuntime

/// `tailrace demo`: the real pipeline, over real HTTP, against an endpoint inside the process.
enum DemoCommand {
    /// Variables that are taken over from the environment: how files are read.
    private static let kept = [
        "TAILRACE_EXCLUDE", "TAILRACE_FORMAT", "TAILRACE_MULTILINE", "TAILRACE_MULTILINE_TIMEOUT", "TAILRACE_MAX_LINE",
        "TAILRACE_MULTILINE_MAX_LINES", "TAILRACE_MULTILINE_MAX_BYTES", "TAILRACE_FIELDS", "TAILRACE_LOG_FORMAT",
    ]

    /// - Parameter paths: globs; none writes sample logs and ships those.
    /// - Returns: 0 when nothing was lost and nothing came twice, else 1.
    static func run(paths: [String]) async -> CInt {
        let shutdown = Shutdown()
        let signals = SignalWatcher(shutdown)
        defer { withExtendedLifetime(signals) {} }
        do {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            return try await run(paths, folder, shutdown)
        } catch {
            Console.printError("tailrace demo: \(error)")
            return 1
        }
    }

    private static func run(_ paths: [String], _ folder: TemporaryFolder, _ shutdown: Shutdown) async throws -> CInt {
        let loops = EventLoops()
        let printer = DocumentPrinter(isColoured: Console.isTerminal)
        let endpoint = try await LoopbackEndpoint(on: loops) { printer.show($0) }
        var environment = ProcessEnvironment.variables().filter { kept.contains($0.key) }
        environment["TAILRACE_PATHS"] = paths.isEmpty ? "\(folder.path)/logs/**/*.log" : paths.joined(separator: ",")
        environment["TAILRACE_ENDPOINT"] = "http://127.0.0.1:\(endpoint.port)"
        environment["TAILRACE_STATE_DIR"] = "\(folder.path)/state"
        environment["TAILRACE_SPOOL"] = "off"
        environment["TAILRACE_FLUSH_INTERVAL"] = "200ms"
        // A file given by hand is shipped to its end, however long that takes.
        environment["TAILRACE_SHUTDOWN_TIMEOUT"] = paths.isEmpty ? "20s" : "1h"
        environment["TAILRACE_LOG_LEVEL"] = "warning"
        guard let startup = Startup(environment) else { return Startup.mistaken }

        let transport = try HTTPBulkTransport(
            TransportSettings(startup.settings, userAgent: "tailrace/\(Main.version)"), time: startup.time, loops: loops
        )
        let platform = startup.platform(try LinuxStateDirectory(startup.settings.stateDirectory), transport)
        let counters = Counters()
        let pipeline = Pipeline(
            platform, settings: PipelineSettings(startup.settings, version: Main.version), counters: counters,
            health: Health(now: startup.time.now), board: FileBoard(), logger: startup.logger)

        let samples = paths.isEmpty ? try SampleLogs(in: folder.path + "/logs", time: startup.time) : nil
        announce(samples, paths, folder, endpoint)
        async let written: Void? = samples?.write(until: shutdown)
        if samples == nil { shutdown.request() }
        await pipeline.run(until: shutdown)
        try await written
        await transport.shutDown()
        await endpoint.stop()
        return Summary(counters, endpoint.tally, expected: samples?.expected, seen: printer.messages).print()
    }

    private static func announce(
        _ samples: SampleLogs?, _ paths: [String], _ folder: TemporaryFolder, _ endpoint: LoopbackEndpoint
    ) {
        let what =
            samples == nil
            ? "Shipping \(paths.joined(separator: ", "))"
            : "Three services write logs to \(folder.path)/logs for some seconds; the files are rotated twice. Shipping them"
        Console.print("\(what) to a bulk endpoint on 127.0.0.1:\(endpoint.port).\n")
    }
}

/// A folder of our own that goes away with the demo.
struct TemporaryFolder {
    let path: String

    init() throws(FileFailure) {
        var template = Array("/tmp/tailrace-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FileFailure("make", "/tmp/tailrace-demo-XXXXXX", code: errno) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    func remove() { Self.remove(path, LinuxLogFiles(ChangeWatcher(time: LinuxTimebase()))) }

    private static func remove(_ path: String, _ files: LinuxLogFiles) {
        for entry in (try? files.list(path))?.entries ?? [] {
            let path = "\(path)/\(entry.name)"
            if entry.kind == .directory { remove(path, files) } else { unlink(path) }
        }
        rmdir(path)
    }
}
