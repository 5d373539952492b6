import TailraceCore

/// One open log file: where reading stands, and what its lines are being made into.
///
/// It keeps no bytes of the file. What has no newline yet stays in the file and is read again when there is more of it.
final class Tailer {
    enum Progress: Equatable {
        /// Bytes were consumed, or the file has begun anew: come again.
        case some
        /// Nothing to do before the file grows.
        case none
    }

    let key: FileKey
    private(set) var path: String
    private(set) var state = TailState()
    /// The size that was seen last, in bytes.
    private(set) var size: UInt64 = 0
    /// True when nothing more is to be read and the last manifest has been handed out.
    private(set) var isFinished = false

    private let file: any LogFile
    private let birth: Int64
    private let rules: TailRules
    private let random: () -> UInt64

    private(set) var id: FileID
    private var fingerprint: Fingerprint
    private var format: LogFormat?
    private var template: DocumentTemplate?
    private var assembler: Assembler?
    private var start: ResumeOffsets
    /// No sighting has named this life of the file yet.
    private(set) var isUnknown: Bool
    /// The life before, which checkpoints still know.
    private var replaced: FileID?
    private var isDeleted = false
    /// The last read has come to the end of the file.
    private var isAtEnd = false
    /// As in ``FileStatus/modified``.
    private var modified: Int64
    /// Behind the bytes that were searched for a newline in vain.
    private var scanned: UInt64 = 0

    /// A file that no checkpoint knows, or the one that `checkpoint` was saved for.
    ///
    /// - Parameter head: its first bytes.
    init(
        _ file: any LogFile, status: FileStatus, path: String, checkpoint: Checkpoint?, head: Span<UInt8>,
        rules: TailRules, random: @escaping () -> UInt64
    ) {
        self.file = file
        self.path = path
        self.rules = rules
        self.random = random
        key = status.key
        birth = status.birth
        size = status.size
        fingerprint = Fingerprint(of: head)
        id = checkpoint?.id ?? Self.drawID(random)
        start = checkpoint?.resume ?? ResumeOffsets(0)
        isUnknown = checkpoint == nil
        modified = status.modified
        guard let checkpoint else { return }
        format = rules.format ?? checkpoint.format
        resume(checkpoint)
    }

    /// True when the file is not as it was at the last look, or can't be looked at, which reading will tell about.
    var mayHaveGrown: Bool {
        guard let status = try? file.status() else { return true }
        return status.size != size || status.modified != modified
    }

    /// Behind the last byte that was consumed.
    var position: UInt64 { assembler?.position ?? start.low }

    var pendingBytes: Int { assembler?.pendingBytes ?? 0 }

    /// When the events that wait are complete, if nothing more comes. There is no such time while the file holds bytes
    /// that could not be read yet: after a restart they must be joined as they were before.
    var joinDeadline: Moment? { isAtEnd ? assembler?.waitingSince.map { $0 + rules.joinTimeout } : nil }

    // MARK: Where the file is

    func pathIsFound(_ path: String) {
        state.pathIsFound()
        guard path != self.path else { return }
        self.path = path
        template = nil
    }

    func pathIsLost(now: Moment) { state.pathIsLost(now: now) }

    func close() { file.close() }

    // MARK: Reading

