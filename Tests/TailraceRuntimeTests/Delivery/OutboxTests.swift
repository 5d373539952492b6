import Glibc
import Logging
import Synchronization
import TailraceCore
import Testing

@testable import TailraceRuntime

/// With a real spool, into which all batches go, and a parker.
@Suite(.timeLimit(.minutes(10))) struct OutboxTests {
    private let folder: Folder
    private let world: SpoolWorld
    private let file = Checkpoint(
        id: FileID(high: 1, low: 2), path: "/logs/a.log", format: .plain, key: FileKey(device: 1, inode: 1), birth: 1,
        fingerprint: .empty, resume: ResumeOffsets(0))

    init() throws {
        folder = try Folder()
        world = SpoolWorld(folder.path, bytes: 16 << 10, whenFull: .dropOldest)
    }

    @Test func `what is dropped to make room holds nothing up, though it was never synced`() async throws {
        let directory = FaultyDirectory(world.path)
        directory.fails.withLock { $0 = { $0 == "sync" ? EIO : nil } }
        let spool = await world.spool(directory)
        let keeper = try world.keeper(folder)
        await keeper.enter(Sightings(files: [file]))
        let outbox = Outbox(
            budget: MemoryBudget(limit: 64 << 20), overflow: Overflow(.always), spool: spool, keeper: keeper,
            time: world.surroundings, counters: world.counters, onRoom: {})
        let parker = Parker(
            time: world.surroundings, outbox: outbox, spool: spool, keeper: keeper, settings: world.settings,
            compression: .off, counters: world.counters, logger: world.logger)
        for number in 1...100 { try await enqueue(number, outbox, keeper) }
        await outbox.stop()
        await parker.run()

        let dropped = world.counters.eventsDropped.value
        #expect(dropped > 50)
        #expect(await keeper.checkpoints[0].resume.low == UInt64(dropped))
        while let (payload, frame) = await spool.take() {
            await outbox.resize(from: 0, to: payload.body.count)
            await outbox.settle(Shipment(payload, from: .frame(frame), stateVersion: 0))
        }
        #expect(await keeper.checkpoints[0].resume.low == 100)
        #expect(await outbox.pace == .asUsual)
    }

    /// A batch of one record, behind which reading goes on at byte `number`.
    private func enqueue(_ number: Int, _ outbox: Outbox, _ keeper: CheckpointKeeper) async throws {
        var read = file
        read.resume.advance(to: ResumeOffsets(UInt64(number)))
        let (batchNumber, version) = await keeper.admit(Manifest(files: [read]))
        var batch = Batch(limit: BatchLimit(bytes: 1000, documents: 1))
        batch.use(
            DocumentTemplate(
                index: "logs", fileID: file.id, path: file.path, staticFields: StaticFields([]),
                isContainerFormat: false), created: Timestamp(nanoseconds: 0))
        let (start, end) = (UInt64(number - 1), UInt64(number))
        batch.receive(
            Event(time: Timestamp(nanoseconds: 0), stream: .stdout, start: start, end: end),
            text: [UInt8](repeating: 0x61, count: 300).span)
        let lease = batch.body.capacity
        #expect(await outbox.lease(lease))
        await outbox.enqueue(CutBatch(number: batchNumber, batch: batch, lease: lease, stateVersion: version))
    }
}

extension SpoolWorld {
    var logger: Logger { Logger(label: "test", factory: { [surroundings] _ in surroundings }) }

    /// Saves in the folder.
    func keeper(_ folder: Folder) throws -> CheckpointKeeper {
        let thread = ThreadExecutor(name: "test")
        let platform = Platform(
            time: surroundings, logFiles: LinuxLogFiles(ChangeWatcher(time: surroundings)),
            state: try LinuxStateDirectory(folder.path + "/state"), transport: StandardOutputTransport(),
            executors: Executors(ingest: thread, storage: thread, compute: nil))
        return CheckpointKeeper(
            platform, checkpoints: Checkpoints(), counters: counters, board: FileBoard(), logger: logger)
    }
}
