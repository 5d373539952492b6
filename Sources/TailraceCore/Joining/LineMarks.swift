/// Which of some telling bytes are anywhere in a line: one look at all of a line spares most rules a search.
struct LineMarks: OptionSet, Sendable {
    let rawValue: UInt16
    init(rawValue: UInt16) { self.rawValue = rawValue }

    static let colon = LineMarks(rawValue: 1 << 0)
    static let roundBracket = LineMarks(rawValue: 1 << 1)
    static let squareBracket = LineMarks(rawValue: 1 << 2)
    static let dot = LineMarks(rawValue: 1 << 3)
    static let digit = LineMarks(rawValue: 1 << 4)
    /// A backquote or an apostrophe.
    static let quote = LineMarks(rawValue: 1 << 5)
    static let bar = LineMarks(rawValue: 1 << 6)
    static let slash = LineMarks(rawValue: 1 << 7)
    static let endsInDigit = LineMarks(rawValue: 1 << 8)
    static let endsInRoundBracket = LineMarks(rawValue: 1 << 9)
    static let endsInColon = LineMarks(rawValue: 1 << 10)
    static let endsInBrace = LineMarks(rawValue: 1 << 11)
    static let endsInDot = LineMarks(rawValue: 1 << 12)
    static let endsInQuote = LineMarks(rawValue: 1 << 13)
    /// There is no blank in the line, apart from its indentation.
    static let oneWord = LineMarks(rawValue: 1 << 14)
    /// The first word may be the name of an exception: behind it stands a colon, ` [`, ` (0x`, or nothing.
    static let name = LineMarks(rawValue: 1 << 15)

    /// - Parameter start: where the line is looked at from; blanks there count for nothing.
    init(of line: Span<UInt8>, from start: Int) {
        var first = start
        while first < line.count, isBlank(line[unchecked: first]) { first += 1 }
        guard first < line.count else {
            rawValue = 0
            return
        }
        let found = Self.table.withUnsafeBufferPointer { table in
            var found: UInt16 = 0
            for index in first..<line.count { found |= table[Int(line[unchecked: index])] }
            return found
        }
        let words = Self.ofWords(line, from: first)
        self = LineMarks(rawValue: found).union(Self.ofEnd(line[line.count - 1])).union(words)
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
            || line.has(" [", at: end) || line.has(" (0x", at: end)
        {
            marks = .name
        }
        if line.firstIndex(of: 0x20, from: end) == nil { marks.insert(.oneWord) }
        return marks
    }

    /// The marks that every line has in which `literal` is.
    init(of literal: StaticString) {
        var marks: UInt16 = 0
        for index in 0..<literal.utf8CodeUnitCount { marks |= Self.table[Int(literal.utf8Start[index])] }
        rawValue = marks
    }

    @inline(__always)
    private static func isInName(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "$") || byte >= 0x80
    }

    private static let table: [UInt16] = (0...255).map { byte -> UInt16 in
        switch UInt8(byte) {
        case UInt8(ascii: ":"): colon.rawValue
        case UInt8(ascii: "("), UInt8(ascii: ")"): roundBracket.rawValue
        case UInt8(ascii: "["), UInt8(ascii: "]"): squareBracket.rawValue
        case UInt8(ascii: "."): dot.rawValue
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit.rawValue
        case UInt8(ascii: "`"), UInt8(ascii: "'"): quote.rawValue
        case UInt8(ascii: "|"): bar.rawValue
        case UInt8(ascii: "/"): slash.rawValue
        default: 0
        }
    }
}
