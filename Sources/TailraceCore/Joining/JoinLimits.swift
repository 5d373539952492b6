/// How large an event may become by joining.
///
/// | Limit | Default | Beyond it |
/// |---|---|---|
/// | `maxLines` | 1,000 lines | the event ends; the line that did not fit is judged like the first of a file |
/// | `maxBytes` | 1 MiB of text, newlines between lines included | the same |
///
/// Nothing is dropped. A single line longer than `maxBytes` is an event of its own.
package struct JoinLimits: Sendable {
    package var maxLines = 1000
    package var maxBytes = 1 << 20

    package init() {}

    package init(maxLines: Int, maxBytes: Int) {
        precondition(maxLines > 0 && maxBytes > 0, "limits of \(maxLines) lines and \(maxBytes) bytes hold nothing")
        self.maxLines = maxLines
        self.maxBytes = maxBytes
    }

    func admit(lines: Int, bytes: Int) -> Bool { lines <= maxLines && bytes <= maxBytes }
}

/// Everything about one whole line but its text.
package struct LineStamp: Sendable {
    package var time: Timestamp
    /// Offset in the file, in bytes, of the first physical line it came from.
    package var start: UInt64
    /// Offset behind the last physical line it came from.
    package var end: UInt64
    package var flags: EventFlags
    /// False when the text is known to hold no escape (0x1B), which spares looking for it.
    package var mayHoldEscape = true

    package init(time: Timestamp, start: UInt64, end: UInt64, flags: EventFlags = []) {
        self.time = time
        self.start = start
        self.end = end
        self.flags = flags
    }
}
