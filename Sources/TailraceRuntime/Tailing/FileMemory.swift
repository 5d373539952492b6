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
    /// The times that file systems note can lie behind the clock by one of its coarse ticks.
    static let tick = Duration.milliseconds(20)

    private let logger: Logger
    private var missing = CheckpointIndex()
    private var done = CheckpointIndex()
    /// Files that no pattern leads to any more: not read, but known when one does again.
    private var unwanted = CheckpointIndex()
    private var forgotten: [FileID] = []
    private var nextAging = Moment(nanoseconds: .min)

    /// - Parameter isWanted: whether a file that was written under this path is to be read.
    init(_ checkpoints: [Checkpoint], isWanted: (String) -> Bool = { _ in true }, now: Moment, logger: Logger) {
        self.logger = logger
        for checkpoint in checkpoints.sorted(by: { $0.modified < $1.modified }) {
            if !isWanted(checkpoint.path) {
                unwanted.insert(checkpoint, since: now)
            } else if checkpoint.doneAt == nil {
                missing.insert(checkpoint, since: now)
            } else {
                done.insert(checkpoint, since: now)
            }
        }
    }

    /// The paths that were read, and the floor of each: a file that was rotated from there unseen was written to later.
    func paths() -> [String: Timestamp] {
        var floors: [String: Timestamp] = [:]
        for (home, entries) in done.homes {
            floors[home] = entries.map { Timestamp(nanoseconds: $0.checkpoint.modified) }.max()
        }
        // Files are not done with in the order in which they were written: one that is missing may be older than that.
        for (home, entries) in missing.homes {
            let seenAt = entries.map { Self.floor($0.checkpoint) }.min()
            floors[home] = [floors[home], seenAt].compactMap(\.self).min()
        }
        return floors
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
        for entry in missing.describing(file.status).sorted(by: { $0.checkpoint.seenAt > $1.checkpoint.seenAt }) {
            if claimed == nil, try file.mayHold(entry.checkpoint) {
                claimed = entry
            } else if !entry.isEmptied {
                entry.isEmptied = true
                logger.info("\(file.path) was emptied or replaced while it was not read; it is read from its start.")
            }
        }
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

    /// - Parameter tails: what is still read.
    func remember(_ checkpoint: Checkpoint, _ tails: TailTable) {
        done.insert(checkpoint, since: .distantFuture)
        guard done.count > Self.doneMax else { return }
        if done.at(checkpoint.home).count > Self.doneMaxOfPath {
            // What has not turned up while so many others of the path were read is gone.
            for entry in missing.at(checkpoint.home) { giveUp(entry) }
            forgetOldest(of: checkpoint.home, tails)
        }
        if done.count > Self.doneMax, let first = done.first { forget(first) }
    }

    /// To be called after a look.
    func forgetOldest(_ tails: TailTable, _ unjudged: RotatedFiles.Unjudged) {
        let crowded = done.homes.filter { $0.value.count > Self.doneMaxOfPath }.map(\.key)
        for home in crowded where unjudged.listed.contains(RotatedFiles.split(home).folder) {
            let waiting = unjudged.floors[home].map { Timestamp(nanoseconds: $0 - Self.tick.nanoseconds) }
            forgetOldest(of: home, tails, before: waiting)
        }
    }

    private func forgetOldest(of home: String, _ tails: TailTable, before bound: Timestamp? = nil) {
        let missed = missing.at(home).map { Self.floor($0.checkpoint) }
        let floor = (missed + tails.floors(at: home) + [bound].compactMap(\.self)).min()
        let byAge = done.at(home).sorted { $0.checkpoint.modified < $1.checkpoint.modified }
        for oldest in byAge.dropLast(Self.doneMaxOfPath) {
            // Of what is later than the floor, nothing else tells after a crash that it is not new.
            guard floor.map({ oldest.checkpoint.modified < $0.nanoseconds }) ?? true else { break }
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
        done.at(paths).first { $0.checkpoint.id == id }.map { $0.checkpoint.trail.offset >= size } ?? true
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

    /// What stands in these folders has been looked at: of what was empty when it was seen, and is not there, nothing
    /// can be recognised.
    func forgetEmpty(in folders: Set<String>) {
        guard missing.count > 0 else { return }
        for entry in missing.all where entry.checkpoint.fingerprint.length == 0 {
            guard folders.contains(RotatedFiles.split(entry.checkpoint.home).folder) else { continue }
            forgetMissing(entry)
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
