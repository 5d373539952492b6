package import Logging
import TailraceCore

/// files → lines → records → events → batch → payload → reply → watermark → checkpoint
///
/// ```
///  ingest thread              outbox        senders                  checkpoint keeper
///  TailSet ─▶ Tailer ─▶ Batch ─▶ │ │ ─▶ Payload ─▶ post ─▶ Verdict ─▶ AckLedger ─▶ file
///                               │ ▲
///                               ▼ │  parker: when the endpoint does not keep up
///                              spool
/// ```
///
/// Data flows to the right. What flows back is the number of a settled batch, and room in memory.
package struct Pipeline: Sendable {
    package var platform: Platform
    package var settings: PipelineSettings
    package var counters: Counters
    package var health: Health
    package var board: FileBoard
    package var logger: Logger

    package init(
        _ platform: Platform, settings: PipelineSettings, counters: Counters, health: Health, board: FileBoard,
        logger: Logger
    ) {
        self.platform = platform
        self.settings = settings
        self.counters = counters
        self.health = health
        self.board = board
        self.logger = logger
    }

    private enum Part {
        case ingest
        case sender
        case deadline
        case saving
        case parking
    }

    /// Returns when shutdown was asked for, and everything is delivered or the time for it is over.
    package func run(until shutdown: Shutdown) async {
        let checkpoints = await loadCheckpoints()
        let keeper = CheckpointKeeper(
            platform, checkpoints: checkpoints, counters: counters, board: board, logger: logger)
        let spool = makeSpool()
        await spool?.open()
        let outbox = Outbox(
            budget: MemoryBudget(limit: settings.memoryLimit), overflow: Overflow(settings.spool.mode), spool: spool,
            keeper: keeper, time: platform.time, counters: counters,
            onRoom: { [files = platform.logFiles] in files.wake() })
        let parker = spool.map { makeParker(outbox, $0, keeper) }
        let throttle = Throttle(most: settings.delivery.concurrency, time: platform.time, counters: counters)
        let deadLetters = DeadLetters(
            platform, settings: settings.delivery.deadLetters, counters: counters, health: health, logger: logger)
        shutdown.onRequest { [files = platform.logFiles] in files.wake() }

        await withTaskGroup(of: Part.self) { parts in
            parts.addTask(executorPreference: platform.executors.ingest) {
                await ingest(checkpoints, outbox, keeper, throttle, shutdown)
                await outbox.close()
                return .ingest
            }
            for number in 0..<settings.delivery.senders {
                parts.addTask(executorPreference: platform.executors.compute) {
                    await sender(number, outbox, keeper, throttle, deadLetters).run()
                    return .sender
                }
            }
            parts.addTask(executorPreference: platform.executors.compute) {
                await keeper.keepSaving()
                return .saving
            }
            if let parker {
                parts.addTask(executorPreference: platform.executors.compute) {
                    await parker.run()
                    return .parking
                }
                parts.addTask(executorPreference: platform.executors.compute) {
                    await parker.keepTrying()
                    return .parking
                }
            }
            parts.addTask(executorPreference: platform.executors.compute) {
                await deadLetters.keepTrying()
                return .saving
            }
            parts.addTask(executorPreference: platform.executors.compute) {
                await shutdown.wait()
                try? await platform.time.sleep(until: platform.time.now + settings.shutdownTimeout)
                return .deadline
            }
            var running = 1 + settings.delivery.senders
            for await part in parts {
                switch part {
                case .ingest, .sender:
                    running -= 1
                    guard running == 0 else { break }
                    parts.cancelAll()
                    await outbox.stop()
                case .deadline:
                    parts.cancelAll()
                    platform.logFiles.wake()
                    await outbox.stop()
                case .saving, .parking: break
                }
            }
        }
        // What senders have held on to until now.
        await parker?.run()
        await spool?.close()
        counters.drops.tell(isLast: true, at: platform.time.now, logger)
        await keeper.save()
    }

    private func makeSpool() -> Spool? {
        platform.spool.map {
            Spool(
                $0, storage: platform.executors.storage, settings: settings.spool, time: platform.time,
                counters: counters, logger: logger)
        }
    }

    private func makeParker(_ outbox: Outbox, _ spool: Spool, _ keeper: CheckpointKeeper) -> Parker {
        Parker(
            time: platform.time, outbox: outbox, spool: spool, keeper: keeper, settings: settings.spool,
            compression: settings.delivery.compression, counters: counters, logger: logger)
    }

    private func ingest(
        _ checkpoints: Checkpoints, _ outbox: Outbox, _ keeper: CheckpointKeeper, _ throttle: Throttle,
        _ shutdown: Shutdown
    ) async {
        let tails = TailSet(
            platform, rules: settings.tails, discovery: settings.discovery, checkpoints: checkpoints,
            counters: counters, logger: logger)
        await Ingest(
            platform: platform, tails: tails, outbox: outbox, keeper: keeper, settings: settings.batch,
            counters: counters, board: board, shutdown: shutdown, sizeMax: { throttle.sizeMax }
        ).run()
    }

    private func sender(
        _ number: Int, _ outbox: Outbox, _ keeper: CheckpointKeeper, _ throttle: Throttle, _ deadLetters: DeadLetters
    ) -> Sender {
        Sender(
            id: number, platform: platform, outbox: outbox, keeper: keeper, throttle: throttle,
            deadLetters: deadLetters,
            settings: settings.delivery,
            counters: counters, health: health, logger: logger)
    }

    /// A file of checkpoints that can't be used is set aside: starting without is better than not starting.
    private func loadCheckpoints() async -> Checkpoints {
        await withTaskExecutorPreference(platform.executors.storage) { await readCheckpoints() }
    }

    private nonisolated func readCheckpoints() async -> Checkpoints {
        let consequence = "Every file that is there is read from its start, so lines that were delivered arrive again."
        do throws(FileFailure) {
            guard let bytes = try platform.state.read(CheckpointFile.name) else { return Checkpoints() }
            do throws(CheckpointFile.Damage) {
                return try CheckpointFile.parse(bytes)
            } catch {
                let name = try platform.state.setAside(CheckpointFile.name)
                logger.error(
                    "The file \(CheckpointFile.name) in the state folder \(error); it was kept as \(name). \(consequence)"
                )
            }
        } catch {
            logger.error("Checkpoints can't be read: \(error). \(consequence) Check TAILRACE_STATE_DIR.")
        }
        return Checkpoints()
    }
}
