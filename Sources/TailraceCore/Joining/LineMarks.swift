import CScan

/// Which of some telling bytes are anywhere in a line: one look at all of a line spares most rules a search.
struct LineMarks: OptionSet, Sendable {
    let rawValue: UInt16
    init(rawValue: UInt16) { self.rawValue = rawValue }
    private init(_ mark: CInt) { rawValue = UInt16(mark) }

    static let colon = LineMarks(SCAN_COLON)
    static let roundBracket = LineMarks(SCAN_ROUND_BRACKET)
    static let squareBracket = LineMarks(SCAN_SQUARE_BRACKET)
    static let dot = LineMarks(SCAN_DOT)
    static let digit = LineMarks(SCAN_DIGIT)
    /// A backquote or an apostrophe.
    static let quote = LineMarks(SCAN_QUOTE)
    static let bar = LineMarks(SCAN_BAR)
    static let slash = LineMarks(SCAN_SLASH)
    static let endsInDigit = LineMarks(rawValue: 1 << 8)
    static let endsInRoundBracket = LineMarks(rawValue: 1 << 9)
    static let endsInColon = LineMarks(rawValue: 1 << 10)
    static let endsInBrace = LineMarks(rawValue: 1 << 11)
    static let endsInDot = LineMarks(rawValue: 1 << 12)
    static let endsInQuote = LineMarks(rawValue: 1 << 13)
    /// There is no blank in the line, apart from its indentation and one at its end.
    static let oneWord = LineMarks(rawValue: 1 << 14)
    /// The first word may be the name of an exception: behind it stands a colon, ` [`, ` (` and a digit, or nothing.
    static let name = LineMarks(rawValue: 1 << 15)

    static let all = LineMarks(rawValue: .max)

    /// - Parameter start: where the line is looked at from; blanks there count for nothing.
    init(of line: Span<UInt8>, from start: Int) {
        var first = start
        while first < line.count, isBlank(line[unchecked: first]) { first += 1 }
        guard first < line.count else {
            rawValue = 0
            return
        }
        let found = line.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { scan_marks($0 + first, bytes.count - first) } ?? 0
        }
        let words = Self.ofWords(line, from: first)
        self = LineMarks(rawValue: UInt16(found)).union(Self.ofEnd(line[line.count - 1])).union(words)
    }

    private static func ofEnd(_ byte: UInt8) -> LineMarks {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): .endsInDigit
        case UInt8(ascii: ")"): .endsInRoundBracket
        case UInt8(ascii: ":"): .endsInColon
        case UInt8(ascii: "{"): .endsInBrace
        case UInt8(ascii: "."): .endsInDot
        case UInt8(ascii: "'"): .endsInQuote
        default: []
        }
    }

    private static func ofWords(_ line: Span<UInt8>, from start: Int) -> LineMarks {
        var marks: LineMarks = []
        var end = start
        while end < line.count, isInName(line[unchecked: end]) { end += 1 }
        if end == line.count || line[unchecked: end] == UInt8(ascii: ":")
            || line.has(" [", at: end)
            || line.has(" (", at: end) && end + 2 < line.count && isDigit(line[unchecked: end + 2])
        {
            marks = .name
        }
        if (line.firstIndex(of: 0x20, from: end) ?? line.count) >= line.count - 1 { marks.insert(.oneWord) }
        return marks
    }

    /// The marks that every line has in which `literal` is.
    init(of literal: StaticString) {
        rawValue = UInt16(scan_marks(literal.utf8Start, literal.utf8CodeUnitCount))
    }

    @inline(__always)
    private static func isInName(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "$") || byte >= 0x80
    }
}
