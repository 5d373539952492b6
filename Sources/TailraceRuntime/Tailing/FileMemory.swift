import Logging
import TailraceCore

/// What is known of files that nobody reads: those that were not found again yet, and those that were read to their end.
final class FileMemory {
    /// A file that has not turned up for so long is given up.
    private static let patience = Duration.seconds(600)
    /// Of files that were read to their end: for each path, beside those that are later than what is still read, and in
    /// all.
    private static let doneMaxOfPath = 32
    private static let doneMax = 4096
    private static let doneMaxAge = Duration.seconds(30 * 86_400)
    private static let agingInterval = Duration.seconds(60)
    /// A rotation that copies takes so long at most, from the last write to the file to the last one to its copy.
    private static let copyTime = Duration.seconds(30)
    /// Whether a list of a folder is whole can't be told where its time of change is not kept, or comes late (NFS).
    private static let oversightTime = Duration.seconds(60)
    /// The times that file systems note can lie behind the clock by one of its coarse ticks.
    static let tick = Duration.milliseconds(20)

    private let logger: Logger
    private var missing = CheckpointIndex()
    private var done = CheckpointIndex()
    /// Files that no pattern leads to any more: not read, but known when one does again.
    private var unwanted = CheckpointIndex()
    private var forgotten: [FileID] = []
    /// As in ``Checkpoints/floors``.
    private var floors: [String: Int64]
    private var floorsChanged: Set<String> = []
    private var nextAging = Moment(nanoseconds: .min)

    /// - Parameter isWanted: whether a file that was written under this path is to be read.
    init(_ checkpoints: Checkpoints, isWanted: (String) -> Bool = { _ in true }, now: Moment, logger: Logger) {
        self.logger = logger
        floors = checkpoints.floors
        for checkpoint in checkpoints.files.sorted(by: { $0.modified < $1.modified }) {
            if !isWanted(checkpoint.path) {
                unwanted.insert(checkpoint, since: now)
            } else if checkpoint.doneAt == nil {
                missing.insert(checkpoint, since: now)
            } else {
                done.insert(checkpoint, since: now)
            }
        }
    }

    /// The paths of which files were read, as far as they are not followed.
    var homes: Set<String> { Set(done.homes.map(\.key)).union(missing.homes.map(\.key)) }

    func knows(_ home: String) -> Bool { done.isAny(at: home) || missing.isAny(at: home) }

    /// A file that was rotated from this path unseen was not written to before. `nil`: nothing is known of it.
    func floor(of home: String, _ tails: TailTable) -> Timestamp? {
        if let floor = floors[home] { return Timestamp(nanoseconds: floor) }
        // Nothing was forgotten yet.
        return ((done.at(home) + missing.at(home)).map { Self.floor($0.checkpoint) } + tails.floors(at: home)).min()
    }

    /// What was written to a path before it was seen for the first time is nobody's business.
    static func floor(_ checkpoint: Checkpoint) -> Timestamp {
        Timestamp(nanoseconds: checkpoint.seenAt.nanoseconds - tick.nanoseconds)
    }

    /// When the files of this path were made.
    func births(at home: String) -> [Int64] { (missing.at(home) + done.at(home)).map(\.checkpoint.birth) }

    // MARK: Missing files

    func isMissing(_ home: String) -> Bool { missing.isAny(at: home) }

    /// Under which path the program writes there.
    func path(of home: String) -> String? {
        missing.at(home).first?.checkpoint.path ?? done.at(home).last?.checkpoint.path
    }

    /// A file that was closed is no longer where it was, or it was emptied and what it held is perhaps in a copy.
    func miss(_ checkpoint: Checkpoint, isEmptied: Bool = false, now: Moment) {
        missing.insert(checkpoint, since: now, isEmptied: isEmptied)
    }

