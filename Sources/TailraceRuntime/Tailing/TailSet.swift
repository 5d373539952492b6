import Logging
import TailraceCore

/// All log files that are followed, in fair turns: one read of a file, then the next file.
///
/// Lives in the ingest task; nothing else touches it.
final class TailSet {
    private let files: any LogFiles
    private let time: any Timebase
    private let rules: TailRules
    private let counters: Counters
    private let logger: Logger
    private var reports: RepeatedReports

    private let finder: FileFinder
    private let buffer = ReadBuffer()
    private var tails: [FileKey: Tail] = [:]
    private var tailsByHome: [String: [Tail]] = [:]
    /// In the order in which they were found: the order of a dictionary differs from run to run.
    private var order: [Tail] = []
    private var open: [Tail] = []
    private var ready = Turns()
    private var turn = 0
    private var waiting: [Tail] = []
    private var waitingBytes = 0
    private var touched: [Tail] = []
    /// What the next manifest says of files that were closed or let go since the last one.
    private var parting: [Checkpoint] = []
    /// Checkpoints do not know these files, or not under their present identity.
    private var unknown: [Tail] = []
    private var schedule = LookSchedule()

    init(
        _ platform: Platform, rules: TailRules, discovery: Discovery, checkpoints: [Checkpoint], counters: Counters,
        logger: Logger
    ) {
        files = platform.logFiles
        time = platform.time
        self.rules = rules
        self.counters = counters
        self.logger = logger
        reports = RepeatedReports(logger)
        finder = FileFinder(
            platform, rules: rules, discovery: discovery, checkpoints: checkpoints, counters: counters, logger: logger)
    }

    var count: Int { order.count }

    /// Checkpoints that are of no use any more, since the last call.
    func takeForgotten() -> [FileID] { finder.takeForgotten(now: time.now) }

    // MARK: Noticing

    func note(_ changes: FileChanges) {
        for key in changes.written.sorted(by: { ($0.device, $0.inode) < ($1.device, $1.inode) }) {
            if let tail = tails[key] { makeReady(tail) }
        }
        if changes.isListingStale || changes.isIncomplete { schedule.isListingStale = true }
        if changes.isIncomplete { for tail in order { makeReady(tail) } }
    }

    /// Looks for new files and for growth that nobody told of, when it is time to.
    func look(_ now: Moment) {
        if schedule.isLookDue(now) {
            findFiles(now)
            schedule.haveLooked(from: now, to: time.now)
        }
        if schedule.isPollDue(now) {
            var isUntold = false
            for tail in open where !tail.isReady {
                guard let tailer = tail.tailer else { continue }
                let hasGrown = tailer.mayHaveGrown
                isUntold = isUntold || hasGrown
                if hasGrown || tail.hasFailed || tail.isDraining { makeReady(tail) }
            }
            schedule.havePolled(from: now, to: time.now, isUntold: isUntold || !finder.isWatching)
        }
    }

    /// Looks at everything once more, whatever was seen before.
    func lookAgain(_ now: Moment) {
        findFiles(now)
        for tail in open { makeReady(tail) }
    }

    /// When something has to be done although no file changes.
    func nextDeadline() -> Moment {
        waiting.reduce(schedule.next) { min($0, $1.joinDeadline ?? .distantFuture) }
    }

    private func findFiles(_ now: Moment) {
        let sight = schedule.sight
        let findings = finder.scan(now: now)
        for found in findings.files {
            // The number of a file that is gone may have been given to another; not while it is open.
            if let tail = tails[found.status.key], tail.tailer == nil, !tail.checkpoint.mayDescribe(found.status) {
                miss(tail, now)
            }
            if let tail = tails[found.status.key] {
                tail.tailer?.pathIsFound()
                tail.place = found.path
                tail.sight = sight
                if tail.hasFailed || tail.hasChanged(found.status) { makeReady(tail) }
            } else if let found = finder.admit(found, now: now, tails: tailsByHome) {
                add(found, now).sight = sight
            }
        }
        for tail in order where tail.sight != sight {
            if let tailer = tail.tailer { tailer.pathIsLost(now: now) } else { miss(tail, now) }
        }
        let rotated = finder.lookForRotated(findings, now: now, tails: tailsByHome) { tails[$0] != nil }
        for found in rotated {
            guard tails[found.file.status.key] == nil else {
                found.file.file.close()
                continue
            }
            let tail = add(found, now)
            tail.sight = sight
            if found.isRotated { tail.tailer?.pathIsLost(now: now) }
        }
        counters.filesFollowed.set(order.count)
        counters.filesOpen.set(open.count)
    }

