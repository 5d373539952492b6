import Glibc
import Logging
import TailraceCore

/// The part of the queue that is on disk.
///
/// Decides nothing by itself about what is written: ``Parker`` does, with the ``Outbox``. What goes wrong here is
/// reported, counted and tried again; meanwhile batches stay in memory, and lines in their files.
actor Spool {
    enum Writing: Equatable {
        case written(UInt64)
        /// The limit is reached, or the disk has no room.
        case full
        /// The folder can't be used now.
        case unusable
    }

    /// Between two attempts at what has failed.
    private static let retryInterval = Duration.seconds(1)
    /// Attempts at reading a frame before it counts as damaged.
    private static let readsMax = 10
    private static let damagedMax = 4

    private let directory: any SpoolDirectory
    private let storage: any TaskExecutor
    private let settings: SpoolSettings
    private let time: any Timebase
    private let counters: Counters
    private let logger: Logger

    private var index: SpoolIndex
    private var isOpen = false
    private var isOpening = false
    /// Frames before this one are from an earlier process.
    private var firstOwn: UInt64 = 1
    private var unsynced: [UInt64] = []
    private var leftovers: [SpoolIndex.Segment] = []
    private var damaged: [UInt64] = []
    private var isWriting = false
    /// Not before then is the next write tried; until then it would end like this.
    private var pause: (until: Moment, like: Writing)?
    private var readPausedUntil: Moment?
    private var readFailures = 0
    private var trouble: FileFailure?

    init(
        _ directory: any SpoolDirectory, storage: any TaskExecutor, settings: SpoolSettings, time: any Timebase,
        counters: Counters, logger: Logger
    ) {
        self.directory = directory
        self.storage = storage
        self.settings = settings
        self.time = time
        self.counters = counters
        self.logger = logger
        index = SpoolIndex(limits: settings.limits)
    }

    /// Frames are on disk that nobody has taken; they come before anything in memory.
    var hasWaiting: Bool { index.waitingCount > 0 }
    /// Every frame is settled.
    var isEmpty: Bool { index.isEmpty }

    // MARK: Opening and closing

    /// Finds what an earlier process has left. If that can't be done now, it is tried again before the next write.
    func open() async {
        guard !isOpen, !isOpening else { return }
        isOpening = true
        defer { isOpening = false }
        do throws(FileFailure) {
            let found = try await perform { [directory] () throws(FileFailure) in try SpoolRecovery(directory) }
            for (segment, last) in found.segments { index.adopt(segment, lastSequence: last) }
            for sequence in found.avoided { index.avoid(sequence) }
            // Not even those of segments that are gone are used again, should they come back with a file system.
            index.avoid(UInt64(max(0, time.wallClock.nanoseconds / 1000)))
            damaged = found.avoided.filter { number in !found.segments.contains { $0.segment.number == number } }
            firstOwn = index.nextSequence
            for warning in found.warnings { logger.error("\(warning)") }
            counters.spoolDamaged.add(found.damagedPlaces)
            counters.eventsRecovered.add(index.documentCount)
            isOpen = true
            report(nil)
        } catch {
            report(error)
        }
        if index.documentCount > 0 {
            logger.notice("\(index.documentCount) records of an earlier run are in the spool, and are sent first.")
        }
        await removeSpent()
    }

    /// Removes what is needed no more, also where that would be done later.
    func close() async { await removeSpent(isClosing: true) }

    // MARK: Writing

    /// Appends one frame. One call at a time.
    ///
    /// - Parameter isTaken: it is on its way already, from memory; whoever delivers it settles it.
    func write(_ payload: Payload, isTaken: Bool) async -> Writing {
        if let pause, time.now < pause.until { return pause.like }
        if !isOpen { await open() }
        guard isOpen else { return .unusable }
        let frameSize = FrameHeader.size + payload.body.count
        while true {
            let place = index.place(forFrame: frameSize)
            if place == .full {
                if await makeRoom(for: frameSize) { continue }
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
            if failure.isAboutSpace, await makeRoom(for: frameSize) { continue }
            index.sealLast()
            report(failure)
            let outcome = failure.isAboutSpace ? Writing.full : .unusable
            pause = (time.now + Self.retryInterval, outcome)
            return outcome
        }
    }

    private func write(_ header: FrameHeader, _ body: [UInt8], at place: SpoolIndex.Place) async -> FileFailure? {
        let name: String
        let offset: UInt64
        switch place {
        case .full: return nil
        case .newSegment(let number): (name, offset) = (SegmentName.of(number), 0)
        case .end(let number, let at): (name, offset) = (SegmentName.of(number), at)
        }
        let needed = UInt64(header.frameSize) + UInt64(settings.minFree)
        let (isNew, isChoosy) = (offset == 0, settings.minFree > 0)
        do throws(FileFailure) {
            try await perform { [directory] () throws(FileFailure) in
                if isChoosy, try directory.freeBytes() < needed {
                    throw FileFailure("leave TAILRACE_SPOOL_MIN_FREE while writing", name, code: ENOSPC)
                }
                do throws(FileFailure) {
                    if isNew { try directory.create(name) }
                    try directory.write(header.bytes, body, to: name, at: offset)
                } catch {
                    // What stands there now is no frame, and nothing relies on this going well.
                    if isNew { try? directory.remove(name) } else { try? directory.truncate(name, to: offset) }
                    throw error
                }
            }
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
        report(nil)
        publish()
    }

    /// - Returns: true once everything that was written before the call survives a loss of power.
    func sync() async -> Bool {
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
            report(error)
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
        await settle(oldest.sequence)
        return true
    }

    // MARK: Reading

    /// - Returns: the oldest frame that nobody has taken; `nil` when there is none, or it can't be read now.
    func take() async -> (payload: Payload, sequence: UInt64)? {
        if let readPausedUntil, time.now < readPausedUntil { return nil }
        while true {
            switch index.next() {
            case .nothing: return nil
            case .load(let segment): guard await load(segment) else { return nil }
            case .frame(let frame):
                switch await read(frame) {
                case .intact(let payload)?: return (payload, frame.sequence)
                case .damaged?: await discard(frame, because: "its checksum does not fit")
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
        if more < 0 { tellLost(-more, number, "its frames can't be found any more") }
        await removeSpent()
        return true
    }

    private func discard(_ frame: SpoolIndex.Frame, because reason: String) async {
        index.discard(frame.sequence)
        tellLost(frame.documents, frame.segment, "frame \(frame.sequence) is damaged: \(reason)")
        await removeSpent()
    }

    private func tellLost(_ documents: Int, _ segment: UInt64, _ reason: String) {
        counters.spoolDamaged.add()
        counters.eventsDamaged.add(documents)
        logger.error(
            """
            \(documents) records in the spool's segment \(SegmentName.of(segment)) can't be read: \(reason). They are \
            lost, unless their lines are still in the log files. The segment is kept as \(SegmentName.damaged(segment)).
            """)
        publish()
    }

    private func pauseReading(_ failure: FileFailure) {
        readFailures += 1
        readPausedUntil = time.now + Self.retryInterval
        report(failure)
    }

    // MARK: Letting go

    /// Nothing of the frame has to be sent any more.
    func settle(_ sequence: UInt64) async {
        let frame = index.settle(sequence)
        publish()
        if index.segments.contains(where: { $0.number == frame.segment && $0.frames > 0 }) {
            // If this fails, the frame is sent once more after a restart, with the same ids.
            try? await perform { [directory] () throws(FileFailure) in
                try directory.write(
                    [FrameHeader.settled], [], to: SegmentName.of(frame.segment),
                    at: frame.offset + UInt64(FrameHeader.stateOffset))
            }
        }
        await removeSpent()
    }

    private func removeSpent(isClosing: Bool = false) async {
        leftovers += index.takeSpent(isClosing: isClosing, keepsLast: isWriting)
        let spent = leftovers
        leftovers = []
        publish()
        for segment in spent {
            let name = SegmentName.of(segment.number)
            do throws(FileFailure) {
                try await perform { [directory] () throws(FileFailure) in
                    if segment.isDamaged {
                        try directory.rename(name, to: SegmentName.damaged(segment.number))
                    } else {
                        try directory.remove(name)
                    }
                }
                if segment.isDamaged { await keepDamaged(segment.number) }
            } catch {
                if !error.isAboutNothing { leftovers.append(segment) }
            }
        }
    }

    /// The newest few, for people to look at.
    private func keepDamaged(_ number: UInt64) async {
        damaged.append(number)
        guard damaged.count > Self.damagedMax else { return }
        let oldest = damaged.removeFirst()
        try? await perform { [directory] () throws(FileFailure) in
            try directory.remove(SegmentName.damaged(oldest))
        }
    }

    private func publish() {
        counters.spoolSegments.set(index.segments.count)
        counters.spoolBytes.set(Int(index.used))
        counters.spoolEvents.set(index.documentCount)
    }

    // MARK: Trouble

    private func report(_ failure: FileFailure?) {
        defer { trouble = failure }
        guard let failure else {
            if trouble != nil { logger.notice("The spool can be used again.") }
            return
        }
        counters.spoolFailures.add()
        guard failure != trouble else { return }
        let meaning =
            failure.code == EWOULDBLOCK
            ? "Another Tailrace uses this folder: give each its own TAILRACE_SPOOL_DIR."
            : "Check the volume behind TAILRACE_SPOOL_DIR: space, permissions, read-only."
        logger.error(
            """
            The spool can't be used now: \(failure). Batches stay in memory, and reading waits when that is full; the \
            log files keep what is unread. It is tried again every second. \(meaning)
            """)
    }

    /// Leaves the actor while the disk is busy.
    private nonisolated func perform<Result: Sendable>(
        _ work: @Sendable () throws(FileFailure) -> Result
    ) async throws(FileFailure) -> Result {
        try await withTaskExecutorPreference(storage) { () async throws(FileFailure) -> Result in try work() }
    }
}
