/// Records of Python's loggers that begin on two lines.
///
///     [2024-05-01 12:34:56,789] 10.0.0.1 requested /pay              (Flask's documentation, for what it logs of a request)
///     ERROR in app: Exception on /pay [GET]
///     Traceback (most recent call last):
///
/// - SeeAlso: "Injecting Request Information" in `docs/logging.rst` of Flask.
enum PythonLoggers {
    static func startsRecord(_ line: borrowing LineView) -> Bool {
        line.firstByte == UInt8(ascii: "[") && line.has("] ", at: 24) && line.index(of: " requested ", from: 26) != nil
    }

    static let request = LinePattern.shape("what was requested", ByteSet(of: "["), admitsRecords: true) {
        startsRecord($0)
    }

    /// `ERROR in app: text`
    static let alarm = LinePattern.shape("a level of Flask", ByteSet(of: "WEC"), admitsRecords: true) {
        level(of: $0)?.isAlarm == true
    }

    /// `INFO in app: text`
    static let calm = LinePattern.shape("a level of Flask", ByteSet(of: "DI"), admitsRecords: true) {
        level(of: $0)?.isAlarm == false
    }

    private static func level(of line: borrowing LineView) -> LogLevel? {
        let word = HeaderWord(in: line.bytes, at: 0)
        return line.has(" in ", at: word.end) ? word.level : nil
    }
}
