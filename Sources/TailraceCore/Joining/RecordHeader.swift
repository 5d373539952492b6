/// How a line begins, as far as it says whether a logger wrote it and how loud the logger was.
///
/// Known beginnings (at the start of the line; `%5p` of log4j may put one or two blanks before a level):
///
/// | Beginning | Loggers |
/// |---|---|
/// | `2024-05-01T12:34:56…`, `2024/05/01 …`, `12:34:56.789 …`, `01-May-2024 …`, `05/01/2024 …`, `1714567890.123 ` | most |
/// | `May  1 12:34:56 …`, `May 01, 2024 …`, `Wed May 01 …`, `<13>…` | syslog, java.util.logging |
/// | `[   12.345678] …`, `<4>[   12.345678] …` | the Linux kernel |
/// | `[` and one of these, or with a level within the first words | gunicorn, celery, Nest, Apache |
/// | `[info     ] …`, `[core:error] …` behind a time | structlog, Apache |
/// | `ERROR …`, `ERROR:root:…`, `[error] …`, `ERRO[0012] …`, `error: …` | python, winston, logrus |
/// | `E0501 12:34:56.789012`, `[E501 12:34:56.789012 …]`, `2024-05-01 12:34:56.789: E ` | klog, glog, PyTorch, TensorFlow |
/// | `E240501 12:34:56.789012`, `240501 12:34:56 [ERROR] ` | CockroachDB, MariaDB |
/// | `####<May 1, 2024 12:34:56 PM UTC> <Error> <HTTP> …`, also without `####` | WebLogic |
/// | `17 ERROR `, `17-ERROR-`, `288 [main] ERROR `, `distributed.worker - ERROR - `, `[TRT-LLM] [E] ` behind a time | python, Dask, TensorRT-LLM |
/// | `[E 240501 12:34:56 web:1875] `, `[E 2024-05-01 12:34:56.789 ServerApp] ` | Tornado, Jupyter |
/// | `[5/1/24, 12:34:56:789 UTC] 0000002f com.acme.Bank E SRVE0777E: ` | WebSphere |
/// | `E 05-01 12:34:56`, `05-01 12:34:56.789 `, `24/05/01 12:34:56 `, `1.714567890123e+09⇥` | SkyPilot, Android, Spark, zap |
/// | `E, [2024-05-01T12:34:56.789012 #17] ERROR -- : …` | Ruby's Logger |
/// | `2024-05-01 12:34:56 error text`, `11/30/2026 12:34:56 AM,E,bank,text` | winston, scripts |
/// | `C 20240501 12:34:56.789012 17] `, `<3> May  1 12:34:56 …`, `log4j:ERROR text` | spdlog, `sd-daemon`, log4j of itself |
/// | `START RequestId: …`, `Started GET "/a" for …` | AWS Lambda, Rails |
/// | `[pid: 17\|app: 0\|req: 3/3] … => generated …` | uWSGI's requests |
/// | anything, with a time of day among its first words: ``behindClock(_:)`` | others |
/// | `time=… level=…`, `level=…`, `ts=…` | slog, logrus, go-kit |
/// | `{"…` | JSON loggers |
/// | `… "GET /… ` | access logs |
enum RecordHeader: UInt8, Sendable {
    /// No logger's line: prose, or a piece of a trace.
    case none
    /// A logger's line that does not say its level.
    case unrated
    /// Below a warning.
    case calm
    /// A warning or worse.
    case alarm
    /// A JSON object, which is complete in one line.
    case object
    /// A line of an access log.
    case access
}

extension RecordHeader {
    /// - Parameters:
    ///   - line: without colours.
    ///   - indent: how many blanks and tabs are at its front.
    init(of line: Span<UInt8>, indent: Int) {
        guard indent < line.count else {
            self = .none
            return
        }
        let byte = line[unchecked: indent]
        if indent > 0 {
            // Further in, a level is a word of a source line or of a message.
            guard indent <= 2, line[unchecked: 0] == 0x20 else {
                self = indent == Self.indentOfRich ? Self.levelOfRich(line) : .none
                return
            }
            if isUpper(byte) {
                self = Self.levelFirst(line, at: indent) ?? .none
            } else if !isDigit(byte) {
                self = .none
            } else if Self.timeFirst(line, at: indent) {
                // `tracing` of Rust.
                self =
                    RubyTrace.isFrameOfFluentd(line) ? .none : Self.levelWithin(line, from: indent + 6) ?? .unrated
            } else {
                var end = 0
                self = Self.levelBehindNumber(line.extracting(droppingFirst: indent), endOfLevel: &end) ?? .none
            }
        } else if isDigit(byte) {
            var end = 0
            self = Self.digitFirst(line, endOfLevel: &end)
        } else if byte == UInt8(ascii: "{") {
            self = Self.objectFirst(line) ? .object : .none
        } else if byte == UInt8(ascii: "[") {
            self = Self.bracketFirst(line)
        } else if byte == UInt8(ascii: "<") {
            self = line.count > 2 && isDigit(line[1]) ? Self.priorityFirst(line) : Self.angleFirst(line)
        } else if isLetter(byte) {
            self = Self.wordFirst(line)
        } else if byte == UInt8(ascii: "#"), line.has("####<", at: 0) {
            self = Self.levelWithin(line, from: 5) ?? .unrated
        } else {
            self = .none
        }
    }

