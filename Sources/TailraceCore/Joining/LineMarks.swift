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
            guard var next = bytes.baseAddress else { return UInt16(0) }
            let table = Self.table
            let end = next + bytes.count
            next += first
            var found: UInt16 = 0
            while end - next >= 4 {
                found |= table[Int(next[0])] | table[Int(next[1])] | table[Int(next[2])] | table[Int(next[3])]
                next += 4
            }
            while next < end {
                found |= table[Int(next.pointee)]
                next += 1
            }
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
            || line.has(" [", at: end)
            || line.has(" (", at: end) && end + 2 < line.count && isDigit(line[unchecked: end + 2])
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

    /// At a fixed place in memory: a line is looked through byte by byte, without checks of bounds.
    private nonisolated(unsafe) static let table: UnsafePointer<UInt16> = {
        let table = UnsafeMutablePointer<UInt16>.allocate(capacity: 256)
        for byte in UInt8.min...UInt8.max { table[Int(byte)] = mark(of: byte) }
        return UnsafePointer(table)
    }()

    private static func mark(of byte: UInt8) -> UInt16 {
        switch byte {
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
