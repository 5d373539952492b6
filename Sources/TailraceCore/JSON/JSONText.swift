import CScan

/// The inside of JSON strings (RFC 8259 §7), written and read without a `String` in between.
///
/// | byte of the text | written as |
/// |---|---|
/// | `"` `\` | `\"` `\\` |
/// | line feed, carriage return, tab, backspace, form feed | `\n` `\r` `\t` `\b` `\f` |
/// | other bytes below 0x20 | `\u00XX` |
/// | a maximal subpart that is not UTF-8 | U+FFFD, as three bytes |
/// | everything else, also DEL and U+2028 | as it is |
extension OwnedBytes {
    /// Appends `text` as the inside of a JSON string, without the quotes around it.
    ///
    /// The text has to be whole: a code point cut off at its end counts as damaged.
    ///
    /// - Returns: true when bytes that are not UTF-8 were replaced.
    @discardableResult
    package mutating func appendJSONEscaped(_ text: Span<UInt8>) -> Bool {
        text.withUnsafeBytes { bytes in
            var reader = TextReader(bytes)
            append(written: reader.copyPlain(until: bytes.count, to: room(for: bytes.count + overrun)))
            // Most texts are all plain.
            guard reader.index < bytes.count else { return false }
            return appendEscapedRest(of: reader)
        }
    }

    // On its own, since what it sets up would be set up for each text.
    @inline(never)
    private mutating func appendEscapedRest(of reader: consuming TextReader) -> Bool {
        let count = reader.bytes.count
        while reader.index < count {
            // In pieces, because the worst case is six times the text and would be held for good.
            let stop = min(reader.index + 4096, count)
            append(atMost: 6 * (stop - reader.index) + overrun) { reader.escape(until: stop, into: $0) }
        }
        return reader.hasReplaced
    }

    /// Appends what the inside of a JSON string stands for. Never longer than `inside`.
    ///
    /// Lone surrogates become U+FFFD. An escape that JSON does not know is kept as it stands: log lines come from
    /// programs that were cut off, and what is left of them is worth more than an error.
    package mutating func appendJSONUnescaped(_ inside: Span<UInt8>) {
        inside.withUnsafeBytes { bytes in
            append(atMost: bytes.count + overrun) { target in
                var reader = TextReader(bytes)
                return reader.unescape(into: target)
            }
        }
    }
}

/// How far the loops below may write past the last byte they mean: whole words are copied before they are looked at,
/// and a piece may end inside a word or a sequence.
private let overrun = 32

private let backslashes = ByteWord.filled(with: UInt8(ascii: "\\"))

