/// What is worth telling the reader of a document about how it came to be (`log.flags`).
package struct EventFlags: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Several lines of the program were joined.
    package static let multiline = EventFlags(rawValue: 1 << 0)
    /// The line or event was longer than its limit, and its end is missing.
    package static let truncated = EventFlags(rawValue: 1 << 1)
    /// Ended by a time-out or by the end of its file, not by what followed it.
    package static let timedOut = EventFlags(rawValue: 1 << 2)
    /// Carries on an event that reached a limit.
    package static let continuation = EventFlags(rawValue: 1 << 3)
    /// Held bytes that are not UTF-8; they became U+FFFD.
    package static let invalidUTF8 = EventFlags(rawValue: 1 << 4)
    /// Did not have the format of its file and was kept as plain text.
    package static let malformed = EventFlags(rawValue: 1 << 5)
    /// The last piece of a partial line never came.
    package static let partial = EventFlags(rawValue: 1 << 6)
}

/// Everything about one logical log event but its text.
package struct Event: Equatable, Sendable {
    /// Time of the first line.
    package var time: Timestamp
    package var stream: LogStream
    /// Offset in the file, in bytes, of the first physical line.
    package var start: UInt64
    /// Offset behind the last physical line. Lines of the other stream may lie between.
    package var end: UInt64
    /// How many lines of the program it holds, at least 1.
    package var lineCount: Int
    package var flags: EventFlags
    /// Whose trace it is, or what else it was joined as; empty for a single line.
    package var language: TraceLanguages = []

    package init(
        time: Timestamp, stream: LogStream, start: UInt64, end: UInt64, lineCount: Int = 1, flags: EventFlags = []
    ) {
        self.time = time
        self.stream = stream
        self.start = start
        self.end = end
        self.lineCount = lineCount
        self.flags = flags
    }
}

/// Where finished events go: the encoder in production, a list in tests.
package protocol EventSink: ~Copyable {
    /// - Parameter text: the lines joined by `\n`, borrowed for the time of the call.
    mutating func receive(_ event: Event, text: Span<UInt8>)
    /// True when no further line should be read into it. It still takes the events that a line completes.
    var isFull: Bool { get }
}
