import Logging
package import TailraceCore

/// Fills batches from the files and puts them into the outbox. Runs on a thread of its own, because reading blocks.
struct Ingest {
    let platform: Platform
    let tails: TailSet
    let outbox: Outbox
    let keeper: CheckpointKeeper
    let settings: BatchSettings
    let counters: Counters
    let board: FileBoard
    let shutdown: Shutdown
    /// How large a request may be before compression, as far as the endpoint has told.
    let sizeMax: @Sendable () -> Int?

    private enum Filling {
        /// The batch is to be cut now.
        case due
        /// All files have been read to their ends, and the process is to end.
        case done
        case cancelled
    }

    private var time: any Timebase { platform.time }

    /// Returns when shutdown was asked for and everything has been read, or the task is cancelled.
    func run() async {
        defer { tails.closeAll() }
        var isDone = false
        var hasLookedAgain = false
        while !isDone {
            guard var batch = await openBatch() else { return }
            switch await fill(&batch, &hasLookedAgain) {
            case .due: break
            case .done: isDone = true
            case .cancelled: return
            }
            await ship(batch)
        }
    }

    /// Waits for memory. Rotated files are opened meanwhile, so that they can't slip away.
    ///
    /// - Returns: `nil` when the task is cancelled.
    private func openBatch() async -> Batch? {
        while !Task.isCancelled {
            if await outbox.lease(settings.lease) {
                var limit = settings.limit
                limit.bytes = min(limit.bytes, sizeMax() ?? limit.bytes)
                return Batch(limit: limit)
            }
            await look()
            await publish()
            tails.note(await platform.logFiles.waitForChange(until: time.now + .seconds(1)))
        }
        return nil
    }

    /// Reads until the batch is full, or old enough to be sent as it is.
    private func fill(_ batch: inout Batch, _ hasLookedAgain: inout Bool) async -> Filling {
        var begunAt: Moment?
        while !Task.isCancelled {
            let isStopping = shutdown.isRequested
            if isStopping, !hasLookedAgain {
                hasLookedAgain = true
                tails.lookAgain(time.now)
            }
            await look()
            let hasRead = tails.read(into: &batch)
            let pace = await outbox.pace
            if pace != .whenFull, !batch.isFull { tails.flushQuiet(into: &batch) }
            if batch.isFull { return .due }
            let now = time.now
            if begunAt == nil, !batch.isEmpty { begunAt = now }
            let dueAt = dueTime(of: begunAt, pace)
            if now >= dueAt { return .due }
            if hasRead { continue }
            if isStopping {
                if tails.finishAll(into: &batch) { return .done }
                if batch.isFull { return .due }
                continue
            }
            if batch.isEmpty, tails.hasFinished { return .due }
            await publish()
            await wait(until: min(tails.nextDeadline(), dueAt))
        }
        return .cancelled
    }

    private func dueTime(of begunAt: Moment?, _ pace: Outbox.Pace) -> Moment {
        guard let begunAt else { return .distantFuture }
        return switch pace {
        case .asUsual: begunAt + settings.flushInterval
        case .slow: begunAt + max(settings.flushInterval, BatchSettings.slowInterval)
        case .whenFull: .distantFuture
        }
    }

    /// For whoever asks how things stand, and for the spool, which is for what may be gone soon.
    private func publish() async {
        guard board.publish(at: time.now, { tails.report(into: &$0) }) else { return }
        await outbox.note(board.backlog, isEnding: shutdown.isRequested)
    }

    private func look() async {
        tails.look(time.now)
        await keeper.enter(tails.takeSightings())
    }

    private func wait(until moment: Moment) async {
        // A deadline in the past (an event that waits while the outbox is backed up) must not make the loop spin.
        let soonest = time.now + .milliseconds(10)
        tails.note(await platform.logFiles.waitForChange(until: max(moment, soonest)))
    }

    private func ship(_ batch: consuming Batch) async {
        await publish()
        await keeper.enter(tails.takeSightings())
        let manifest = tails.takeManifest()
        let (number, version) = await keeper.admit(manifest)
        guard !batch.isEmpty else {
            await keeper.settle(number)
            await outbox.resize(from: settings.lease, to: 0)
            return
        }
        counters.count(batch.tally, bodyBytes: batch.body.count)
        let lease = max(settings.lease, batch.body.capacity)
        await outbox.resize(from: settings.lease, to: lease)
        await outbox.enqueue(CutBatch(number: number, batch: batch, lease: lease, stateVersion: version))
    }
}

/// When a batch is cut.
package struct BatchSettings: Sendable {
    package var limit: BatchLimit
    /// The same while batches go to disk.
    static let slowInterval = Duration.seconds(5)
    /// Since the first event of a batch. While batches wait for a sender, only a full one is cut.
    package var flushInterval: Duration

    package init(limit: BatchLimit, flushInterval: Duration) {
        self.limit = limit
        self.flushInterval = flushInterval
    }

    /// Memory that a batch takes, in bytes.
    package var lease: Int { limit.bytes + Batch.slack }
}
