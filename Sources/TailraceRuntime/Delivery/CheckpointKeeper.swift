import Logging
import TailraceCore

/// Holds the checkpoints, and sees to it that they are on disk before anything depends on it.
///
/// Two things are saved. At once, and before a batch is sent: what its ids depend on. At most once a second: how far
/// each file has been delivered.
actor CheckpointKeeper {
    private let state: any StateDirectory
    private let storage: any TaskExecutor
    private let time: any Timebase
    private let counters: Counters
    private let board: FileBoard
    private let logger: Logger

    private var table: CheckpointTable
    private var ledger = AckLedger()
    /// Grows with every change of the table.
    private var version: UInt64 = 1
    /// The last one that ids depend on. A later batch of the same file depends on it as well.
    private var needed: UInt64 = 1
    /// The last one that saving was tried for.
    private var attempted: UInt64 = 1
    private var saved: UInt64 = 1
    private var isSaving = false
    private var savers: [CheckedContinuation<Void, Never>] = []
    private var failure: FileFailure?

    init(_ platform: Platform, checkpoints: Checkpoints, counters: Counters, board: FileBoard, logger: Logger) {
        state = platform.state
        storage = platform.executors.storage
        time = platform.time
        table = CheckpointTable(checkpoints)
        self.counters = counters
        self.board = board
        self.logger = logger
    }

    /// Enters files that nobody knew, or that have moved, and saves them: only what is known is looked for after a rotation.
    func enter(_ sightings: Sightings) async {
        guard !sightings.isEmpty else { return }
        table.enter(sightings)
        version += 1
        guard !sightings.files.isEmpty else { return }
        needed = version
        await save(atLeast: version)
    }

    /// Notes that a batch was cut.
    ///
    /// - Returns: its number, and the version that has to be saved before it is sent.
    func admit(_ manifest: Manifest) -> (number: BatchNumber, version: UInt64) {
        let number = ledger.admit(manifest)
        let isNeeded = table.note(manifest)
        version += 1
        if isNeeded { needed = version }
        return (number, needed)
    }

    /// Every document of the batch is stored, or refused for good.
    func settle(_ number: BatchNumber) {
        guard let manifest = ledger.settle(number), !manifest.isEmpty else { return }
        table.release(manifest)
        version += 1
    }

    /// What is saved now, or would be if the state folder could be written to.
    var checkpoints: [Checkpoint] { table.saved.files }

    /// Saves what has changed. One write serves all who wait for it.
    func save() async { await save(atLeast: version) }

    /// Returns once this version, or a later one, has been saved, or saving it has failed.
    ///
    /// A failure holds nothing up: logs are worth more than positions. It is reported, counted and tried again.
    func save(atLeast wanted: UInt64) async {
        while attempted < wanted {
            if isSaving {
                await withCheckedContinuation { savers.append($0) }
                continue
            }
            await saveNow()
        }
    }

    /// Saves every second what has changed, until the task is cancelled.
    func keepSaving() async {
        while (try? await time.sleep(until: time.now + .seconds(1))) != nil {
            if saved < version, !isSaving { await saveNow() }
        }
    }

    private func saveNow() async {
        isSaving = true
        let current = version
        let checkpoints = table.saved
        let result = await Self.replace(CheckpointFile.render(checkpoints), in: state, on: storage)
        attempted = max(attempted, current)
        report(result)
        if result == nil {
            saved = max(saved, current)
            board.publishDelivered(checkpoints.files)
        }
        isSaving = false
        for saver in savers { saver.resume() }
        savers = []
    }

    /// Leaves the actor, which others need while the disk is busy.
    private nonisolated static func replace(
        _ bytes: [UInt8], in state: any StateDirectory, on storage: any TaskExecutor
    ) async -> FileFailure? {
        await withTaskExecutorPreference(storage) {
            do throws(FileFailure) {
                try state.replace(CheckpointFile.name, with: bytes)
                return nil
            } catch {
                return error
            }
        }
    }

    private func report(_ result: FileFailure?) {
        defer { failure = result }
        guard let result else {
            counters.checkpointsSaved.add()
            if failure != nil { logger.notice("Checkpoints can be saved again.") }
            return
        }
        counters.checkpointsFailed.add()
        guard result != failure else { return }
        logger.error(
            """
            Checkpoints can't be saved: \(result). Logs are shipped all the same, but lines may arrive twice if this \
            process ends before it is mended. Check the volume behind TAILRACE_STATE_DIR: space, permissions, read-only.
            """)
    }
}
