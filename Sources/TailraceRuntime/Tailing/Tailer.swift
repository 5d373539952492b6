import TailraceCore

/// One open log file: where reading stands, and what its lines are being made into.
///
/// It keeps no bytes of the file. What has no newline yet stays in the file and is read again when there is more of it.
final class Tailer {
    enum Progress: Equatable {
        /// Bytes were consumed, and there are more: come again.
        case some
        /// Nothing more to do before the file grows.
        case none
        /// The file no longer holds what was read from it. Nothing was consumed.
        case emptied
    }

    /// Lines that wait to be joined. When they are read again, they have been waiting all the time.
    struct Waiting {
        var since: Moment
        var deadline: Moment
        /// Behind the last of them.
        var end: UInt64
    }

    let id: FileID
    /// Under which the program writes; the documents say so.
    let path: String
    let home: String
    private(set) var state = TailState()
    /// Its size when it was rotated away, in bytes.
    private var sizeRotated: UInt64 = 0
    /// The size that was seen last, in bytes.
    private(set) var size: UInt64 = 0
    /// As in ``FileStatus/modified``, as seen last.
    private(set) var modified: Int64
    /// True when the last read has come to the end of the file.
    private(set) var isAtEnd = false

    private var file: any LogFile
    private var key: FileKey
    private var birth: Int64
    private let seenAt: Timestamp
    private let rules: TailRules

    private var fingerprint: Fingerprint
    private var trail: Trail
    /// Of what was read before this start, and is read again: what was sent of it has its ids.
    private var reached = Trail.none
    /// The trails of a second ago or more, and of a second before that.
    private var marks = (older: Trail.none, newer: Trail.none, next: Moment(nanoseconds: .min))
    private var format: LogFormat?
    private var template: DocumentTemplate?
    private var assembler: Assembler?
    private let start: ResumeOffsets
    /// The file may have been emptied since this was saved.
    private var unverified: Checkpoint?
    private let reread: Waiting?
    /// Of a compressed file, when what it holds was written to last, as far as is known.
    private var writtenAt: Int64?
    private var isDeleted = false
    private var doneAt: Timestamp?
    private var search = NewlineSearch()

    /// Goes on reading `file` where `checkpoint` says, which is of that file and has not been done with.
    ///
    /// - Parameter waiting: what waited when the file was closed, and is read again now.
    init(_ file: OpenedFile, checkpoint: Checkpoint, rules: TailRules, waiting: Waiting? = nil) {
        self.file = file.file
        reread = waiting
        writtenAt = file.isCompressed ? checkpoint.modified : nil
        self.rules = rules
        id = checkpoint.id
        path = checkpoint.path
        home = checkpoint.home
        key = file.status.key
        birth = file.status.birth
        size = file.status.size
        // The file may have been emptied since then.
        modified = checkpoint.modified
        seenAt = checkpoint.seenAt
        fingerprint = checkpoint.fingerprint
        start = checkpoint.resume
        format = checkpoint.format.map { rules.format(of: checkpoint.path) ?? $0 }
        trail = checkpoint.trail
        unverified = checkpoint
    }

    /// True when the file is not as it was at the last look, or can't be looked at, which reading will tell about.
    var mayHaveGrown: Bool {
        guard let status = try? file.status() else { return true }
        return status.size != size || status.modified != modified
    }

    /// As it is now, also while nothing is read.
    var sizeNow: UInt64 { max(size, (try? file.status().size) ?? size) }

    /// Behind the last byte that was consumed.
    var position: UInt64 { assembler?.position ?? start.low }

    var pendingBytes: Int { assembler?.pendingBytes ?? 0 }

    var waiting: Waiting? {
        guard let since = assembler?.arrival, let deadline = joinDeadline else { return nil }
        return Waiting(since: since, deadline: deadline, end: position)
    }

    /// When the events that wait are complete, if nothing more comes. There is no such time while the file holds bytes
    /// that could not be read yet: after a restart they must be joined as they were before.
    var joinDeadline: Moment? { isAtEnd ? assembler?.waitingSince.map { $0 + rules.joinTimeout } : nil }

    // MARK: Where the file is

    func pathIsFound() { state.pathIsFound() }

    /// - Parameter quietSince: when it was written to last, or renamed, if that is known.
    func pathIsLost(now: Moment, quietSince: Moment? = nil) {
        if !state.isDraining { sizeRotated = sizeNow }
        state.pathIsLost(now: now, quietSince: quietSince)
    }

    /// It was rotated away before all of it had been read. What is written to it since then does not count.
    var isRest: Bool { state.isDraining && position < sizeRotated }

    func close() { file.close() }

    /// True unless the file was emptied since the last look.
    func isIntact() throws(FileFailure) -> Bool {
        let status = try file.status()
        let head = try Head(of: file).bytes
        guard status.size >= trail.offset, fingerprint.matches(head.span), try trail.matches(file),
            try isReached(status)
        else { return false }
        if head.count > fingerprint.length { fingerprint = Fingerprint(of: head.span) }
        return true
    }

