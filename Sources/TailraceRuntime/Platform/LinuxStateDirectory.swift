import CLinux
import Glibc
import Synchronization

/// Our own folder on a file system of Linux. One process at a time: two would overwrite each other's checkpoints.
package final class LinuxStateDirectory: StateDirectory {
    private let path: String
    /// Held locked as long as the process lives; -1 while the folder can't be written to.
    private let lock: Mutex<CInt>

    /// Makes the folder (mode 0700) if it is not there, and locks it.
    ///
    /// - Parameter isPatient: a disk that is full or read-only is one that may be mended later.
    /// - Throws: ``FileFailure``; `EWOULDBLOCK` when another process has the folder.
    package init(_ path: String, isPatient: Bool = false) throws(FileFailure) {
        self.path = path
        lock = Mutex(-1)
        do throws(FileFailure) {
            try take()
        } catch {
            guard isPatient, [EROFS, ENOSPC, EDQUOT, EIO].contains(error.code) else { throw error }
            try take(O_RDONLY)
        }
    }

    deinit { lock.withLock { if $0 >= 0 { close($0) } } }

    /// Sees to it that the folder is there, and is ours: it may have been removed since, with its lock.
    ///
    /// - Parameter mode: with `O_RDONLY`, a folder without a lock is left as it is.
    private func take(_ mode: CInt = O_RDWR | O_CREAT) throws(FileFailure) {
        try lock.withLock { (lock) throws(FileFailure) in
            let name = path + "/lock"
            if lock >= 0, Self.inode(of: lock) == Self.inode(of: name) { return }
            if mode != O_RDONLY { try Self.make(path) }
            let other = Glibc.open(name, mode | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard other >= 0 else {
                if mode == O_RDONLY { return }
                throw FileFailure("write to", path, code: errno)
            }
            guard flock(other, LOCK_EX | LOCK_NB) == 0 else {
                let code = errno
                close(other)
                throw FileFailure("lock", path, code: code)
            }
            if lock >= 0 { close(lock) }
            lock = other
        }
    }

    private static func inode(of descriptor: CInt) -> UInt64? {
        var status = clinux_status()
        return clinux_status(descriptor, nil, &status) == 0 ? status.inode : nil
    }

    private static func inode(of path: String) -> UInt64? {
        var status = clinux_status()
        return clinux_status(-1, path, &status) == 0 ? status.inode : nil
    }

    package func read(_ name: String) throws(FileFailure) -> [UInt8]? { try Self.peek(name, in: path) }

    /// Reads a file of a folder that another process may have. Files are replaced as a whole, so it is never torn.
    ///
    /// - Returns: `nil` when there is no such file.
    package static func peek(_ name: String, in folder: String) throws(FileFailure) -> [UInt8]? {
        let path = "\(folder)/\(name)"
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw FileFailure("open", path, code: errno)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw FileFailure("read", path, code: errno)
            }
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
    }

    package func replace(_ name: String, with bytes: [UInt8]) throws(FileFailure) {
        try take()
        let temporary = path(of: name) + ".new"
        let descriptor = Glibc.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileFailure("write", temporary, code: errno) }
        do throws(FileFailure) {
            defer { close(descriptor) }
            try Self.write(bytes, to: descriptor, temporary)
            guard fsync(descriptor) == 0 else { throw FileFailure("sync", temporary, code: errno) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path(of: name)) == 0 else {
            throw FileFailure("rename", temporary, code: errno)
        }
        try Self.sync(folder: path)
    }

    package func append(_ bytes: [UInt8], to files: BoundedFiles) throws(FileFailure) -> Int {
        try take()
        return try files.append(bytes, in: path)
    }

    package func setAside(_ name: String) throws(FileFailure) -> String {
        for number in 1... {
            let target = "\(name).broken-\(number)"
            var status = clinux_status()
            guard clinux_status(-1, path(of: target), &status) != 0 else { continue }
            guard rename(path(of: name), path(of: target)) == 0 else {
                throw FileFailure("rename", path(of: name), code: errno)
            }
            try Self.sync(folder: path)
            return target
        }
        return name
    }

    private func path(of name: String) -> String { "\(path)/\(name)" }

    /// A rename is on disk only when the folder is.
    static func sync(folder path: String) throws(FileFailure) {
        let folder = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw FileFailure("open", path, code: errno) }
        defer { close(folder) }
        // Some file systems can't do this for folders, and say so.
        guard fsync(folder) == 0 || errno == EINVAL else { throw FileFailure("sync", path, code: errno) }
    }

    static func write(_ bytes: [UInt8], to descriptor: CInt, _ path: String) throws(FileFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw FileFailure("write", path, code: errno)
            }
            rest = rest.dropFirst(count)
        }
    }

    private static func make(_ path: String) throws(FileFailure) {
        for end in path.indices.dropFirst() where path[end] == "/" { mkdir(String(path[..<end]), 0o755) }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FileFailure("make", path, code: errno) }
    }
}
