import Glibc

/// The hash of the name FNV-1a, of bytes one after the other.
struct FNV1a {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    @inline(__always)
    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
}

extension Span<UInt8> {
    /// ``FNV1a`` of all bytes.
    var fnv1a: UInt64 {
        var hash = FNV1a()
        for index in indices { hash.add(self[unchecked: index]) }
        return hash.value
    }

    /// True when `literal` stands at `index`, which may be anywhere, also outside.
    @inline(__always)
    func has(_ literal: StaticString, at index: Int) -> Bool {
        let length = literal.utf8CodeUnitCount
        guard index >= 0, count - index >= length else { return false }
        // Most lines differ in the first byte, and a call of `memcmp` costs more than the comparison.
        guard length > 0, self[unchecked: index] == literal.utf8Start[0] else { return length == 0 }
        return withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return false }
            return memcmp(base + index, literal.utf8Start, length) == 0
        }
    }

    /// - Returns: the first place of `byte` at or behind `start`.
    @inline(__always)
    package func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        guard start < count else { return nil }
        return withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress, let found = memchr(base + start, CInt(byte), bytes.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
    }

    /// - Returns: how long `word`, in lower case, is when it stands at `start` in whatever case, or 0.
    func lengthOf(_ word: StaticString, inAnyCaseAt start: Int) -> Int {
        let length = word.utf8CodeUnitCount
        guard count - start >= length else { return 0 }
        for offset in 0..<length where self[unchecked: start + offset] | 0x20 != word.utf8Start[offset] { return 0 }
        return length
    }

    /// - Returns: the place behind the last byte before `end` that is no blank; `start` when there is none behind that.
    func endOfText(before end: Int, from start: Int = 0) -> Int {
        var end = end
        while end > start, isBlank(self[end - 1]) { end -= 1 }
        return end
    }

    /// - Returns: the place of the colon in front of the digits that end at `end`: of `/a.js:12`, where `:12` starts;
    ///   `nil` when there are none.
    @inline(__always)
    func startOfLineNumber(endingAt end: Int) -> Int? {
        var index = end
        while index > 0, isDigit(self[unchecked: index - 1]) { index -= 1 }
        guard index < end, index > 0, self[unchecked: index - 1] == UInt8(ascii: ":") else { return nil }
        return index - 1
    }

    /// How many NULs it begins with.
    package var leadingNULs: Int {
        var index = 0
        while index < count, self[unchecked: index] == 0 { index += 1 }
        return index
    }

    /// - Returns: the first place of `literal` at or behind `start`.
    func firstIndex(of literal: StaticString, from start: Int = 0) -> Int? {
        // Every line is full of blanks.
        let lead = literal.utf8Start[0] == 0x20 && literal.utf8CodeUnitCount > 1 ? 1 : 0
        var from = start + lead
        while let place = firstIndex(of: literal.utf8Start[lead], from: from) {
            if has(literal, at: place - lead) { return place - lead }
            from = place + 1
        }
        return nil
    }
}

/// A set of byte values; what makes most rules cost one look at the first byte.
struct ByteSet: Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init() {}

    /// The bytes that `text` is made of.
    init(of text: StaticString) {
        for index in 0..<text.utf8CodeUnitCount { insert(text.utf8Start[index]) }
    }

    static let all: ByteSet = {
        var set = ByteSet()
        set.words = (.max, .max, .max, .max)
        return set
    }()

    static let letters: ByteSet = {
        var set = ByteSet()
        for byte in UInt8.min...UInt8.max where isLetter(byte) { set.insert(byte) }
        return set
    }()

    static let digits = ByteSet(of: "0123456789")

    mutating func insert(_ byte: UInt8) {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: words.0 |= bit
        case 1: words.1 |= bit
        case 2: words.2 |= bit
        default: words.3 |= bit
        }
    }

    var count: Int {
        words.0.nonzeroBitCount + words.1.nonzeroBitCount + words.2.nonzeroBitCount + words.3.nonzeroBitCount
    }

    func union(_ other: ByteSet) -> ByteSet {
        var set = self
        set.words.0 |= other.words.0
        set.words.1 |= other.words.1
        set.words.2 |= other.words.2
        set.words.3 |= other.words.3
        return set
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let word: UInt64
        switch byte >> 6 {
        case 0: word = words.0
        case 1: word = words.1
        case 2: word = words.2
        default: word = words.3
        }
        return word >> UInt64(byte & 63) & 1 == 1
    }
}
