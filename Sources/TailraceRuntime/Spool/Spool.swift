package import Logging
package import TailraceCore

/// The part of the queue that is on disk.
///
/// Decides nothing by itself about what is written: ``Parker`` does, with the ``Outbox``. What goes wrong here is
/// reported, counted and tried again; meanwhile batches stay in memory, and lines in their files.
package actor Spool {
    package enum Writing: Equatable {
        case written(UInt64)
        /// The limit is reached, or the disk has no room.
        case full
        /// The folder can't be used now.
        case unusable
    }

    /// Between two attempts at what has failed.
    private static let retryInterval = Duration.seconds(1)
    /// Attempts at reading a frame before it counts as damaged: a minute, in which a disk may come back.
    private static let readsMax = 60

    private let directory: any SpoolDirectory
    private let storage: any TaskExecutor
    private let settings: SpoolSettings
    private let time: any Timebase
    private let counters: Counters
    private let logger: Logger
    private var news: SpoolNews

    private var index: SpoolIndex
    private var isOpen = false
    private var isOpening = false
    /// Frames before this one are from an earlier process.
    private var firstOwn: UInt64 = 1
    private var unsynced: [UInt64] = []
    private var dropped: [UInt64] = []
    /// Segments that nobody needs any more, and that could not be removed yet.
    private var leftovers: [SpoolIndex.Segment] = []
    private var isWriting = false
    /// Not before then is the next write tried; until then it would end like this.
    private var pause: (until: Moment, like: Writing)?
    private var readPausedUntil: Moment?
    private var readFailures = 0

    package init(
        _ directory: any SpoolDirectory, storage: any TaskExecutor, settings: SpoolSettings, time: any Timebase,
        counters: Counters, logger: Logger
    ) {
        self.directory = directory
        self.storage = storage
        self.settings = settings
        self.time = time
        self.counters = counters
        self.logger = logger
        news = SpoolNews(counters: counters, logger: logger)
        index = SpoolIndex(limits: settings.limits)
    }

    /// Frames are on disk that nobody has taken; they come before anything in memory.
    package var hasWaiting: Bool { index.waitingCount > 0 }
    /// Every frame is settled.
    package var isEmpty: Bool { index.isEmpty }

    // MARK: Opening and closing

    /// Finds what an earlier process has left. If that can't be done now, it is tried again before the next write.
    package func open() async {
        guard !isOpen, !isOpening else { return }
        isOpening = true
        defer { isOpening = false }
        do throws(FileFailure) {
            let found = try await perform { [directory] () throws(FileFailure) in try SpoolRecovery(directory) }
            for (segment, last) in found.segments { index.adopt(segment, lastSequence: last) }
            for sequence in found.avoided { index.avoid(sequence) }
            // Not even those of segments that are gone are used again, should they come back with a file system.
            index.avoid(UInt64(max(0, time.wallClock.nanoseconds / 1000)))
            firstOwn = index.nextSequence
            for warning in found.warnings { logger.error("\(warning)") }
            counters.spoolDamaged.add(found.damagedPlaces)
            counters.eventsRecovered.add(index.documentCount)
            isOpen = true
            news.tell(nil)
        } catch {
            news.tell(error)
        }
        if index.documentCount > 0 {
            logger.notice("\(index.documentCount) records of an earlier run are in the spool, and are sent first.")
        }
        await removeSpent()
    }

    /// Removes what is needed no more, also where that would be done later.
    package func close() async { await removeSpent(isClosing: true) }

    // MARK: Writing

    /// Appends one frame. One call at a time.
    ///
    /// - Parameter isTaken: it is on its way already, from memory; whoever delivers it settles it.
    package func write(_ payload: Payload, isTaken: Bool) async -> Writing {
        if let pause, time.now < pause.until { return pause.like }
        if !isOpen { await open() }
        guard isOpen else { return .unusable }
        guard max(payload.rawSize, payload.body.count) <= FrameHeader.bodyMax else { return .full }
        let frameSize = FrameHeader.size + payload.body.count
        while true {
            let place = index.place(forFrame: frameSize)
            if place == .full {
                if await makeRoom(for: frameSize) { continue }
                if settings.whenFull == .block { news.tellFull() }
                return .full
            }
            let header = FrameHeader(payload, sequence: index.nextSequence, writtenAt: time.wallClock)
            isWriting = true
            let failure = await write(header, payload.body, at: place)
            isWriting = false
            guard let failure else {
                index.haveAppended(header, at: place, isTaken: isTaken)
                haveWritten(header)
                return .written(header.sequence)
            }
            index.haveFailedToAppend()
            if failure.isAboutSpace, await makeRoom(for: frameSize) { continue }
            let outcome = failure.isAboutSpace ? Writing.full : .unusable
            // What is dropped for want of room does not stay in memory, and is told as such.
            if outcome != .full || settings.whenFull != .dropNewest { news.tell(failure) }
            pause = (time.now + Self.retryInterval, outcome)
            return outcome
        }
    }

    private func write(_ header: FrameHeader, _ body: [UInt8], at place: SpoolIndex.Place) async -> FileFailure? {
        let writer = SegmentWriter(directory, minFree: settings.minFree)
        do throws(FileFailure) {
            try await perform { () throws(FileFailure) in try writer.write(header, body, at: place) }
            return nil
        } catch {
            return error
        }
    }

    private func haveWritten(_ header: FrameHeader) {
        pause = nil
        if let segment = index.segments.last?.number, unsynced.last != segment { unsynced.append(segment) }
        counters.spoolFramesWritten.add()
        counters.spoolBytesWritten.add(header.frameSize)
        news.tell(nil)
        publish()
    }

    /// - Returns: true once everything that was written before the call survives a loss of power.
    package func sync() async -> Bool {
        let segments = unsynced
        unsynced = []
        do throws(FileFailure) {
            try await perform { [directory] () throws(FileFailure) in
                for segment in segments {
                    do throws(FileFailure) {
                        try directory.sync(SegmentName.of(segment))
                    } catch {
                        // Delivered meanwhile, and removed.
                        guard error.isAboutNothing else { throw error }
                    }
                }
            }
            return true
        } catch {
            // The kernel may have dropped what it could not write: nothing is added to it.
            index.sealLast()
            news.tell(error)
            return false
        }
    }

    /// Drops the oldest frame, if that is what is wanted when there is no room.
    private func makeRoom(for frameSize: Int) async -> Bool {
        guard settings.whenFull == .dropOldest, frameSize <= settings.limits.bytes, let oldest = await take() else {
            return false
        }
        let count = counters.drops.count(oldest.payload, "oldest", at: time.now, logger)
        counters.eventsDropped.add(count)
        dropped.append(oldest.sequence)
        await settle(oldest.sequence)
        return true
    }

    /// The frames that had to make room for others since the last call.
    package func takeDropped() -> [UInt64] {
        defer { dropped = [] }
        return dropped
    }

    // MARK: Reading

    /// - Returns: the oldest frame that nobody has taken; `nil` when there is none, or it can't be read now.
    package func take() async -> (payload: Payload, sequence: UInt64)? {
        if let readPausedUntil, time.now < readPausedUntil { return nil }
        while true {
            switch index.next() {
            case .nothing: return nil
            case .load(let segment): guard await load(segment) else { return nil }
            case .frame(let frame):
                switch await read(frame) {
                case .intact(let payload)?: return (payload, frame.sequence)
                case .damaged?: await discard(frame)
                case nil: return nil
                }
            }
        }
    }

    private func read(_ frame: SpoolIndex.Frame) async -> SegmentReader.Body? {
        let isStrange = frame.sequence < firstOwn
        do throws(FileFailure) {
            let body = try await perform { [directory] () throws(FileFailure) in
                try SegmentReader(directory).body(
                    SegmentName.of(frame.segment), at: frame.offset, size: frame.size, sequence: frame.sequence,
                    isStrange: isStrange)
            }
            readFailures = 0
            return body
        } catch {
            pauseReading(error)
            guard readFailures >= Self.readsMax || error.isAboutNothing else {
                index.putBack(frame.sequence)
                return nil
            }
            readFailures = 0
            return .damaged
        }
    }

    private func load(_ segment: SpoolIndex.Segment) async -> Bool {
        let number = segment.number
        var frames: [SpoolIndex.Frame] = []
        var walked: UInt64 = 0
        // What is appended meanwhile is found in another round.
        while let size = index.segments.first(where: { $0.number == number })?.size, walked < size {
            let (offset, sequence) = (walked, frames.last.map { $0.sequence + 1 } ?? number)
            do throws(FileFailure) {
                let contents = try await perform { [directory] () throws(FileFailure) in
                    try SegmentReader(directory).contents(
                        of: SegmentName.of(number), size: size, from: offset, sequence: sequence)
                }
                for (header, offset) in contents.frames where !header.isSettled {
                    frames.append(SpoolIndex.Frame(header, segment: number, offset: offset))
                }
                if !contents.damage.isEmpty || contents.tail != nil { index.noteDamage(in: number) }
                walked = size
            } catch {
                pauseReading(error)
                guard readFailures >= Self.readsMax || error.isAboutNothing else { return false }
                readFailures = 0
                index.noteDamage(in: number)
                walked = size
            }
        }
        let more = index.load(number, frames)
        if more > 0 { counters.eventsRecovered.add(more) }
        if more < 0 { news.tellLost(-more, in: number, "its frames can't be found any more") }
        await removeSpent()
        return true
    }

    private func discard(_ frame: SpoolIndex.Frame) async {
        index.discard(frame.sequence)
        news.tellLost(frame.documents, in: frame.segment, "frame \(frame.sequence) is damaged, or can't be read")
        await removeSpent()
    }

    private func pauseReading(_ failure: FileFailure) {
        readFailures += 1
        readPausedUntil = time.now + Self.retryInterval
        news.tell(failure)
    }

    // MARK: Letting go

    /// Nothing of the frame has to be sent any more.
    package func settle(_ sequence: UInt64) async {
        let frame = index.settle(sequence)
        // Also in a segment that nobody needs any more: should it be set aside, this one is not what was lost. If this
        // fails, the frame is sent once more after a restart, with the same ids.
        try? await perform { [directory] () throws(FileFailure) in
            try directory.write(
                [FrameHeader.settled], [], to: SegmentName.of(frame.segment),
                at: frame.offset + UInt64(FrameHeader.stateOffset))
        }
        await removeSpent()
    }

    private func removeSpent(isClosing: Bool = false) async {
        let spent = leftovers + index.takeSpent(isClosing: isClosing, keepsLast: isWriting)
        leftovers = []
        publish()
        guard !spent.isEmpty else { return }
        let removal = SegmentRemoval(directory, spent)
        leftovers += await withTaskExecutorPreference(storage) { removal.run() }
    }

    private func publish() {
        counters.spoolSegments.set(index.segments.count)
        counters.spoolBytes.set(Int(index.used))
        counters.spoolEvents.set(index.documentCount)
    }

    /// Leaves the actor while the disk is busy.
    private nonisolated func perform<Result: Sendable>(
        _ work: @Sendable () throws(FileFailure) -> Result
    ) async throws(FileFailure) -> Result {
        try await withTaskExecutorPreference(storage) { () async throws(FileFailure) -> Result in try work() }
    }
}
