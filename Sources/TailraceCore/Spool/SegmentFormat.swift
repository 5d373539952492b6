/// What stands before each payload in a segment of the spool. `docs/spool.md` has the diagram.
///
/// All numbers are little-endian. Magic number and version stay where they are in every version to come.
///
/// | Offset | Bytes | |
/// |---|---|---|
/// | 0 | 4 | `TLRF` |
/// | 4 | 1 | version of the format, 1 |
/// | 5 | 1 | flags; bit 0: the body is a gzip member |
/// | 6 | 1 | state: `0xFF` settled, anything else waiting. Overwritten in place, so no checksum covers it |
/// | 7 | 1 | 0 |
/// | 8 | 8 | sequence: one more than that of the frame before |
/// | 16 | 8 | when it was written, nanoseconds since 1970 |
/// | 24 | 4 | bytes of the body |
/// | 28 | 4 | bytes of the body before compression |
/// | 32 | 4 | documents in the body |
/// | 36 | 4 | CRC-32C of the body |
/// | 40 | 4 | CRC-32C of the 40 bytes before it, the state taken as 0 |
/// | 44 | | the body, as it is sent |
package struct FrameHeader: Equatable, Sendable {
    package static let size = 44
    package static let stateOffset = 6
    package static let settled: UInt8 = 0xFF
    package static let version: UInt8 = 1
    /// Bytes of a body, before and after compression: what a batch of the largest size may come to, and what a reader sets
    /// memory aside for.
    package static let bodyMax = 512 << 20
    static let magic: [UInt8] = Array("TLRF".utf8)
    /// gzip never makes more of a byte (zlib, "Technical Details"): a size that promises more is not believed.
    private static let ratioMax = 1032

    package var sequence: UInt64
    package var writtenAt: Timestamp
    package var isCompressed: Bool
    package var documentCount: Int
    package var rawSize: Int
    package var bodySize: Int
    package var bodyChecksum: UInt32
    package var isSettled = false

    package init(_ payload: Payload, sequence: UInt64, writtenAt: Timestamp) {
        self.sequence = sequence
        self.writtenAt = writtenAt
        isCompressed = payload.isCompressed
        documentCount = payload.documentCount
        rawSize = payload.rawSize
        bodySize = payload.body.count
        bodyChecksum = CRC32C.checksum(payload.body.span)
    }

    /// - Parameter bytes: ``size`` of them.
    /// - Returns: `nil` unless they are a header of this version that nothing has happened to.
    package init?(_ bytes: Span<UInt8>) {
        guard bytes.count == Self.size, bytes[0] == Self.magic[0], bytes[1] == Self.magic[1],
            bytes[2] == Self.magic[2], bytes[3] == Self.magic[3], bytes[4] == Self.version, bytes[5] <= 1,
            bytes[7] == 0, UInt32(truncatingIfNeeded: bytes.number(at: 40, 4)) == Self.checksum(bytes)
        else { return nil }
        isCompressed = bytes[5] == 1
        isSettled = bytes[Self.stateOffset] == Self.settled
        sequence = bytes.number(at: 8, 8)
        writtenAt = Timestamp(nanoseconds: Int64(bitPattern: bytes.number(at: 16, 8)))
        bodySize = Int(bytes.number(at: 24, 4))
        rawSize = Int(bytes.number(at: 28, 4))
        documentCount = Int(bytes.number(at: 32, 4))
        bodyChecksum = UInt32(truncatingIfNeeded: bytes.number(at: 36, 4))
        guard documentCount > 0, bodySize > 0, max(bodySize, rawSize) <= Self.bodyMax, rawSize >= documentCount * 2,
            isCompressed ? rawSize <= bodySize * Self.ratioMax : rawSize == bodySize
        else { return nil }
    }

    /// Magic number and version stand at the same place in every version.
    ///
    /// - Parameter bytes: the first ones of a segment.
    package static func isOfAnotherVersion(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: magic) && bytes.count > magic.count && bytes[magic.count] != version
    }

    /// Of header and body.
    package var frameSize: Int { Self.size + bodySize }

    package var bytes: [UInt8] {
        var bytes = Self.magic + [Self.version, isCompressed ? 1 : 0, 0, 0]
        bytes.reserveCapacity(Self.size)
        bytes.append(number: sequence, 8)
        bytes.append(number: UInt64(bitPattern: writtenAt.nanoseconds), 8)
        bytes.append(number: UInt64(bodySize), 4)
        bytes.append(number: UInt64(rawSize), 4)
        bytes.append(number: UInt64(documentCount), 4)
        bytes.append(number: UInt64(bodyChecksum), 4)
        bytes.append(number: UInt64(CRC32C.checksum(bytes.span)), 4)
        if isSettled { bytes[Self.stateOffset] = Self.settled }
        return bytes
    }

    /// - Returns: `nil` when the body is not the one that was written.
    package func payload(_ body: [UInt8]) -> Payload? {
        guard body.count == bodySize, CRC32C.checksum(body.span) == bodyChecksum else { return nil }
        return Payload(
            number: BatchNumber(sequence), body: body, isCompressed: isCompressed, documentCount: documentCount,
            rawSize: rawSize)
    }

    private static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
        let zero: [UInt8] = [0]
        let front = CRC32C.checksum(bytes.extracting(..<stateOffset))
        let middle = CRC32C.checksum(zero.span, after: front)
        return CRC32C.checksum(bytes.extracting(stateOffset + 1..<40), after: middle)
    }
}

/// Segments are named by the sequence of their first frame, so that the order of their names is that of the frames.
package enum SegmentName {
    private static let suffix = ".segment"
    private static let damagedSuffix = ".segment.damaged"
    private static let digits = 20

    package static func of(_ number: UInt64) -> String { padded(number) + suffix }
    /// Of a segment that was set aside, since something in it can't be read.
    package static func damaged(_ number: UInt64) -> String { padded(number) + damagedSuffix }

    package static func number(of name: String) -> UInt64? { number(name, suffix) }
    package static func number(ofDamaged name: String) -> UInt64? { number(name, damagedSuffix) }

    private static func number(_ name: String, _ suffix: String) -> UInt64? {
        guard name.utf8.count == digits + suffix.utf8.count, name.hasSuffix(suffix),
            name.utf8.prefix(digits).allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return UInt64(name.dropLast(suffix.count))
    }

    private static func padded(_ number: UInt64) -> String {
        let text = String(number)
        return String(repeating: "0", count: digits - text.count) + text
    }
}

extension Span<UInt8> {
    fileprivate func number(at offset: Int, _ size: Int) -> UInt64 {
        var number: UInt64 = 0
        for index in (0..<size).reversed() { number = number << 8 | UInt64(self[offset + index]) }
        return number
    }
}

extension [UInt8] {
    fileprivate mutating func append(number: UInt64, _ size: Int) {
        for index in 0..<size { append(UInt8(truncatingIfNeeded: number >> UInt64(8 * index))) }
    }
}