    /// Reads once and consumes what it can.
    func read(
        into batch: inout Batch, buffer: ReadBuffer, now: Moment, readAt: Timestamp
    ) throws(FileFailure) -> Progress {
        let before = position
        isAtEnd = false
        _ = try buffer.fill(from: file, at: before)
        // Only now: what was written over the file before this look would be noticed by it.
        guard try isSameFile() else {
            beginAnew(into: &batch, readAt: readAt)
            return .some
        }
        defer { buffer.shrink() }
        guard buffer.count > 0, try knowsFormat(buffer, isAtEnd: false) else { return rest(now) }
        use(&batch, readAt)
        assembler?.consume(buffer.bytes, readAt: readAt, now: now, into: &batch)
        if position == before, !batch.isFull, buffer.count >= ReadBuffer.capacity {
            try readLongLine(into: &batch, buffer: buffer, now: now, readAt: readAt)
        }
        guard position > before else { return batch.isFull ? .some : rest(now) }
        state.somethingWasRead(now: now)
        return .some
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
        let end = max(position + UInt64(count), scanned)
        assembler?.finish(buffer.bytes.extracting(first: count), end: end, readAt: readAt, now: now, into: &batch)
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

    func markFinished() { isFinished = true }

    // MARK: Checkpoints

    /// `nil` when this life of the file has been told of already.
    func takeSighting() -> Sighting? {
        guard isUnknown else { return nil }
        defer {
            isUnknown = false
            replaced = nil
        }
        return Sighting(checkpoint: checkpoint(at: start), replaced: replaced)
    }

    /// What the batch that is about to be cut means for this file; `nil` when nothing of it has ever been consumed.
    func takeManifest() -> Manifest.File? {
        guard assembler != nil || isFinished else { return nil }
        let cuts = assembler?.takeNewCuts() ?? []
        return Manifest.File(
            checkpoint: checkpoint(at: assembler?.resume ?? start, cuts: cuts), isFinished: isFinished)
    }

    // MARK: Details

    private func checkpoint(at resume: ResumeOffsets, cuts: [Cut] = []) -> Checkpoint {
        Checkpoint(
            id: id, path: path, format: format, key: key, birth: birth, fingerprint: fingerprint, resume: resume,
            cuts: cuts)
    }

    private static func drawID(_ random: () -> UInt64) -> FileID {
        FileID(high: random(), low: UInt32(truncatingIfNeeded: random()))
    }

    private func resume(_ checkpoint: Checkpoint) {
        var isInsideLine = false
        guard let format else { return }
        if checkpoint.resume.low > 0 {
            var byte: UInt8 = 0
            let count = try? withUnsafeMutableBytes(of: &byte) {
                try file.read(into: $0, at: checkpoint.resume.low - 1)
            }
            isInsideLine = count == 1 && byte != UInt8(ascii: "\n")
        }
        assembler = Assembler(
            rules.assembly, format: format, resume: checkpoint.resume, cuts: checkpoint.cuts,
            isInsideLine: isInsideLine)
    }

    private func use(_ batch: inout Batch, _ created: Timestamp) {
        guard let format else { return }
        let template = template ?? rules.template(for: id, path: path, format: format)
        self.template = template
        batch.use(template, created: created)
    }

    private func rest(_ now: Moment) -> Progress {
        isAtEnd = true
        state.nothingWasRead(isDeleted: isDeleted, grace: rules.grace, now: now)
        return .none
    }

    /// - Returns: false when the file was emptied since the last look.
    private func isSameFile() throws(FileFailure) -> Bool {
        let status = try file.status()
        size = status.size
        modified = status.modified
        isDeleted = status.linkCount == 0
        guard size >= position else { return false }
        let now = try Self.fingerprint(of: file, against: fingerprint)
        guard let now else { return false }
        fingerprint = now
        return true
    }

    /// - Returns: the fingerprint as far as the file has grown, `nil` when its beginning is another.
    private static func fingerprint(of file: any LogFile, against old: Fingerprint) throws(FileFailure) -> Fingerprint?
    {
        let head = try Head(of: file)
        guard old.matches(head.bytes.span) else { return nil }
        return head.bytes.count > old.length ? Fingerprint(of: head.bytes.span) : old
    }

    /// The same file has a second life, with ids of its own.
    private func beginAnew(into batch: inout Batch, readAt: Timestamp) {
        flushEarly(into: &batch, readAt: readAt)
        if !isUnknown { replaced = id }
        id = Self.drawID(random)
        isUnknown = true
        start = ResumeOffsets(0)
        fingerprint = .empty
        format = nil
        template = nil
        assembler = nil
        scanned = 0
    }

    /// Finds out what the file's lines look like, from its first ones.
    ///
    /// - Returns: false while there is no complete line.
    private func knowsFormat(_ buffer: ReadBuffer, isAtEnd: Bool) throws(FileFailure) -> Bool {
        guard assembler == nil else { return true }
        if isAtEnd { buffer.appendNewline() }
        var found = rules.format ?? LogFormat.detect(buffer.bytes)
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
        guard let (end, hasNewline) = try findEndOfLine(buffer) else { return }
        let length = end - position
        let front = try buffer.fill(from: file, at: position, most: Int(min(length, UInt64(most))))
        assembler?.consumeLong(
            buffer.bytes.extracting(first: front), end: end + (hasNewline ? 1 : 0), hasNewline: hasNewline,
            readAt: readAt, now: now, into: &batch)
        scanned = 0
    }

    /// - Returns: where the line at ``position`` ends; `nil` when it is not finished.
    private func findEndOfLine(_ buffer: ReadBuffer) throws(FileFailure) -> (end: UInt64, hasNewline: Bool)? {
        scanned = scanned > size ? position : max(scanned, position)
        let cut = assembler?.nextOldCut ?? .max
        while scanned < min(size, cut) {
            let most = min(UInt64(ReadBuffer.capacity), cut - scanned)
            let count = try buffer.fill(from: file, at: scanned, most: Int(most))
            if count == 0 { return nil }
            if let newline = buffer.bytes.firstIndex(of: UInt8(ascii: "\n")) {
                return (scanned + UInt64(newline), true)
            }
            scanned += UInt64(count)
        }
        return scanned == cut ? (cut, false) : nil
    }
}

/// A file's first bytes, as far as its fingerprint goes.
struct Head {
    var bytes: [UInt8]

    init(of file: any LogFile) throws(FileFailure) {
        bytes = try [UInt8](unsafeUninitializedCapacity: Fingerprint.lengthMax) {
            (buffer, count) throws(FileFailure) in
            count = 0
            while count < buffer.count {
                let rest = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[count...]))
                let length = try file.read(into: rest, at: UInt64(count))
                if length == 0 { break }
                count += length
            }
        }
    }
}
