import Glibc
package import Logging
import TailraceCore

/// Writes log lines to standard error, one line each, whatever a message holds.
///
/// ```
/// 2026-11-23T12:13:15.123Z warning No connection to the endpoint: … kind=unreachable
/// {"@timestamp":"…","log.level":"warning","message":"…","service.name":"tailrace","kind":"unreachable"}
/// ```
package struct StandardErrorLog: LogHandler {
    package enum Style: Sendable { case text, json }

    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    private let style: Style
    private let time: any Timebase

    package init(_ style: Style, level: Logger.Level, time: any Timebase) {
        self.style = style
        logLevel = level
        self.time = time
    }

    /// Text when a person looks at it, JSON when a program does.
    package static var styleOfTerminal: Style { isatty(STDERR_FILENO) == 1 ? .text : .json }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line = OwnedBytes()
        let pairs = metadata.merging(event.metadata ?? [:]) { $1 }.map { ($0.key, $0.value.description) }
            .sorted { $0.0 < $1.0 }
        render(event, pairs, into: &line)
        line.append("\n")
        // In one piece, so that lines of several threads do not mix.
        line.span.withUnsafeBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private func render(_ event: LogEvent, _ pairs: [(String, String)], into line: inout OwnedBytes) {
        var times = RFC3339Printer()
        switch style {
        case .text:
            times.append(time.wallClock, to: &line)
            line.append(Array(" \(event.level) ".utf8))
            line.appendText("\(event.message)")
            for (key, value) in pairs { line.appendText(" \(key)=\(value)") }
        case .json:
            line.append("{\"@timestamp\":\"")
            times.append(time.wallClock, to: &line)
            line.append("\",\"log.level\":\"")
            line.append(Array("\(event.level)".utf8))
            line.append("\",\"message\":\"")
            line.appendEscaped("\(event.message)")
            line.append("\",\"service.name\":\"tailrace\"")
            for (key, value) in pairs {
                line.append(",\"")
                line.appendEscaped(key)
                line.append("\":\"")
                line.appendEscaped(value)
                line.append("\"")
            }
            line.append("}")
        }
    }
}

extension OwnedBytes {
    fileprivate mutating func appendEscaped(_ text: String) {
        let bytes = Array(text.utf8)
        appendJSONEscaped(bytes.span)
    }

    /// Control characters would break the line, or the terminal.
    fileprivate mutating func appendText(_ text: String) {
        for byte in text.utf8 { append(byte < 0x20 || byte == 0x7F ? 0x20 : byte) }
    }
}