    @discardableResult
    private func add(_ found: Found, _ now: Moment) -> Tail {
        let tailer = Tailer(found.file, checkpoint: found.checkpoint, rules: rules)
        let tail = Tail(tailer, key: found.file.status.key, place: found.file.path)
        enter(tail, isUnknown: found.isUnknown)
        open.append(tail)
        // What has no turn yet needs no descriptor either.
        if open.count > rules.openFilesMax, !found.isRotated { close(tail) }
        return tail
    }

    private func enter(_ tail: Tail, isUnknown: Bool) {
        tails[tail.key] = tail
        tailsByHome[tail.home, default: []].append(tail)
        order.append(tail)
        if isUnknown { unknown.append(tail) }
        makeReady(tail)
    }

    private func remove(_ tail: Tail) {
        tail.isFinished = true
        if tails[tail.key] === tail { tails[tail.key] = nil }
        tailsByHome[tail.home]?.removeAll { $0 === tail }
        if tailsByHome[tail.home]?.isEmpty == true { tailsByHome[tail.home] = nil }
        order.removeAll { $0 === tail }
        open.removeAll { $0 === tail }
        waiting.removeAll { $0 === tail }
    }

    /// A closed file is not where it was.
    private func miss(_ tail: Tail, _ now: Moment) {
        finder.miss(tail, now: now)
        remove(tail)
        schedule.isListingStale = true
    }

