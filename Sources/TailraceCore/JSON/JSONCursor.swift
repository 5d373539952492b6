/// Where a JSON string lies in a text, still escaped.
struct JSONString: Equatable {
    /// Between the quotes.
    let inside: Range<Int>
    /// Where the first backslash stands.
    let firstEscape: Int?
    /// True when the last thing inside is the escape `\n`, and not an escaped backslash before an n.
    let endsWithNewline: Bool

    /// Index of the closing quote.
    var end: Int { inside.upperBound }

    /// - Parameter start: behind the opening quote.
    /// - Returns: `nil` when there is no closing quote. Control bytes inside are let pass.
    @inline(__always)
    init?(in text: Span<UInt8>, from start: Int) {
        var index = start
        var first = -1
        var last = -1
        while true {
            if text.count - index >= 8 {
                let marks = text.word(at: index).stringEndMarks
                if marks == 0 {
                    index += 8
                    continue
                }
                index += marks.bytesBeforeMark
            } else {
                while index < text.count, text[index] != UInt8(ascii: "\""), text[index] != UInt8(ascii: "\\") {
                    index += 1
                }
            }
            guard index < text.count else { return nil }
            if text[index] == UInt8(ascii: "\"") { break }
            if first < 0 { first = index }
            last = index
            index += 2
        }
        inside = start..<index
        firstEscape = first < 0 ? nil : first
        endsWithNewline = last >= 0 && last == index - 2 && text[index - 1] == UInt8(ascii: "n")
    }
}

/// Walks over one JSON value without building it. Lenient: what is skipped is only looked at for where it ends.
struct JSONCursor: ~Escapable {
    private let text: Span<UInt8>
    private var index = 0

    @_lifetime(copy text)
    init(_ text: Span<UInt8>) { self.text = text }

    /// True when nothing but white space follows.
    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return index == text.count
        }
    }

    /// Moves behind `byte` if it comes next.
    mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard index < text.count, text[index] == byte else { return false }
        index += 1
        return true
    }

    mutating func takeString() -> JSONString? {
        guard take(UInt8(ascii: "\"")), let string = JSONString(in: text, from: index) else { return nil }
        index = string.end + 1
        return string
    }

    /// - Returns: false when there is no value, or it has no end.
    mutating func skipValue() -> Bool {
        skipSpace()
        var depth = 0
        let start = index
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "\""):
                guard takeString() != nil else { return false }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // At depth 0 this closes what the value stands in.
                if depth == 0 { return index > start }
                depth -= 1
                index += 1
            case UInt8(ascii: ",") where depth == 0: return index > start
            default: index += 1
            }
        }
        return false
    }

    private mutating func skipSpace() {
        while index < text.count, text[index].isJSONSpace { index += 1 }
    }
}

extension UInt8 {
    fileprivate var isJSONSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}
