/// Records whose first letter is their level.
extension RecordHeader {
    /// `I0501 12:34:56.789012   1 main.go:12] text`.
    ///
    /// - SeeAlso: the header comment of `klog.go`.
    static func klogFirst(_ line: Span<UInt8>, at start: Int = 0) -> RecordHeader? {
        guard line.count - start > 13, isDigit(line[start + 1]), isDigit(line[start + 2]), isDigit(line[start + 3])
        else { return nil }
        // PyTorch writes the month without a nought, CockroachDB the year, glog all of it.
        var end = start + 4
        while end < start + 9, isDigit(line[end]) { end += 1 }
        guard end != start + 6, end != start + 8, line[end] == 0x20, isDigit(line[end + 1]), isDigit(line[end + 2]),
            line[end + 3] == UInt8(ascii: ":")
        else { return nil }
        switch line[start] {
        case UInt8(ascii: "W"), UInt8(ascii: "E"), UInt8(ascii: "F"): return .alarm
        case UInt8(ascii: "I"), UInt8(ascii: "D"): return .calm
        default: return nil
        }
    }

    /// `E 05-01 12:34:56 main.py:12] text`, `E 20240501 12:34:56.789012 17] text` of spdlog, `E 0501 12:34:56.789 17 text`
    static func letterFirst(_ line: Span<UInt8>) -> RecordHeader? {
        guard line.count > 16, line[1] == 0x20, isDigit(line[2]), isDigit(line[3]),
            line[4] == UInt8(ascii: "-")
                ? clockFollows(line, at: 5, mark: line[4])
                : isDigit(line[9]) && line[13] == UInt8(ascii: ":") || line[6] == 0x20 && line.isClock(at: 7)
        else { return nil }
        return line[0] == UInt8(ascii: "C") ? .alarm : levelOfLetter(line[0])
    }

    /// `E, [2024-05-01T12:34:56.789012 #17] ERROR -- : text`.
    ///
    /// - SeeAlso: `Logger::Formatter` of Ruby's `logger`.
    static func rubyFirst(_ line: Span<UInt8>) -> RecordHeader? {
        guard line.has(", [", at: 1), timeFirst(line, at: 4) else { return nil }
        switch line[0] {
        case UInt8(ascii: "W"), UInt8(ascii: "E"), UInt8(ascii: "F"): return .alarm
        case UInt8(ascii: "I"), UInt8(ascii: "D"): return .calm
        default: return .unrated
        }
    }

    /// `[E 240501 12:34:56 web:1875] text` of Tornado, `[E 2024-05-01 12:34:56.789 ServerApp] text` of Jupyter.
    static func tornadoFirst(_ line: Span<UInt8>) -> RecordHeader? {
        guard line.count > 16, line[2] == 0x20, isDigit(line[3]) else { return nil }
        var end = 3
        while end < 10, isDigit(line[end]) { end += 1 }
        guard end == 9 && line[end] == 0x20 && isDigit(line[10]) || timeFirst(line, at: 3) else { return nil }
        return levelOfLetter(line[1])
    }
}