/// A place in a text, moved on by the two loops. They take sixteen and eight bytes at a time, which is
/// what makes them fast.
// Raw memory, since a bounds check for every byte would cost as much as the work. What keeps it inside: `word` and
// `block` never reach past the text, and the target has room for the worst case and `overrun`.
private struct TextReader {
    let bytes: UnsafeRawBufferPointer
    var index = 0
    var hasReplaced = false

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next eight bytes, the first in the lowest place; zeros behind the end of the text.
    @inline(__always)
    var word: UInt64 {
        let left = bytes.count - index
        if left >= 8 { return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) }
        if bytes.count >= 8 {
            let last = bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self)
            return UInt64(littleEndian: last) >> UInt64(64 - 8 * left)
        }
        var word: UInt64 = 0
        for place in 0..<left { word |= UInt64(bytes[index + place]) << UInt64(8 * place) }
        return word
    }

    /// The next sixteen bytes; zeros behind the end of the text.
    @inline(__always)
    private var block: SIMD16<UInt8> {
        let left = bytes.count - index
        if left >= 16 { return bytes.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self) }
        if bytes.count >= 16 {
            let last = bytes.loadUnaligned(fromByteOffset: bytes.count - 16, as: UInt128.self)
            return unsafeBitCast(UInt128(littleEndian: last) >> UInt128(128 - 8 * left), to: SIMD16<UInt8>.self)
        }
        var block = SIMD16<UInt8>()
        for place in 0..<left { block[place] = bytes[index + place] }
        return block
    }

    /// Writes the text from here to at least `stop`, and to the end of a sequence that begins before it.
    mutating func escape(until stop: Int, into target: UnsafeMutablePointer<UInt8>) -> Int {
        var output = target
        while index < stop {
            output += copyPlain(until: stop, to: output)
            guard index < stop else { break }
            if bytes[index].isSpecial {
                copySpecial(until: stop, to: &output)
                continue
            }
            // Either these are the last few bytes, or the processor leaves all of them to Swift. Two blocks at a time as
            // long as there is nothing to escape, which is most of the time.
            while stop - index >= 32 {
                let first = bytes.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
                let second = bytes.loadUnaligned(fromByteOffset: index + 16, as: SIMD16<UInt8>.self)
                let specials: SIMD2<UInt64> = first.specials | second.specials
                guard BlockMarks(topBitsOf: specials).isEmpty else { break }
                UnsafeMutableRawPointer(output).storeBytes(of: first, as: SIMD16<UInt8>.self)
                UnsafeMutableRawPointer(output).storeBytes(of: second, toByteOffset: 16, as: SIMD16<UInt8>.self)
                output += 32
                index += 32
            }
            guard index < stop else { break }
            let block = block
            UnsafeMutableRawPointer(output).storeBytes(of: block, as: SIMD16<UInt8>.self)
            let marks = block.escapeMarks
            // The zeros behind the end are marked, so this is a whole block.
            if marks.isEmpty {
                output += 16
                index += 16
                continue
            }
            let clean = min(marks.bytesBeforeMark, bytes.count - index)
            output += clean
            index += clean
            guard index < stop else { break }
            copySpecial(until: stop, to: &output)
        }
        return output - target
    }

    /// The index stands on something that is not copied as it is.
    @inline(__always)
    private mutating func copySpecial(until stop: Int, to output: inout UnsafeMutablePointer<UInt8>) {
        if bytes[index] < 0x80 {
            // Two often follow on each other: the line feed, and the tab in front of a frame.
            repeat {
                output.putEscape(of: bytes[index])
                index += 1
            } while index < stop && bytes[index] < 0x80 && bytes[index].isSpecial
        } else {
            copySequences(until: stop, to: &output)
        }
    }

    /// Copies what needs no looking at one by one, as far as the processor has the means; up to 31 bytes beyond it are
    /// written as well.
    ///
    /// - Returns: how many bytes count.
    @inline(__always)
    mutating func copyPlain(until stop: Int, to output: UnsafeMutablePointer<UInt8>) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        let count = scan_copy_plain(output, base.assumingMemoryBound(to: UInt8.self) + index, stop - index)
        index += count
        return count
    }

    mutating func unescape(into target: UnsafeMutablePointer<UInt8>) -> Int {
        var output = target
        while index < bytes.count {
            let word = word
            output.store(word)
            let marks = word.marks(of: backslashes)
            if marks == 0, bytes.count - index >= 8 {
                output += 8
                index += 8
                continue
            }
            let clean = min(marks.bytesBeforeMark, bytes.count - index)
            output += clean
            index += clean
            if clean < 8, index < bytes.count { copyEscape(to: &output) }
        }
        return output - target
    }

    /// Copies sequences of two bytes and more, repairing damaged ones, up to the next ASCII byte.
    private mutating func copySequences(until stop: Int, to output: inout UnsafeMutablePointer<UInt8>) {
        while index < stop, bytes[index] >= 0x80 {
            let sequence = UTF8Sequence(at: index, in: bytes)
            if sequence.isValid {
                for place in index..<index + sequence.length { output.put(bytes[place]) }
            } else {
                output.put(codePoint: 0xFFFD)
                hasReplaced = true
            }
            index += sequence.length
        }
    }

    /// The index stands on a backslash.
    private mutating func copyEscape(to output: inout UnsafeMutablePointer<UInt8>) {
        guard index + 1 < bytes.count else {
            output.put(UInt8(ascii: "\\"))
            index += 1
            return
        }
        let letter = bytes[index + 1]
        index += 2
        switch letter {
        case UInt8(ascii: "n"): output.put(UInt8(ascii: "\n"))
        case UInt8(ascii: "t"): output.put(UInt8(ascii: "\t"))
        case UInt8(ascii: "r"): output.put(UInt8(ascii: "\r"))
        case UInt8(ascii: "b"): output.put(0x08)
        case UInt8(ascii: "f"): output.put(0x0C)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.put(letter)
        case UInt8(ascii: "u"): copyUnicodeEscape(to: &output)
        default: output.put(UInt8(ascii: "\\"), letter)
        }
    }

    /// The index stands behind `\u`.
    private mutating func copyUnicodeEscape(to output: inout UnsafeMutablePointer<UInt8>) {
        guard let unit = codeUnit(at: index) else {
            output.put(UInt8(ascii: "\\"), UInt8(ascii: "u"))
            return
        }
        index += 4
        guard unit & 0xF800 == 0xD800 else { return output.put(codePoint: unit) }
        let isPair =
            unit < 0xDC00 && index + 6 <= bytes.count && bytes[index] == UInt8(ascii: "\\")
            && bytes[index + 1] == UInt8(ascii: "u")
        guard isPair, let low = codeUnit(at: index + 2), low & 0xFC00 == 0xDC00 else {
            return output.put(codePoint: 0xFFFD)
        }
        index += 6
        output.put(codePoint: 0x10000 + ((unit & 0x3FF) << 10) + (low & 0x3FF))
    }

    private func codeUnit(at index: Int) -> UInt32? {
        guard index + 4 <= bytes.count else { return nil }
        var unit: UInt32 = 0
        for byte in bytes[index..<index + 4] {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }
}

