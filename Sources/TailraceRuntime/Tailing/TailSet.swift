import Logging
import TailraceCore

/// All log files that are followed, in fair turns: one read of a file, then the next file.
///
/// Lives in the ingest task; nothing else touches it. Which files there are is found out in `TailSet+Look.swift`,
/// which of them are open is decided in `TailSet+Descriptors.swift`.
final class TailSet {
    let files: any LogFiles
    let time: any Timebase
    let rules: TailRules
    let counters: Counters
    private let logger: Logger
    var reports: RepeatedReports

    let finder: FileFinder
    private let buffer = ReadBuffer()
    var tails = TailTable()
    var open: OpenTails
    private var ready = Turns()
    var waiting = WaitingTails()
    private var touched: [Tail] = []
    /// What the next manifest says of files that were closed or let go since the last one.
    var parting: [Checkpoint] = []
    /// Copies of which all has been read since the last manifest, from the originals.
    var readCopies: [Checkpoint] = []
    /// Checkpoints do not know these files, or not under their present identity.
    private var unknown: [Tail] = []
    var schedule = LookSchedule()

    init(
        _ platform: Platform, rules: TailRules, discovery: Discovery, checkpoints: Checkpoints, counters: Counters,
        logger: Logger
    ) {
        files = platform.logFiles
        time = platform.time
        self.rules = rules
        self.counters = counters
        self.logger = logger
        reports = RepeatedReports(logger)
        open = OpenTails(most: rules.openFilesMax)
        finder = FileFinder(
            platform, rules: rules, discovery: discovery, checkpoints: checkpoints, counters: counters, logger: logger)
    }

    /// When something has to be done although no file changes.
    func nextDeadline() -> Moment { min(schedule.next, waiting.deadline) }

    func makeReady(_ tail: Tail) {
        guard !tail.isReady, !tail.isFinished else { return }
        tail.isReady = true
        ready.append(tail, isUrgent: tail.isDraining)
    }

    // MARK: Reading

    /// Reads the next file in turn into a batch that is not full.
    ///
    /// - Returns: false when there is nothing to read in any file.
    func read(into batch: inout Batch) -> Bool {
        while let tail = ready.next() {
            tail.isReady = false
            guard !tail.isFinished else { continue }
            if tails.isRestLeft(before: tail) {
                tail.isReady = true
                ready.append(tail, isUrgent: false)
                continue
            }
            let now = time.now
            do throws(FileFailure) {
                guard let tailer = try wake(tail, now) else { continue }
                tail.hasFailed = false
                let progress = try tailer.read(into: &batch, buffer: buffer, now: now, readAt: time.wallClock)
                switch progress {
                case .emptied:
                    try beginAnew(tail, tailer, &batch, now)
                    return true
                case .some:
                    take(tail, &batch)
                    makeReady(tail)
                    return true
                case .none:
                    take(tail, &batch)
                    if tailer.state.phase == .ended, try letGo(tail, tailer, &batch) { return true }
                }
            } catch {
                fail(tail, error, now)
            }
            if batch.isFull { return true }
        }
        return false
    }

    private func fail(_ tail: Tail, _ error: FileFailure, _ now: Moment) {
        tail.hasFailed = true
        // A handle of a file server that has forgotten it is never good again.
        if error.isAboutHandle { close(tail) }
        if error.isAboutDescriptors {
            if keepFewerOpen(error, now) { makeReady(tail) }
            return
        }
        // Whoever renames files or compresses them is not done.
        guard error.code != FileFailure.notWhole else { return }
        reports.warn("\(error). It is tried again every second.", about: tail.path, now: now)
    }

    /// Ends the events of files that nothing more has come from, as far as `batch` has room.
    func flushQuiet(into batch: inout Batch) {
        let now = time.now
        for tail in waiting.due(now) where !batch.isFull {
            guard let tailer = tail.tailer else {
                makeReady(tail)
                continue
            }
            tailer.flushQuiet(into: &batch, now: now, readAt: time.wallClock)
            take(tail, &batch)
        }
        waiting.removeEnded()
    }

    /// A file was let go; the checkpoints have to be told even if there is nothing to send.
    var hasFinished: Bool { !parting.isEmpty || !readCopies.isEmpty }

    /// Ends everything that is unfinished, for the end of the process. Call it when nothing is left to read.
    ///
    /// - Returns: false when `batch` became full, or a file has grown: read on, and call again.
    func finishAll(into batch: inout Batch) -> Bool {
        for tail in open.all where !tail.isFinished {
            guard !batch.isFull else { return false }
            guard let tailer = tail.tailer else { continue }
            let now = time.now
            do throws(FileFailure) {
                let progress = try tailer.finish(into: &batch, buffer: buffer, now: now, readAt: time.wallClock)
                take(tail, &batch)
                guard progress == .none else {
                    makeReady(tail)
                    return false
                }
            } catch {
                reports.warn("\(error). What it holds is read after the next start.", about: tail.path, now: now)
            }
            tail.isFinished = true
        }
        return true
    }

    // MARK: Checkpoints

    /// What the checkpoints have to be told of before a batch is cut.
    func takeSightings() -> Sightings {
        defer { unknown.removeAll() }
        let files = unknown.map { tail in
            var checkpoint = tail.checkpoint
            // What has been read meanwhile is told by manifests.
            checkpoint.resume = tail.firstResume
            checkpoint.trail = .none
            checkpoint.cuts = []
            return checkpoint
        }
        return Sightings(files: files, floors: finder.takeFloors())
    }

