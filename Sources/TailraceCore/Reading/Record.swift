/// Which of the program's outputs a line came from. Lines of one stream are joined only with lines of the same stream.
///
/// A plain file has one stream, which is not named in the documents.
package enum LogStream: UInt8, Sendable, CaseIterable {
    case stdout = 0
    case stderr = 1
}

/// One decoded physical line. Ranges are places in the line that was decoded, whose bytes the caller still owns.
package struct Record: Equatable, Sendable {
    /// The container runtime's time stamp; `nil` where the format has none.
    package var time: Timestamp?
    package var stream: LogStream
    /// True when the runtime cut a longer line here and the next record of the stream carries on.
    package var isPartial: Bool
    /// Where the program's own text stands, without a newline.
    package var message: Range<Int>
    /// True when the message is the inside of a JSON string and has to be unescaped before anybody looks at it.
    package var isEscaped: Bool

    package init(
        time: Timestamp?, stream: LogStream, isPartial: Bool, message: Range<Int>, isEscaped: Bool = false
    ) {
        self.time = time
        self.stream = stream
        self.isPartial = isPartial
        self.message = message
        self.isEscaped = isEscaped
    }
}