    /// The checkpoint of this very file. One that was saved for the same file, but for what it held before it was
    /// emptied, is kept for a copy of that.
    ///
    /// - Parameters:
    ///   - homes: where the file was perhaps written.
    ///   - isMatched: a pattern leads to it; it is then followed even if there is nothing new in it.
    func claim(_ file: OpenedFile, homes: [String], isMatched: Bool) throws(FileFailure) -> Checkpoint? {
        var claimed: CheckpointIndex.Entry?
        // Of several lives of a file the last one is the present.
        var others: [CheckpointIndex.Entry] = []
        for entry in livesOf(file.status) {
            if claimed == nil, try file.mayHold(entry.checkpoint) { claimed = entry } else { others.append(entry) }
        }
        setAside(others, file.path)
        if claimed == nil { claimed = try ofOtherDevice(file, homes) }
        if let claimed {
            missing.remove(claimed)
            return claimed.checkpoint
        }
        // It has come back, and perhaps somebody went on writing to it.
        for entry in done.describing(file.status) {
            guard isMatched || file.status.size > entry.checkpoint.trail.offset, try file.holds(entry.checkpoint)
            else { continue }
            done.remove(entry)
            var checkpoint = entry.checkpoint
            checkpoint.doneAt = nil
            return checkpoint
        }
        guard isMatched else { return nil }
        for entry in unwanted.describing(file.status) where try file.holds(entry.checkpoint) {
            unwanted.remove(entry)
            var checkpoint = entry.checkpoint
            checkpoint.doneAt = nil
            return checkpoint
        }
        return nil
    }

    /// Of several that were saved for a file, the one for what it holds now comes first.
    private func livesOf(_ status: FileStatus) -> [CheckpointIndex.Entry] {
        missing.describing(status).sorted { one, other in
            (one.checkpoint.seenAt, one.checkpoint.modified) > (other.checkpoint.seenAt, other.checkpoint.modified)
        }
    }

    private func setAside(_ emptied: [CheckpointIndex.Entry], _ path: String) {
        guard emptied.contains(where: { !$0.isEmptied }) else { return }
        for entry in emptied { entry.isEmptied = true }
        logger.info("\(path) was emptied or replaced while it was not read; it is read from its start.")
    }

    /// What is known of a file that is delivered to its end, and was not touched since. Its time and its size tell: with
    /// each start there may be thousands of them.
    func delivered(_ status: FileStatus) -> CheckpointIndex.Entry? {
        guard let last = livesOf(status).first, !last.isEmptied, last.checkpoint.resume.low == status.size,
            last.checkpoint.isUntouched(status)
        else { return nil }
        return last
    }

    /// - Parameter delivered: as ``delivered(_:)`` returned it.
    func claim(_ delivered: CheckpointIndex.Entry, _ file: (path: String, status: FileStatus)) {
        missing.remove(delivered)
        setAside(livesOf(file.status), file.path)
    }

    /// Where no birth times are kept (NFS, many overlays), a file system may have another number after each mount, and
    /// the inode alone tells little.
    private func ofOtherDevice(_ file: OpenedFile, _ homes: [String]) throws(FileFailure) -> CheckpointIndex.Entry? {
        guard file.status.birth == 0 else { return nil }
        for entry in missing.at(homes) where entry.checkpoint.key.inode == file.status.inode {
            guard entry.checkpoint.birth == 0, entry.checkpoint.isUnmistakable, try file.holds(entry.checkpoint)
            else { continue }
            return entry
        }
        return nil
    }

    /// True when a checkpoint was perhaps saved for this very file.
    func mayClaim(_ status: FileStatus) -> Bool { !missing.describing(status).isEmpty }

    /// False when no checkpoint can be of this file, nor of what it is a copy of, although it was written to before
    /// all of its path that is known.
    func mayHold(_ status: FileStatus, _ paths: [String]) -> Bool {
        paths.contains { missing.isAny(at: $0) } || !done.describing(status).isEmpty
    }

    /// The earliest last write to what is missing of this path, as far as it is known. Copies are made later.
    func lastWrite(to path: String) -> Timestamp? {
        missing.at(path).map { Timestamp(nanoseconds: $0.checkpoint.modified) }.min()
    }

