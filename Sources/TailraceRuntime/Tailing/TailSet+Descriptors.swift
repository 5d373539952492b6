import TailraceCore

/// Descriptors: quiet files are closed when others need theirs, and opened again when they have changed.
extension TailSet {
    /// Opens a closed file, and closes another one for it if there are too many.
    ///
    /// - Returns: `nil` when the file is not where it was.
    func wake(_ tail: Tail, _ now: Moment) throws(FileFailure) -> Tailer? {
        open.noteTurn(of: tail)
        if let tailer = tail.tailer { return tailer }
        if open.isFull, let other = open.quietest { close(other) }
        guard let file = try finder.reopen(tail, now: now) else {
            miss(tail, now)
            return nil
        }
        let tailer = Tailer(file, checkpoint: tail.checkpoint, rules: rules, waiting: tail.waitedFor)
        tail.open(tailer)
        open.insert(tail)
        return tailer
    }

    /// Takes with it what the next manifest has to say of the file, and closes it.
    func close(_ tail: Tail) {
        if let tailer = tail.tailer { parting.append(tailer.takeCheckpoint()) }
        tail.close()
        waiting.note(tail)
        open.remove(tail)
    }

    /// The system gives no more descriptors: fewer files are kept open from now on.
    ///
    /// - Returns: false when there is nothing left to close.
    func keepFewerOpen(_ error: FileFailure, _ now: Moment) -> Bool {
        let before = open.count
        let isLowered = open.lowerLimit()
        while open.isOverfull, let other = open.quietest { close(other) }
        reports.warn(
            """
            \(error). Of \(before) log files that were open, \(open.count) are kept open from now on; the others are \
            read in turns. Raise the limit of open files (ulimit -n), or lower TAILRACE_MAX_OPEN_FILES.
            """, about: "descriptors", now: now)
        return isLowered && open.count < before
    }
}