extension UInt8 {
    @inline(__always)
    fileprivate var isSpecial: Bool {
        self < 0x20 || self >= 0x80 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\")
    }
}

extension UnsafeMutablePointer<UInt8> {
    @inline(__always)
    fileprivate func store(_ word: UInt64) {
        UnsafeMutableRawPointer(self).storeBytes(of: word.littleEndian, as: UInt64.self)
    }

    @inline(__always)
    fileprivate mutating func put(_ byte: UInt8) {
        pointee = byte
        self += 1
    }

    @inline(__always)
    fileprivate mutating func put(_ first: UInt8, _ second: UInt8) {
        put(first)
        put(second)
    }

    @inline(__always)
    fileprivate mutating func putEscape(of byte: UInt8) {
        put(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): put(UInt8(ascii: "n"))
        case UInt8(ascii: "\t"): put(UInt8(ascii: "t"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): put(byte)
        case UInt8(ascii: "\r"): put(UInt8(ascii: "r"))
        case 0x08: put(UInt8(ascii: "b"))
        case 0x0C: put(UInt8(ascii: "f"))
        default:
            put(UInt8(ascii: "u"), UInt8(ascii: "0"))
            put(UInt8(ascii: "0"), UInt8(ascii: "0") + byte >> 4)
            put(byte & 15 < 10 ? UInt8(ascii: "0") + byte & 15 : UInt8(ascii: "a") - 10 + byte & 15)
        }
    }

    fileprivate mutating func put(codePoint: UInt32) {
        let low = { (shift: UInt32) in 0x80 | UInt8(codePoint >> shift & 0x3F) }
        switch codePoint {
        case ..<0x80: put(UInt8(codePoint))
        case ..<0x800: put(0xC0 | UInt8(codePoint >> 6), low(0))
        case ..<0x10000:
            put(0xE0 | UInt8(codePoint >> 12))
            put(low(6), low(0))
        default:
            put(0xF0 | UInt8(codePoint >> 18), low(12))
            put(low(6), low(0))
        }
    }
}
