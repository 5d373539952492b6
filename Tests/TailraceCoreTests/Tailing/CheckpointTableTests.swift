import TailraceCore
import Testing

@Suite struct CheckpointTableTests {
    /// As long as a fingerprint, and the same in every file of a program that begins so.
    private let banner = [UInt8](repeating: UInt8(ascii: "="), count: Fingerprint.lengthMax)

    /// - Returns: for each offset, whether checkpoints have to be saved before a batch is sent that was read up to there.
    private func isSaved(_ format: LogFormat, upTo offsets: [UInt64]) -> [Bool] {
        var file = Checkpoint(
            id: FileID(high: 1, low: 2), path: "/app.log", format: format, key: FileKey(device: 1, inode: 2), birth: 3,
            fingerprint: Fingerprint(of: banner.span), resume: ResumeOffsets(0))
        var table = CheckpointTable(Checkpoints(files: [file]))
        return offsets.map { offset in
            file.trail = Trail(offset: offset, length: min(Int(offset), Trail.lengthMax), checksum: UInt32(offset))
            return table.note(Manifest(files: [file]))
        }
    }

    @Test func `how far a file was read is saved at once while others may hold just the same`() {
        #expect(
            isSaved(.plain, upTo: [1100, 1100, 1500, 2048, 2100, 4000]) == [true, false, true, true, false, false])
        #expect(isSaved(.cri, upTo: [1100, 1500]) == [false, false], "there are times in it")
    }
}
