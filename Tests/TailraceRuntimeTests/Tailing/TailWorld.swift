import Foundation
import Logging
import Synchronization
import TailraceCore
import Testing

@testable import TailraceRuntime

/// Files on a real folder, and one who looks at them and reads them when told to, by a clock that is set by hand.
final class TailWorld {
    private final class Clock: Timebase {
        private let passed = Mutex(Moment(nanoseconds: 1_000_000_000))
        private let ahead = Mutex(Duration.zero)
        private let system = LinuxTimebase()

        var now: Moment { passed.withLock { $0 } }
        /// Held against the times that the file system notes.
        var wallClock: Timestamp {
            Timestamp(nanoseconds: system.wallClock.nanoseconds + ahead.withLock { $0.nanoseconds })
        }
        func sleep(until moment: Moment) async throws { throw CancellationError() }
        func random() -> UInt64 { system.random() }
        func pass(_ duration: Duration) { passed.withLock { $0 = $0 + duration } }
        func passForAll(_ duration: Duration) {
            pass(duration)
            ahead.withLock { $0 += duration }
        }
    }

    private final class NoEndpoint: BulkTransport {
        func post(_ payload: Payload) async -> PostOutcome {
            .failed(TransportFailure(.unreachable, "nobody is there"))
        }
        func shutDown() async {}
    }

    let folder: Folder
    private let clock = Clock()
    private var tails: TailSet?
    private var table = CheckpointTable()

    init() throws { folder = try Folder() }

    /// Goes on from what was noted of the life before.
    func start(
        openFilesMax: Int = 512, in parent: String = ".", pattern: String = "*.log", excluded: [String] = [],
        format: LogFormat = .plain,
        readFrom: TailRules.ReadFrom = .beginning
    ) throws {
        tails?.closeAll()
        let files = LinuxLogFiles(ChangeWatcher(time: clock))
        let thread = ThreadExecutor(name: "test")
        let platform = Platform(
            time: clock, logFiles: files, state: try LinuxStateDirectory(folder.path + "/state-\(UUID().uuidString)"),
            transport: NoEndpoint(), executors: Executors(ingest: thread, storage: thread, compute: nil))
        var rules = TailRules(
            assembly: AssemblyRules(joining: JoinRules(languages: []), maxLineBytes: 1 << 10), joinTimeout: .seconds(1),
            format: format,
            index: "logs", ownFields: [], givenFields: [], waitingMax: 1 << 20)
        rules.openFilesMax = openFilesMax
        rules.readFrom = readFrom
        tails = TailSet(
            platform, rules: rules,
            discovery: Discovery(patterns: ["\(folder.path)/\(parent)/\(pattern)"], excluded: excluded),
            checkpoints: table.saved, counters: Counters(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Looks for files and for what has become of them. Nothing is read on.
    func look() throws {
        let tails = try #require(tails)
        clock.pass(.seconds(2))
        tails.look(clock.now)
        table.enter(tails.takeSightings())
    }

    /// No time passes, so that the clock is not ahead of the times of files. All files are read on.
    func lookAtOnce() throws {
        let tails = try #require(tails)
        tails.lookAgain(clock.now)
        table.enter(tails.takeSightings())
    }

    /// The actions of all documents so far: what is sent again has the same.
    private(set) var actions: Set<String> = []

    /// Reads all that is there, as if it were delivered at once, or never.
    func read(isDelivered: Bool = true) throws -> [String] {
        let tails = try #require(tails)
        var batch = Batch(limit: BatchLimit(bytes: 1 << 20, documents: 1000))
        while tails.read(into: &batch) {}
        table.enter(tails.takeSightings())
        let manifest = tails.takeManifest()
        if isDelivered {
            _ = table.note(manifest)
            table.release(manifest)
        }
        let lines = String(decoding: Array(batch.body.span), as: UTF8.self).split(separator: "\n")
        for (number, line) in lines.enumerated() where number % 2 == 0 { actions.insert(String(line)) }
        return try lines.enumerated().filter { $0.offset % 2 == 1 }.map { line in
            let document = try JSONSerialization.jsonObject(with: Data(line.element.utf8)) as? [String: Any]
            return try #require(document?["message"] as? String)
        }
    }

    /// As long as it takes until a rotated file is let go.
    func wait() { clock.pass(.seconds(31)) }

    /// The time of day passes as well; what is written to files from now on seems older than it is.
    func waitForAll(_ duration: Duration) { clock.passForAll(duration) }

    /// Until what is written to files is later than what is there, beyond doubt.
    func waitForFileTimes() throws {
        let begun = clock.wallClock.nanoseconds
        while clock.wallClock.nanoseconds - begun < 2 * FileMemory.tick.nanoseconds { sched_yield() }
    }

    func move(_ name: String, to target: String) throws {
        try FileManager.default.moveItem(atPath: "\(folder.path)/\(name)", toPath: "\(folder.path)/\(target)")
    }

    func copy(_ name: String, to target: String) throws {
        try FileManager.default.copyItem(atPath: "\(folder.path)/\(name)", toPath: "\(folder.path)/\(target)")
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)") }

    /// - Parameter most: bytes of the compressed file that are there.
    func compress(_ name: String, to target: String, most: Int = .max) throws {
        let (gzip, output) = (Process(), Pipe())
        gzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
        gzip.arguments = ["-c", "\(folder.path)/\(name)"]
        gzip.standardOutput = output
        try gzip.run()
        let compressed = output.fileHandleForReading.readDataToEndOfFile()
        gzip.waitUntilExit()
        try compressed.prefix(most).write(to: URL(fileURLWithPath: "\(folder.path)/\(target)"))
    }

    /// Checkpoints that would be saved now.
    var remembered: Int { table.count }

    /// Files that are followed.
    var followed: Int {
        var reports: [FileReport] = []
        tails?.report(into: &reports)
        return reports.count
    }

    /// What was in it is gone; the file stays.
    func refill(_ name: String, with text: String) throws {
        let file = try #require(FileHandle(forWritingAtPath: "\(folder.path)/\(name)"))
        defer { try? file.close() }
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(text.utf8))
    }
}
