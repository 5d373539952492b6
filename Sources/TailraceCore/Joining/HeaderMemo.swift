/// How the lines of one stream began lately. A logger begins all of its lines alike but for the digits, so that most of
/// them need not be read word by word for their level.
///
/// Only beginnings that decide alone are kept: a level in upper case, at the front or behind a time in digits. What is behind the level
/// counts for nothing, and neither does which digit stands where one does. Memory: about 500 bytes.
struct HeaderMemo {
    /// A beginning, up to the byte behind its level.
    private struct Entry {
        var front = LineFront()
        var header = RecordHeader.none
    }

    private var entries = (Entry(), Entry(), Entry(), Entry())
    /// How many were learned, of which the last four are kept.
    private var learned = 0

    /// What a record begins with, if it begins with a digit or with a level in upper case; `nil` for other lines, for short
    /// ones, and for those that have a ``TransportPrefix``.
    mutating func header(of line: Span<UInt8>) -> RecordHeader? {
        guard line.count >= LineFront.byteCount, isDigit(line[unchecked: 0]) || isUpper(line[unchecked: 0])
        else { return nil }
        let front = LineFront(of: line)
        if front.begins(with: entries.0.front) { return entries.0.header }
        if front.begins(with: entries.1.front) { return entries.1.header }
        if front.begins(with: entries.2.front) { return entries.2.header }
        if front.begins(with: entries.3.front) { return entries.3.header }
        return read(line)
    }

    @inline(never)
    private mutating func read(_ line: Span<UInt8>) -> RecordHeader? {
        guard !TransportPrefix.begins(line) else { return nil }
        var end = 0
        let header: RecordHeader? =
            isDigit(line[unchecked: 0])
            ? RecordHeader.digitFirst(line, endOfLevel: &end)
            : RecordHeader.upperCaseLevelFirst(line, endOfLevel: &end)
        if let header, end > 0, end < LineFront.byteCount {
            learn(Entry(front: LineFront(of: line).cut(to: end + 1), header: header))
        }
        // A time may be further in.
        return header == RecordHeader.none ? nil : header
    }

    private mutating func learn(_ entry: Entry) {
        switch learned % 4 {
        case 0: entries.0 = entry
        case 1: entries.1 = entry
        case 2: entries.2 = entry
        default: entries.3 = entry
        }
        learned += 1
    }
}

/// The first bytes of a line, each digit as a zero.
private struct LineFront {
    static let byteCount = 48

    private var bytes: (SIMD16<UInt8>, SIMD16<UInt8>, SIMD16<UInt8>)
    /// Ones where a byte counts. Not a line's own: those count everywhere.
    private var mask: (SIMD16<UInt8>, SIMD16<UInt8>, SIMD16<UInt8>)

    /// What no line begins with: a digit other than zero.
    init() {
        let one = SIMD16<UInt8>(repeating: UInt8(ascii: "1"))
        let all = SIMD16<UInt8>(repeating: 0xFF)
        (bytes, mask) = ((one, one, one), (all, all, all))
    }

    /// - Parameter line: of at least ``byteCount`` bytes.
    @inline(__always)
    init(of line: Span<UInt8>) {
        let all = SIMD16<UInt8>(repeating: 0xFF)
        mask = (all, all, all)
        bytes = line.withUnsafeBytes { raw in
            let first = raw.loadUnaligned(fromByteOffset: 0, as: SIMD16<UInt8>.self)
            let second = raw.loadUnaligned(fromByteOffset: 16, as: SIMD16<UInt8>.self)
            let third = raw.loadUnaligned(fromByteOffset: 32, as: SIMD16<UInt8>.self)
            return (Self.withoutDigits(first), Self.withoutDigits(second), Self.withoutDigits(third))
        }
    }

    @inline(__always)
    private static func withoutDigits(_ block: SIMD16<UInt8>) -> SIMD16<UInt8> {
        let zero = SIMD16<UInt8>(repeating: UInt8(ascii: "0"))
        let ten = SIMD16<UInt8>(repeating: 10)
        let values: SIMD16<UInt8> = block &- zero
        let digits: SIMDMask<SIMD16<Int8>> = values .< ten
        return block.replacing(with: zero, where: digits)
    }

    /// Only its first `count` bytes.
    func cut(to count: Int) -> LineFront {
        var front = self
        for place in 0..<16 {
            front.mask.0[place] = place < count ? 0xFF : 0
            front.mask.1[place] = place + 16 < count ? 0xFF : 0
            front.mask.2[place] = place + 32 < count ? 0xFF : 0
        }
        return front
    }

    @inline(__always)
    func begins(with other: LineFront) -> Bool {
        let first: SIMD16<UInt8> = (bytes.0 ^ other.bytes.0) & other.mask.0
        let second: SIMD16<UInt8> = (bytes.1 ^ other.bytes.1) & other.mask.1
        let third: SIMD16<UInt8> = (bytes.2 ^ other.bytes.2) & other.mask.2
        let differing: SIMD16<UInt8> = first | second | third
        let halves = unsafeBitCast(differing, to: SIMD2<UInt64>.self)
        return halves[0] | halves[1] == 0
    }
}
