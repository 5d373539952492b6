/// Records whose beginning is in none of the known forms, but has the time of day among its first words.
///
///     {17} 12:34:56 E/bank payment failed
///     [ 12:34:56 ]: payment failed
///     bank 2024/05/01 12:34:56 ERROR payment failed
///     bank: 2024/05/01 12:34:56 payment failed
///     Exception ERROR : 2024-05-01 12:34:56 | payment failed
extension RecordHeader {
    /// So far into the line the time may begin.
    private static let clockMax = 48
    /// So many words may stand before it if a level is told, besides levels and the names of months and days.
    private static let wordsMax = 2

    /// - Parameter line: with no blanks at its front.
    /// - Returns: what the line says of its level; `nil` when there is no such time. A sentence that tells a time is no
    ///   record, and neither is a row of a table or a value with its name.
    static func behindClock(_ line: Span<UInt8>) -> RecordHeader? {
        guard line.count > 8, line[0] != UInt8(ascii: "|") else { return nil }
        var index = 0
        var words = 0
        while index < min(line.count, clockMax) {
            let byte = line[unchecked: index]
            if isDigit(byte) {
                if isTimeOfDay(line, at: index) { return header(of: line, behind: index + 8, isNamed: words > 0) }
                while index < line.count, isDigit(line[unchecked: index]) { index += 1 }
                continue
            }
            // 2024-05-01T12:34:56
            if byte == UInt8(ascii: "T"), index > 0, isDigit(line[index - 1]) {
                index += 1
                continue
            }
            guard isLetter(byte) else {
                switch byte {
                case UInt8(ascii: "="), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: ";"): return nil
                default: index += 1
                }
                continue
            }
            let word = HeaderWord(in: line, at: index)
            if word.level == nil, !isDateName(line, at: index) {
                words += 1
                guard words <= wordsMax else { return nil }
                if line.has(":", at: word.end) {
                    if index == 0, isGoTime(line, at: word.end + 2), ExceptionText.endOfName(in: line, from: 0) == nil {
                        return header(of: line, behind: word.end + 21, isNamed: false)
                    }
                    // `bank.log.2024-05-01_12:34:56 text`
                    let start = word.end - 2
                    guard start > index, line[start - 1] == UInt8(ascii: "_"), isTimeOfDay(line, at: start) else {
                        return nil
                    }
                    return header(of: line, behind: start + 8, isNamed: true)
                }
            }
            index = word.end
        }
        return nil
    }

    /// `2024/05/01 12:34:56 text`, behind the prefix of a logger of Go, `bank: `
    private static func isGoTime(_ line: Span<UInt8>, at start: Int) -> Bool {
        line.count > start + 20 && line[start - 1] == 0x20 && line[start + 4] == UInt8(ascii: "/")
            && line[start + 7] == UInt8(ascii: "/") && line[start + 10] == 0x20 && line[start + 19] == 0x20
            && isDigit(line[start]) && isDigit(line[start + 8]) && line.isClock(at: start + 11)
    }

    /// `12:34:56`, not `12:34:56:78:9a`
    private static func isTimeOfDay(_ line: Span<UInt8>, at start: Int) -> Bool {
        guard line.isClock(at: start), line[start] < UInt8(ascii: "3"), line[start + 3] < UInt8(ascii: "6") else {
            return false
        }
        let end = start + 8
        return end == line.count || line[end] == UInt8(ascii: ".")
            || !isWordByte(line[end]) && line[end] != UInt8(ascii: ":")
            || line.has(": ", at: end)
    }

    /// - Parameter isNamed: words stand before the time, so that a level has to tell that this is a record.
    private static func header(of line: Span<UInt8>, behind end: Int, isNamed: Bool) -> RecordHeader? {
        if isAccess(line) { return .access }
        var index = end
        while index < line.count, !isLetter(line[unchecked: index]) || line.has("Z", at: index) { index += 1 }
        if index + 1 < line.count, !isWordByte(line[index + 1]), let level = levelOfLetter(line[index]) { return level }
        return levelWithin(line, from: 0) ?? (isNamed ? nil : .unrated)
    }
}
