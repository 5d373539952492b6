import TailraceCore
import Testing

@Suite struct SegmentFormatTests {
    static func payload(_ number: UInt64, documents: Int = 2, isCompressed: Bool = true) -> Payload {
        let lines = (0..<documents).map { "{\"create\":{\"_id\":\"\(number)-\($0)\"}}\n{\"message\":\"\($0)\"}\n" }
        return Payload(
            sealing: Array(lines.joined().utf8).span, number: BatchNumber(number), documentCount: documents,
            with: isCompressed ? try? GzipCompressor(level: 1) : nil)
    }

    static func header(_ sequence: UInt64, isCompressed: Bool = true) -> FrameHeader {
        FrameHeader(
            payload(sequence, isCompressed: isCompressed), sequence: sequence,
            writtenAt: Timestamp(nanoseconds: 1_700_000_000_123_456_789))
    }

    @Test(arguments: [true, false]) func `a header is read as it was written`(_ isCompressed: Bool) throws {
        let header = Self.header(77, isCompressed: isCompressed)
        #expect(header.bytes.count == FrameHeader.size)
        #expect(FrameHeader(header.bytes.span) == header)
        let body = Self.payload(77, isCompressed: isCompressed).body
        let payload = try #require(header.payload(body))
        #expect(payload.body == body && payload.documentCount == 2 && payload.isCompressed == isCompressed)
    }

    @Test func `the layout is the one of the documentation`() {
        let bytes = Self.header(0x0102_0304_0506_0708).bytes
        #expect(Array(bytes[0..<8]) == Array("TLRF".utf8) + [1, 1, 0, 0])
        #expect(Array(bytes[8..<16]) == [8, 7, 6, 5, 4, 3, 2, 1])
        #expect(Array(bytes[32..<36]) == [2, 0, 0, 0])
    }

    @Test func `a header in which any bit has flipped is none, but for the state`() {
        let bytes = Self.header(77).bytes
        for index in bytes.indices where index != FrameHeader.stateOffset {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << UInt8(bit)
                #expect(FrameHeader(damaged.span) == nil, "bit \(bit) of byte \(index)")
            }
        }
    }

    @Test func `what has flipped in the state makes a frame come again, not go away`() {
        var bytes = Self.header(77).bytes
        bytes[FrameHeader.stateOffset] = FrameHeader.settled
        #expect(FrameHeader(bytes.span)?.isSettled == true)
        bytes[FrameHeader.stateOffset] = 0x7F
        #expect(FrameHeader(bytes.span)?.isSettled == false)
    }

    @Test func `another version is left to the program that knows it`() {
        var bytes = Self.header(77).bytes
        bytes[4] = 2
        let checksum = CRC32C.checksum(bytes.span.extracting(..<40))
        for index in 0..<4 { bytes[40 + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * index)) }
        #expect(FrameHeader(bytes.span) == nil)
    }

    @Test func `sizes that no batch can have are not believed`() {
        let changes: [(inout FrameHeader) -> Void] = [
            { $0.documentCount = 0 }, { $0.bodySize = 0 }, { $0.rawSize = 3 }, { $0.rawSize = $0.bodySize * 1033 },
            { $0.bodySize = 600 << 20 },
        ]
        for change in changes {
            var header = Self.header(77)
            change(&header)
            #expect(FrameHeader(header.bytes.span) == nil, "\(header)")
        }
    }

    @Test func `a body in which any byte has changed is none`() {
        let header = Self.header(77)
        let body = Self.payload(77).body
        #expect(header.payload(Array(body.dropLast())) == nil)
        for index in body.indices {
            var damaged = body
            damaged[index] ^= 0x10
            #expect(header.payload(damaged) == nil)
        }
    }

    @Test func `names of segments sort as their numbers do, and nothing else is one`() {
        #expect(SegmentName.of(77) == "00000000000000000077.segment")
        let numbers: [UInt64] = [1, 9, 10, 1_700_000_000_000_000, .max]
        #expect(numbers.map(SegmentName.of).sorted() == numbers.map(SegmentName.of))
        for number in numbers { #expect(SegmentName.number(of: SegmentName.of(number)) == number) }
        #expect(SegmentName.number(ofDamaged: SegmentName.damaged(77)) == 77)
        for name in [
            "lock", "77.segment", "0000000000000000007x.segment", "99999999999999999999.segment",
            "+0000000000000000077.segment",
            SegmentName.damaged(77),
        ] {
            #expect(SegmentName.number(of: name) == nil, "\(name)")
        }
    }
}
