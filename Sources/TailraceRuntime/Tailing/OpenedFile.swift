import TailraceCore

/// A file that was opened, with what tells it from others. Whoever holds it closes it.
final class OpenedFile {
    let path: String
    let file: any LogFile
    /// Of a compressed file, `size` is that of what it holds.
    let status: FileStatus
    /// Its first bytes, as far as a fingerprint goes.
    let head: [UInt8]
    let isCompressed: Bool

    private init(_ path: String, _ file: any LogFile, _ status: FileStatus, _ head: [UInt8], isCompressed: Bool) {
        self.path = path
        self.file = file
        self.status = status
        self.head = head
        self.isCompressed = isCompressed
    }

    static func open(_ path: String, in files: any LogFiles) throws(FileFailure) -> OpenedFile {
        let file = try files.open(path)
        do throws(FileFailure) {
            if RotatedName.isCompressed(path) { return try compressed(path, file) }
            return try plain(path, file)
        } catch {
            file.close()
            throw error
        }
    }

    /// - Parameter file: open already.
    static func plain(_ path: String, _ file: any LogFile) throws(FileFailure) -> OpenedFile {
        OpenedFile(path, file, try file.status(), try Head(of: file).bytes, isCompressed: false)
    }

    /// The name alone does not make it compressed.
    private static func compressed(_ path: String, _ file: any LogFile) throws(FileFailure) -> OpenedFile {
        let raw = try plain(path, file)
        guard raw.head.starts(with: [0x1F, 0x8B]) else { return raw }
        let inflated = try GzipLogFile(file, path)
        return OpenedFile(
            path, inflated, try inflated.status(), try Head(of: inflated).bytes, isCompressed: true)
    }

    /// True when it holds, at the same places, what was read of the file that `checkpoint` is of.
    func holds(_ checkpoint: Checkpoint) throws(FileFailure) -> Bool {
        guard checkpoint.fingerprint.length > 0 else { return false }
        return try mayHold(checkpoint)
    }

    /// True as well when nothing was read.
    func mayHold(_ checkpoint: Checkpoint) throws(FileFailure) -> Bool {
        guard status.size >= checkpoint.trail.offset, status.size >= checkpoint.resume.low, begins(like: checkpoint)
        else { return false }
        return try checkpoint.trail.matches(file)
    }

    func begins(like checkpoint: Checkpoint) -> Bool {
        let head = head
        return checkpoint.fingerprint.matches(head.span)
    }

    /// True when it begins like the file that `checkpoint` is of, and is shorter than what was read of that: a copy, or
    /// another file with the same long beginning.
    func isOvertaken(by checkpoint: Checkpoint) -> Bool {
        checkpoint.fingerprint.length == Fingerprint.lengthMax && status.size < checkpoint.trail.offset
            && begins(like: checkpoint)
    }

    /// False when it has been emptied since it was opened.
    func beginsAsBefore() throws(FileFailure) -> Bool { try Head(of: file).bytes.starts(with: head) }

    var fingerprint: Fingerprint {
        let head = head
        return Fingerprint(of: head.span)
    }

    /// True when it is a copy of the first bytes of `original`, whole or still in the making. Its first and its last
    /// bytes are compared.
    func isCopy(of original: any LogFile) throws(FileFailure) -> Bool {
        guard status.size > 0, status.size <= (try original.status()).size else { return false }
        let head = try Head(of: original).bytes
        guard fingerprint.matches(head.span) else { return false }
        return try Trail.of(file, before: status.size).matches(original)
    }
}

/// A file's first bytes, as far as its fingerprint goes, or others.
struct Head {
    var bytes: [UInt8]

    /// - Parameter most: bytes to read; there are fewer only at the end of the file.
    init(of file: any LogFile, at offset: UInt64 = 0, most: Int = Fingerprint.lengthMax) throws(FileFailure) {
        bytes = try [UInt8](unsafeUninitializedCapacity: most) { (buffer, count) throws(FileFailure) in
            count = 0
            while count < buffer.count {
                let rest = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[count...]))
                let length = try file.read(into: rest, at: offset + UInt64(count))
                if length == 0 { break }
                count += length
            }
        }
    }
}

extension Trail {
    /// Of what is in the file now.
    static func of(_ file: any LogFile, before offset: UInt64) throws(FileFailure) -> Trail {
        let length = Int(min(offset, UInt64(Trail.lengthMax)))
        let bytes = try Head(of: file, at: offset - UInt64(length), most: length).bytes
        return Trail(before: offset, bytes.span)
    }

    func matches(_ file: any LogFile) throws(FileFailure) -> Bool {
        let bytes = try Head(of: file, at: offset - UInt64(length), most: length).bytes
        return matches(bytes.span)
    }
}
