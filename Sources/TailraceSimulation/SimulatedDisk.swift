import Glibc
import TailraceCore
import TailraceRuntime

/// One log file: what is in it stays readable through an open descriptor whatever happens to its names.
final class SimulatedFile {
    let inode: UInt64
    let birth: Int64
    var bytes: [UInt8] = []
    var modified: Int64
    var linkCount = 1
    /// The saved checkpoints know it: from now on it may be rotated while nothing is running.
    var isKnown = false

    init(inode: UInt64, birth: Int64) {
        self.inode = inode
        self.birth = birth
        modified = birth
    }

    var status: FileStatus {
        FileStatus(
            device: 1, inode: inode, birth: birth, size: UInt64(bytes.count), modified: modified, linkCount: linkCount)
    }
}

/// The folder of logs and the state folder. Survives the death of the process.
// Sendable without a check: nothing but the thread of the simulation ever touches it.
final class SimulatedDisk: @unchecked Sendable {
    static let folder = "/logs"

    private let random: SeededRandom
    private let time: VirtualTime
    private(set) var files: [(path: String, file: SimulatedFile)] = []
    private var lastInode: UInt64 = 10
    private var freeInodes: [UInt64] = []
    var state: [UInt8]?
    /// Reads fail now and then, and the state folder is full at times.
    var isFaulty = true
    var isStateFull = false
    /// Told of every change that inotify would tell of.
    var onChange: (FileChanges) -> Void = { _ in }

    init(_ random: SeededRandom, _ time: VirtualTime) {
        self.random = SeededRandom(random.next())
        self.time = time
    }

    func file(at path: String) -> SimulatedFile? { files.first { $0.path == path }?.file }

    func create(_ path: String) -> SimulatedFile {
        lastInode += 1
        // File systems give the number of a deleted file to the next one.
        let inode = freeInodes.popLast() ?? lastInode
        let file = SimulatedFile(inode: inode, birth: time.wallClock.nanoseconds)
        files.append((path, file))
        tellListing()
        return file
    }

    func rename(_ path: String, to target: String) {
        guard let place = files.firstIndex(where: { $0.path == path }) else { return }
        files[place].path = target
        tellListing()
    }

    func delete(_ path: String) {
        guard let place = files.firstIndex(where: { $0.path == path }) else { return }
        let file = files.remove(at: place).file
        file.linkCount = 0
        tellListing()
    }

    func append(_ bytes: ArraySlice<UInt8>, to file: SimulatedFile) {
        file.bytes += bytes
        touch(file)
    }

    func truncate(_ file: SimulatedFile) {
        file.bytes = []
        touch(file)
    }

    private func touch(_ file: SimulatedFile) {
        file.modified = time.wallClock.nanoseconds
        // Some changes are never told, as on a network file system.
        guard random.happens(4, outOf: 5) else { return }
        var changes = FileChanges()
        changes.written = [file.status.key]
        onChange(changes)
    }

    private func tellListing() {
        guard random.happens(4, outOf: 5) else { return }
        var changes = FileChanges()
        changes.isListingStale = true
        onChange(changes)
    }

    func list() -> [DirectoryEntry] {
        files.map {
            DirectoryEntry(
                name: String($0.path.dropFirst(Self.folder.count + 1)), kind: .file, inode: $0.file.inode)
        }
    }

    func read(_ file: SimulatedFile, into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileFailure)
        -> Int
    {
        if isFaulty, random.happens(1, outOf: 300) { throw FileFailure("read", "inode \(file.inode)", code: EIO) }
        guard offset < UInt64(file.bytes.count) else { return 0 }
        var count = min(buffer.count, file.bytes.count - Int(offset))
        if random.happens(1, outOf: 4) { count = random.within(1...count) }
        buffer.copyBytes(from: file.bytes[Int(offset)..<Int(offset) + count])
        return count
    }

    func noteSaved(_ bytes: [UInt8]) {
        state = bytes
        guard let checkpoints = try? CheckpointFile.parse(bytes) else { return }
        let keys = Set(checkpoints.map(\.key))
        for (_, file) in files where keys.contains(file.status.key) { file.isKnown = true }
    }
}