    func isCopied(to other: OpenedFile) throws(FileFailure) -> Bool { try other.isCopy(of: file) }

    /// The file was emptied, but `copy` holds all that was read from it, and what had not been read yet.
    ///
    /// The file now has another life, and belongs to the caller.
    func move(to copy: OpenedFile, now: Moment) throws(FileFailure) {
        // More had been read than was copied, and it is read again for the lines that waited to be joined.
        if trail.offset > copy.status.size { trail = try Trail.of(copy.file, before: copy.status.size) }
        if reached.offset > copy.status.size { reached = .none }
        file = copy.file
        key = copy.status.key
        birth = copy.status.birth
        fingerprint = copy.fingerprint
        writtenAt = copy.isCompressed ? modified : nil
        modified = copy.status.modified
        size = copy.status.size
        isAtEnd = false
        sizeRotated = size
        state.pathIsLost(now: now)
    }

    /// The same file, as it is now. The caller has to see to it that only one of both closes it.
    func fileNow(at place: String) throws(FileFailure) -> OpenedFile { try OpenedFile.plain(place, file) }

    /// True when `other` is a copy that was made before all of it was read, and no other file with the same long
    /// beginning.
    func isOvertakenCopy(_ other: OpenedFile) throws(FileFailure) -> Bool {
        let checkpoint = checkpoint
        guard other.isOvertaken(by: checkpoint) else { return false }
        if checkpoint.isTimed { return true }
        // Not every file system keeps birth times. The file may be older than we have known it.
        let madeAt = other.status.birth == 0 ? other.status.modified : other.status.birth
        guard madeAt >= (birth == 0 ? seenAt.nanoseconds : birth) else { return false }
        for mark in [marks.older, marks.newer] where mark.isBehindFingerprint && mark.offset <= other.status.size {
            return try mark.matches(other.file)
        }
        return false
    }

    // MARK: Reading

    /// Reads once and consumes what it can.
    func read(
        into batch: inout Batch, buffer: ReadBuffer, now: Moment, readAt: Timestamp
    ) throws(FileFailure) -> Progress {
        isAtEnd = false
        if let unverified, try !resume(unverified) { return .emptied }
        let before = position
        try buffer.fill(from: file, at: before, overlap: trail.length)
        // Only now: what was written over the file before this look would be noticed by it.
        guard trail.matches(buffer.overlap), try isSameFile(buffer, at: before) else { return .emptied }
        defer { buffer.shrink() }
        // What was written since the buffer was filled is noticed as growth.
        if buffer.count < ReadBuffer.capacity { size = min(size, before + UInt64(buffer.count)) }
        guard buffer.count > 0, try knowsFormat(buffer, isAtEnd: false) else { return rest(now) }
        use(&batch, readAt)
        assembler?.consume(buffer.bytes, readAt: readAt, now: arrival(now, before: before), into: &batch)
        if position > before {
            mark(now)
            trail = buffer.trail(at: position, index: Int(position - before))
        } else if !batch.isFull, buffer.count >= ReadBuffer.capacity {
            try readLongLine(into: &batch, buffer: buffer, now: now, readAt: readAt)
        }
        guard position > before else { return batch.isFull ? .some : rest(now) }
        state.somethingWasRead(now: now)
        isAtEnd = position >= size
        return isAtEnd ? .none : .some
    }

    /// Consumes a last line that has no newline, and ends all events: the file is let go, or the process ends.
    ///
    /// Call it when ``read(into:buffer:now:readAt:)`` finds nothing more.
    ///
    /// - Returns: `some` when a newline has come after all: read on.
    func finish(
        into batch: inout Batch, buffer: ReadBuffer, now: Moment, readAt: Timestamp
    ) throws(FileFailure) -> Progress {
        let count = try buffer.fill(from: file, at: position, most: rules.assembly.maxLineBytes)
        defer { buffer.shrink() }
        if buffer.bytes.firstIndex(of: UInt8(ascii: "\n")) != nil { return .some }
        if count > 0 { _ = try knowsFormat(buffer, isAtEnd: true) }
        guard assembler != nil else { return .none }
        use(&batch, readAt)
        // Of a longer line, as much has been searched for a newline.
        let end = max(position + UInt64(count), search.offset)
        assembler?.finish(buffer.bytes.extracting(first: count), end: end, readAt: readAt, now: now, into: &batch)
        trail = try Trail.of(file, before: position)
        return .none
    }

    /// Ends events that nothing has been added to for the time-out.
    func flushQuiet(into batch: inout Batch, now: Moment, readAt: Timestamp) {
        use(&batch, readAt)
        let quiet = Moment(nanoseconds: now.nanoseconds - rules.joinTimeout.nanoseconds)
        assembler?.flushQuiet(since: quiet, into: &batch)
    }

    /// Ends all events, to get their memory back.
    func flushEarly(into batch: inout Batch, readAt: Timestamp) {
        use(&batch, readAt)
        assembler?.flushEarly(.all, into: &batch)
    }

    /// Nothing more is to be read.
    func markDone(at time: Timestamp) { doneAt = time }

    // MARK: Checkpoints

