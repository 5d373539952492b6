import Glibc

/// Writes from front to back into memory that somebody has made sure to be large enough: what a document is made of is
/// a dozen small pieces, and looking for room before each of them takes longer than writing them.
struct ByteWriter {
    /// Bytes that a number may take, or be written over before it is cut to its length.
    static let hexadecimalMax = 24
    static let decimalMax = 24

    /// Behind the last byte.
    private(set) var end: UnsafeMutablePointer<UInt8>

    @inline(__always)
    init(_ start: UnsafeMutablePointer<UInt8>) { end = start }

    @inline(__always)
    mutating func put(_ byte: UInt8) {
        end.pointee = byte
        end += 1
    }

    @inline(__always)
    mutating func put(_ text: StaticString) {
        memcpy(end, text.utf8Start, text.utf8CodeUnitCount)
        end += text.utf8CodeUnitCount
    }

    @inline(__always)
    mutating func put(_ bytes: borrowing OwnedBytes) {
        let count = bytes.count
        bytes.span.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            _ = memcpy(end, base, count)
        }
        end += count
    }

    /// At most 30 bytes.
    @inline(__always)
    mutating func put(_ time: Timestamp, _ printer: inout RFC3339Printer) { end += printer.write(time, to: end) }

    /// In lower-case digits without leading zeros.
    @inline(__always)
    mutating func putHexadecimal(_ value: UInt64) {
        if value >> 32 != 0 {
            putDigits(of: UInt32(truncatingIfNeeded: value >> 32))
            store(Self.hexadecimal(UInt32(truncatingIfNeeded: value)).bigEndian)
            end += 8
        } else {
            putDigits(of: UInt32(truncatingIfNeeded: value))
        }
    }

    /// In decimal digits without leading zeros.
    @inline(__always)
    mutating func putDecimal(_ value: UInt64) {
        var rest = value
        var isFirst = true
        if value >= 100_000_000 {
            rest = value % 100_000_000
            isFirst = false
            let front = value / 100_000_000
            if front >= 100_000_000 {
                putFirstDigits(Self.decimal(UInt32(truncatingIfNeeded: front / 100_000_000)))
                putEightDigits(Self.decimal(UInt32(truncatingIfNeeded: front % 100_000_000)))
            } else {
                putFirstDigits(Self.decimal(UInt32(truncatingIfNeeded: front)))
            }
        }
        let digits = Self.decimal(UInt32(truncatingIfNeeded: rest))
        if isFirst { putFirstDigits(digits) } else { putEightDigits(digits) }
    }

    /// Without leading zeros; the last digit in any case.
    @inline(__always)
    private mutating func putFirstDigits(_ digits: UInt64) {
        let zeros = min(digits.trailingZeroBitCount / 8, 7)
        store(((digits | Self.zeros) >> UInt64(8 * zeros)).littleEndian)
        end += 8 - zeros
    }

    @inline(__always)
    private mutating func putEightDigits(_ digits: UInt64) {
        store((digits | Self.zeros).littleEndian)
        end += 8
    }

    private static let zeros = ByteWord.filled(with: UInt8(ascii: "0"))

    /// Eight digits as numbers, the first in the lowest byte, of a value below 10^8.
    ///
    /// Halves, then quarters, then digits are divided side by side in one word. Division is multiplication by a rounded
    /// fraction, which is exact for numbers as small as these.
    @inline(__always)
    static func decimal(_ value: UInt32) -> UInt64 {
        let halves = UInt64(value / 10_000) | UInt64(value % 10_000) << 32
        let hundreds: UInt64 = ((halves &* 5243) >> 19) & 0x0000_007F_0000_007F
        let pairs: UInt64 = (halves &- hundreds &* 100) << 16 | hundreds
        let tens: UInt64 = ((pairs &* 103) >> 10) & 0x000F_000F_000F_000F
        return (pairs &- tens &* 10) << 8 | tens
    }

    @inline(__always)
    private mutating func putDigits(of value: UInt32) {
        let count = max(1, (35 - value.leadingZeroBitCount) / 4)
        store((Self.hexadecimal(value) << UInt64(8 * (8 - count))).bigEndian)
        end += count
    }

    @inline(__always)
    private func store(_ word: UInt64) {
        UnsafeMutableRawPointer(end).storeBytes(of: word, as: UInt64.self)
    }

    /// Eight digits, the first in the highest byte.
    @inline(__always)
    private static func hexadecimal(_ value: UInt32) -> UInt64 {
        // Each half of a byte moves to a byte of its own; those from ten on get the distance to the letters on top.
        var spread = UInt64(value)
        spread = (spread | spread << 16) & 0x0000_FFFF_0000_FFFF
        spread = (spread | spread << 8) & 0x00FF_00FF_00FF_00FF
        spread = (spread | spread << 4) & 0x0F0F_0F0F_0F0F_0F0F
        let tens: UInt64 = (spread &+ ByteWord.filled(with: 6)) >> 4 & ByteWord.filled(with: 1)
        return spread &+ ByteWord.filled(with: UInt8(ascii: "0")) &+ tens
            &* UInt64(UInt8(ascii: "a") - UInt8(ascii: "0") - 10)
    }
}
