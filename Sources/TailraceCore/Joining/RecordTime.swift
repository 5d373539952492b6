extension RecordHeader {
    /// True when a time of day or a date, as loggers write them, stands at `start`.
    ///
    /// Only the shape counts. Nothing here is more exact than needed to tell a logger's line from a sentence, an IP
    /// address or a number of things.
    static func timeFirst(_ line: Span<UInt8>, at start: Int) -> Bool {
        guard line.count - start >= 8 else { return false }
        return isDigit(line[start]) ? digitsFirst(line, at: start) : nameFirst(line, at: start)
    }

    /// - Returns: the place behind `[   12.345678]`, `<4>[   12.345678]` or `[   12.345678][  T17]` at `start`: the seconds
    ///   since the Linux kernel started, and who spoke. `nil` when something else stands there.
    static func endOfUptime(_ line: Span<UInt8>, at start: Int) -> Int? {
        var index = start
        if line.has("<", at: index) {
            index += 1
            while index < line.count, isDigit(line[unchecked: index]) { index += 1 }
            guard line.has(">", at: index) else { return nil }
            index += 1
        }
        guard line.has("[", at: index) else { return nil }
        index += 1
        while index < line.count, line[unchecked: index] == 0x20 { index += 1 }
        let seconds = index
        while index < line.count, isDigit(line[unchecked: index]) { index += 1 }
        guard index > seconds, line.has(".", at: index), line.has("]", at: index + 7) else { return nil }
        for place in index + 1..<index + 7 where !isDigit(line[unchecked: place]) { return nil }
        index += 8
        if line.has("[", at: index), index + 1 < line.count, line[index + 1] == 0x20 || isUpper(line[index + 1]),
            let close = line.firstIndex(of: UInt8(ascii: "]"), from: index),
            close - index < 10
        {
            index = close + 1
        }
        return index == line.count || line[unchecked: index] == 0x20 ? index : nil
    }

    /// True when a line is nothing but a date and a time of day.
    static func isOnlyTime(_ line: Span<UInt8>) -> Bool {
        guard line.count >= 10, line.count <= 40 else { return false }
        for index in line.indices {
            let byte = line[unchecked: index]
            guard
                isDigit(byte) || isBlank(byte) || isDateMark(byte) || byte == UInt8(ascii: ":")
                    || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "T") || byte == UInt8(ascii: "Z")
                    || byte == UInt8(ascii: "+") || byte == 0x0D
            else { return false }
        }
        return true
    }

    /// True when the short name of a month or a weekday, and no longer word, stands at `start`.
    static func isDateName(_ line: Span<UInt8>, at start: Int) -> Bool {
        guard start + 3 < line.count, !isLetter(line[start + 3]) else { return false }
        return isMonth(line, at: start) || isWeekday(line, at: start)
    }

    private static func digitsFirst(_ line: Span<UInt8>, at start: Int) -> Bool {
        var end = start
        while end < line.count, end - start < 20, isDigit(line[unchecked: end]) { end += 1 }
        guard end + 3 < line.count else { return false }
        let mark = line[unchecked: end]
        switch end - start {
        case 4:
            // 2024-05-01, 2024/05/01, 2024.05.01
            return isDateMark(mark) && isDigit(line[end + 1]) && isDigit(line[end + 2]) && line[end + 3] == mark
        case 1, 2:
            if mark == UInt8(ascii: ":") {
                // 12:34:56, also 12:34 PM
                return isDigit(line[end + 1]) && isDigit(line[end + 2])
            }
            // 01/May/2024, 01-May-2024, 1 May 2024
            if isDateMark(mark) || mark == 0x20, isMonth(line, at: end + 1) { return true }
            // 05/01/2024, 01.05.2024, but no address like 10.12.13.14
            return isDateMark(mark)
                && (yearFollows(line, at: end + 1, mark: mark) || clockFollows(line, at: end + 1, mark: mark)
                    || exponentFollows(line, at: end + 1))
        case 6:
            // 240501 12:34:56, 240501  1:34:56
            return mark == 0x20 && line.count - end > 7 && line[end + 3] == UInt8(ascii: ":")
                && line[end + 6] == UInt8(ascii: ":") && isDigit(line[end + 2])
        case 8:
            // 20240501T123456, 20240501 12:34:56
            return (mark == UInt8(ascii: "T") || mark == 0x20 || mark == UInt8(ascii: "-"))
                && isDigit(line[end + 1]) && isDigit(line[end + 2])
        case 10, 13, 16, 19:
            // Seconds, milli-, micro- or nanoseconds since 1970.
            return mark == 0x20 || mark == 0x09 || mark == UInt8(ascii: ".") || mark == UInt8(ascii: "]")
        default: return false
        }
    }

    private static func yearFollows(_ line: Span<UInt8>, at start: Int, mark: UInt8) -> Bool {
        var index = start
        while index < line.count, index - start < 2, isDigit(line[unchecked: index]) { index += 1 }
        guard index > start, index + 4 < line.count, line[index] == mark else { return false }
        return isDigit(line[index + 1]) && isDigit(line[index + 2]) && isDigit(line[index + 3])
            && isDigit(line[index + 4])
    }

    /// `01 12:34` behind `05-`, `06/07 12:34` behind `20/`: Android and Spark write no year, or half of it.
    static func clockFollows(_ line: Span<UInt8>, at start: Int, mark: UInt8) -> Bool {
        func isNumber(at place: Int) -> Bool { isDigit(line[place]) && isDigit(line[place + 1]) }
        guard start + 9 < line.count, isDigit(line[start]) else { return false }
        // WebSphere writes 5/1/24.
        guard isDigit(line[start + 1]) || mark == UInt8(ascii: "/") else { return false }
        var index = isDigit(line[start + 1]) ? start + 2 : start + 1
        if line[index] == mark, isNumber(at: index + 1) { index += 3 }
        if line[index] == UInt8(ascii: ","), index + 4 < line.count { index += 1 }
        return line[index] == 0x20 && isNumber(at: index + 1) && line[index + 3] == UInt8(ascii: ":")
    }

    /// `714567890123456e+09 ` behind `1.`: seconds or milliseconds since 1970, as zap's console writes them unless it is told otherwise.
    private static func exponentFollows(_ line: Span<UInt8>, at start: Int) -> Bool {
        var index = start
        while index < line.count, index - start < 17, isDigit(line[unchecked: index]) { index += 1 }
        return (line.has("e+09", at: index) || line.has("e+12", at: index)) && index + 4 < line.count
            && isBlank(line[index + 4])
    }

    private static func nameFirst(_ line: Span<UInt8>, at start: Int) -> Bool {
        if isMonth(line, at: start) {
            // `May  1 12:`, `May 01 12:`, `May 1, 2024`
            guard line[start + 3] == 0x20 else { return false }
            return isDigit(line[start + 5]) || (isDigit(line[start + 4]) && line[start + 5] == UInt8(ascii: ","))
        }
        guard isWeekday(line, at: start) else { return false }
        if line[start + 3] == 0x20 { return isMonth(line, at: start + 4) }
        return line[start + 3] == UInt8(ascii: ",") && line[start + 4] == 0x20
            && (isDigit(line[start + 5]) || isMonth(line, at: start + 5))
    }

    @inline(__always)
    private static func isDateMark(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".")
    }

    private static func isMonth(_ line: Span<UInt8>, at start: Int) -> Bool {
        switch threeLetters(line, at: start) {
        case 0x4A616E, 0x466562, 0x4D6172, 0x417072, 0x4D6179, 0x4A756E, 0x4A756C, 0x417567, 0x536570, 0x4F6374,
            0x4E6F76, 0x446563:
            return true
        default: return false
        }
    }

    private static func isWeekday(_ line: Span<UInt8>, at start: Int) -> Bool {
        switch threeLetters(line, at: start) {
        case 0x4D6F6E, 0x547565, 0x576564, 0x546875, 0x467269, 0x536174, 0x53756E: return true
        default: return false
        }
    }

    /// Three bytes as one number: `Jan` is 0x4A616E.
    private static func threeLetters(_ line: Span<UInt8>, at start: Int) -> UInt32 {
        guard start + 3 < line.count else { return 0 }
        return UInt32(line[start]) << 16 | UInt32(line[start + 1]) << 8 | UInt32(line[start + 2])
    }
}

extension Span where Element == UInt8 {
    /// True when `12:34:56` stands at `start`.
    func isClock(at start: Int) -> Bool {
        guard start + 8 <= count, self[start + 2] == UInt8(ascii: ":"), self[start + 5] == UInt8(ascii: ":") else {
            return false
        }
        return isDigit(self[start]) && isDigit(self[start + 1]) && isDigit(self[start + 3]) && isDigit(self[start + 4])
            && isDigit(self[start + 6]) && isDigit(self[start + 7])
    }
}
