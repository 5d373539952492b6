import CLinux
import Glibc
package import TailraceCore

/// The file system as Linux has it: other people's log files, opened for reading only.
package final class LinuxLogFiles: LogFiles {
    private let watcher: ChangeWatcher

    package init(_ watcher: ChangeWatcher) { self.watcher = watcher }

    package func list(_ directory: String) throws(FileFailure) -> DirectoryListing {
        guard let stream = FileName.withBytes(of: directory, { opendir($0) }) else {
            throw FileFailure("list", directory, code: errno)
        }
        defer { closedir(stream) }
        let changedBefore = Self.timeOfChange(dirfd(stream))
        var entries: [DirectoryEntry] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw FileFailure("list", directory, code: errno) }
                let isWhole = changedBefore != nil && changedBefore == Self.timeOfChange(dirfd(stream))
                return DirectoryListing(entries, isWhole: isWhole)
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { FileName.text($0) }
            }
            guard name != ".", name != ".." else { continue }
            let kind = DirectoryEntry.Kind(type: Int(entry.pointee.d_type))
            entries.append(DirectoryEntry(name: name, kind: kind, inode: UInt64(entry.pointee.d_ino)))
        }
    }

    /// When something in the folder came, went or was renamed last. `nil` when it is so recent that another change would
    /// have the same time: file systems take it from a clock that ticks every few milliseconds.
    private static func timeOfChange(_ directory: CInt) -> Int64? {
        let now = LinuxTimebase.read(CLOCK_REALTIME_COARSE)
        var status = clinux_status()
        guard clinux_status(directory, nil, &status) == 0, status.modified != now else { return nil }
        return status.modified
    }

    package func status(of path: String) throws(FileFailure) -> FileStatus? {
        var status = clinux_status()
        guard FileName.withBytes(of: path, { clinux_status(-1, $0, &status) }) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw FileFailure("look at", path, code: errno) }
            return nil
        }
        return FileStatus(status)
    }

    package func resolve(_ path: String) -> String {
        guard let resolved = FileName.withBytes(of: path, { realpath($0, nil) }) else { return path }
        defer { free(resolved) }
        return FileName.text(resolved)
    }

    package func open(_ path: String) throws(FileFailure) -> any LogFile {
        // A FIFO would block without O_NONBLOCK until somebody writes.
        let descriptor = FileName.withBytes(of: path) {
            Glibc.open($0, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        }
        guard descriptor >= 0 else { throw FileFailure("open", path, code: errno) }
        let file = LinuxLogFile(descriptor, path)
        do throws(FileFailure) {
            guard try file.status().kind == .file else {
                throw FileFailure("open", path, code: try file.status().kind == .directory ? EISDIR : ENOTSUP)
            }
            return file
        } catch {
            file.close()
            throw error
        }
    }

    package func watchDirectory(_ path: String) -> Bool { watcher.watchDirectory(path) }
    package func watchFile(_ path: String, key: FileKey) -> Bool { watcher.watchFile(path, key: key) }
    package func unwatchFile(_ key: FileKey) { watcher.unwatchFile(key) }
    package func wake() { watcher.wake() }

    package func waitForChange(until moment: Moment) async -> FileChanges { watcher.wait(until: moment) }
}

/// One open descriptor.
final class LinuxLogFile: LogFile {
    private let descriptor: CInt
    private let path: String

    init(_ descriptor: CInt, _ path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileFailure) -> Int {
        guard let base = buffer.baseAddress, !buffer.isEmpty else { return 0 }
        while true {
            let count = pread(descriptor, base, buffer.count, off_t(truncatingIfNeeded: offset))
            if count >= 0 { return count }
            guard errno == EINTR else { throw FileFailure("read", path, code: errno) }
        }
    }

    func status() throws(FileFailure) -> FileStatus {
        var status = clinux_status()
        guard clinux_status(descriptor, nil, &status) == 0 else {
            throw FileFailure("look at", path, code: errno)
        }
        return FileStatus(status)
    }

    func close() { _ = Glibc.close(descriptor) }
}

extension FileStatus {
    fileprivate init(_ status: clinux_status) {
        let kind: Kind =
            switch status.mode & UInt32(S_IFMT) {
            case UInt32(S_IFREG): .file
            case UInt32(S_IFDIR): .directory
            default: .other
            }
        self.init(
            device: status.device, inode: status.inode, birth: status.birth, size: status.size,
            modified: status.modified, changed: status.changed, linkCount: Int(clamping: status.links), kind: kind)
    }
}

extension DirectoryEntry.Kind {
    fileprivate init(type: Int) {
        self =
            switch type {
            case Int(DT_REG): .file
            case Int(DT_DIR): .directory
            case Int(DT_LNK): .link
            case Int(DT_UNKNOWN): .unknown
            default: .other
            }
    }
}
