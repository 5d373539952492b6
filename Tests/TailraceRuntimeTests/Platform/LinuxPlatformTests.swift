import Foundation
import Synchronization
import TailraceCore
import TailraceRuntime
import Testing

@Suite struct LinuxPlatformTests {
    private let folder: Folder
    private let time = LinuxTimebase()

    init() throws { folder = try Folder() }

    @Test func `a file is read at an offset, and known again by its identity after a rename`() throws {
        let path = try folder.write("a.log", "hello\nworld\n")
        let files = LinuxLogFiles(ChangeWatcher(time: time))
        let file = try files.open(path)
        defer { file.close() }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 6) }
        #expect(String(decoding: bytes[..<count], as: UTF8.self) == "world\n")
        let before = try file.status()
        #expect(before.size == 12)
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        #expect(try files.status(of: path) == nil)
        #expect(try files.status(of: path + ".1")?.key == before.key)
        #expect(try files.status(of: path + ".1")?.birth == before.birth)
    }

    @Test func `a FIFO or a folder is refused without waiting for anybody`() throws {
        let files = LinuxLogFiles(ChangeWatcher(time: time))
        mkfifo("\(folder.path)/pipe", 0o600)
        #expect(throws: FileFailure.self) { try files.open("\(folder.path)/pipe") }
        #expect(throws: FileFailure.self) { try files.open(folder.path) }
    }

    @Test(.timeLimit(.minutes(10)))
    func `a write, a new file and a call each end a wait`() async throws {
        let path = try folder.write("a.log")
        let files = LinuxLogFiles(ChangeWatcher(time: time))
        let key = try #require(try files.status(of: path)).key
        #expect(files.watchFile(path, key: key))
        #expect(files.watchDirectory(folder.path))

        try folder.append("a.log", "more\n")
        #expect(await files.waitForChange(until: time.now + .seconds(30)).written == [key])
        try folder.write("b.log")
        #expect(await files.waitForChange(until: time.now + .seconds(30)).isListingStale)
        files.wake()
        _ = await files.waitForChange(until: time.now + .seconds(3000))
        files.unwatchFile(key)
        try folder.append("a.log", "more\n")
        #expect(await files.waitForChange(until: time.now + .milliseconds(20)).written.isEmpty)
    }

    /// The kernel's queue holds `fs.inotify.max_queued_events`, usually 16,384.
    @Test(.timeLimit(.minutes(10))) func `more changes than the kernel remembers are told as such`() async throws {
        let files = LinuxLogFiles(ChangeWatcher(time: time))
        let paths = [try folder.write("a.log"), try folder.write("b.log")]
        for path in paths { #expect(files.watchFile(path, key: try #require(try files.status(of: path)).key)) }
        let writers = try paths.map { try #require(FileHandle(forWritingAtPath: $0)) }
        defer { for writer in writers { try? writer.close() } }
        let limit = try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
        let count = try #require(Int(limit.split(separator: "\n")[0]))
        // Two that are alike in a row are one.
        for _ in 0...count / 2 { for writer in writers { try writer.write(contentsOf: Data("x".utf8)) } }
        let changes = await files.waitForChange(until: time.now + .seconds(30))
        #expect(changes.isIncomplete)
        #expect(changes.written.count == 2)
        try writers[0].write(contentsOf: Data("x".utf8))
        #expect(await !files.waitForChange(until: time.now + .seconds(30)).isIncomplete)
    }

    @Test func `what is gone or forbidden is no lack of watches`() throws {
        let files = LinuxLogFiles(ChangeWatcher(time: time))
        #expect(files.watchDirectory("\(folder.path)/nothing"))
        #expect(files.watchFile("\(folder.path)/nothing", key: FileKey(device: 1, inode: 1)))
    }

    @Test func `a file in the state folder is replaced as a whole, and found after a restart`() throws {
        let path = folder.path + "/deep/state"
        do {
            let state = try LinuxStateDirectory(path)
            #expect(try state.read("checkpoints") == nil)
            try state.replace("checkpoints", with: Array("one".utf8))
            try state.replace("checkpoints", with: Array("two".utf8))
            #expect(throws: FileFailure.self, "a second process is kept out") { try LinuxStateDirectory(path) }
        }
        let state = try LinuxStateDirectory(path)
        #expect(try state.read("checkpoints") == Array("two".utf8))
        let name = try state.setAside("checkpoints")
        #expect(try state.read("checkpoints") == nil)
        #expect(try state.read(name) == Array("two".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == [name, "lock"])
    }

    @Test(
        arguments: [
            [0x63, 0x61, 0x66, 0xE9], [0xFF, 0xC3, 0x28, 0xED, 0xA0, 0x80], [0xC3, 0xA9, 0x80, 0xF0, 0x9F, 0x98, 0x80],
        ] as [[UInt8]])
    func `a file whose name is not UTF-8 is found, opened and watched`(_ name: [UInt8]) async throws {
        let path = Array("\(folder.path)/".utf8) + name + [0]
        let descriptor = path.withUnsafeBytes {
            open($0.bindMemory(to: CChar.self).baseAddress!, O_WRONLY | O_CREAT, 0o600)
        }
        #expect(descriptor >= 0)
        defer { close(descriptor) }
        let files = LinuxLogFiles(ChangeWatcher(time: time))
        let entry = try #require(try files.list(folder.path).entries.first)
        let found = "\(folder.path)/\(entry.name)"
        let status = try #require(try files.status(of: found))
        #expect(files.resolve(found) == found)
        #expect(files.watchFile(found, key: status.key))
        #expect(write(descriptor, "line\n", 5) == 5)
        #expect(await files.waitForChange(until: time.now + .seconds(30)).written == [status.key])
        let file = try files.open(found)
        defer { file.close() }
        #expect(try file.status().size == 5)
    }

    @Test func `a state folder that is removed is made and locked again`() throws {
        let path = folder.path + "/state"
        let state = try LinuxStateDirectory(path)
        try FileManager.default.removeItem(atPath: path)
        try state.replace("checkpoints", with: Array("one".utf8))
        #expect(try state.read("checkpoints") == Array("one".utf8))
        #expect(throws: FileFailure.self, "a second process is kept out") { try LinuxStateDirectory(path) }
        try FileManager.default.removeItem(atPath: path)
        let other = try LinuxStateDirectory(path)
        #expect(throws: FileFailure.self, "another process has it now") {
            try state.replace("checkpoints", with: Array("two".utf8))
        }
        #expect(try other.read("checkpoints") == nil)
    }

    @Test func `jobs of a thread run on it, in their order`() async {
        let thread = ThreadExecutor(name: "test")
        var names: Set<UInt> = []
        for _ in 0..<10 {
            let id = await withTaskExecutorPreference(thread) { await Self.threadID() }
            names.insert(id)
        }
        #expect(names.count == 1)
    }

    private nonisolated static func threadID() async -> UInt { UInt(pthread_self()) }

    /// As a rotation of many files does it. A list that is whole has each file once; one that is not may lack some.
    @Test func `a list is whole only if nothing was renamed meanwhile`() throws {
        let count = 300
        for number in 0..<count { try folder.write("app.log.\(number)", "line\n") }
        let files = LinuxLogFiles(ChangeWatcher(time: time))
        final class Flag: Sendable { let isSet = Atomic(false) }
        let isOver = Flag()
        let (path, listed) = (folder.path, DispatchGroup())
        DispatchQueue.global().async(group: listed) {
            var first = 0
            while !isOver.isSet.load(ordering: .relaxed) {
                for number in (first..<first + count).reversed() {
                    rename("\(path)/app.log.\(number)", "\(path)/app.log.\(number + 1)")
                }
                first += 1
                usleep(20_000)
            }
        }
        var (whole, others) = (0, 0)
        let deadline = time.now + .seconds(60)
        while whole < 20 || others < 20, time.now < deadline {
            let listing = try files.list(path)
            let names = listing.entries.map(\.name).filter { $0.hasPrefix("app.log.") }
            if listing.isWhole { #expect(names.count == count && Set(names).count == count) }
            (whole, others) = listing.isWhole ? (whole + 1, others) : (whole, others + 1)
        }
        isOver.isSet.store(true, ordering: .relaxed)
        listed.wait()
        #expect(whole >= 20 && others >= 20)
    }
}
