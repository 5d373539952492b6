import Foundation
import Glibc
import Synchronization
import TailraceCore
import TailraceRuntime
import Testing

/// On a real disk, with real segments.
@Suite(.timeLimit(.minutes(10))) struct SpoolTests {
    private let folder: Folder
    private let world: SpoolWorld

    init() throws {
        folder = try Folder()
        world = SpoolWorld(folder.path)
    }

    // MARK: Order and restarts

    @Test func `what was written comes back in order, also after a restart, and what is settled does not`() async {
        do {
            let spool = await world.spool()
            #expect(await world.writeAll(0..<20, to: spool) == 20)
            #expect(await spool.sync())
            for _ in 0..<3 { if let (_, sequence) = await spool.take() { await spool.settle(sequence) } }
            _ = await spool.take()
        }
        let spool = await world.spool()
        #expect(world.counters.eventsRecovered.value == 17)
        #expect(await world.writeAll(20..<25, to: spool) == 5)
        #expect(await world.drain(spool) == Array(3..<25))
        await spool.close()
        #expect(world.segments.isEmpty, "delivered is deleted")
        #expect(world.damaged.isEmpty)
    }

    @Test func `a frame that is settled as the last one of its segment does not come after a restart either`() async {
        do {
            let spool = await world.spool()
            _ = await world.writeAll(0..<1, to: spool)
            #expect(await world.drain(spool) == [0])
        }
        let spool = await world.spool()
        #expect(await world.drain(spool).isEmpty)
    }

    @Test func `segments go while the rest is still to be delivered`() async {
        let spool = await world.spool()
        _ = await world.writeAll(0..<20, to: spool)
        let before = world.segments.count
        for _ in 0..<10 { if let (_, sequence) = await spool.take() { await spool.settle(sequence) } }
        #expect(world.segments.count <= before / 2 + 1)
        #expect(world.counters.spoolBytes.value <= 11 * 1100)
    }

    // MARK: Damage

    @Test(arguments: [1, 20, 43, 44, 45, 300, 900, 1040])
    func `a tail that is torn is cut off, and the start goes on`(_ missing: Int) async throws {
        do { _ = await world.writeAll(0..<2, to: await world.spool()) }
        let name = try #require(world.segments.last)
        let bytes = try world.bytes(of: name)
        try world.write(Array(bytes.dropLast(missing)), to: name)
        let spool = await world.spool()
        #expect(await world.drain(spool) == [0])
        #expect(world.log.contains("no whole frame"))
        #expect(world.counters.eventsDamaged.value == 0, "nobody had relied on it")
    }

    @Test func `a tail of zeros, as some file systems leave it, is cut off`() async throws {
        do { _ = await world.writeAll(0..<2, to: await world.spool()) }
        let name = try #require(world.segments.last)
        let bytes = try world.bytes(of: name)
        try world.write(bytes + [UInt8](repeating: 0, count: 4096), to: name)
        let spool = await world.spool()
        #expect(try world.bytes(of: name).count == bytes.count)
        #expect(await world.drain(spool) == [0, 1])
    }

    @Test(arguments: [10, 400]) func `a frame that is damaged is set aside, and the others are sent`(_ place: Int)
        async throws
    {
        do { _ = await world.writeAll(0..<12, to: await world.spool()) }
        let name = world.segments[1]
        var bytes = try world.bytes(of: name)
        // Three frames in a segment: the second of them.
        bytes[bytes.count / 3 + place] ^= 1
        try world.write(bytes, to: name)
        let spool = await world.spool()
        #expect(await world.drain(spool) == [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11])
        #expect(world.counters.spoolDamaged.value == 1)
        #expect(world.damaged == [name + ".damaged"])
        #expect(world.log.contains(name))
        let ledger = world.counters.ledger
        #expect(ledger.lost == (place > FrameHeader.size ? 1 : 0), "a frame without a header was never counted")
    }

    @Test func `damage at the end of the last segment is said and counted, since it can't be told from a torn write`()
        async throws
    {
        do { _ = await world.writeAll(0..<2, to: await world.spool()) }
        let name = try #require(world.segments.last)
        var bytes = try world.bytes(of: name)
        bytes[bytes.count - 10] ^= 1
        try world.write(bytes, to: name)
        let spool = await world.spool()
        #expect(await world.drain(spool) == [0])
        #expect(world.counters.spoolDamaged.value == 1)
        #expect(world.log.contains("1 records"))
    }

    @Test func `nothing that is found keeps the program from starting`() async throws {
        do { _ = await world.writeAll(0..<3, to: await world.spool()) }
        var random = SystemRandomNumberGenerator()
        for size in [0, 1, 44, 5000] {
            let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            try world.write(bytes, to: SegmentName.of(UInt64(size + 1)))
        }
        try world.write([1, 2, 3], to: "notes.txt")
        try FileManager.default.createDirectory(
            atPath: "\(world.path)/\(SegmentName.of(9))", withIntermediateDirectories: true)
        symlink("/dev/zero", "\(world.path)/\(SegmentName.of(11))")
        let spool = await world.spool()
        #expect(await world.drain(spool) == [0, 1, 2])
        #expect(await world.writeAll(3..<5, to: spool) == 2)
        #expect(await world.drain(spool) == [3, 4])
    }

    @Test func `segments of another version are left alone`() async throws {
        do { _ = await world.writeAll(0..<1, to: await world.spool()) }
        let name = try #require(world.segments.first)
        var bytes = try world.bytes(of: name)
        bytes[4] = 2
        try world.write(bytes, to: name)
        let spool = await world.spool()
        #expect(world.log.contains("another version"))
        #expect(await world.writeAll(1..<2, to: spool) == 1)
        #expect(await world.drain(spool) == [1])
        await spool.close()
        #expect(world.segments == [name])
        #expect(try world.bytes(of: name) == bytes)
    }

    @Test func `what a segment was made to say is not believed`() async throws {
        do { _ = await world.writeAll(0..<1, to: await world.spool()) }
        // A whole frame, with checksums that fit, and no documents in it.
        let body = Array(repeating: UInt8(ascii: "x"), count: 100)
        let payload = Payload(number: BatchNumber(9), body: body, isCompressed: false, documentCount: 3, rawSize: 100)
        let header = FrameHeader(payload, sequence: 9, writtenAt: Timestamp(nanoseconds: 0))
        try world.write(header.bytes + body, to: SegmentName.of(9))
        let spool = await world.spool()
        #expect(await world.drain(spool) == [0])
        #expect(world.counters.eventsDamaged.value == 3)
    }

    // MARK: Calls that fail

    @Test func `whichever call fails, no frame is lost, none comes twice, and they stay in order`() async {
        for failing in 0..<120 {
            guard let folder = try? Folder() else { continue }
            let world = SpoolWorld(folder.path)
            let directory = FaultyDirectory(world.path)
            let calls = Mutex(0)
            directory.fails.withLock {
                $0 = { call in
                    calls.withLock { count in
                        count += 1
                        return count == failing && call != "remove" ? EIO : nil
                    }
                }
            }
            let spool = await world.spool(directory)
            var read: [Int] = []
            for number in 0..<12 {
                var isWritten = false
                while !isWritten {
                    if case .written = await spool.write(world.payload(number), isTaken: false) { isWritten = true }
                    world.surroundings.pass(.seconds(1))
                }
                if number % 4 == 3 {
                    _ = await spool.sync()
                    read += await world.drain(spool)
                    world.surroundings.pass(.seconds(1))
                }
            }
            read += await world.drain(spool)
            #expect(read == Array(0..<12), "call \(failing)")
            #expect(world.counters.eventsDamaged.value == 0, "call \(failing)")
        }
    }

    @Test func `behind a sync that failed nothing is written to the same segment`() async {
        let directory = FaultyDirectory(world.path)
        let spool = await world.spool(directory)
        _ = await world.writeAll(0..<1, to: spool)
        directory.fails.withLock { $0 = { $0 == "sync" ? EIO : nil } }
        #expect(await spool.sync() == false)
        directory.fails.withLock { $0 = { _ in nil } }
        _ = await world.writeAll(1..<2, to: spool)
        #expect(world.segments.count == 2)
        #expect(await spool.sync(), "of the second one; the first is told by its delivery")
        #expect(world.log.contains("can't be used now"))
    }

    @Test func `a frame that can't be read is tried for a minute before it counts as damaged`() async {
        let directory = FaultyDirectory(world.path)
        let spool = await world.spool(directory)
        _ = await world.writeAll(0..<8, to: spool)
        directory.fails.withLock { $0 = { $0 == "read" ? EIO : nil } }
        for _ in 0..<50 {
            #expect(await spool.take() == nil)
            world.surroundings.pass(.seconds(1))
        }
        directory.fails.withLock { $0 = { _ in nil } }
        #expect(await world.drain(spool) == Array(0..<8))
    }

    @Test(arguments: [ENOSPC, EDQUOT]) func `no room is told from other trouble, and heals by itself`(_ code: CInt)
        async
    {
        let directory = FaultyDirectory(world.path)
        let spool = await world.spool(directory)
        _ = await world.writeAll(0..<1, to: spool)
        directory.fails.withLock { $0 = { $0 == "write" || $0 == "create" ? code : nil } }
        #expect(await spool.write(world.payload(1), isTaken: false) == .full)
        directory.fails.withLock { $0 = { _ in nil } }
        #expect(await spool.write(world.payload(1), isTaken: false) == .full, "once a second")
        world.surroundings.pass(.seconds(1))
        #expect(await world.writeAll(1..<3, to: spool) == 2)
        #expect(world.log.contains(String(cString: strerror(code))))
        #expect(world.log.contains("can be used again"))
        #expect(await world.drain(spool) == [0, 1, 2])
    }

    @Test func `somebody removes the folder, and it is made again`() async throws {
        let spool = await world.spool()
        _ = await world.writeAll(0..<3, to: spool)
        try FileManager.default.removeItem(atPath: world.path)
        var isWritten = false
        for number in 3..<20 where !isWritten {
            _ = await spool.write(world.payload(number), isTaken: false)
            isWritten = world.segments.count == 1
            world.surroundings.pass(.seconds(1))
        }
        #expect(isWritten)
    }

    @Test func `two processes do not share a spool`() async {
        let first = await world.spool()
        let second = await world.spool()
        #expect(await second.write(world.payload(0), isTaken: false) == .unusable)
        #expect(world.log.contains("Another Tailrace uses this folder"))
        #expect(await world.writeAll(0..<1, to: first) == 1)
    }

    // MARK: Full

    @Test func `at its limit it is full, and takes more when something is delivered`() async {
        let world = SpoolWorld(folder.path, bytes: 8 << 10, segmentBytes: 2 << 10)
        let spool = await world.spool()
        let count = await world.writeAll(0..<100, to: spool)
        #expect((6...7).contains(count))
        #expect(world.log.contains("The spool is full"))
        #expect(world.counters.eventsDropped.value == 0)
        for _ in 0..<2 { if let (_, sequence) = await spool.take() { await spool.settle(sequence) } }
        #expect(await world.writeAll(count..<count + 1, to: spool) == 1)
    }

    @Test func `the oldest are dropped if that is the wish, counted and named by file`() async {
        let world = SpoolWorld(folder.path, bytes: 8 << 10, segmentBytes: 2 << 10, whenFull: .dropOldest)
        let spool = await world.spool()
        #expect(await world.writeAll(0..<40, to: spool) == 40)
        let rest = await world.drain(spool)
        #expect(rest == Array((40 - rest.count)..<40))
        #expect(world.counters.eventsDropped.value == 40 - rest.count)
        let drops = world.counters.drops.byFile
        #expect(drops.map(\.path) == ["/logs/0.log", "/logs/1.log"])
        #expect(drops.reduce(0) { $0 + $1.count } == 40 - rest.count)
        #expect(world.log.contains("records of /logs/0.log were dropped, the oldest"))
        #expect(world.counters.spoolBytes.value <= 8 << 10)
    }

    @Test(.enabled(if: SmallDisk.canBeHad, SmallDisk.need), arguments: SpoolSettings.WhenFull.allCases)
    func `a disk that is full`(_ whenFull: SpoolSettings.WhenFull) async throws {
        let disk = try SmallDisk(bytes: 256 << 10)
        let world = SpoolWorld(disk.path, segmentBytes: 16 << 10, whenFull: whenFull)
        let spool = await world.spool()
        let count = await world.writeAll(0..<1000, to: spool)
        if whenFull == .dropOldest {
            #expect(count == 1000)
            let rest = await world.drain(spool)
            #expect(rest == Array((1000 - rest.count)..<1000))
            #expect(world.counters.eventsDropped.value == 1000 - rest.count)
            return
        }
        #expect((150...245).contains(count), "\(count) of 1 KiB on 256 KiB")
        // Who drops what does not fit says so, and has not to be told that it waits.
        #expect(world.log.contains("No space left on device") == (whenFull == .block))
        for _ in 0..<40 { if let (_, sequence) = await spool.take() { await spool.settle(sequence) } }
        world.surroundings.pass(.seconds(1))
        #expect(await world.writeAll(count..<count + 5, to: spool) == 5)
        #expect(world.log.contains("can be used again") == (whenFull == .block))
        #expect(await world.drain(spool) == Array(40..<count + 5))
    }

    @Test(.enabled(if: SmallDisk.canBeHad, SmallDisk.need))
    func `a disk that others fill, and clear`() async throws {
        let disk = try SmallDisk(bytes: 256 << 10)
        let world = SpoolWorld(disk.path)
        let spool = await world.spool()
        #expect(await world.writeAll(0..<10, to: spool) == 10)
        disk.fill()
        let more = await world.writeAll(10..<20, to: spool)
        #expect(more < 10)
        disk.clear()
        world.surroundings.pass(.seconds(1))
        #expect(await world.writeAll(10 + more..<20, to: spool) == 10 - more)
        #expect(await world.drain(spool) == Array(0..<20))
    }

    @Test(.enabled(if: SmallDisk.canBeHad, SmallDisk.need))
    func `a disk that is read-only at the start`() async throws {
        let disk = try SmallDisk(bytes: 1 << 20)
        let world = SpoolWorld(disk.path)
        disk.setReadOnly(true)
        let spool = await world.spool()
        #expect(await spool.write(world.payload(0), isTaken: false) == .unusable)
        #expect(world.log.contains("Read-only file system"))
        disk.setReadOnly(false)
        world.surroundings.pass(.seconds(1))
        #expect(await world.writeAll(0..<6, to: spool) == 6)
        #expect(world.log.contains("can be used again"))
        #expect(await world.drain(spool) == Array(0..<6))
    }

    /// As a kernel makes it after an error; nobody else can while the spool has it open.
    @Test func `a disk that becomes read-only, and is mended`() async {
        let directory = FaultyDirectory(world.path)
        let spool = await world.spool(directory)
        _ = await world.writeAll(0..<5, to: spool)
        let reading: Set = ["read", "list", "freeBytes"]
        directory.fails.withLock { $0 = { reading.contains($0) ? nil : EROFS } }
        for _ in 0..<5 {
            #expect(await spool.write(world.payload(5), isTaken: false) == .unusable)
            world.surroundings.pass(.seconds(1))
        }
        let (first, sequence) = await spool.take() ?? (world.payload(-1), 0)
        #expect(world.number(of: first) == 0, "what is there is sent meanwhile")
        await spool.settle(sequence)
        directory.fails.withLock { $0 = { _ in nil } }
        #expect(await world.writeAll(5..<10, to: spool) == 5)
        #expect(await world.drain(spool) == Array(1..<10))
        await spool.close()
        #expect(world.segments.isEmpty)
        #expect(world.log.components(separatedBy: "can't be used now").count == 2, "said once")
    }

    @Test(.enabled(if: SmallDisk.canBeHad, SmallDisk.need))
    func `room is left to others`() async throws {
        let disk = try SmallDisk(bytes: 512 << 10)
        let world = SpoolWorld(disk.path, minFree: 256 << 10)
        let spool = await world.spool()
        let count = await world.writeAll(0..<1000, to: spool)
        #expect((150...250).contains(count), "\(count)")
        #expect(world.log.contains("TAILRACE_SPOOL_MIN_FREE"))
        var status = statvfs()
        #expect(statvfs(disk.path, &status) == 0)
        #expect(status.f_bavail * status.f_frsize >= 250 << 10)
    }
}
