import Logging
import TailraceCore
import Testing

@testable import TailraceRuntime

@Suite struct FileMemoryTests {
    private let text = Array(String(repeating: "a line that was read\n", count: 200).utf8)
    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func checkpoint(_ number: UInt64, modified: Int64 = 0, isDone: Bool = false) -> Checkpoint {
        Checkpoint(
            id: FileID(high: number, low: 0), path: "/logs/app.log", format: .plain, key: FileKey(device: 1, inode: 7),
            birth: 0, modified: modified, seenAt: Timestamp(nanoseconds: 0),
            doneAt: isDone ? Timestamp(nanoseconds: modified) : nil, fingerprint: Fingerprint(of: text.span),
            trail: Trail(before: UInt64(text.count), text.span), resume: ResumeOffsets(UInt64(text.count)))
    }

    private func memory(_ checkpoints: [Checkpoint]) -> FileMemory {
        FileMemory(Checkpoints(files: checkpoints), now: Moment(nanoseconds: 0), logger: logger)
    }

    @Test func `without birth times, a file is known by what it holds when its device has another number`() throws {
        let known = checkpoint(1)
        let same = try OpenedFile.plain("/logs/app.log", MemoryFile(text, device: 2))
        #expect(try memory([known]).claim(same, homes: ["/logs/app.log"], isMatched: true) == known)
        #expect(try memory([known]).claim(same, homes: ["/logs/other.log"], isMatched: true) == nil)
        let other = try OpenedFile.plain("/logs/app.log", MemoryFile(text.reversed(), device: 2))
        #expect(try memory([known]).claim(other, homes: ["/logs/app.log"], isMatched: true) == nil)
        let born = try OpenedFile.plain("/logs/app.log", MemoryFile(text, device: 2, birth: 5))
        var bornBefore = known
        bornBefore.birth = 4
        #expect(try memory([bornBefore]).claim(born, homes: ["/logs/app.log"], isMatched: true) == nil)
    }

    private let now = Moment(nanoseconds: 1)
    private let wallClock = Timestamp(nanoseconds: 5_000_000_000_000)

    /// After a crash, nothing else tells of what is later than the floor that it is not new.
    @Test func `what was read is forgotten when all that is older has been judged`() {
        let memory = memory([])
        for number in 1...40 as ClosedRange<UInt64> {
            memory.remember(checkpoint(number, modified: Int64(number) * 100_000_000_000, isDone: true))
        }
        var unjudged = Unjudged()
        memory.haveLooked(TailTable(), unjudged, begunAt: wallClock)
        #expect(memory.takeForgotten(now: now, wallClock: wallClock).isEmpty)
        #expect(memory.takeFloors().isEmpty)
        unjudged.list("/logs")
        unjudged.leave(candidate(size: 10, modified: 310), in: "/logs")
        memory.haveLooked(TailTable(), unjudged, begunAt: wallClock)
        #expect(memory.takeForgotten(now: now, wallClock: wallClock) == (1...2).map { FileID(high: $0, low: 0) })
        #expect(memory.takeFloors() == ["/logs/app.log": 310_000_000_000])
        unjudged = Unjudged()
        unjudged.list("/logs")
        unjudged.leave(["/logs"])
        memory.haveLooked(TailTable(), unjudged, begunAt: wallClock)
        #expect(memory.takeForgotten(now: now, wallClock: wallClock).isEmpty, "not all of the folder is known")
        unjudged = Unjudged()
        unjudged.list("/logs")
        memory.haveLooked(TailTable(), unjudged, begunAt: wallClock)
        #expect(memory.takeForgotten(now: now, wallClock: wallClock) == (3...8).map { FileID(high: $0, low: 0) })
        #expect(memory.takeFloors() == ["/logs/app.log": 4_000_000_000_000])
    }

    @Test func `a floor is never later than the look`() {
        let memory = memory([])
        memory.remember(checkpoint(1, modified: 9_000_000_000_000, isDone: true))
        var unjudged = Unjudged()
        unjudged.list("/logs")
        memory.haveLooked(TailTable(), unjudged, begunAt: wallClock)
        #expect(memory.takeFloors() == ["/logs/app.log": wallClock.nanoseconds - 60_000_000_000])
        let before = Timestamp(nanoseconds: 2_000_000_000_000)
        memory.haveLooked(TailTable(), unjudged, begunAt: before)
        let floor = before.nanoseconds - FileMemory.tick.nanoseconds
        #expect(memory.takeFloors() == ["/logs/app.log": floor], "the clock was set back")
    }

    @Test func `of thousands of files that can't be forgotten, the oldest does not come again`() {
        let known = (1...4096).map { checkpoint(UInt64($0), modified: Int64($0) * 1_000_000_000, isDone: true) }
        let memory = memory([checkpoint(0)] + known)
        memory.remember(checkpoint(4097, modified: 4_097_000_000_000, isDone: true))
        #expect(memory.takeForgotten(now: now, wallClock: wallClock) == [FileID(high: 1, low: 0)])
        let floor = memory.takeFloors()["/logs/app.log"] ?? 0
        #expect(floor.map { $0 > 1_000_000_000 && $0 < 2_000_000_000 } == true)
    }

    @Test func `a floor goes when nothing of its path is known`() {
        let memory = FileMemory(
            Checkpoints(files: [checkpoint(1, isDone: true)], floors: ["/logs/app.log": 7, "/logs/gone.log": 7]),
            now: Moment(nanoseconds: 0), logger: logger)
        memory.haveLooked(TailTable(), Unjudged(), begunAt: wallClock)
        #expect(memory.takeFloors() == ["/logs/gone.log": nil])
    }

    @Test(
        arguments: [
            (left: nil, isForgotten: true),
            // Another file, which is later than all that is known.
            (left: (size: 10, modified: 90), isForgotten: true),
            // It may be the very file.
            (left: (size: 10, modified: 30), isForgotten: false),
            (left: (size: 0, modified: 30), isForgotten: true),
        ] as [(left: (size: UInt64, modified: Int64)?, isForgotten: Bool)])
    func `a file that was empty is forgotten when nothing is left that it may be`(
        left: (size: UInt64, modified: Int64)?, isForgotten: Bool
    ) {
        var empty = checkpoint(0)
        (empty.fingerprint, empty.trail, empty.resume) = (Fingerprint(of: [UInt8]().span), .none, ResumeOffsets(0))
        let memory = memory([empty, checkpoint(1, modified: 80_000_000_000, isDone: true)])
        let wallClock = Timestamp(nanoseconds: 100_000_000_000)
        var unjudged = Unjudged()
        memory.haveLooked(TailTable(), unjudged, begunAt: wallClock)
        #expect(memory.takeForgotten(now: now, wallClock: wallClock).isEmpty, "nothing was listed")
        unjudged.list("/logs")
        if let left { unjudged.leave(candidate(size: left.size, modified: left.modified, isNew: false), in: "/logs") }
        memory.haveLooked(TailTable(), unjudged, begunAt: wallClock)
        let forgotten = memory.takeForgotten(now: now, wallClock: wallClock)
        #expect(forgotten == (isForgotten ? [empty.id] : []))
    }

    /// - Parameter modified: in seconds.
    private func candidate(size: UInt64, modified: Int64, isNew: Bool = true) -> RotationCandidates.Candidate {
        RotationCandidates.Candidate(
            path: "/logs/app.log.37",
            status: FileStatus(
                device: 1, inode: 8, birth: 0, size: size, modified: modified * 1_000_000_000, changed: 0),
            origins: ["/logs/app.log"], mayClaim: false, isNew: isNew, isMatched: false)
    }
}