    init(_ level: LogLevel) { self = level.isAlarm ? .alarm : .calm }

    /// As wide as `[12:34:56] `, which rich leaves out of all records of a second but the first.
    private static let indentOfRich = 11

    /// `           ERROR    text                                   bank.py:12`
    private static func levelOfRich(_ line: Span<UInt8>) -> RecordHeader {
        let end = line.endOfText(before: line.count)
        guard let colon = line.startOfLineNumber(endingAt: end), line.has(".py", at: colon - 3) else { return .none }
        return levelFirst(line, at: indentOfRich) ?? .none
    }

    /// - Parameter end: the place behind the level. What PHP-FPM calls a notice is anything that a program said.
    init(_ level: LogLevel, _ line: Span<UInt8>, endingAt end: Int) {
        self = level.isAlarm || line.has(": PHP message: ", at: end) ? .alarm : .calm
    }

    /// - Parameter end: set to the place behind the level of a line that has a time first and then a level in upper case.
    ///   Nothing behind the byte there has been looked at.
    static func digitFirst(_ line: Span<UInt8>, endOfLevel end: inout Int) -> RecordHeader {
        guard timeFirst(line, at: 0) else { return levelBehindNumber(line, endOfLevel: &end) ?? accessOrNone(line) }
        return levelWithin(line, from: 6, endOfUpperCase: &end) ?? unratedOrAccess(line)
    }

    /// `17 ERROR text`, `288 [main] ERROR text`, ` 288 | ERROR | text`: the number of the process, or log4j's milliseconds and thread.
    private static func levelBehindNumber(_ line: Span<UInt8>, endOfLevel end: inout Int) -> RecordHeader? {
        var index = 0
        while index < line.count, index < 8, isDigit(line[unchecked: index]) { index += 1 }
        guard index + 1 < line.count, line[unchecked: index] == 0x20 else {
            return levelBeforeDash(line, at: index + 1)
        }
        // `264    [main] ERROR`: the number may be padded, and so may the thread.
        let number = index
        while index + 1 < line.count, index < 12, line[unchecked: index + 1] == 0x20 { index += 1 }
        guard index == number || line.has("[", at: index + 1) else { return nil }
        if line[unchecked: index + 1] == UInt8(ascii: "["),
            let close = line.firstIndex(of: "] ", from: index + 2), close < 80
        {
            index = close + 1
        }
        if line.has(" | ", at: index) { index += 2 }
        guard index + 1 < line.count, isUpper(line[unchecked: index + 1]) else { return nil }
        let word = HeaderWord(in: line, at: index + 1)
        guard let level = word.level, isLevel(line, endingAt: word.end) else { return nil }
        end = word.end
        return RecordHeader(level)
    }

    /// `ERROR-` of `17-ERROR-text` and `ERROR-2024-05-01 12:34:56 text`
    private static func levelBeforeDash(_ line: Span<UInt8>, at start: Int) -> RecordHeader? {
        guard start == 0 || line.has("-", at: start - 1) else { return nil }
        var end = start
        while end < line.count, end - start <= 8, isUpper(line[unchecked: end]) { end += 1 }
        guard end > start, line.has("-", at: end), end + 1 < line.count,
            start > 0 ? line[0] != UInt8(ascii: "0") : timeFirst(line, at: end + 1)
        else {
            return nil
        }
        return HeaderWord(in: line.extracting(first: end), at: start).level.map { RecordHeader($0) }
    }

    private static func wordFirst(_ line: Span<UInt8>) -> RecordHeader? {
        levelFirst(line, at: 0) ?? log4jFirst(line) ?? klogFirst(line) ?? logfmtFirst(line) ?? dateFirst(line)
            ?? rubyFirst(line)
            ?? letterFirst(line) ?? nameFirst(line) ?? requestFirst(line) ?? levelBeforeDash(line, at: 0)
    }