    /// The checkpoint of a file of which this one is a copy: compressed by its rotation, or made before it was emptied.
    ///
    /// - Parameters:
    ///   - paths: under which the file may have been written.
    ///   - begun: something of the file was read. Of others there is no more than a beginning to compare.
    func claimCopy(_ file: OpenedFile, paths: [String], begun: Bool) throws(FileFailure) -> Checkpoint? {
        var best: CheckpointIndex.Entry?
        for entry in missing.at(paths) where begun == (entry.checkpoint.trail.offset > 0) {
            // What is alike at its beginning only may be another file, whose lines would be left out.
            guard file.isCompressed || entry.isEmptied || entry.checkpoint.isUnmistakable,
                try file.holds(entry.checkpoint)
            else { continue }
            // The more of it was read, the less others are like it.
            if let best, !Self.isSurer(entry.checkpoint, than: best.checkpoint) { continue }
            best = entry
        }
        guard let best else { return nil }
        missing.remove(best)
        return best.checkpoint
    }

    private static func isSurer(_ one: Checkpoint, than other: Checkpoint) -> Bool {
        (one.trail.offset, one.fingerprint.length) > (other.trail.offset, other.fingerprint.length)
    }

    // MARK: Files that were read

    /// True when it was read to its end, and is as it was then.
    func isDone(_ status: FileStatus, isCompressed: Bool) -> Bool {
        done.describing(status).contains { entry in
            // What it holds is larger than it is, and nobody adds to it.
            isCompressed ? entry.checkpoint.modified == status.modified : entry.checkpoint.isUntouched(status)
        }
    }

    /// True when somebody goes on writing to a file that was let go.
    func hasGrown(_ status: FileStatus) -> Bool {
        done.describing(status).contains { status.size > $0.checkpoint.trail.offset }
    }

    func remember(_ checkpoint: Checkpoint) {
        done.insert(checkpoint, since: .distantFuture)
        guard done.count > Self.doneMax, let first = done.first else { return }
        forget(first)
        // So that it does not come again, what is older and was not looked at yet will not be read after a restart.
        let (home, behind) = (first.checkpoint.home, first.checkpoint.modified + 2 * Self.tick.nanoseconds)
        guard floors[home].map({ $0 < behind }) ?? true else { return }
        logger.warning(
            """
            Of \(home), so many rotated files were read while others could not be looked at that no more can be \
            remembered. Those that were written to before \(behind / 1_000_000_000) s since 1970 have to be read before \
            the next restart.
            """)
        setFloor(of: home, to: behind)
    }

    /// A look has judged what it could: what it has not left need not be held against anything again.
    ///
    /// - Parameter begunAt: a time of day before the folders were listed: files that were made and rotated since then
    ///   are not in the lists.
    func haveLooked(_ tails: TailTable, _ unjudged: Unjudged, begunAt: Timestamp) {
        for (home, entries) in done.homes where unjudged.isListed(home) {
            let lastRead = (entries.map(\.checkpoint.modified) + tails.at(home).map(\.checkpoint.modified)).max() ?? 0
            let judged = min(lastRead, begunAt.nanoseconds - Self.oversightTime.nanoseconds)
            let floor = max(self.floor(of: home, tails)?.nanoseconds ?? 0, min(judged, unjudged.floors[home] ?? .max))
            // Clocks are set back.
            setFloor(of: home, to: min(floor, begunAt.nanoseconds - Self.tick.nanoseconds))
            forgetOldest(of: home)
        }
        for home in floors.keys where !knows(home) && !tails.isAny(at: home) {
            floors[home] = nil
            floorsChanged.insert(home)
        }
        forgetEmpty(unjudged)
    }

    private func setFloor(of home: String, to floor: Int64) {
        guard floors[home] != floor else { return }
        floors[home] = floor
        floorsChanged.insert(home)
    }

    /// What has changed of ``Checkpoints/floors`` since the last call.
    func takeFloors() -> [String: Int64?] {
        defer { floorsChanged = [] }
        var changes: [String: Int64?] = [:]
        for home in floorsChanged { changes.updateValue(floors[home], forKey: home) }
        return changes
    }

