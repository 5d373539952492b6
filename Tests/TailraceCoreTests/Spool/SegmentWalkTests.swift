import TailraceCore
import Testing

@Suite struct SegmentWalkTests {
    private static func frame(_ sequence: UInt64) -> [UInt8] {
        SegmentFormatTests.header(sequence).bytes + SegmentFormatTests.payload(sequence).body
    }

    private static func findings(_ bytes: [UInt8], sequence: UInt64 = 1) -> [SegmentWalk.Finding] {
        var walk = SegmentWalk(size: UInt64(bytes.count), sequence: sequence)
        var findings: [SegmentWalk.Finding] = []
        while true {
            let finding = walk.next { offset, count in Array(bytes[Int(offset)...].prefix(count)) }
            if finding == .end { return findings }
            findings.append(finding)
        }
    }

    private static func sequences(_ findings: [SegmentWalk.Finding]) -> [UInt64] {
        findings.compactMap { if case .frame(let header, _) = $0 { header.sequence } else { nil } }
    }

    @Test func `frames come in order, with their places`() {
        let frames = (1...5).map { Self.frame($0) }
        let findings = Self.findings(frames.flatMap { $0 })
        #expect(Self.sequences(findings) == [1, 2, 3, 4, 5])
        guard case .frame(_, at: let offset) = findings[2] else { return #expect(Bool(false)) }
        #expect(offset == UInt64(frames[0].count + frames[1].count))
    }

    @Test func `cut at any byte, what is whole is found, and the rest is a tail`() {
        let frames = (1...3).map { Self.frame($0) }
        let bytes = frames.flatMap { $0 }
        let ends = frames.indices.map { frames[...$0].reduce(0) { $0 + $1.count } }
        for size in bytes.indices {
            let findings = Self.findings(Array(bytes[..<size]))
            let whole = ends.count { $0 <= size }
            #expect(Self.sequences(findings) == Array(1...3).prefix(whole).map { UInt64($0) })
            let end = whole == 0 ? 0 : ends[whole - 1]
            if size > end { #expect(findings.last == .tail(UInt64(end)..<UInt64(size))) }
        }
    }

    @Test func `behind a header that is damaged anywhere, the next frame is found`() {
        let frames = (1...3).map { Self.frame($0) }
        let start = frames[0].count
        for index in 0..<FrameHeader.size where index != FrameHeader.stateOffset {
            var bytes = frames.flatMap { $0 }
            bytes[start + index] ^= 0xFF
            let findings = Self.findings(bytes)
            #expect(Self.sequences(findings) == [1, 3], "byte \(index)")
            #expect(findings[1] == .damage(UInt64(start)..<UInt64(start + frames[1].count)))
        }
    }

    @Test func `damage longer than a piece is passed over`() {
        let damage = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 0x54) }
        let findings = Self.findings(Self.frame(1) + damage + Self.frame(2))
        #expect(Self.sequences(findings) == [1, 2])
    }

    @Test func `frames of a segment that is gone are not taken for those of this one`() {
        // As a file system may show it after a loss of power: blocks that belonged to another file.
        #expect(Self.sequences(Self.findings(Self.frame(900) + Self.frame(3), sequence: 900)) == [900])
        #expect(Self.findings(Self.frame(3), sequence: 900).count == 1)
        #expect(Self.sequences(Self.findings(Self.frame(1) + Self.frame(5_000_000))) == [1])
    }

    @Test func `of bytes at random nothing is found, and it ends`() {
        var random = SeededBytes(3)
        for size in [0, 1, 43, 44, 45, 10_000, 70_000] {
            let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(Self.sequences(Self.findings(bytes)).isEmpty)
        }
        let magic = Array(repeating: Array("TLRF".utf8), count: 20_000).flatMap { $0 }
        #expect(Self.findings(magic).count == 1)
    }
}
