/// The level of a record, where it is one of the first words.
extension RecordHeader {
    /// The level among the first words. A level that is not upper case counts only in brackets, between tabs, or before
    /// a colon; one of a single letter only behind the time.
    static func levelWithin(_ line: Span<UInt8>, from start: Int) -> RecordHeader? {
        var end = 0
        return levelWithin(line, from: start, endOfUpperCase: &end)
    }

    /// True when a level below a warning is among the first words, as of loggers whose lines begin in ways of their own.
    static func namesCalmLevel(_ line: Span<UInt8>) -> Bool { levelWithin(line, from: 0) == .calm }

    /// - Parameter end: set to the place behind the level, if that is in upper case and decides alone. Then nothing behind
    ///   the byte there has been looked at.
    static func levelWithin(
        _ line: Span<UInt8>, from start: Int, endOfUpperCase end: inout Int
    ) -> RecordHeader? {
        // Names of threads may be long.
        let limit = min(line.count, 200)
        var index = start
        var words = 0
        while index < limit {
            let byte = line[unchecked: index]
            guard isLetter(byte) else {
                index = isWordByte(byte) ? endOfWord(in: line, from: index, limit: limit) : index + 1
                continue
            }
            let word = HeaderWord(in: line, at: index)
            if isUpper(byte), let level = word.level, !isInRuler(line, index) {
                if !line.has("NOTICE:", at: index) { end = word.end }
                return RecordHeader(level, line, endingAt: word.end)
            }
            if word.end < line.count, line[unchecked: word.end] == UInt8(ascii: ":"),
                let level = levelOfChannel(line, index..<word.end)
            {
                return RecordHeader(level)
            }
            if let level = lowerCaseLevel(line, index, word, isFirst: words == 0) { return RecordHeader(level) }
            if word.count == 1, let header = letterLevel(line, index, words: words) { return header }
            words += 1
            if words == 8 { return nil }
            index = word.end
        }
        return nil
    }

    /// True of `=ERROR REPORT====` and `==17==ERROR: …`, the first lines of reports; not of `level=ERROR`.
    private static func isInRuler(_ line: Span<UInt8>, _ index: Int) -> Bool {
        index > 1 && line[unchecked: index - 1] == UInt8(ascii: "=") && !isLetter(line[unchecked: index - 2])
    }

    /// `[error]` of nginx, `[info     ]` of structlog, `[core:error]` of Apache, ` error: ` of winston, `⇥error⇥` of zap.
    /// `Error: ` is the name of a class.
    private static func lowerCaseLevel(
        _ line: Span<UInt8>, _ start: Int, _ word: HeaderWord, isFirst: Bool
    ) -> LogLevel? {
        guard word.count >= 3, word.end < line.count, start > 0, let level = word.lowerCaseLevel else { return nil }
        let before = line[unchecked: start - 1]
        var end = word.end
        // winston: `2024-05-01 … | error    | text`.
        let isInColumn = before == 0x20 && start > 1 && line[unchecked: start - 2] == UInt8(ascii: "|")
        if before == UInt8(ascii: "[") || isInColumn, line[unchecked: end] == 0x20 {
            while end < line.count, line[unchecked: end] == 0x20 { end += 1 }
            guard end < line.count else { return nil }
        }
        switch line[unchecked: end] {
        case UInt8(ascii: "]"):
            // Serilog: `[12:34:56 Error] text`.
            return before == UInt8(ascii: "[") || before == UInt8(ascii: ":") || (before == 0x20 && isFirst)
                ? level : nil
        // What Go says behind a time of somebody else.
        case UInt8(ascii: ":"):
            // Further in, it is the name of a value.
            let isIndented = before == 0x20 && start > 1 && line[unchecked: start - 2] == 0x20
            return word.isLowerCase && isFirst && !isIndented && level != .panic && !word.isNote ? level : nil
        case 0x09: return before == 0x09 ? level : nil
        // NLog: `2024-05-01 12:34:56.7|Error|Bank|text`.
        case UInt8(ascii: "|"): return before == UInt8(ascii: "|") || isInColumn ? level : nil
        case UInt8(ascii: ">"): return before == UInt8(ascii: "<") ? level : nil
        case 0x20:
            // Erlang's `logger`, before the process; Dancer, before the time.
            if isFirst || before == 0x20 && line.has(" @", at: end) {
                if line.has(" <0.", at: end) || line.has(" @", at: end) { return level }
            }
            // NLog: `2024-05-01 12:34:56.7890 Error text`; others pad it: `12:34:56 info  text`.
            let isPadded = !word.isLowerCase || line[unchecked: end] == 0x20 && line.has(" ", at: end + 1)
            guard isFirst, before == 0x20, start > 1 else { return nil }
            if isPadded, isDigit(line[unchecked: start - 2]) { return level }
            let isSure = word.isLowerCase && word.isCommonLevel || line.has("- ", at: end + 1)
            return isSure && isClock(line, endingBefore: start - 1) ? level : nil
        default: return nil
        }
    }

