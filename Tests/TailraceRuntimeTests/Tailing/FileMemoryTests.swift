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
        FileMemory(checkpoints, now: Moment(nanoseconds: 0), logger: logger)
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

    /// After a crash, what is later than a missing file would count as new if it were forgotten.
    @Test func `of thousands of files that were read none is forgotten before what is missing of the path`() {
        let missing = checkpoint(0)
        let known = (1...4096).map { checkpoint(UInt64($0), modified: Int64($0) * 1_000_000_000, isDone: true) }
        let memory = memory([missing] + known)
        let (now, wallClock) = (Moment(nanoseconds: 1), Timestamp(nanoseconds: 4096))
        #expect(memory.takeForgotten(now: now, wallClock: wallClock).isEmpty)
        memory.remember(checkpoint(4097, modified: 4_097_000_000_000, isDone: true), TailTable())
        let forgotten = memory.takeForgotten(now: now, wallClock: wallClock)
        #expect(forgotten == (0...4065).map { FileID(high: $0, low: 0) })
    }

    /// Of what is still to be judged, nothing else might tell that it was read.
    @Test func `what was read is forgotten only after a look that has judged all that is older`() {
        let memory = memory([])
        for number in 1...40 as ClosedRange<UInt64> {
            memory.remember(checkpoint(number, modified: Int64(number) * 1_000_000_000, isDone: true), TailTable())
        }
        let (now, wallClock) = (Moment(nanoseconds: 1), Timestamp(nanoseconds: 1))
        var unjudged = RotatedFiles.Unjudged()
        memory.forgetOldest(TailTable(), unjudged)
        #expect(memory.takeForgotten(now: now, wallClock: wallClock).isEmpty)
        unjudged.listed = ["/logs"]
        unjudged.note(
            RotationCandidates.Candidate(
                path: "/logs/app.log.37",
                status: FileStatus(device: 1, inode: 8, birth: 0, size: 10, modified: 3_000_000_000, changed: 0),
                origins: ["/logs/app.log"], mayClaim: false, isNew: true, isMatched: false), in: "/logs")
        memory.forgetOldest(TailTable(), unjudged)
        #expect(memory.takeForgotten(now: now, wallClock: wallClock) == (1...2).map { FileID(high: $0, low: 0) })
        unjudged = RotatedFiles.Unjudged()
        unjudged.listed = ["/logs"]
        memory.forgetOldest(TailTable(), unjudged)
        #expect(memory.takeForgotten(now: now, wallClock: wallClock) == (3...8).map { FileID(high: $0, low: 0) })
    }
}
