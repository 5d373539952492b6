/// Records whose beginning is in none of the known forms, but has the time of day among its first words.
///
///     {17} 12:34:56 E/bank payment failed
///     [ 12:34:56 ]: payment failed
///     bank 2024/05/01 12:34:56 ERROR payment failed
///     [worker] cron | 12:34:56 | nothing to do
extension RecordHeader {
    /// So far into the line the time may end.
    private static let clockMax = 56
    /// So many words may stand before it, besides levels and the names of months and days.
    private static let wordsMax = 2

    /// - Parameter line: with no blanks at its front.
    /// - Returns: what the line says of its level; `nil` when there is no such time. A sentence that tells a time is no
    ///   record, and neither is a value with its name.
    static func behindClock(_ line: Span<UInt8>) -> RecordHeader? {
        let front = line.extracting(first: min(line.count, clockMax))
        var index = 0
        var words = 0
        while index < front.count {
            let byte = front[unchecked: index]
            if isDigit(byte) {
                if isClock(front, at: index) { return levelBehind(index + 8, line) }
                while index < front.count, isDigit(front[unchecked: index]) { index += 1 }
                continue
            }
            // 2024-05-01T12:34:56
            if byte == UInt8(ascii: "T"), index > 0, isDigit(front[index - 1]) {
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
            let word = HeaderWord(in: front, at: index)
            if word.level == nil, !isDateName(front, at: index) {
                words += 1
                guard words <= wordsMax, !front.has(":", at: word.end), !isPreposition(front, index..<word.end) else {
                    return nil
                }
            }
            index = word.end
        }
        return nil
    }

    /// `12:34:56`
    private static func isClock(_ front: Span<UInt8>, at start: Int) -> Bool {
        guard start + 8 <= front.count, front.has(":", at: start + 2), front.has(":", at: start + 5) else {
            return false
        }
        for place in [1, 3, 4, 6, 7] where !isDigit(front[start + place]) { return false }
        return start + 8 == front.count || !isWordByte(front[start + 8]) || front.has(".", at: start + 8)
    }

    /// `done at 12:34:56`
    private static func isPreposition(_ front: Span<UInt8>, _ word: Range<Int>) -> Bool {
        for preposition in ["at", "on", "by", "since", "until", "from"] as [StaticString]
        where word.count == preposition.utf8CodeUnitCount && front.has(preposition, at: word.lowerBound) {
            return true
        }
        return false
    }

    private static func levelBehind(_ end: Int, _ line: Span<UInt8>) -> RecordHeader {
        var index = end
        while index < line.count, !isLetter(line[unchecked: index]) || line.has("Z", at: index) { index += 1 }
        if index + 1 < line.count, !isWordByte(line[index + 1]), let level = levelOfLetter(line[index]) { return level }
        return levelWithin(line, from: 0) ?? .unrated
    }
}
