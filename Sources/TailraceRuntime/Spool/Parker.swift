import Logging
import TailraceCore

/// Brings what waits in memory to disk while the overflow is on, in the order in which it was cut.
///
/// A batch that is safe there is settled for the log files: checkpoints move over it, and reading goes on.
actor Parker {
    /// Bytes that are written between two syncs, if there is that much to write.
    private static let groupMax = 4 << 20
    private static let interval = Duration.seconds(1)

    private let time: any Timebase
    private let outbox: Outbox
    private let spool: Spool
    private let keeper: CheckpointKeeper
    private let settings: SpoolSettings
    private let counters: Counters
    private let logger: Logger
    private let compressor: GzipCompressor?

    /// Frames that were written since the last sync.
    private var unsynced: [UInt64] = []
    private var unsyncedBytes = 0
    private var lastSync: Moment

    init(
        time: any Timebase, outbox: Outbox, spool: Spool, keeper: CheckpointKeeper, settings: SpoolSettings,
        compression: Compression, counters: Counters, logger: Logger
    ) {
        self.time = time
        self.outbox = outbox
        self.spool = spool
        self.keeper = keeper
        self.settings = settings
        self.counters = counters
        self.logger = logger
        compressor = try? compression.compressor()
        lastSync = time.now
    }

    /// Returns once the outbox has been stopped, and everything that was left is on disk if that can be.
    func run() async {
        while let parking = await outbox.nextToPark(syncAt: syncAt) {
            switch parking {
            case .flight(let shipment): await park(shipment, isFlight: true)
            case .parcel(.shipment(let shipment)): await park(shipment, isFlight: false)
            case .parcel(.batch(let batch)):
                let payload = batch.batch.sealed(number: batch.number, with: compressor)
                await outbox.resize(from: batch.lease, to: payload.body.count)
                let shipment = Shipment(payload, from: .batch(batch.number), stateVersion: batch.stateVersion)
                await park(shipment, isFlight: false)
            case .sync: await sync()
            }
        }
    }

    /// Every second, until the task is cancelled: what could not be done is tried again.
    nonisolated func keepTrying() async {
        while (try? await time.sleep(until: time.now + .seconds(1))) != nil {
            await spool.open()
            await outbox.tick()
            counters.drops.tell(at: time.now, logger)
        }
    }

    private var syncAt: Moment? {
        guard !unsynced.isEmpty else { return nil }
        switch settings.sync {
        case .never: return nil
        case .always: return time.now
        case .interval: return lastSync + Self.interval
        }
    }

    private func park(_ shipment: Shipment, isFlight: Bool) async {
        guard case .batch(let number) = shipment.origin else {
            preconditionFailure("a frame of the spool is to be written to it again")
        }
        // The ids in it have to be found again before anything can go on without the log files.
        await keeper.save(atLeast: shipment.stateVersion)
        let writing = await spool.write(shipment.payload, isTaken: isFlight)
        await outbox.haveDropped(spool.takeDropped())
        switch writing {
        case .written(let frame):
            await outbox.haveParked(number, as: frame, isFlight: isFlight, lease: shipment.lease)
            if settings.sync == .never {
                await outbox.areSafe([frame])
            } else {
                unsynced.append(frame)
                unsyncedBytes += shipment.lease
                if unsyncedBytes >= Self.groupMax, settings.sync == .always { await sync() }
            }
        case .full where settings.whenFull == .dropNewest && !isFlight:
            let count = counters.drops.count(shipment.payload, "newest", at: time.now, logger)
            counters.eventsDropped.add(count)
            await outbox.haveDropped(number, lease: shipment.lease)
        case .full, .unusable:
            await outbox.couldNotPark(isFlight ? nil : shipment, until: time.now + Self.interval)
        }
    }

    private func sync() async {
        let frames = unsynced
        unsynced = []
        unsyncedBytes = 0
        let isSafe = await spool.sync()
        lastSync = time.now
        // What could not be synced is settled by its delivery, or read again from the log files.
        if isSafe { await outbox.areSafe(frames) }
    }
}
