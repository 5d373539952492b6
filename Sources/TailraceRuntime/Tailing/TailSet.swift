import Logging
import TailraceCore

/// All log files that are being read, in fair turns: one read of a file, then the next file.
///
/// Lives in the ingest task; nothing else touches it.
final class TailSet {
    private let files: any LogFiles
    private let time: any Timebase
    private let rules: TailRules
    private let counters: Counters
    private var reports: RepeatedReports

    private let finder: FileFinder
    private let buffer = ReadBuffer()
    private var tails: [FileKey: Tail] = [:]
    /// In the order in which they were found: the order of a dictionary differs from run to run.
    private var order: [Tail] = []
    private var ready = Turns()
    private var waiting: [Tail] = []
    private var waitingBytes = 0
    private var touched: [Tail] = []
    /// Checkpoints do not know these files, or not in their present life.
    private var unknown: [Tail] = []
    private var schedule: LookSchedule

    /// A tailer, and the lists that it is in.
    final class Tail {
        let tailer: Tailer
        var isReady = false
        var isWaiting = false
        var isTouched = false
        var isFinished = false
        var waitingBytes = 0
        var sight = 0

        init(_ tailer: Tailer) { self.tailer = tailer }
    }

    init(
        _ platform: Platform, rules: TailRules, discovery: Discovery, checkpoints: [Checkpoint], counters: Counters,
        logger: Logger
    ) {
        files = platform.logFiles
        time = platform.time
        self.rules = rules
        self.counters = counters
        reports = RepeatedReports(logger)
        schedule = LookSchedule()
        finder = FileFinder(platform, rules: rules, discovery: discovery, checkpoints: checkpoints, logger: logger)
    }

    var count: Int { order.count }

