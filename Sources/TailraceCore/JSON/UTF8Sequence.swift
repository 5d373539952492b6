/// One code point in UTF-8, or the piece of a damaged one that stands where it should be.
///
/// A damaged piece is a *maximal subpart*: the longest start of a well-formed sequence. Replacing each by one U+FFFD is
/// what browsers and `String(decoding:as:)` do, so a repaired text looks the same everywhere.
///
/// - SeeAlso: The Unicode Standard, chapter 3, table 3-7 and "U+FFFD substitution of maximal subparts".
struct UTF8Sequence: Equatable {
    /// In bytes: 1–4 when well-formed, 1–3 when not.
    let length: Int
    let isValid: Bool

    /// The sequence that begins at `index`, which must lie inside `bytes`.
    @inline(__always)
    init(at index: Int, in bytes: UnsafeRawBufferPointer) {
        let first = bytes[index]
        // The second byte is where overlong forms, surrogates and code points behind U+10FFFF show.
        let rest: Int
        let second: ClosedRange<UInt8>
        switch first {
        case 0x00...0x7F: (rest, second) = (0, 0x80...0xBF)
        case 0xC2...0xDF: (rest, second) = (1, 0x80...0xBF)
        case 0xE0: (rest, second) = (2, 0xA0...0xBF)
        case 0xED: (rest, second) = (2, 0x80...0x9F)
        case 0xE1...0xEF: (rest, second) = (2, 0x80...0xBF)
        case 0xF0: (rest, second) = (3, 0x90...0xBF)
        case 0xF1...0xF3: (rest, second) = (3, 0x80...0xBF)
        case 0xF4: (rest, second) = (3, 0x80...0x8F)
        default:
            (length, isValid) = (1, false)
            return
        }
        var length = 1
        while length <= rest, index + length < bytes.count {
            let byte = bytes[index + length]
            guard length == 1 ? second.contains(byte) : byte & 0xC0 == 0x80 else { break }
            length += 1
        }
        (self.length, isValid) = (length, length == rest + 1)
    }
}
