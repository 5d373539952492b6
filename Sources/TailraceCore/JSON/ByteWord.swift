/// Eight bytes looked at in one machine word, the first in the lowest place ("SIMD within a register").
///
/// Each search gives marks: the top bit of every byte that was looked for. A borrow can mark bytes *behind* a true hit
/// as well, so of several marks only the first counts.
///
/// Loops branch on "no marks" and then go on by a constant eight. Going on by the place of the first mark in any case is
/// shorter, but makes each word wait for the one before.
///
/// - SeeAlso: S. E. Anderson, "Bit Twiddling Hacks", *Determine if a word has a byte less than n*.
enum ByteWord {
    @inline(__always)
    static func filled(with byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

    /// At most eight bytes of ASCII; zeros behind them. Worked out when compiling.
    @inline(__always)
    static func text(_ text: StaticString) -> UInt64 {
        var word: UInt64 = 0
        for place in 0..<min(text.utf8CodeUnitCount, 8) {
            word |= UInt64(text.utf8Start[place]) << UInt64(8 * place)
        }
        return word
    }
}

extension UInt64 {
    /// How many bytes stand before the first mark; 8 without one.
    @inline(__always)
    var bytesBeforeMark: Int { trailingZeroBitCount >> 3 }

    /// Marks quotes and backslashes.
    @inline(__always)
    var stringEndMarks: UInt64 {
        let quotes: UInt64 = self ^ ByteWord.filled(with: UInt8(ascii: "\""))
        let backslashes: UInt64 = self ^ ByteWord.filled(with: UInt8(ascii: "\\"))
        let ones = ByteWord.filled(with: 1)
        return ((quotes &- ones) | (backslashes &- ones)) & ~self & ByteWord.filled(with: 0x80)
    }

    /// Marks the byte that `filled` is made of, which must be ASCII.
    @inline(__always)
    func marks(of filled: UInt64) -> UInt64 {
        let difference: UInt64 = self ^ filled
        return (difference &- ByteWord.filled(with: 1)) & ~self & ByteWord.filled(with: 0x80)
    }

    /// The number that eight decimal digits stand for; `nil` when one of the bytes is no digit.
    ///
    /// - SeeAlso: D. Lemire, "Quickly parsing eight digits".
    @inline(__always)
    var eightDigits: Int64? {
        let digits: UInt64 = self ^ ByteWord.filled(with: UInt8(ascii: "0"))
        let tooLarge: UInt64 = (digits &+ ByteWord.filled(with: 0x76)) | digits
        guard tooLarge & ByteWord.filled(with: 0x80) == 0 else { return nil }
        let pairs: UInt64 = (digits &* 10) &+ (digits >> 8)
        let first: UInt64 = (pairs & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
        let second: UInt64 = ((pairs >> 16) & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
        return Int64((first &+ second) >> 32)
    }
}

/// The top bit of every byte of sixteen that was looked for.
struct BlockMarks {
    private let low: UInt64
    private let high: UInt64

    /// - Parameter block: only its top bits count.
    @inline(__always)
    init(topBitsOf block: SIMD2<UInt64>) {
        let tops = SIMD2<UInt64>(repeating: ByteWord.filled(with: 0x80))
        let marks: SIMD2<UInt64> = block & tops
        (low, high) = (UInt64(littleEndian: marks[0]), UInt64(littleEndian: marks[1]))
    }

    @inline(__always)
    var isEmpty: Bool { low | high == 0 }

    /// How many bytes stand before the first mark; 16 without one.
    @inline(__always)
    var bytesBeforeMark: Int { low != 0 ? low.bytesBeforeMark : 8 + high.bytesBeforeMark }
}

extension SIMD16<UInt8> {
    /// Marks what a JSON string cannot hold as it is, and what is not ASCII.
    @inline(__always)
    var escapeMarks: BlockMarks { BlockMarks(topBitsOf: specials) }

    /// The same, as the top bits of what is otherwise anything.
    @inline(__always)
    var specials: SIMD2<UInt64> {
        // Constants of their own and a statement for each step: longer expressions become a loop over single bytes.
        let quote = SIMD16<UInt8>(repeating: UInt8(ascii: "\""))
        let backslash = SIMD16<UInt8>(repeating: UInt8(ascii: "\\"))
        let blank = SIMD16<UInt8>(repeating: 0x20)
        let quotes: SIMDMask<SIMD16<Int8>> = self .== quote
        let backslashes: SIMDMask<SIMD16<Int8>> = self .== backslash
        let controls: SIMDMask<SIMD16<Int8>> = self .< blank
        let special: SIMDMask<SIMD16<Int8>> = quotes .| backslashes .| controls
        let marks = unsafeBitCast(special, to: SIMD2<UInt64>.self)
        let bytes = unsafeBitCast(self, to: SIMD2<UInt64>.self)
        return marks | bytes
    }
}

extension Span<UInt8> {
    /// The eight bytes from `index` on, all of which must lie inside.
    @inline(__always)
    func word(at index: Int) -> UInt64 {
        // Any eight bytes are a UInt64; the load checks the bounds.
        UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in indices where self[index] != text.utf8Start[index] { return false }
        return true
    }
}