    /// Checkpoints whose files are gone for good, since the last call.
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
            for tail in order where tail.tailer.state.isDraining || tail.tailer.mayHaveGrown { makeReady(tail) }
            schedule.havePolled(from: now, to: time.now)
        }
    }

    /// Looks at everything once more, whatever was seen before.
    func lookAgain(_ now: Moment) {
        findFiles(now)
        for tail in order { makeReady(tail) }
    }

    /// When something has to be done although no file changes.
    func nextDeadline() -> Moment {
        waiting.reduce(schedule.next) { min($0, $1.tailer.joinDeadline ?? .distantFuture) }
    }

    private func findFiles(_ now: Moment) {
        let sight = schedule.sight
        for found in finder.scan(now: now) {
            if let tail = tails[found.status.key] {
                tail.tailer.pathIsFound(found.path)
                tail.sight = sight
            } else if let tailer = finder.open(found, now: now, known: { tails[$0] != nil }) {
                add(tailer).sight = sight
            }
        }
        for tailer in finder.openRotated(now: now, known: { tails[$0] != nil }) {
            add(tailer)
        }
        for tail in order where tail.sight != sight { tail.tailer.pathIsLost(now: now) }
        counters.filesOpen.set(order.count)
    }

    @discardableResult
    private func add(_ tailer: Tailer) -> Tail {
        let tail = Tail(tailer)
        tails[tailer.key] = tail
        order.append(tail)
        if tailer.isUnknown { unknown.append(tail) }
        makeReady(tail)
        return tail
    }

    private func makeReady(_ tail: Tail) {
        guard !tail.isReady else { return }
        tail.isReady = true
        ready.append(tail, isUrgent: tail.tailer.state.isDraining)
    }

    // MARK: Reading

    /// Reads the next file in turn into a batch that is not full.
    ///
    /// - Returns: false when there is nothing to read in any file.
    func read(into batch: inout Batch) -> Bool {
        while let tail = ready.next() {
            tail.isReady = false
            let now = time.now
            do throws(FileFailure) {
                let progress = try tail.tailer.read(into: &batch, buffer: buffer, now: now, readAt: time.wallClock)
                take(tail, &batch)
                if tail.tailer.isUnknown { unknown.append(tail) }
                if progress == .some {
                    makeReady(tail)
                    return true
                }
                if tail.tailer.state.phase == .ended, try letGo(tail, &batch) { return true }
            } catch {
                reports.warn("\(error). It is tried again every second.", about: tail.tailer.path, now: now)
            }
        }
        return false
    }

    /// Ends the events of files that nothing more has come from, as far as `batch` has room.
    func flushQuiet(into batch: inout Batch) {
        let now = time.now
        for tail in waiting where !tail.isReady && !batch.isFull {
            guard let deadline = tail.tailer.joinDeadline, deadline <= now else { continue }
            tail.tailer.flushQuiet(into: &batch, now: now, readAt: time.wallClock)
            take(tail, &batch)
        }
        waiting.removeAll { tail in
            tail.isWaiting = tail.tailer.joinDeadline != nil
            return !tail.isWaiting
        }
    }

    /// A file was let go; the checkpoints have to be told even if there is nothing to send.
    var hasFinished: Bool { touched.contains { $0.tailer.isFinished } }

    /// Ends everything that is unfinished, for the end of the process. Call it when nothing is left to read.
    ///
    /// - Returns: false when `batch` became full, or a file has grown: read on, and call again.
    func finishAll(into batch: inout Batch) -> Bool {
        for tail in order where !tail.isFinished {
            guard !batch.isFull else { return false }
            let now = time.now
            do throws(FileFailure) {
                let progress = try tail.tailer.finish(
                    into: &batch, buffer: buffer, now: now, readAt: time.wallClock)
                take(tail, &batch)
                guard progress == .none else {
                    makeReady(tail)
                    return false
                }
            } catch {
                reports.warn("\(error). What it holds is read after the next start.", about: tail.tailer.path, now: now)
            }
            tail.isFinished = true
        }
        return true
    }

    /// Files that the checkpoints have to be told of before a batch is cut.
    func takeSightings() -> [Sighting] {
        defer { unknown.removeAll() }
        return unknown.compactMap { $0.tailer.takeSighting() }
    }

    /// - Returns: what the batch that is about to be cut means for the checkpoints.
    func takeManifest() -> Manifest {
        defer {
            for tail in touched { tail.isTouched = false }
            touched.removeAll(keepingCapacity: true)
        }
        return Manifest(files: touched.compactMap { $0.tailer.takeManifest() })
    }

    func report() -> [FileReport] {
        order.map { tail in
            FileReport(
                id: tail.tailer.id, path: tail.tailer.path, size: tail.tailer.size, position: tail.tailer.position,
                isRotated: tail.tailer.state.isDraining)
        }
    }

    func closeAll() {
        for tail in order { tail.tailer.close() }
        order = []
        tails = [:]
    }

    // MARK: Details

    /// Keeps the books after something of the file was consumed.
    private func take(_ tail: Tail, _ batch: inout Batch) {
        if !tail.isTouched {
            tail.isTouched = true
            touched.append(tail)
        }
        countWaiting(tail)
        if tail.tailer.joinDeadline != nil, !tail.isWaiting {
            tail.isWaiting = true
            waiting.append(tail)
        }
        while waitingBytes > rules.waitingMax, let largest = waiting.max(by: { $0.waitingBytes < $1.waitingBytes }),
            largest.waitingBytes > 0
        {
            largest.tailer.flushEarly(into: &batch, readAt: time.wallClock)
            if !largest.isTouched {
                largest.isTouched = true
                touched.append(largest)
            }
            countWaiting(largest)
        }
    }

    private func countWaiting(_ tail: Tail) {
        waitingBytes += tail.tailer.pendingBytes - tail.waitingBytes
        tail.waitingBytes = tail.tailer.pendingBytes
    }

    /// The file was rotated away and has been quiet long enough.
    ///
    /// - Returns: false when it could not be done yet.
    private func letGo(_ tail: Tail, _ batch: inout Batch) throws(FileFailure) -> Bool {
        let progress = try tail.tailer.finish(
            into: &batch, buffer: buffer, now: time.now, readAt: time.wallClock)
        take(tail, &batch)
        guard progress == .none else {
            makeReady(tail)
            return true
        }
        tail.tailer.markFinished()
        tail.tailer.close()
        files.unwatchFile(tail.tailer.key)
        tails[tail.tailer.key] = nil
        order.removeAll { $0 === tail }
        waiting.removeAll { $0 === tail }
        counters.filesOpen.set(order.count)
        return true
    }
}

/// The files that have something to read. Rotated ones come first: they are the ones that can disappear.
private struct Turns {
    private var urgent: [TailSet.Tail] = []
    private var others: [TailSet.Tail] = []
    private var first = 0

    mutating func append(_ tail: TailSet.Tail, isUrgent: Bool) {
        if isUrgent { urgent.append(tail) } else { others.append(tail) }
    }

    mutating func next() -> TailSet.Tail? {
        if let tail = urgent.popLast() { return tail }
        guard first < others.count else {
            others.removeAll(keepingCapacity: true)
            first = 0
            return nil
        }
        first += 1
        let tail = others[first - 1]
        if first > 512, first * 2 > others.count {
            others.removeFirst(first)
            first = 0
        }
        return tail
    }
}
