import TailraceCore

/// A file that is followed: open, or closed and remembered because others needed the descriptor.
final class Tail {
    enum Source {
        case open(Tailer)
        /// Size and time of the last write as they were then tell whether it has to be opened again. So do lines that
        /// waited to be joined.
        case closed(Checkpoint, size: UInt64, modified: Int64, waiting: Tailer.Waiting?)
    }

    private(set) var source: Source
    /// What the file is found by among those that exist.
    private(set) var key: FileKey
    /// Where the file was seen last.
    private(set) var place: String
    let path: String
    /// As in ``Checkpoint/home``.
    let home: String
    /// Where reading of it began, in this run.
    let firstResume: ResumeOffsets

    // The lists of `TailSet` that it is in.
    var isReady = false
    var isWaiting = false
    var isTouched = false
    var isFinished = false
    var hasFailed = false
    /// It was seen, but not yet by reading on, that the file no longer holds what was read from it.
    private(set) var isEmptied = false
    /// Files beside it that were looked at, and do not hold what it held before it was emptied.
    var others: Set<FileStatus> = []
    /// One of them can't be read.
    var isUnclearSince: Moment?
    var waitingBytes = 0
    var sight = 0
    /// Another one that was written under the same path.
    var nextAtHome: Tail?
    /// When it had its last turn, in turns of all files.
    var lastTurn = 0

    init(_ tailer: Tailer, key: FileKey, place: String) {
        source = .open(tailer)
        self.key = key
        path = tailer.path
        self.place = place == tailer.path ? tailer.path : place
        home = tailer.home
        firstResume = tailer.checkpoint.resume
    }

    var tailer: Tailer? {
        if case .open(let tailer) = source { tailer } else { nil }
    }

    var checkpoint: Checkpoint {
        switch source {
        case .open(let tailer): tailer.checkpoint
        case .closed(let checkpoint, _, _, _): checkpoint
        }
    }

    /// When the events that wait are complete, if nothing more comes.
    var joinDeadline: Moment? {
        switch source {
        case .open(let tailer): tailer.joinDeadline
        case .closed(_, _, _, let waiting): waiting?.deadline
        }
    }

    /// Lines that waited when the file was closed.
    var waitedFor: Tailer.Waiting? {
        if case .closed(_, _, _, let waiting) = source { waiting } else { nil }
    }

    var isDraining: Bool { tailer?.state.isDraining ?? false }

    func open(_ tailer: Tailer) { source = .open(tailer) }

    func close() {
        guard case .open(let tailer) = source else { return }
        source = .closed(tailer.checkpoint, size: tailer.size, modified: tailer.modified, waiting: tailer.waiting)
        tailer.close()
    }

    func isFound(at path: String) {
        // Strings that are alike are kept once.
        if place != path { place = path == self.path ? self.path : path }
    }

    /// What was left of the file is in another one now.
    func hasMoved(to file: OpenedFile) {
        key = file.status.key
        place = file.path
        isEmptied = false
    }

    /// True when a closed file is not as it was.
    func hasChanged(_ status: FileStatus) -> Bool {
        guard case .closed(_, let size, let modified, _) = source else { return false }
        return size != status.size || modified != status.modified
    }

    /// False when the file was emptied, or what is in its place is another.
    func isIntact(_ files: any LogFiles) throws(FileFailure) -> Bool {
        if let tailer {
            isEmptied = try !tailer.isIntact()
            return !isEmptied
        }
        let file = try OpenedFile.open(place, in: files)
        defer { file.file.close() }
        guard file.status.key == key, checkpoint.mayDescribe(file.status) else { return false }
        isEmptied = try !file.mayHold(checkpoint)
        if !isEmptied, case .closed(var checkpoint, let size, let modified, let waiting) = source {
            checkpoint.fingerprint = file.fingerprint
            source = .closed(checkpoint, size: size, modified: modified, waiting: waiting)
        }
        return !isEmptied
    }

    /// True when `other` is a copy of the first bytes, whole or still in the making.
    func isCopied(to other: OpenedFile, _ files: any LogFiles) throws(FileFailure) -> Bool {
        if let tailer { return try tailer.isCopied(to: other) }
        let file = try OpenedFile.open(place, in: files)
        defer { file.file.close() }
        return try other.isCopy(of: file.file)
    }

    var report: FileReport {
        switch source {
        case .open(let tailer):
            FileReport(
                id: tailer.id, path: path, size: tailer.sizeNow, position: tailer.position,
                isRotated: tailer.state.isDraining)
        case .closed(let checkpoint, let size, _, _):
            FileReport(id: checkpoint.id, path: path, size: size, position: checkpoint.resume.low, isRotated: false)
        }
    }
}
