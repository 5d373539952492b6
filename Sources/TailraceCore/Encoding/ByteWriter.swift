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
        // From the last digit to the first, at the place where they would end if there were as many as there can be.
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        let count = withUnsafeMutableBytes(of: &digits) { digits in
            var place = 24
            var rest = value
            while rest >= 10 {
                let quotient = rest / 10
                place -= 1
                digits[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest &- quotient &* 10)
                rest = quotient
            }
            place -= 1
            digits[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest)
            memcpy(end, digits.baseAddress.unsafelyUnwrapped + place, 24 - place)
            return 24 - place
        }
        end += count
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
