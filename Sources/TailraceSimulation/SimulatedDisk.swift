import Glibc
import TailraceCore
import TailraceRuntime

/// One log file: what is in it stays readable through an open descriptor whatever happens to its names.
final class SimulatedFile {
    let inode: UInt64
    let birth: Int64
    var bytes: [UInt8] = []
    var modified: Int64
    var changed: Int64
    var linkCount = 1
    /// Checkpoints may be about what was in it before.
    var wasTruncated = false
    /// Descriptors of the process.
    var openCount = 0
    init(inode: UInt64, birth: Int64) {
        self.inode = inode
        self.birth = birth
        modified = birth
        changed = birth
    }

    var status: FileStatus {
        FileStatus(
            device: 1, inode: inode, birth: birth, size: UInt64(bytes.count), modified: modified, changed: changed,
            linkCount: linkCount)
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
    private var deleted: [SimulatedFile] = []
    var state: [UInt8]?
    /// Of the dead letters in the state folder.
    private(set) var deadLetterIDs: Set<String> = []
    private var known: Set<String> = []
    /// How far the saved checkpoints go, by inode and birth.
    private var covered: [FileKey: (birth: Int64, offset: UInt64)] = [:]
    /// Reads fail now and then, and the state folder is full at times.
    var isFaulty = true
    var isStateFull = false
    /// The process dies now and then in the middle of a save.
    var isDeadly = true
    /// Descriptors run out as well, and handles become stale.
    var isHarsh = false
    /// Counts the processes that have looked at it, and whether one does now.
    private(set) var life = 1
    private(set) var isWatched = true
    /// Since this was last set to false.
    var isLooked = false
    /// Told of every change that inotify would tell of.
    var onChange: (FileChanges) -> Void = { _ in }
    /// What programs do between two calls of the process, and in the middle of one.
    var meanwhile: (() -> Void)?
    private var isMeanwhile = false
    /// Grows with each name that comes, goes or changes.
    private var listingVersion = 0

    private let trace: Trace

    init(_ random: SeededRandom, _ time: VirtualTime, _ trace: Trace) {
        self.trace = trace
        self.random = SeededRandom(random.next())
        self.time = time
    }

    /// The saved checkpoints know the path: from now on its file may be rotated whatever is running.
    func isKnown(_ path: String) -> Bool { known.contains(path) }

    /// The saved checkpoints cover all that is in the file: nobody will ask for it again.
    func isCovered(_ path: String) -> Bool {
        guard let file = file(at: path), !file.wasTruncated, let covered = covered[file.status.key] else {
            return false
        }
        return covered.birth == file.birth && covered.offset >= UInt64(file.bytes.count)
    }

    /// The process has died, and with it its descriptors.
    func closeAll() {
        isWatched = false
        for file in files.map(\.file) + deleted { file.openCount = 0 }
    }

    /// The process has been started again.
    func beginLife() {
        life += 1
        isWatched = true
    }

    func file(at path: String) -> SimulatedFile? { files.first { $0.path == path }?.file }

    func status(of path: String) -> FileStatus? {
        goOn()
        return file(at: path)?.status
    }

    func status(of file: SimulatedFile) -> FileStatus {
        goOn()
        return file.status
    }

    private func goOn() {
        guard let meanwhile, !isMeanwhile, random.happens(1, outOf: 60) else { return }
        isMeanwhile = true
        meanwhile()
        isMeanwhile = false
    }

    func create(_ path: String) -> SimulatedFile {
        lastInode += 1
        // File systems give the number of a deleted file to the next one.
        // But not while somebody has it open.
        let free = deleted.firstIndex { $0.openCount == 0 }
        let inode = free.map { deleted.remove(at: $0).inode } ?? lastInode
        let file = SimulatedFile(inode: inode, birth: time.wallClock.nanoseconds)
        files.append((path, file))
        trace.tell("create \(path), inode \(inode)")
        tellListing()
        return file
    }

    func rename(_ path: String, to target: String) {
        guard let place = files.firstIndex(where: { $0.path == path }) else { return }
        files[place].path = target
        files[place].file.changed = time.wallClock.nanoseconds
        trace.tell("rename \(path) to \(target), inode \(files[place].file.inode)")
        tellListing()
    }

    func delete(_ path: String) {
        guard let place = files.firstIndex(where: { $0.path == path }) else { return }
        let file = files.remove(at: place).file
        file.linkCount = 0
        deleted.append(file)
        trace.tell("delete \(path), inode \(file.inode)")
        tellListing()
    }

    func append(_ bytes: ArraySlice<UInt8>, to file: SimulatedFile) {
        file.bytes += bytes
        touch(file)
    }

    /// The plain one stays until it is deleted.
    func compress(_ path: String, to target: String, keepsTime: Bool) {
        guard let plain = file(at: path) else { return }
        let compressed = create(target)
        let bytes = plain.bytes
        // swift-format-ignore: NeverUseForceTry
        compressed.bytes = try! GzipCompressor(level: 1).compress(bytes.span)
        trace.tell("compress \(path) to \(target), \(bytes.count) bytes")
        if keepsTime { compressed.modified = plain.modified }
    }

    func truncate(_ file: SimulatedFile) {
        trace.tell("truncate inode \(file.inode) with \(file.bytes.count) bytes")
        file.bytes = []
        file.wasTruncated = true
        touch(file)
    }

    private func touch(_ file: SimulatedFile) {
        file.modified = time.wallClock.nanoseconds
        file.changed = file.modified
        // Some changes are never told, as on a network file system.
        guard random.happens(4, outOf: 5) else { return }
        var changes = FileChanges()
        changes.written = [file.status.key]
        onChange(changes)
    }

    private func tellListing() {
        listingVersion += 1
        guard random.happens(4, outOf: 5) else { return }
        var changes = FileChanges()
        changes.isListingStale = true
        onChange(changes)
    }

    /// In the order of a hash of the names: what is renamed meanwhile may be missing, or have two names.
    func list() -> DirectoryListing {
        isLooked = true
        let version = listingVersion
        let middle = random.below(256)
        var entries: [DirectoryEntry] = []
        for half in [0..<middle, middle..<256] {
            for (path, file) in files {
                let name = String(path.dropFirst(Self.folder.count + 1))
                guard half.contains(Int(fnv(name) % 256)) else { continue }
                entries.append(DirectoryEntry(name: name, kind: .file, inode: file.inode))
            }
            goOn()
        }
        return DirectoryListing(entries, isWhole: version == listingVersion)
    }

    func open(_ path: String) throws(FileFailure) -> SimulatedFile {
        goOn()
        if isHarsh, isFaulty, random.happens(1, outOf: 100) { throw FileFailure("open", path, code: EMFILE) }
        guard let file = file(at: path) else { throw FileFailure("open", path, code: ENOENT) }
        return file
    }

    func read(_ file: SimulatedFile, into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileFailure)
        -> Int
    {
        goOn()
        if isFaulty, random.happens(1, outOf: 300) {
            let code = isHarsh && random.happens(1, outOf: 2) ? ESTALE : EIO
            throw FileFailure("read", "inode \(file.inode)", code: code)
        }
        guard offset < UInt64(file.bytes.count) else { return 0 }
        var count = min(buffer.count, file.bytes.count - Int(offset))
        if random.happens(1, outOf: 4) { count = random.within(1...count) }
        buffer.copyBytes(from: file.bytes[Int(offset)..<Int(offset) + count])
        return count
    }

    /// - Parameter lines: one JSON object each, with the action that the document came with.
    func noteLetters(_ lines: [UInt8]) {
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            let words = String(decoding: line, as: UTF8.self).split(separator: "\"", omittingEmptySubsequences: false)
            guard let place = words.firstIndex(of: "_id"), place + 2 < words.count else { continue }
            deadLetterIDs.insert(String(words[place + 2]))
            trace.tell("dead letter \(words[place + 2])")
        }
    }

    func noteSaved(_ bytes: [UInt8]) {
        state = bytes
        guard let checkpoints = try? CheckpointFile.parse(bytes).files else { return }
        known.formUnion(checkpoints.map(\.path))
        covered = Dictionary(
            checkpoints.map { ($0.key, (birth: $0.birth, offset: $0.resume.low)) }, uniquingKeysWith: { $1 })
    }
}