    private func makeReady(_ tail: Tail) {
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
                tail.hasFailed = true
                // A handle of a file server that has forgotten it is never good again.
                if error.isAboutHandle { close(tail) }
                reports.warn("\(error). It is tried again every second.", about: tail.path, now: now)
            }
            if batch.isFull { return true }
        }
        return false
    }

    /// Ends the events of files that nothing more has come from, as far as `batch` has room.
    func flushQuiet(into batch: inout Batch) {
        let now = time.now
        for tail in waiting where !tail.isReady && !batch.isFull {
            guard let deadline = tail.joinDeadline, deadline <= now else { continue }
            guard let tailer = tail.tailer else {
                makeReady(tail)
                continue
            }
            tailer.flushQuiet(into: &batch, now: now, readAt: time.wallClock)
            take(tail, &batch)
        }
        waiting.removeAll { tail in
            tail.isWaiting = tail.joinDeadline != nil
            return !tail.isWaiting
        }
    }

    /// A file was let go; the checkpoints have to be told even if there is nothing to send.
    var hasFinished: Bool { !parting.isEmpty }

    /// Ends everything that is unfinished, for the end of the process. Call it when nothing is left to read.
    ///
    /// - Returns: false when `batch` became full, or a file has grown: read on, and call again.
    func finishAll(into batch: inout Batch) -> Bool {
        for tail in open where !tail.isFinished {
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

    /// Files that the checkpoints have to be told of before a batch is cut.
    func takeSightings() -> [Checkpoint] {
        defer { unknown.removeAll() }
        return unknown.map { tail in
            var checkpoint = tail.checkpoint
            // What has been read meanwhile is told by manifests.
            checkpoint.resume = tail.firstResume
            checkpoint.trail = .none
            checkpoint.cuts = []
            return checkpoint
        }
    }

    /// - Returns: what the batch that is about to be cut means for the checkpoints.
    func takeManifest() -> Manifest {
        defer {
            for tail in touched { tail.isTouched = false }
            touched.removeAll(keepingCapacity: true)
            parting.removeAll()
        }
        return Manifest(files: parting + touched.compactMap { $0.tailer?.takeCheckpoint() })
    }

    func report() -> [FileReport] { order.map(\.report) }

    func closeAll() {
        for tail in open { tail.close() }
        order = []
        open = []
        tails = [:]
    }

    // MARK: Details

    /// Keeps the books after something of the file was consumed.
    private func take(_ tail: Tail, _ batch: inout Batch) {
        touch(tail)
        countWaiting(tail)
        wait(tail)
        while waitingBytes > rules.waitingMax, let largest = waiting.max(by: { $0.waitingBytes < $1.waitingBytes }),
            largest.waitingBytes > 0
        {
            largest.tailer?.flushEarly(into: &batch, readAt: time.wallClock)
            touch(largest)
            countWaiting(largest)
        }
    }

    private func wait(_ tail: Tail) {
        guard tail.joinDeadline != nil, !tail.isWaiting else { return }
        tail.isWaiting = true
        waiting.append(tail)
    }

    private func touch(_ tail: Tail) {
        guard !tail.isTouched else { return }
        tail.isTouched = true
        touched.append(tail)
    }

    private func countWaiting(_ tail: Tail) {
        let bytes = tail.tailer?.pendingBytes ?? 0
        waitingBytes += bytes - tail.waitingBytes
        tail.waitingBytes = bytes
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
        tailer.markDone(at: time.wallClock)
        parting.append(tailer.takeCheckpoint())
        finder.remember(tailer.checkpoint)
        remove(tail)
    }

    /// The file was emptied: it has a second life, with ids of its own. The rest of the first may be in a copy.
    private func beginAnew(
        _ tail: Tail, _ tailer: Tailer, _ batch: inout Batch, _ now: Moment
    ) throws(FileFailure) {
        let place = tail.place
        let key = tail.key
        let copy = try finder.copy(of: tail) { tails[$0] != nil }
        let file: any LogFile
        if let copy {
            logger.info("\(tail.path) was emptied; what had not been read is in its copy \(copy.path).")
            file = tailer.move(to: copy, now: now)
            tails[key] = nil
            tail.hasMoved(to: copy)
            tails[tail.key] = tail
            finder.watch(copy)
            unknown.append(tail)
            makeReady(tail)
        } else {
            counters.filesTruncated.add()
            logger.info(
                "\(tail.path) was emptied, and is read from its start. It had been read up to byte \(tailer.position).",
                metadata: ["file": "\(tail.checkpoint)", "place": "\(place)"])
            tailer.flushEarly(into: &batch, readAt: time.wallClock)
            take(tail, &batch)
            finish(tail, tailer)
            file = tailer.giveUpFile()
        }
        let opened = try OpenedFile.plain(place, file)
        let checkpoint = finder.fresh(opened, path: tail.path, home: tail.home, resume: ResumeOffsets(0))
        let next = Tail(Tailer(opened, checkpoint: checkpoint, rules: rules), key: key, place: place)
        next.sight = schedule.sight
        enter(next, isUnknown: true)
        open.append(next)
    }

    // MARK: Descriptors

    /// Opens a closed file, and closes another one for it if there are too many.
    ///
    /// - Returns: `nil` when the file is not where it was.
    private func wake(_ tail: Tail, _ now: Moment) throws(FileFailure) -> Tailer? {
        turn += 1
        tail.lastTurn = turn
        if let tailer = tail.tailer { return tailer }
        if open.count >= rules.openFilesMax { closeAnother() }
        guard let file = try finder.reopen(tail, now: now) else {
            miss(tail, now)
            return nil
        }
        let tailer = Tailer(file, checkpoint: tail.checkpoint, rules: rules, waiting: tail.waitedFor)
        tail.open(tailer)
        open.append(tail)
        return tailer
    }

    /// Closes the file that has been quiet for longest. One with lines that wait, which must be read again, only if there
    /// is no other.
    private func closeAnother() {
        let idle = open.filter { !$0.isDraining }
        guard let tail = idle.min(by: { ($0.isWaiting ? 1 : 0, $0.lastTurn) < ($1.isWaiting ? 1 : 0, $1.lastTurn) })
        else { return }
        close(tail)
    }

    /// Takes with it what the next manifest has to say of the file, and closes it.
    private func close(_ tail: Tail) {
        if let tailer = tail.tailer { parting.append(tailer.takeCheckpoint()) }
        tail.close()
        countWaiting(tail)
        open.removeAll { $0 === tail }
        wait(tail)
    }
}