    /// True when `12:34:56`, `12:34:56.789Z` or `12:34:56]` ends there.
    private static func isClock(_ line: Span<UInt8>, endingBefore end: Int) -> Bool {
        var index = end - 1
        if index > 0, line[index] == UInt8(ascii: "]") { index -= 1 }
        if index > 0, line[index] == UInt8(ascii: "Z") { index -= 1 }
        let last = index
        while index > 0, isDigit(line[index]) { index -= 1 }
        if line[index] == UInt8(ascii: ".") || line[index] == UInt8(ascii: ","), index < last {
            index -= 1
        } else {
            index = last
        }
        return index > 6 && line.isClock(at: index - 7)
    }

    /// ` E tensorflow/core/…`, ` E ActivityManager: …`; `[TRT-LLM] [E] …`; ` E SRVE0777E: …` of WebSphere
    private static func letterLevel(_ line: Span<UInt8>, _ index: Int, words: Int) -> RecordHeader? {
        guard index > 0, index + 1 < line.count else { return nil }
        let (before, next) = (line[unchecked: index - 1], line[unchecked: index + 1])
        let isAlone = before == 0x20 && next == 0x20
        // `11/30/2026 12:34:56 AM,E,bank,text`
        let isColumn = before == next && (before == UInt8(ascii: ",") || before == UInt8(ascii: ";"))
        guard
            isAlone && words == 0 || isColumn && words < 3
                || before == UInt8(ascii: "[") && next == UInt8(ascii: "]") && words < 3
                || isAlone && words > 1 && isMessageCode(line, at: index + 2)
        else { return nil }
        return levelOfLetter(line[unchecked: index])
    }

    /// `SRVE0777E: `
    private static func isMessageCode(_ line: Span<UInt8>, at start: Int) -> Bool {
        guard line.has(": ", at: start + 9), isUpper(line[start]), isUpper(line[start + 8]) else { return false }
        for place in start + 4..<start + 8 where !isDigit(line[place]) { return false }
        return true
    }

    static func levelOfLetter(_ letter: UInt8) -> RecordHeader? {
        switch letter {
        case UInt8(ascii: "W"), UInt8(ascii: "E"), UInt8(ascii: "F"): .alarm
        case UInt8(ascii: "I"), UInt8(ascii: "D"), UInt8(ascii: "V"): .calm
        default: nil
        }
    }

    /// `production.ERROR:` of Monolog.
    private static func levelOfChannel(_ line: Span<UInt8>, _ word: Range<Int>) -> LogLevel? {
        var start = word.upperBound
        while start > word.lowerBound, isUpper(line[unchecked: start - 1]) { start -= 1 }
        guard start > word.lowerBound, line[unchecked: start - 1] == UInt8(ascii: ".") else { return nil }
        return HeaderWord(in: line, at: start).level
    }

    private static func endOfWord(in line: Span<UInt8>, from start: Int, limit: Int) -> Int {
        var index = start
        while index < limit, isWordByte(line[unchecked: index]) { index += 1 }
        return index
    }
}
