import CLinux
import Glibc
import Synchronization
import TailraceCore

/// Waits for changes of files and folders with inotify(7).
///
/// Where inotify can't be had, or its limits are used up, watching fails and the caller looks by itself; waiting works
/// all the same. File systems whose changes come from elsewhere (NFS, FUSE, some volumes) report nothing: that is why
/// the caller looks once a second in any case.
package final class ChangeWatcher: Sendable {
    private enum Subject {
        case directory(String)
        case file(FileKey)
    }

    private struct Watches {
        var subjects: [CInt: Subject] = [:]
        var directories: [String: CInt] = [:]
        var files: [FileKey: CInt] = [:]
    }

    private static let directoryEvents =
        UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM) | UInt32(IN_DELETE) | UInt32(IN_DELETE_SELF)
        | UInt32(IN_MOVE_SELF) | UInt32(IN_ATTRIB) | UInt32(IN_ONLYDIR)
    private static let fileEvents = UInt32(IN_MODIFY) | UInt32(IN_CLOSE_WRITE)
    /// A burst of writes is one change.
    private static let bufferSize = 16 << 10

    private let time: any Timebase
    /// Negative where there is no inotify.
    private let inotify: CInt
    private let wakeSource: CInt
    private let watches = Mutex(Watches())

    package init(time: any Timebase) {
        self.time = time
        inotify = inotify_init1(CInt(IN_NONBLOCK) | CInt(IN_CLOEXEC))
        wakeSource = eventfd(0, CInt(EFD_NONBLOCK) | CInt(EFD_CLOEXEC))
        precondition(wakeSource >= 0, "eventfd(2) failed with errno \(errno)")
    }

    deinit {
        if inotify >= 0 { close(inotify) }
        close(wakeSource)
    }

    func watchDirectory(_ path: String) -> Bool {
        guard inotify >= 0 else { return false }
        return watches.withLock { watches in
            if watches.directories[path] != nil { return true }
            let watch = FileName.withBytes(of: path) { inotify_add_watch(inotify, $0, Self.directoryEvents) }
            guard watch >= 0 else { return Self.isForeseen(errno) }
            // Two paths can lead to one folder, which then has one watch.
            watches.subjects[watch] = .directory(path)
            watches.directories[path] = watch
            return true
        }
    }

    func watchFile(_ path: String, key: FileKey) -> Bool {
        guard inotify >= 0 else { return false }
        return watches.withLock { watches in
            if watches.files[key] != nil { return true }
            let watch = FileName.withBytes(of: path) { inotify_add_watch(inotify, $0, Self.fileEvents) }
            guard watch >= 0 else { return Self.isForeseen(errno) }
            watches.subjects[watch] = .file(key)
            watches.files[key] = watch
            return true
        }
    }

    /// What is gone, or may not be read, has nothing to tell either. That is no lack of watches.
    private static func isForeseen(_ code: CInt) -> Bool {
        code == ENOENT || code == ENOTDIR || code == EACCES || code == ELOOP
    }

    func unwatchFile(_ key: FileKey) {
        watches.withLock { watches in
            guard let watch = watches.files.removeValue(forKey: key) else { return }
            watches.subjects[watch] = nil
            inotify_rm_watch(inotify, watch)
        }
    }

    func wake() {
        var one: UInt64 = 1
        _ = write(wakeSource, &one, 8)
    }

    /// Blocks the calling thread.
    func wait(until moment: Moment) -> FileChanges {
        var sources = [
            pollfd(fd: wakeSource, events: Int16(POLLIN), revents: 0),
            pollfd(fd: inotify, events: Int16(POLLIN), revents: 0),
        ]
        let left = max(0, (moment - time.now).nanoseconds)
        // Rounded up: waking a moment too early would make the caller spin.
        let milliseconds = CInt(clamping: left / 1_000_000 + (left % 1_000_000 == 0 ? 0 : 1))
        guard poll(&sources, nfds_t(sources.count), milliseconds) > 0 else { return FileChanges() }
        var count: UInt64 = 0
        _ = read(wakeSource, &count, 8)
        return readChanges()
    }

    private func readChanges() -> FileChanges {
        var changes = FileChanges()
        guard inotify >= 0 else { return changes }
        withUnsafeTemporaryAllocation(byteCount: Self.bufferSize, alignment: 8) { buffer in
            while true {
                let count = read(inotify, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                note(UnsafeRawBufferPointer(rebasing: buffer[..<count]), &changes)
            }
        }
        return changes
    }

    private func note(_ events: UnsafeRawBufferPointer, _ changes: inout FileChanges) {
        watches.withLock { watches in
            var rest = events[...]
            while rest.count >= MemoryLayout<inotify_event>.size {
                let event = UnsafeRawBufferPointer(rebasing: rest).loadUnaligned(as: inotify_event.self)
                rest = rest.dropFirst(MemoryLayout<inotify_event>.size + Int(event.len))
                if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { changes.isIncomplete = true }
                guard let subject = watches.subjects[event.wd] else { continue }
                switch subject {
                case .file(let key):
                    changes.written.insert(key)
                    if event.mask & UInt32(IN_IGNORED) != 0 { watches.files[key] = nil }
                case .directory(let path):
                    changes.isListingStale = true
                    // A folder that comes back under the same name is another one.
                    let isGone = UInt32(IN_IGNORED) | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF)
                    // Two paths may have led to it.
                    if event.mask & isGone != 0 {
                        watches.directories[path] = nil
                        watches.directories = watches.directories.filter { $0.value != event.wd }
                    }
                    if event.mask & UInt32(IN_MOVE_SELF) != 0 { inotify_rm_watch(inotify, event.wd) }
                }
                if event.mask & UInt32(IN_IGNORED) != 0 { watches.subjects[event.wd] = nil }
            }
        }
    }
}
