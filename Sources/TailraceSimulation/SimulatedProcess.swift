import Glibc
import Logging
import TailraceCore
import TailraceRuntime

/// One life of the program on the simulated machine: the real pipeline on simulated seams.
// Sendable without a check: nothing but the thread of the simulation ever touches it.
final class SimulatedProcess: @unchecked Sendable {
    static let memoryLimit = 256 << 10
    static let batch = BatchLimit(bytes: 4 << 10, documents: 20)

    /// In one of three runs the rotated files are matched as well.
    static func discovery(_ seed: UInt64) -> Discovery {
        let pattern = seed % 3 == 2 ? "*.log*" : "*.log"
        return Discovery(patterns: ["\(SimulatedDisk.folder)/\(pattern)"], excluded: ["*.gz"])
    }

    /// Made once: what they are compiled into is a quarter of the cost of a process.
    private static let assembly = AssemblyRules(
        joining: JoinRules(languages: .all, limits: JoinLimits(maxLines: 40, maxBytes: 4096)), maxLineBytes: 2048)

    static func rules(_ seed: UInt64) -> TailRules {
        var rules = TailRules(
            assembly: assembly, joinTimeout: .milliseconds(300), format: nil, index: "logs", ownFields: [],
            givenFields: [], waitingMax: 16 << 10)
        if seed % 5 == 4 { rules.openFilesMax = 2 }
        return rules
    }

    let executor = SimulatedExecutor()
    let counters = Counters()
    let shutdown = Shutdown()
    private(set) var isOver = false
    /// It died in the middle of a system call.
    var isKilled = false
    private var task: Task<Void, Never>?

    init(
        _ disk: SimulatedDisk, _ time: VirtualTime, _ endpoint: SimulatedEndpoint, _ random: SeededRandom,
        _ seed: UInt64, _ plan: Plan, _ spoolDisk: SimulatedSpoolDisk, _ sabotage: Sabotage, _ trace: Trace
    ) {
        let files = ProcessFiles(disk, time)
        let spool =
            plan.hasSpool
            ? ProcessSpool(spoolDisk, time, plan, random, sabotage, self, isFaulty: { disk.isFaulty }) : nil
        var spoolSettings = plan.spool
        if plan.changesMode { spoolSettings.mode = Overflow.Mode.allCases[random.below(3)] }
        let transport: any BulkTransport =
            sabotage == .none
            ? endpoint : SabotagedTransport(endpoint: endpoint, sabotage: sabotage, executor: executor)
        let platform = Platform(
            time: sabotage == .idReused ? RepetitiveTime(time) : time, logFiles: files,
            state: ProcessState(disk, random, self, sabotage), spool: spool, transport: transport,
            executors: Executors(ingest: executor, storage: executor, compute: executor))
        let settings = PipelineSettings(
            discovery: Self.discovery(seed), tails: Self.rules(seed),
            batch: BatchSettings(limit: Self.batch, flushInterval: .milliseconds(200)),
            delivery: DeliverySettings(
                compression: Compression(level: 1), backoffMax: .seconds(5), concurrency: plan.concurrency,
                senders: plan.senders,
                deadLetters: DeadLetterSettings(target: .file, sizeMax: 64 << 20, backoffMax: .seconds(5))),
            spool: spoolSettings, memoryLimit: Self.memoryLimit, shutdownTimeout: .seconds(600))
        let pipeline = Pipeline(
            platform, settings: settings, counters: counters, health: Health(now: time.now), board: FileBoard(),
            logger: Logger(label: "simulation", factory: { _ in trace }))
        task = Task(executorPreference: executor) { [self] in
            await pipeline.run(until: shutdown)
            isOver = true
        }
    }

    /// Nobody looks at what it does any more. Tasks that never end would never be freed.
    func end(_ random: SeededRandom) {
        task?.cancel()
        for _ in 0..<10_000 where executor.hasJobs { executor.runOne(random) }
        task = nil
    }
}

/// The descriptors and watches of one life.
private final class ProcessFiles: LogFiles, @unchecked Sendable {
    private let disk: SimulatedDisk
    private let time: VirtualTime
    private var changes = FileChanges()
    private var isWoken = false
    private var waiter: Int?
    private var watched: Set<FileKey> = []

    init(_ disk: SimulatedDisk, _ time: VirtualTime) {
        self.disk = disk
        self.time = time
        disk.onChange = { [weak self] in self?.note($0) }
    }