    /// `Main  2024-05-01 12:34:56 +0000 ERROR: text`, `Main |2024-05-01 …`: Sanic, with the name of the worker.
    /// `galaxy.jobs ERROR 2024-05-01 12:34:56,789 text`, `bank [ERROR] text`
    private static func nameFirst(_ line: Span<UInt8>) -> RecordHeader? {
        var end = 0
        while end < min(line.count, 64), isWordByte(line[unchecked: end]) { end += 1 }
        if line.has(" [", at: end), end + 2 < line.count, isUpper(line[end + 2]) {
            let word = HeaderWord(in: line, at: end + 2)
            return word.level.flatMap { line.has("] ", at: word.end) ? RecordHeader($0) : nil }
        }
        if line.has(" ", at: end), end + 1 < line.count, isUpper(line[end + 1]) {
            let word = HeaderWord(in: line, at: end + 1)
            return word.level.flatMap { level in
                line.has(" ", at: word.end) && timeFirst(line, at: word.end + 1) ? RecordHeader(level) : nil
            }
        }
        if line.has("  ", at: end), let level = levelInColumn(line, from: end) { return level }
        guard line.has("  ", at: end) || line.has(" |", at: end), end + 2 < line.count, isDigit(line[end + 2]),
            timeFirst(line, at: end + 2)
        else { return nil }
        return levelWithin(line, from: end + 8) ?? unratedOrAccess(line)
    }

    /// `modulemanager       error⇥text` of Prosody
    private static func levelInColumn(_ line: Span<UInt8>, from start: Int) -> RecordHeader? {
        var index = start
        while index < line.count, line[unchecked: index] == 0x20 { index += 1 }
        guard index >= 20 else { return nil }
        let word = HeaderWord(in: line, at: index)
        guard line.has("\t", at: word.end) else { return nil }
        return (word.level ?? word.lowerCaseLevel).map { RecordHeader($0) }
    }

    private static func wordFirst(_ line: Span<UInt8>) -> RecordHeader {
        wordFirst(line) ?? .none
    }

    /// `ERROR`, `ERROR:`, `ERRO[0000]`; in lower case only with a colon, because `error` also begins sentences.
    private static func levelFirst(_ line: Span<UInt8>, at start: Int) -> RecordHeader? {
        let word = HeaderWord(in: line, at: start)
        guard word.count >= 3 else { return nil }
        if let level = word.level {
            return isLevel(line, endingAt: word.end) ? RecordHeader(level, line, endingAt: word.end) : nil
        }
        let next = word.end < line.count ? line[unchecked: word.end] : 0
        // Dask: `distributed.worker - WARNING - text`.
        if next == 0x20, line.has("- ", at: word.end + 1) {
            let second = HeaderWord(in: line, at: word.end + 3)
            return second.level.flatMap { line.has(" - ", at: second.end) ? RecordHeader($0) : nil }
        }
        guard next == UInt8(ascii: ":"), word.isLowerCase, let level = word.lowerCaseLevel, level != .panic,
            word.end + 1 < line.count, line[unchecked: word.end + 1] == 0x20, !word.isNote
        else { return nil }
        return RecordHeader(level)
    }

    /// What a line says that begins with a level in upper case; `nil` for other lines.
    ///
    /// - Parameter end: set to the place behind the level. Nothing behind the byte there has been looked at.
    static func upperCaseLevelFirst(_ line: Span<UInt8>, endOfLevel end: inout Int) -> RecordHeader? {
        let word = HeaderWord(in: line, at: 0)
        guard let level = word.level, isLevel(line, endingAt: word.end) else { return nil }
        // Of a notice, what is behind it counts.
        if !line.has("NOTICE:", at: 0) { end = word.end }
        return RecordHeader(level, line, endingAt: word.end)
    }

