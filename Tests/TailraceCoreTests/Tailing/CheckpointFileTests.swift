import Testing

@testable import TailraceCore

@Suite struct CheckpointFileTests {
    private static let files = [
        Checkpoint(
            id: FileID(high: 1, low: 2), path: "/var/log/a b\n\\x.log", home: "/there/a  b.log", format: .cri,
            key: FileKey(device: 0xfe00, inode: .max), birth: 1_767_225_600_123_456_789,
            modified: 1_767_225_600_123_456_790, seenAt: Timestamp(nanoseconds: 1_767_225_600_123_456_791),
            doneAt: Timestamp(nanoseconds: 1_767_225_600_123_456_792),
            fingerprint: Fingerprint(length: 1024, checksum: 0xdead_beef),
            trail: Trail(offset: 8, length: 8, checksum: 0xbeef), resume: ResumeOffsets(stdout: 5, stderr: 7),
            cuts: [Cut(offset: 9, streams: .all), Cut(offset: 10, streams: .stdout)]),
        Checkpoint(
            id: FileID(high: 3, low: 4), path: "/日本.log", format: nil, key: FileKey(device: 0, inode: 1), birth: 0,
            fingerprint: .empty, resume: ResumeOffsets(0)),
    ]
    private static let checkpoints = Checkpoints(
        files: files, floors: ["/there/a  b.log": 1_767_225_600_123_456_793, "/日本\n.log": 0])

    @Test func `what was written is read again, whatever the path`() throws {
        #expect(try CheckpointFile.parse(CheckpointFile.render(Self.checkpoints)) == Self.checkpoints)
        #expect(try CheckpointFile.parse(CheckpointFile.render(Checkpoints())) == Checkpoints())
    }

    @Test func `what the first version wrote is read, and had no floors`() throws {
        let text = String(decoding: CheckpointFile.render(Checkpoints(files: Self.files)), as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(2).map(String.init)
        lines[0] = "tailrace-checkpoints 1"
        let body = Array((lines.joined(separator: "\n") + "\n").utf8)
        let sealed = body + Array("end \(String(crc32(body.span), radix: 16))\n".utf8)
        #expect(try CheckpointFile.parse(sealed) == Checkpoints(files: Self.files))
    }

    @Test func `a file that was cut or changed anywhere is not used`() {
        let bytes = CheckpointFile.render(Self.checkpoints)
        for end in bytes.indices {
            let cut = Array(bytes[..<end])
            #expect(throws: CheckpointFile.Damage.self) { try CheckpointFile.parse(cut) }
            var changed = bytes
            changed[end] ^= 1
            #expect(throws: CheckpointFile.Damage.self) { try CheckpointFile.parse(changed) }
        }
    }

    @Test func `a file of somebody else is not used`() {
        #expect(throws: CheckpointFile.Damage.self) { try CheckpointFile.parse(Array("{\"offset\":1}\n".utf8)) }
    }
}