    /// - Returns: what the batch that is about to be cut means for the checkpoints.
    func takeManifest() -> Manifest {
        defer {
            for tail in touched { tail.isTouched = false }
            touched.removeAll(keepingCapacity: true)
            parting.removeAll()
            readCopies.removeAll()
        }
        return Manifest(
            files: parting + touched.compactMap { $0.tailer?.takeCheckpoint() },
            forgotten: finder.takeForgotten(now: time.now), copies: readCopies)
    }

    func report(into reports: inout [FileReport]) {
        reports.removeAll(keepingCapacity: true)
        for tail in tails.all { reports.append(tail.report) }
    }

    func closeAll() {
        for tail in open.all { tail.close() }
        open.removeAll()
        tails.removeAll()
    }

    // MARK: Coming and going

    /// - Parameter isUnknown: its checkpoint has to be saved before anything of it is sent.
    func enter(_ tail: Tail, isUnknown: Bool) {
        tails.insert(tail)
        open.insert(tail)
        if isUnknown { unknown.append(tail) }
        makeReady(tail)
    }

    private func remove(_ tail: Tail) {
        tail.isFinished = true
        tails.remove(tail)
        open.remove(tail)
        waiting.remove(tail)
    }

    /// A closed file is not where it was.
    func miss(_ tail: Tail, _ now: Moment) {
        finder.miss(tail, now: now)
        remove(tail)
        schedule.isListingStale = true
    }

    /// The file was rotated away and has been quiet long enough.
    ///
    /// - Returns: false when it could not be done yet.
    private func letGo(_ tail: Tail, _ tailer: Tailer, _ batch: inout Batch) throws(FileFailure) -> Bool {
        let progress = try tailer.finish(into: &batch, buffer: buffer, now: time.now, readAt: time.wallClock)
        take(tail, &batch)
        guard progress == .none else {
            makeReady(tail)
            return true
        }
        finish(tail, tailer)
        tailer.close()
        files.unwatchFile(tail.key)
        counters.filesOpen.set(open.count)
        return true
    }

    private func finish(_ tail: Tail, _ tailer: Tailer) {
        // What the next manifest says of it as well, if something of it was read since the last one.
        tailer.markDone(at: time.wallClock)
        parting.append(tailer.takeCheckpoint())
        remove(tail)
        finder.remember(tailer.checkpoint)
    }

    /// The file was emptied: it has a second life, with ids of its own. The rest of the first may be in a copy.
    private func beginAnew(
        _ tail: Tail, _ tailer: Tailer, _ batch: inout Batch, _ now: Moment
    ) throws(FileFailure) {
        let next = try nextLife(of: tail, tailer)
        let rest = try finder.rest(of: tail, tailer, now: now, tails: tails)
        if case .inCopy(let copy) = rest { return try move(tail, tailer, to: copy, next, now) }
        counters.filesTruncated.add()
        logger.info(
            "\(tail.path) was emptied, and is read from its start. It had been read up to byte \(tailer.position).",
            metadata: ["file": "\(tail.checkpoint.id.text)", "place": "\(tail.place)"])
        tailer.flushEarly(into: &batch, readAt: time.wallClock)
        take(tail, &batch)
        // What was read before the last start, but not delivered, may be in a copy that is not known as one yet.
        if case .nowhere = rest, tailer.checkpoint.resume.low >= tailer.checkpoint.trail.offset {
            finish(tail, tailer)
        } else {
            parting.append(tailer.takeCheckpoint())
            remove(tail)
            finder.missRest(of: tail, now: now)
        }
        enter(next, isUnknown: true)
    }

    /// Before the file is read again, which may take long: by then it may be gone, and nothing would tell that what is
    /// beside it is its copy.
    func followCopy(of tail: Tail, _ now: Moment) {
        do throws(FileFailure) {
            guard let tailer = try wake(tail, now) else { return }
            makeReady(tail)
            let next = try nextLife(of: tail, tailer)
            let rest = try finder.rest(of: tail, tailer, now: now, tails: tails)
            if case .inCopy(let copy) = rest { try move(tail, tailer, to: copy, next, now) }
        } catch {
            fail(tail, error, now)
        }
    }

    private func move(
        _ tail: Tail, _ tailer: Tailer, to copy: OpenedFile, _ next: Tail, _ now: Moment
    ) throws(FileFailure) {
        do throws(FileFailure) {
            try tailer.move(to: copy, now: now)
        } catch {
            copy.file.close()
            throw error
        }
        logger.info("\(tail.path) was emptied; what had not been read is in its copy \(copy.path).")
        tails.move(tail, to: copy)
        finder.watch(copy)
        unknown.append(tail)
        makeReady(tail)
        enter(next, isUnknown: true)
    }

    private func nextLife(of tail: Tail, _ tailer: Tailer) throws(FileFailure) -> Tail {
        let file = try tailer.fileNow(at: tail.place)
        let checkpoint = finder.fresh(file, path: tail.path, home: tail.home, resume: ResumeOffsets(0))
        let next = Tail(Tailer(file, checkpoint: checkpoint, rules: rules), key: tail.key, place: tail.place)
        next.sight = schedule.sight
        return next
    }

    // MARK: Books

    /// Keeps the books after something of the file was consumed.
    private func take(_ tail: Tail, _ batch: inout Batch) {
        touch(tail)
        waiting.note(tail)
        while waiting.bytes > rules.waitingMax, let largest = waiting.largest {
            largest.tailer?.flushEarly(into: &batch, readAt: time.wallClock)
            touch(largest)
            waiting.note(largest)
        }
    }

    private func touch(_ tail: Tail) {
        guard !tail.isTouched else { return }
        tail.isTouched = true
        touched.append(tail)
    }
}
