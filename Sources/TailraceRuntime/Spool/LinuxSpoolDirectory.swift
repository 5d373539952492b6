import Glibc

/// The spool's folder on a file system of Linux.
///
/// The segments that were used last are kept open: an error of writing back is told to a descriptor that was open then.
// Sendable without a check: used on the storage thread only.
package final class LinuxSpoolDirectory: SpoolDirectory, @unchecked Sendable {
    private let path: String
    /// Held locked as long as the process lives; -1 before.
    private var lock: CInt = -1
    /// The one that was used last comes last.
    private var openNames: [(name: String, descriptor: CInt)] = []
    private static let openMax = 8

    package init(_ path: String) { self.path = path }

    deinit {
        for open in openNames { Glibc.close(open.descriptor) }
        if lock >= 0 { Glibc.close(lock) }
    }

    package func prepare() throws(FileFailure) {
        guard lock < 0 else { return }
        var parent = "/"
        for end in path.indices.dropFirst() where path[end] == "/" {
            let folder = String(path[..<end])
            if mkdir(folder, 0o755) == 0 { try? sync(folder: parent) }
            parent = folder
        }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FileFailure("make", path, code: errno) }
        // Not everybody may open the folder that this one is in.
        try? sync(folder: parent)
        let descriptor = Glibc.open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileFailure("write to", path, code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            Glibc.close(descriptor)
            throw FileFailure("lock", path, code: code)
        }
        lock = descriptor
    }

    package func list() throws(FileFailure) -> [SpoolFile] {
        guard let folder = opendir(path) else { throw FileFailure("list", path, code: errno) }
        defer { closedir(folder) }
        var files: [SpoolFile] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var status = stat()
            guard fstatat(dirfd(folder), name, &status, AT_SYMLINK_NOFOLLOW) == 0,
                status.st_mode & S_IFMT == S_IFREG
            else { continue }
            files.append(SpoolFile(name: name, size: UInt64(status.st_size)))
        }
        return files
    }

    package func create(_ name: String) throws(FileFailure) {
        let flags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
        var descriptor = Glibc.open(place(name), flags, 0o600)
        if descriptor < 0, errno == ENOENT, lock >= 0 {
            // Somebody has removed the folder, and the lock with it.
            Glibc.close(lock)
            lock = -1
            try prepare()
            descriptor = Glibc.open(place(name), flags, 0o600)
        }
        guard descriptor >= 0 else { throw FileFailure("make", place(name), code: errno) }
        keep(name, descriptor)
        try sync(folder: path)
    }

    package func write(
        _ head: [UInt8], _ body: [UInt8], to name: String, at offset: UInt64
    ) throws(FileFailure) {
        let descriptor = try descriptor(name)
        try write(head, to: descriptor, name, at: offset)
        try write(body, to: descriptor, name, at: offset + UInt64(head.count))
    }

    package func read(_ name: String, at offset: UInt64, _ count: Int) throws(FileFailure) -> [UInt8] {
        let descriptor = try descriptor(name)
        var code: CInt = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let read = pread(
                    descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset) + off_t(filled))
                if read < 0, errno == EINTR { continue }
                if read < 0 { code = errno }
                guard read > 0 else { return }
                filled += read
            }
        }
        guard code == 0 else { throw FileFailure("read", place(name), code: code) }
        return bytes
    }

    package func sync(_ name: String) throws(FileFailure) {
        guard fdatasync(try descriptor(name)) == 0 else { throw FileFailure("sync", place(name), code: errno) }
    }

    package func truncate(_ name: String, to size: UInt64) throws(FileFailure) {
        guard ftruncate(try descriptor(name), off_t(size)) == 0 else {
            throw FileFailure("truncate", place(name), code: errno)
        }
    }

    package func rename(_ name: String, to target: String) throws(FileFailure) {
        close(name)
        guard Glibc.rename(place(name), place(target)) == 0 else {
            throw FileFailure("rename", place(name), code: errno)
        }
        try sync(folder: path)
    }

    package func remove(_ name: String) throws(FileFailure) {
        close(name)
        guard unlink(place(name)) == 0 else { throw FileFailure("remove", place(name), code: errno) }
    }

    package func freeBytes() throws(FileFailure) -> UInt64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw FileFailure("look at", path, code: errno) }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }

    private func place(_ name: String) -> String { "\(path)/\(name)" }

    private func descriptor(_ name: String) throws(FileFailure) -> CInt {
        if let index = openNames.firstIndex(where: { $0.name == name }) {
            openNames.append(openNames.remove(at: index))
            return openNames[openNames.count - 1].descriptor
        }
        // Who may only look, as `tailrace spool` does, gets by with reading.
        var descriptor = Glibc.open(place(name), O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0, errno == EACCES || errno == EROFS {
            descriptor = Glibc.open(place(name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        }
        guard descriptor >= 0 else { throw FileFailure("open", place(name), code: errno) }
        keep(name, descriptor)
        return descriptor
    }

    private func keep(_ name: String, _ descriptor: CInt) {
        close(name)
        if openNames.count == Self.openMax { close(openNames[0].name) }
        openNames.append((name, descriptor))
    }

    private func close(_ name: String) {
        guard let index = openNames.firstIndex(where: { $0.name == name }) else { return }
        Glibc.close(openNames.remove(at: index).descriptor)
    }

    private func write(
        _ bytes: [UInt8], to descriptor: CInt, _ name: String, at offset: UInt64
    ) throws(FileFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(
                    descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written,
                    off_t(offset) + off_t(written))
            }
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw FileFailure("write", place(name), code: errno)
            }
            written += count
        }
    }

    /// A new name is on disk only when the folder is.
    private func sync(folder: String) throws(FileFailure) {
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure("open", folder, code: errno) }
        defer { Glibc.close(descriptor) }
        // Some file systems can't do this for folders, and say so.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileFailure("sync", folder, code: errno) }
    }
}
