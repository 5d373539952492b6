import Glibc

/// A few files that are appended to, and together never grow beyond a limit: `NAME`, and `NAME.1`, `NAME.2` … which are
/// older. When the newest is full, all move up by one, and the oldest is removed.
///
/// Several processes may use them: a lock file, held for moments, keeps their changes apart.
package struct BoundedFiles: Sendable, Equatable {
    package var name: String
    /// In bytes; the newest may be larger by what was appended to it last, if that alone is larger.
    package var fileMax: Int
    /// At least 2.
    package var count: Int

    package init(name: String, fileMax: Int, count: Int) {
        precondition(fileMax > 0 && count > 1)
        self.name = name
        self.fileMax = fileMax
        self.count = count
    }

    /// The newest first.
    fileprivate var names: [String] { [name] + (1..<count).map { "\(name).\($0)" } }

    /// Appends whole lines. They are on disk once this has returned. After a failure nothing of them is there.
    ///
    /// - Returns: the lines of the file that had to be removed, if one had to be.
    package func append(_ bytes: [UInt8], in folder: String) throws(FileFailure) -> Int {
        let lock = try FileLock("\(folder)/\(name).lock")
        defer { lock.release() }
        var removed = 0
        let path = "\(folder)/\(name)"
        var status = stat()
        if stat(path, &status) == 0, status.st_size > 0, Int(status.st_size) + bytes.count > fileMax {
            removed = try rotate(in: folder)
        }
        try Self.appendSynced(bytes, to: path)
        try LinuxStateDirectory.sync(folder: folder)
        return removed
    }

    /// Takes all files out of the rotation, for somebody who works through them.
    ///
    /// - Parameter label: becomes a part of their new names, `NAME.LABEL-1` …
    /// - Returns: the names of all files with that label, also of those taken earlier, the oldest first.
    package func claim(as label: String, in folder: String) throws(FileFailure) -> [String] {
        let lock = try FileLock("\(folder)/\(name).lock")
        defer { lock.release() }
        let prefix = "\(name).\(label)-"
        var numbers = try Self.list(folder).compactMap { $0.hasPrefix(prefix) ? Int($0.dropFirst(prefix.count)) : nil }
        for old in names.reversed() where access("\(folder)/\(old)", F_OK) == 0 {
            let number = (numbers.max() ?? 0) + 1
            guard rename("\(folder)/\(old)", "\(folder)/\(prefix)\(number)") == 0 else {
                throw FileFailure("rename", "\(folder)/\(old)", code: errno)
            }
            numbers.append(number)
        }
        try LinuxStateDirectory.sync(folder: folder)
        return numbers.sorted().map { "\(prefix)\($0)" }
    }

    /// Is `path` one of the files that are appended to or rotated?
    package func isLive(_ path: String, in folder: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        return names.contains { name in
            var other = stat()
            return stat("\(folder)/\(name)", &other) == 0 && other.st_ino == status.st_ino
                && other.st_dev == status.st_dev
        }
    }

    private func rotate(in folder: String) throws(FileFailure) -> Int {
        let names = names
        let oldest = "\(folder)/\(names[count - 1])"
        let removed = try LinuxStateDirectory.peek(names[count - 1], in: folder)?.count { $0 == 0x0A } ?? 0
        guard unlink(oldest) == 0 || errno == ENOENT else { throw FileFailure("remove", oldest, code: errno) }
        for place in (0..<count - 1).reversed() {
            let path = "\(folder)/\(names[place])"
            guard rename(path, "\(folder)/\(names[place + 1])") == 0 || errno == ENOENT else {
                throw FileFailure("rename", path, code: errno)
            }
        }
        return removed
    }

    private static func appendSynced(_ bytes: [UInt8], to path: String) throws(FileFailure) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_APPEND, 0o600)
        guard descriptor >= 0 else { throw FileFailure("write", path, code: errno) }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        guard size >= 0 else { throw FileFailure("write", path, code: errno) }
        do throws(FileFailure) {
            // A process that was killed while it wrote has left half a line.
            var last: UInt8 = 0x0A
            if size > 0, pread(descriptor, &last, 1, size - 1) == 1, last != 0x0A {
                try LinuxStateDirectory.write([0x0A], to: descriptor, path)
            }
            try LinuxStateDirectory.write(bytes, to: descriptor, path)
            guard fdatasync(descriptor) == 0 else { throw FileFailure("sync", path, code: errno) }
        } catch {
            _ = ftruncate(descriptor, size)
            throw error
        }
    }

    private static func list(_ folder: String) throws(FileFailure) -> [String] {
        guard let directory = opendir(folder) else { throw FileFailure("list", folder, code: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }
}

/// An exclusive lock on a file, which is made if need be and stays.
package struct FileLock {
    private let descriptor: CInt

    /// - Parameter waits: else, a lock that somebody has is an `EWOULDBLOCK`.
    package init(_ path: String, waits: Bool = true) throws(FileFailure) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileFailure("lock", path, code: errno) }
        while flock(descriptor, LOCK_EX | (waits ? 0 : LOCK_NB)) != 0 {
            guard errno == EINTR else {
                let code = errno
                close(descriptor)
                throw FileFailure("lock", path, code: code)
            }
        }
    }

    package func release() { close(descriptor) }
}
