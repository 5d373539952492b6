import Glibc
package import TailraceCore

/// A file of dead letters that is worked through: what was stored is removed from it, what is still refused stays.
///
/// Until the end nothing is changed. Then the file is replaced as a whole, so that one that was killed in between is
/// simply sent again, with the same ids.
package struct ReplayFile: ~Copyable {
    package struct Report: Sendable, Equatable {
        package var stored = 0
        package var alreadyThere = 0
        package var refused = 0
        /// Lines that are no dead letters, such as half a line of a process that was killed. They stay.
        package var unreadable = 0
        /// Lines that were not sent since something is wrong. They stay.
        package var unsent = 0
        package var complaint: Complaint?
    }

    /// Letters that are sent together.
    private static let groupBytes = 1 << 20
    private static let groupCount = 1000

    private let path: String
    private let replay: Replay
    private var report = Report()
    private var kept = OwnedBytes()

    package init(_ path: String, _ replay: Replay) {
        self.path = path
        self.replay = replay
    }

    /// Sends all letters, and replaces the file, or removes it when nothing is left.
    ///
    /// Memory: a group of letters, and what stays.
    package mutating func run() async throws(FileFailure) -> Report {
        let lock = try FileLock(path, waits: false)
        defer { lock.release() }
        var lines = try LineReader(path)
        defer { lines.close() }
        var group: [(line: [UInt8], letter: DeadLetter)] = []
        var size = 0
        while let line = try lines.next() {
            if report.complaint != nil {
                keep(line)
                report.unsent += 1
                continue
            }
            guard let letter = Self.letter(line) else {
                if !line.isEmpty {
                    keep(line)
                    report.unreadable += 1
                }
                continue
            }
            group.append((line, letter))
            size += line.count
            guard size >= Self.groupBytes || group.count >= Self.groupCount else { continue }
            await send(group)
            (group, size) = ([], 0)
        }
        await send(group)
        try replace()
        return report
    }

    private static func letter(_ line: [UInt8]) -> DeadLetter? {
        do throws(JSONError) {
            return try DeadLetter(parsing: line.span)
        } catch {
            return nil
        }
    }

    private mutating func send(_ group: [(line: [UInt8], letter: DeadLetter)]) async {
        guard !group.isEmpty else { return }
        let result = await replay.send(group.map(\.letter))
        report.stored += result.stored
        report.alreadyThere += result.alreadyThere
        report.complaint = result.complaint
        guard result.complaint == nil else {
            // Which of them are stored is not worth knowing: next time they are there already.
            for (line, _) in group { keep(line) }
            report.unsent += group.count - result.stored - result.alreadyThere
            return
        }
        report.refused += result.refused.count
        for letter in result.refused { letter.append(to: &kept) }
    }

    private mutating func keep(_ line: [UInt8]) {
        kept.append(line)
        kept.append("\n")
    }

    private func replace() throws(FileFailure) {
        if kept.isEmpty {
            guard unlink(path) == 0 else { throw FileFailure("remove", path, code: errno) }
            return
        }
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileFailure("write", temporary, code: errno) }
        do throws(FileFailure) {
            defer { close(descriptor) }
            try LinuxStateDirectory.write(Array(kept.span), to: descriptor, temporary)
            guard fsync(descriptor) == 0 else { throw FileFailure("sync", temporary, code: errno) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else { throw FileFailure("rename", temporary, code: errno) }
    }
}

/// The lines of a file, one at a time, without their newlines.
private struct LineReader {
    private let path: String
    private let descriptor: CInt
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    init(_ path: String) throws(FileFailure) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure("open", path, code: errno) }
    }

    func close() { Glibc.close(descriptor) }

    mutating func next() throws(FileFailure) -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                defer { start = end + 1 }
                return Array(buffer[start..<end])
            }
            searched = buffer.count
            if isAtEnd {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                return Array(buffer[start...])
            }
            searched -= start
            buffer.removeFirst(start)
            start = 0
            try readMore()
        }
    }

    private mutating func readMore() throws(FileFailure) {
        var piece = [UInt8](repeating: 0, count: 256 << 10)
        let count = read(descriptor, &piece, piece.count)
        guard count >= 0 || errno == EINTR else { throw FileFailure("read", path, code: errno) }
        isAtEnd = count == 0
        if count > 0 { buffer += piece[..<count] }
    }
}
