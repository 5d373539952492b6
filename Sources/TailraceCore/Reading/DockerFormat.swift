/// Splits one line of Docker's `json-file` driver into its parts.
///
/// Layout: `{"log":"…\n","stream":"stdout","attrs":{…},"time":"2026-11-23T17:52:39.123456789Z"}`
///
/// | key | meaning |
/// |---|---|
/// | `log` | the line with its newline, needed. Without a newline at the end it is a piece of 16 KiB of a longer line |
/// | `time` | RFC 3339 in UTC, trailing zeros dropped, needed. All pieces of a line have the same |
/// | `stream` | `stdout` or `stderr`; without it, stdout |
/// | anything else | `attrs` (labels, environment, tag), skipped |
///
/// Keys in any order and white space are accepted, since other writers imitate the format. Of a key that comes twice the
/// last counts. Values that are skipped are not checked for being JSON.
///
/// The message stays escaped: most of the line is copied once, by whoever unescapes it.
///
/// - SeeAlso: moby, `daemon/logger/jsonfilelog/jsonlog/jsonlogbytes.go`.
enum DockerFormat {
    static func decode(_ line: Span<UInt8>, times: inout RFC3339Parser) -> Record? {
        decodeUsual(line, times: &times) ?? decodeAny(line, times: &times)
    }

    /// The shape that dockerd writes without labels, which is nearly every line there is.
    @inline(__always)
    private static func decodeUsual(_ line: Span<UInt8>, times: inout RFC3339Parser) -> Record? {
        // {"log":" is eight bytes, ,"stream":" eleven, ,"time":" nine.
        guard line.count > 8, line.word(at: 0) == opening,
            let log = JSONString(in: line, from: 8), line.count - log.end > 30
        else { return nil }
        let stream = log.end + 1
        guard line.word(at: stream) == streamKey, line.word(at: stream + 3) == streamKeyEnd,
            let name = LogStream(nameIn: line.word(at: stream + 11)),
            line.word(at: stream + 17) == timeKey, line[stream + 25] == UInt8(ascii: ":"),
            line[stream + 26] == quote,
            let (time, length) = times.parsePrefix(of: line.extracting(droppingFirst: stream + 27)),
            line.count - (stream + 27 + length) == 2,
            line[line.count - 2] == quote, line[line.count - 1] == UInt8(ascii: "}")
        else { return nil }
        return record(of: log, time: time, stream: name)
    }

    private static func decodeAny(_ line: Span<UInt8>, times: inout RFC3339Parser) -> Record? {
        var reader = JSONCursor(line)
        guard reader.take(UInt8(ascii: "{")) else { return nil }
        var log: JSONString?
        var time: Timestamp?
        var stream = LogStream.stdout
        repeat {
            guard let key = reader.takeString(), reader.take(UInt8(ascii: ":")) else { return nil }
            switch Key(line.extracting(key.inside)) {
            case .log:
                guard let text = reader.takeString() else { return nil }
                log = text
            case .time:
                guard let text = reader.takeString(), let parsed = times.parse(line.extracting(text.inside))
                else { return nil }
                time = parsed
            case .stream:
                guard let text = reader.takeString(), let name = Self.stream(line.extracting(text.inside))
                else { return nil }
                stream = name
            case .other:
                guard reader.skipValue() else { return nil }
            }
        } while reader.take(UInt8(ascii: ","))
        guard reader.take(UInt8(ascii: "}")), reader.isAtEnd, let log, let time else { return nil }
        return record(of: log, time: time, stream: stream)
    }

    @inline(__always)
    private static func record(of log: JSONString, time: Timestamp, stream: LogStream) -> Record {
        // Only an escape that begins there is a newline: `\\n` is a backslash and an n.
        let isWhole = log.endsWithNewline
        let message = log.inside.lowerBound..<log.inside.upperBound - (isWhole ? 2 : 0)
        return Record(
            time: time, stream: stream, isPartial: !isWhole, message: message,
            isEscaped: log.firstEscape.map { $0 < message.upperBound } ?? false)
    }

    private enum Key {
        case log, time, stream, other

        init(_ name: Span<UInt8>) {
            switch name.count {
            case 3 where name.equals("log"): self = .log
            case 4 where name.equals("time"): self = .time
            case 6 where name.equals("stream"): self = .stream
            default: self = .other
            }
        }
    }

    private static func stream(_ name: Span<UInt8>) -> LogStream? {
        name.equals("stdout") ? .stdout : name.equals("stderr") ? .stderr : nil
    }

    private static let quote = UInt8(ascii: "\"")
    private static var opening: UInt64 { ByteWord.text("{\"log\":\"") }
    private static var streamKey: UInt64 { ByteWord.text(",\"stream") }
    private static var streamKeyEnd: UInt64 { ByteWord.text("tream\":\"") }
    private static var timeKey: UInt64 { ByteWord.text("\",\"time\"") }
}
