import Glibc
import TailraceCore

/// The files that hold what was captured, until it is delivered. The tailer reads them like any others.
///
///     FOLDER/01764107094123456.log   the oldest, complete
///     FOLDER/01764107231654321.log   appended to
///
/// A file is removed when the saved checkpoints say that all of it is delivered. Names are never used again.
///
/// Nothing is synced: the files survive the death of this process, not a loss of power, which ends the app as well.
// Sendable without a check: used by one thread at a time.
final class CaptureFiles: @unchecked Sendable {
    /// A line without an end is ended here; the tailer cuts lines long before.
    private static let lineMax = 32 << 20

    private struct File {
        var name: String
        var size: Int
    }

    private let settings: CaptureSettings
    private let time: any Timebase
    /// Oldest first. While a file is open, it is the last.
    private var files: [File] = []
    private var descriptor: CInt = -1
    private var lastNumber = 0

    /// Makes the folder if need be, and finds what an earlier process has left.
    init(_ settings: CaptureSettings, time: any Timebase) throws(FileFailure) {
        self.settings = settings
        self.time = time
        try makeFolder()
        for name in try Self.list(settings.folder).sorted() {
            files.append(File(name: name, size: try Self.completeLastLine("\(settings.folder)/\(name)")))
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Of all files, in bytes.
    var used: Int { files.reduce(0) { $0 + $1.size } }
    /// Files that may be removed soon.
    var hasComplete: Bool { files.count > (descriptor >= 0 ? 1 : 0) }

    /// One file may always be written to: a line that is longer than the limit has to come to its end.
    func hasRoom(for bytes: Int) -> Bool { !hasComplete || used + bytes <= settings.bytesMax }

    /// Appends everything from `written` on, which moves with what is in a file, also when the rest fails.
    func append(_ bytes: Span<UInt8>, written: inout Int) throws(FileFailure) {
        while written < bytes.count {
            if descriptor < 0 { try begin() }
            let rest = bytes.extracting(written...)
            let room = max(0, settings.fileMax - files[files.count - 1].size)
            guard rest.count > room else {
                try write(rest)
                written = bytes.count
                return
            }
            // The file ends with a line.
            if let length = rest.extracting(room...).firstIndex(of: UInt8(ascii: "\n")) {
                try write(rest.extracting(...(room + length)))
                written += room + length + 1
                end()
            } else {
                try write(rest)
                written = bytes.count
                try endEndlessLine()
            }
        }
    }

    private func endEndlessLine() throws(FileFailure) {
        guard files[files.count - 1].size > settings.fileMax + Self.lineMax else { return }
        let newline: [UInt8] = [UInt8(ascii: "\n")]
        try write(newline.span)
        end()
    }

    /// Nothing more is appended to the last file.
    func end() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
    }

    /// Removes the files that are delivered, but for the one that is appended to.
    ///
    /// - Parameter delivered: up to which byte, by name.
    func release(_ delivered: [String: UInt64]) {
        let last = descriptor >= 0 ? files.last?.name : nil
        let folder = settings.folder
        files.removeAll { file in
            guard file.name != last, file.size == 0 || (delivered[file.name] ?? 0) >= UInt64(file.size) else {
                return false
            }
            return unlink("\(folder)/\(file.name)") == 0 || errno == ENOENT
        }
    }

    static func exists(_ name: String, in folder: String) -> Bool { access("\(folder)/\(name)", F_OK) == 0 }

    private func makeFolder() throws(FileFailure) {
        let folder = settings.folder
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw FileFailure("make", folder, code: errno) }
    }

    private func begin() throws(FileFailure) {
        try makeFolder()
        lastNumber = max(lastNumber + 1, Int(time.wallClock.nanoseconds / 1000))
        let digits = String(lastNumber)
        let name = String(repeating: "0", count: max(0, 17 - digits.count)) + digits + ".log"
        let path = "\(settings.folder)/\(name)"
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileFailure("make", path, code: errno) }
        files.append(File(name: name, size: 0))
    }

    private func write(_ bytes: Span<UInt8>) throws(FileFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.extracting(written...).withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                let code = errno
                // A half line would be glued to the next one.
                ftruncate(descriptor, off_t(files[files.count - 1].size))
                throw FileFailure("write to", "\(settings.folder)/\(files[files.count - 1].name)", code: code)
            }
            written += count
        }
        files[files.count - 1].size += bytes.count
    }

    private static func list(_ folder: String) throws(FileFailure) -> [String] {
        guard let directory = opendir(folder) else { throw FileFailure("list", folder, code: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".log") { names.append(name) }
        }
        return names
    }

    /// The end of a line that a process was killed in the middle of will not come.
    private static func completeLastLine(_ path: String) throws(FileFailure) -> Int {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw FileFailure("open", path, code: errno) }
        defer { close(descriptor) }
        var size = Int(lseek(descriptor, 0, SEEK_END))
        var last = UInt8(ascii: "\n")
        if size > 0, pread(descriptor, &last, 1, off_t(size - 1)) == 1, last != UInt8(ascii: "\n") {
            var newline = UInt8(ascii: "\n")
            guard pwrite(descriptor, &newline, 1, off_t(size)) == 1 else {
                throw FileFailure("write to", path, code: errno)
            }
            size += 1
        }
        return size
    }
}
