import Logging
import TailraceCore

/// What is known of files that nobody reads: those that were not found again yet, and those that were read to their end.
final class FileMemory {
    /// A file that has not turned up for so long is given up.
    private static let patience = Duration.seconds(600)
    /// Of files that were read to their end, for each path and in all.
    private static let doneMaxOfPath = 32
    private static let doneMax = 4096
    private static let doneMaxAge = Duration.seconds(30 * 86_400)

    private struct Missing {
        var checkpoint: Checkpoint
        var since: Moment
        /// The file is there, but no longer holds what was read from it.
        var isEmptied = false
    }

    private let logger: Logger
    private var missing: [Missing] = []
    private var done: [Checkpoint] = []
    private var forgotten: [FileID] = []

    init(_ checkpoints: [Checkpoint], now: Moment, logger: Logger) {
        self.logger = logger
        for checkpoint in checkpoints {
            if checkpoint.doneAt == nil {
                missing.append(Missing(checkpoint: checkpoint, since: now))
            } else {
                done.append(checkpoint)
            }
        }
    }

    var hasMissing: Bool { !missing.isEmpty }

    /// The times that file systems note can lie behind the clock by one of its coarse ticks.
    private static let tick = Duration.milliseconds(20)

    /// The paths that were read, and the floor of each: a file that was rotated from there unseen was written to later.
    func paths() -> [String: Timestamp] {
        var floors: [String: Timestamp] = [:]
        for checkpoint in done {
            let modified = Timestamp(nanoseconds: checkpoint.modified)
            floors[checkpoint.home] = max(floors[checkpoint.home] ?? modified, modified)
        }
        // Files are not done with in the order in which they were written: one that is missing may be older than that.
        for checkpoint in missing.map(\.checkpoint) {
            let seenAt = Self.floor(checkpoint)
            floors[checkpoint.home] = min(floors[checkpoint.home] ?? seenAt, seenAt)
        }
        return floors
    }

    /// What was written to a path before it was seen for the first time is nobody's business.
    static func floor(_ checkpoint: Checkpoint) -> Timestamp {
        Timestamp(nanoseconds: checkpoint.seenAt.nanoseconds - tick.nanoseconds)
    }

    // MARK: Missing files

    func isMissing(_ home: String) -> Bool { missing.contains { $0.checkpoint.home == home } }

    /// Under which path the program writes there.
    func path(of home: String) -> String? {
        missing.first { $0.checkpoint.home == home }?.checkpoint.path ?? done.last { $0.home == home }?.path
    }

    /// A file that was closed is no longer where it was.
    func miss(_ checkpoint: Checkpoint, now: Moment) { missing.append(Missing(checkpoint: checkpoint, since: now)) }

    /// The checkpoint of this very file. One that was saved for the same file, but for what it held before it was
    /// emptied, is kept for a copy of that.
    ///
    /// - Parameter isMatched: a pattern leads to it; it is then followed even if there is nothing new in it.
    func claim(_ file: OpenedFile, isMatched: Bool) throws(FileFailure) -> Checkpoint? {
        var claimed: Int?
        for index in missing.indices where missing[index].checkpoint.mayDescribe(file.status) {
            if claimed == nil, try file.mayHold(missing[index].checkpoint) {
                claimed = index
            } else if !missing[index].isEmptied {
                missing[index].isEmptied = true
                logger.info("\(file.path) was emptied or replaced while it was not read; it is read from its start.")
            }
        }
        if let claimed { return missing.remove(at: claimed).checkpoint }
        // It has come back, and perhaps somebody went on writing to it.
        for index in done.indices where done[index].mayDescribe(file.status) {
            guard isMatched || file.status.size > done[index].trail.offset, try file.holds(done[index]) else {
                continue
            }
            var checkpoint = done.remove(at: index)
            checkpoint.doneAt = nil
            return checkpoint
        }
        return nil
    }

    /// True when a checkpoint was perhaps saved for this very file.
    func mayClaim(_ status: FileStatus) -> Bool { missing.contains { $0.checkpoint.mayDescribe(status) } }

    /// The checkpoint of a file of which this one is a copy: compressed by its rotation, or made before it was emptied.
    ///
    /// - Parameter paths: under which the file may have been written.
    func claimCopy(_ file: OpenedFile, paths: [String]) throws(FileFailure) -> Checkpoint? {
        for index in missing.indices {
            let entry = missing[index]
            // What is alike at its beginning only may be another file, whose lines would be left out.
            guard paths.contains(entry.checkpoint.home),
                file.isCompressed || entry.isEmptied || entry.checkpoint.isUnmistakable,
                try file.holds(entry.checkpoint)
            else { continue }
            return missing.remove(at: index).checkpoint
        }
        return nil
    }

    // MARK: Files that were read

    func remember(_ checkpoint: Checkpoint) {
        done.append(checkpoint)
        let ofPath = done.indices.filter { done[$0].home == checkpoint.home }
        if ofPath.count > Self.doneMaxOfPath, let oldest = ofPath.min(by: { done[$0].modified < done[$1].modified }) {
            forget(doneAt: oldest)
        }
        if done.count > Self.doneMax { forget(doneAt: 0) }
    }

    /// True when all that the file holds has been read, from another one or under another name.
    func hasRead(_ file: OpenedFile, paths: [String]) throws(FileFailure) -> Bool {
        for checkpoint in done where paths.contains(checkpoint.home) && file.status.size == checkpoint.trail.offset {
            if try file.holds(checkpoint) { return true }
        }
        return false
    }

    /// Checkpoints that are of no use any more, since the last call.
    func takeForgotten(now: Moment, wallClock: Timestamp) -> [FileID] {
        for entry in missing where now - entry.since > Self.patience {
            let checkpoint = entry.checkpoint
            forgotten.append(checkpoint.id)
            guard checkpoint.resume.low < checkpoint.trail.offset || checkpoint.resume.low == 0 else {
                logger.info("\(checkpoint.path) is gone; all that had been read of it is delivered.")
                continue
            }
            let fate = entry.isEmptied ? "was emptied, and there is no copy of what it held" : "is gone"
            logger.warning(
                "\(checkpoint.path) \(fate). It had been shipped up to byte \(checkpoint.resume.low); what came behind that byte could not be read."
            )
        }
        missing.removeAll { now - $0.since > Self.patience }
        while let first = done.first, let doneAt = first.doneAt,
            wallClock.nanoseconds - doneAt.nanoseconds > Self.doneMaxAge.nanoseconds
        {
            forget(doneAt: 0)
        }
        defer { forgotten = [] }
        return forgotten
    }

    private func forget(doneAt index: Int) { forgotten.append(done.remove(at: index).id) }
}
