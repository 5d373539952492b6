/// Eight bytes looked at in one machine word, the first in the lowest place ("SIMD within a register").
///
/// Each test sets the top bit of the bytes it is looking for. A borrow can set it in bytes *behind* a true hit as well,
/// so only the first hit counts, and only that is handed out.
///
/// - SeeAlso: S. E. Anderson, "Bit Twiddling Hacks", *Determine if a word has a byte less than n*.
enum ByteWord {
    @inline(__always)
    static func filled(with byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }
}

extension UInt64 {
    /// How many bytes stand before the first that a JSON string cannot hold as it is, or that is not ASCII; 8 if none.
    @inline(__always)
    var bytesBeforeEscape: Int {
        let quotes: UInt64 = self ^ ByteWord.filled(with: UInt8(ascii: "\""))
        let backslashes: UInt64 = self ^ ByteWord.filled(with: UInt8(ascii: "\\"))
        let below: UInt64 = self &- ByteWord.filled(with: 0x20)
        let ones = ByteWord.filled(with: 1)
        let marks: UInt64 = (below | (quotes &- ones) | (backslashes &- ones) | self) & ByteWord.filled(with: 0x80)
        return marks.trailingZeroBitCount >> 3
    }

    /// How many bytes stand before the first that is a quote or a backslash; 8 if none.
    @inline(__always)
    var bytesBeforeStringEnd: Int {
        let quotes: UInt64 = self ^ ByteWord.filled(with: UInt8(ascii: "\""))
        let backslashes: UInt64 = self ^ ByteWord.filled(with: UInt8(ascii: "\\"))
        let ones = ByteWord.filled(with: 1)
        let marks: UInt64 = ((quotes &- ones) | (backslashes &- ones)) & ~self & ByteWord.filled(with: 0x80)
        return marks.trailingZeroBitCount >> 3
    }

    /// How many bytes stand before the first that equals the one `filled` is made of; 8 if none. It must be ASCII.
    @inline(__always)
    func bytesBefore(_ filled: UInt64) -> Int {
        let difference: UInt64 = self ^ filled
        let marks: UInt64 = (difference &- ByteWord.filled(with: 1)) & ~self & ByteWord.filled(with: 0x80)
        return marks.trailingZeroBitCount >> 3
    }
}