    func list(_ directory: String) throws(FileFailure) -> DirectoryListing {
        if directory == "/" {
            return DirectoryListing([DirectoryEntry(name: "logs", kind: .directory, inode: 1)], isWhole: true)
        }
        guard directory == SimulatedDisk.folder else { throw FileFailure("list", directory, code: ENOENT) }
        return disk.list()
    }

    func status(of path: String) throws(FileFailure) -> FileStatus? {
        if path == SimulatedDisk.folder {
            return FileStatus(device: 1, inode: 1, birth: 1, size: 0, modified: 0, changed: 0, kind: .directory)
        }
        return disk.status(of: path)
    }

    func resolve(_ path: String) -> String { path }

    func open(_ path: String) throws(FileFailure) -> any LogFile {
        Descriptor(disk, try disk.open(path))
    }

    func watchDirectory(_ path: String) -> Bool { true }

    func watchFile(_ path: String, key: FileKey) -> Bool {
        watched.insert(key)
        return true
    }

    func unwatchFile(_ key: FileKey) { watched.remove(key) }

    func waitForChange(until moment: Moment) async -> FileChanges {
        if !isWoken, changes.written.isEmpty, !changes.isListingStale {
            let id = time.newID()
            waiter = id
            await withTaskCancellationHandler {
                await time.park(id, until: moment)
            } onCancel: { [time] in
                time.unpark(id)
            }
            waiter = nil
        }
        defer {
            isWoken = false
            changes = FileChanges()
        }
        return changes
    }

    func wake() {
        isWoken = true
        if let waiter { time.unpark(waiter) }
    }

    private func note(_ new: FileChanges) {
        changes.written.formUnion(new.written.intersection(watched))
        changes.isListingStale = changes.isListingStale || new.isListingStale
        if changes.isListingStale || !changes.written.isEmpty, let waiter { time.unpark(waiter) }
    }
}

private final class Descriptor: LogFile, @unchecked Sendable {
    private let disk: SimulatedDisk
    private let file: SimulatedFile

    init(_ disk: SimulatedDisk, _ file: SimulatedFile) {
        self.disk = disk
        self.file = file
        file.openCount += 1
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileFailure) -> Int {
        try disk.read(file, into: buffer, at: offset)
    }

    func status() throws(FileFailure) -> FileStatus { disk.status(of: file) }
    func close() { file.openCount -= 1 }
}

private final class ProcessState: StateDirectory, @unchecked Sendable {
    private let disk: SimulatedDisk
    private let random: SeededRandom
    private unowned let process: SimulatedProcess

    private let sabotage: Sabotage

    init(_ disk: SimulatedDisk, _ random: SeededRandom, _ process: SimulatedProcess, _ sabotage: Sabotage) {
        self.sabotage = sabotage
        self.disk = disk
        self.random = SeededRandom(random.next())
        self.process = process
    }

    func read(_ name: String) throws(FileFailure) -> [UInt8]? { disk.state }

    func replace(_ name: String, with bytes: [UInt8]) throws(FileFailure) {
        guard !process.isKilled else { throw FileFailure("write", name, code: EINTR) }
        if disk.isStateFull { throw FileFailure("write", name, code: ENOSPC) }
        let bytes = sabotage.spoil(bytes)
        if disk.isFaulty, disk.isDeadly, random.happens(1, outOf: 200) {
            // Killed before the rename, or behind it.
            if random.happens(1, outOf: 2) { disk.noteSaved(bytes) }
            if sabotage == .checkpointsTorn { disk.noteSaved(Array(bytes.prefix(bytes.count / 2))) }
            process.isKilled = true
            throw FileFailure("write", name, code: EINTR)
        }
        disk.noteSaved(bytes)
    }

    func append(_ lines: [UInt8], to files: BoundedFiles) throws(FileFailure) -> Int {
        guard !process.isKilled else { throw FileFailure("write", files.name, code: EINTR) }
        if disk.isStateFull { throw FileFailure("write", files.name, code: ENOSPC) }
        if disk.isFaulty, random.happens(1, outOf: 50) {
            // Killed before the write, or behind it.
            if random.happens(1, outOf: 2) { disk.noteLetters(lines) }
            process.isKilled = true
            throw FileFailure("write", files.name, code: EINTR)
        }
        disk.noteLetters(lines)
        return 0
    }

    func setAside(_ name: String) throws(FileFailure) -> String {
        disk.state = nil
        return name + ".broken"
    }
}