    private static func isLevel(_ line: Span<UInt8>, endingAt end: Int) -> Bool {
        guard end < line.count else { return false }
        switch line[unchecked: end] {
        case UInt8(ascii: ":"), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: "|"):
            return true
        // npmlog: `ERR! text`
        case UInt8(ascii: "!"): return end + 1 < line.count && line[unchecked: end + 1] == 0x20
        default: return false
        }
    }

    /// `log4j:ERROR text`: what log4j says of itself.
    private static func log4jFirst(_ line: Span<UInt8>) -> RecordHeader? {
        line.has("log4j:", at: 0) ? HeaderWord(in: line, at: 6).level.map { RecordHeader($0) } : nil
    }

    private static func logfmtFirst(_ line: Span<UInt8>) -> RecordHeader? {
        switch line[unchecked: 0] {
        case UInt8(ascii: "t"):
            guard
                line.has("time=", at: 0) || line.has("ts=", at: 0) || line.has("timestamp=", at: 0)
                    // Others call things so, too.
                    || line.has("t=", at: 0) && line.count > 2 && (isDigit(line[2]) || line[2] == UInt8(ascii: "\""))
            else { return nil }
        case UInt8(ascii: "l"):
            guard line.has("level=", at: 0) || line.has("lvl=", at: 0) else { return nil }
        default: return nil
        }
        let front = line.extracting(first: min(line.count, 120))
        let value: Int
        if let key = front.firstIndex(of: "level=") {
            value = key + 6
        } else if let key = front.firstIndex(of: "lvl=") {
            value = key + 4
        } else {
            return .unrated
        }
        let isQuoted = value < line.count && line[value] == UInt8(ascii: "\"")
        // log15.
        if line.has("eror", at: value) { return .alarm }
        let word = HeaderWord(in: line, at: isQuoted ? value + 1 : value)
        return (word.level ?? word.lowerCaseLevel).map { RecordHeader($0) } ?? .unrated
    }

    /// `May  1 12:34:56`, `May 01, 2024 `, `Wed May 01 `, `Wed, 01 May `.
    private static func dateFirst(_ line: Span<UInt8>) -> RecordHeader? {
        guard timeFirst(line, at: 0) else { return nil }
        guard let level = levelWithin(line, from: 4) else { return unratedOrAccess(line) }
        // `WARNING: CPU: 0 PID: 17 at …` is no level but the first words of a report.
        return line.extracting(first: min(line.count, 64)).firstIndex(of: " kernel: ") == nil ? level : .unrated
    }

    /// `<13>May  1 12:34:56 …` of syslog, `<4>[   12.345678] …` of the kernel.
    private static func priorityFirst(_ line: Span<UInt8>) -> RecordHeader {
        guard endOfUptime(line, at: 0) == nil else { return .unrated }
        if let level = levelWithin(line, from: 3) { return level }
        // Many programs send all they say as notices, few as errors what is none.
        return severity(of: line).map { $0 < 4 } == true ? .alarm : .unrated
    }

    /// - Returns: 0 (emergency) ... 7 (debug) of `<13>`; `nil` when no priority stands there.
    /// - SeeAlso: RFC 5424, 6.2.1.
    private static func severity(of line: Span<UInt8>) -> Int? {
        var priority = 0
        var end = 1
        while end < min(line.count, 4), isDigit(line[end]) {
            priority = 10 * priority + Int(line[end] - UInt8(ascii: "0"))
            end += 1
        }
        return end > 1 && line.has(">", at: end) ? priority & 7 : nil
    }

    /// `<May 1, 2024 12:34:56,789 PM UTC> <Error> <HTTP> …` of WebLogic
    private static func angleFirst(_ line: Span<UInt8>) -> RecordHeader {
        guard line.count > 8, isUpper(line[1]), timeFirst(line, at: 1) else { return .none }
        return levelWithin(line, from: 5) ?? .unrated
    }

    private static func bracketFirst(_ line: Span<UInt8>) -> RecordHeader {
        // uWSGI: `[pid: 17|app: 0|req: 3/3] 10.0.0.1 () {54 vars in 1040 bytes} [Wed May  1 12:34:56 2024] GET /a => …`
        if line.has("[pid: ", at: 0), line.firstIndex(of: " => generated ") != nil { return .access }
        if let close = line.firstIndex(of: UInt8(ascii: "]"), from: 1), line.has("]:", at: close) {
            // `[info]: text`; in `[rank0]: text` the text says what it is.
            return levelWithin(line.extracting(first: close + 1), from: 1) ?? .none
        }
        if endOfUptime(line, at: 0) != nil { return .unrated }
        var end = 0
        if let level = klogFirst(line, at: 1) ?? tornadoFirst(line) ?? levelWithin(line, from: 1, endOfUpperCase: &end)
        {
            // What Airflow's tasks log is a record in a record: `[2024…] {logging_mixin.py:115} INFO - [2024…] … ERROR - `.
            if level == .calm, line.has(" - [", at: end), timeFirst(line, at: end + 4) {
                return levelWithin(line, from: end + 4) ?? level
            }
            // `dmesg -T`: these are the first words of a report.
            return level == .alarm && line.has("] WARNING: CPU: ", at: 25) ? .unrated : level
        }
        return timeFirst(line, at: 1) ? unratedOrAccess(line) : .none
    }

    private static func objectFirst(_ line: Span<UInt8>) -> Bool {
        var index = 1
        while index < line.count, isBlank(line[unchecked: index]) { index += 1 }
        guard index < line.count else { return false }
        return line[index] == UInt8(ascii: "\"") ? !ErlangTrace.isTuple(line) : line[index] == UInt8(ascii: "}")
    }
}