    private func forgetOldest(of home: String) {
        let entries = done.at(home)
        guard let floor = floors[home], entries.count > Self.doneMaxOfPath else { return }
        let byAge = entries.sorted { $0.checkpoint.modified < $1.checkpoint.modified }
        for oldest in byAge.dropLast(Self.doneMaxOfPath) {
            // Of what is later, or a later copy of it, nothing else tells after a crash that it is not new.
            guard oldest.checkpoint.modified < floor - Self.copyTime.nanoseconds else { break }
            forget(oldest)
        }
    }

    /// It was read to its end, and will not be seen again.
    func forget(_ checkpoint: Checkpoint) { forgotten.append(checkpoint.id) }

    /// True when all that the file holds has been read, from another one or under another name.
    func hasRead(_ file: OpenedFile, paths: [String]) throws(FileFailure) -> Bool {
        for entry in done.at(paths) {
            let checkpoint = entry.checkpoint
            if file.status.size == checkpoint.trail.offset, try file.holds(checkpoint) { return true }
            // It was read on after it was copied.
            if checkpoint.isTimed, file.isOvertaken(by: checkpoint) { return true }
        }
        return false
    }

    /// False when the file was let go before so much of it had been read: it was emptied.
    func hasRead(_ id: FileID, upTo size: UInt64, paths: [String]) -> Bool {
        done.at(paths).first { $0.checkpoint.id == id }.map { $0.checkpoint.resume.low >= size } ?? true
    }

    // MARK: Forgetting

    /// Checkpoints that are of no use any more, since the last call.
    func takeForgotten(now: Moment, wallClock: Timestamp) -> [FileID] {
        if missing.count > 0 {
            for entry in missing.all where now - entry.since > Self.patience { giveUp(entry) }
        }
        guard now >= nextAging else { return takeAll() }
        nextAging = now + Self.agingInterval
        while let first = done.first, let doneAt = first.checkpoint.doneAt,
            wallClock.nanoseconds - doneAt.nanoseconds > Self.doneMaxAge.nanoseconds
        {
            forget(first)
        }
        for entry in unwanted.all
        where wallClock.nanoseconds - entry.checkpoint.modified > Self.doneMaxAge.nanoseconds {
            unwanted.remove(entry)
            forgotten.append(entry.checkpoint.id)
        }
        return takeAll()
    }

    private func takeAll() -> [FileID] {
        defer { forgotten = [] }
        return forgotten
    }

    /// Of what was empty when it was seen, and is not where a look has judged all that it may be, nothing can be
    /// recognised.
    private func forgetEmpty(_ unjudged: Unjudged) {
        guard missing.count > 0 else { return }
        for entry in missing.all where entry.checkpoint.fingerprint.length == 0 {
            let home = entry.checkpoint.home
            if unjudged.isComplete(home, upTo: floors[home]) { forgetMissing(entry) }
        }
    }

    private func giveUp(_ entry: CheckpointIndex.Entry) {
        say(entry)
        forgetMissing(entry)
    }

    private func forgetMissing(_ entry: CheckpointIndex.Entry) {
        missing.remove(entry)
        forgotten.append(entry.checkpoint.id)
    }

    private func say(_ entry: CheckpointIndex.Entry) {
        let checkpoint = entry.checkpoint
        guard checkpoint.resume.low < checkpoint.trail.offset || checkpoint.resume.low == 0 else {
            return logger.info("\(checkpoint.path) is gone; all that had been read of it is delivered.")
        }
        let fate = entry.isEmptied ? "was emptied, and there is no copy of what it held" : "is gone"
        logger.warning(
            """
            \(checkpoint.path) \(fate). It had been shipped up to byte \(checkpoint.resume.low); what came behind that \
            byte could not be read.
            """)
    }

    private func forget(_ entry: CheckpointIndex.Entry) {
        done.remove(entry)
        forgotten.append(entry.checkpoint.id)
    }
}