    /// What would have to be remembered of the file now, if everything sent on so far is delivered. The cuts are those
    /// made since the last one that was taken.
    func takeCheckpoint() -> Checkpoint {
        var checkpoint = checkpoint
        checkpoint.cuts = assembler?.takeNewCuts() ?? []
        return checkpoint
    }

    /// What the file can be opened again with. Lines that wait to be joined are then read again.
    var checkpoint: Checkpoint {
        Checkpoint(
            id: id, path: path, home: home, format: format, key: key, birth: birth, modified: writtenAt ?? modified,
            seenAt: seenAt, doneAt: doneAt, fingerprint: fingerprint,
            trail: reached.offset > trail.offset ? reached : trail, resume: assembler?.resume ?? start,
            cuts: assembler?.oldCuts ?? unverified?.cuts ?? [])
    }

    // MARK: Details

    private func mark(_ now: Moment) {
        guard now >= marks.next else { return }
        marks = (older: marks.newer, newer: trail, next: now + .seconds(1))
    }

    /// Takes up reading where the checkpoint says.
    ///
    /// - Returns: false when the file no longer holds what was read from it.
    private func resume(_ checkpoint: Checkpoint) throws(FileFailure) -> Bool {
        guard try trail.matches(file) else { return false }
        let offset = start.low
        if trail.offset != offset {
            let before = try Trail.of(file, before: offset)
            (reached, trail) = (trail, before)
        }
        let last = offset > 0 ? try Head(of: file, at: offset - 1, most: 1).bytes.first : nil
        // From here on nothing can fail.
        unverified = nil
        guard let format else { return true }
        assembler = Assembler(
            rules.assembly, format: format, resume: start, cuts: checkpoint.cuts,
            isInsideLine: last != nil && last != UInt8(ascii: "\n"))
        return true
    }

    private func use(_ batch: inout Batch, _ created: Timestamp) {
        guard let format else { return }
        let template = template ?? rules.template(for: id, path: path, format: format)
        self.template = template
        batch.use(template, created: created)
    }

    /// When the bytes in the buffer were read for the first time.
    private func arrival(_ now: Moment, before: UInt64) -> Moment {
        guard let reread, before < reread.end, size <= reread.end else { return now }
        return reread.since
    }

    private func rest(_ now: Moment) -> Progress {
        isAtEnd = true
        state.nothingWasRead(isDeleted: isDeleted, grace: rules.grace(of: path), now: now)
        return .none
    }

    /// - Parameter offset: where the buffer was filled from.
    /// - Returns: false when the file was emptied since the last look, or since the buffer was filled.
    private func isSameFile(_ buffer: ReadBuffer, at offset: UInt64) throws(FileFailure) -> Bool {
        let status = try file.status()
        guard status.size >= position else { return false }
        let head = try Head(of: file).bytes
        guard fingerprint.matches(head.span), try isReached(status) else { return false }
        if offset < UInt64(head.count) {
            let bytes = buffer.bytes
            for index in 0..<min(head.count - Int(offset), bytes.count)
            where head[Int(offset) + index] != bytes[index] { return false }
        }
        size = status.size
        modified = status.modified
        isDeleted = status.linkCount == 0
        if head.count > fingerprint.length { fingerprint = Fingerprint(of: head.span) }
        return true
    }

    private func isReached(_ status: FileStatus) throws(FileFailure) -> Bool {
        guard reached.offset > trail.offset else { return true }
        guard status.size >= reached.offset else { return false }
        return try reached.matches(file)
    }

    /// Finds out what the file's lines look like, from its first ones.
    ///
    /// - Returns: false while there is no complete line.
    private func knowsFormat(_ buffer: ReadBuffer, isAtEnd: Bool) throws(FileFailure) -> Bool {
        guard assembler == nil else { return true }
        if isAtEnd { buffer.appendNewline() }
        var found = rules.format(of: path) ?? LogFormat.detect(buffer.bytes)
        // No container runtime writes lines as long as the buffer.
        if found == nil, isAtEnd || buffer.count >= ReadBuffer.capacity { found = .plain }
        guard let found else { return false }
        format = found
        assembler = Assembler(rules.assembly, format: found, resume: start)
        return true
    }

    /// Reads a line that is longer than the buffer.
    private func readLongLine(
        into batch: inout Batch, buffer: ReadBuffer, now: Moment, readAt: Timestamp
    ) throws(FileFailure) {
        let most = rules.assembly.maxLineBytes
        let found = try search.endOfLine(
            from: position, in: file, size: size, cut: assembler?.nextOldCut, buffer: buffer)
        guard let (end, hasNewline) = found else { return }
        let length = end - position
        let start = length > UInt64(most) ? search.text : position
        let front = try buffer.fill(from: file, at: start, most: Int(min(end - start, UInt64(most))))
        assembler?.consumeLong(
            buffer.bytes.extracting(first: front), end: end + (hasNewline ? 1 : 0), hasNewline: hasNewline,
            readAt: readAt, now: now, into: &batch)
        trail = try Trail.of(file, before: position)
        search.reset()
    }
}
