/// Where reading of a file goes on after a restart, for each of its streams: everything of that stream that starts
/// before the offset has been delivered.
///
/// The two differ while lines of one stream wait to be joined and lines of the other went past them. Reading starts at
/// the smaller, and leaves out what the other stream has behind it.
package struct ResumeOffsets: Hashable, Sendable {
    package var stdout: UInt64
    package var stderr: UInt64

    package init(stdout: UInt64, stderr: UInt64) {
        self.stdout = stdout
        self.stderr = stderr
    }

    /// The same for both streams.
    package init(_ offset: UInt64) { self.init(stdout: offset, stderr: offset) }

    /// Nothing before this offset is needed again.
    package var low: UInt64 { min(stdout, stderr) }

    package subscript(stream: LogStream) -> UInt64 {
        stream == .stdout ? stdout : stderr
    }

    /// Offsets never go back.
    package mutating func advance(to other: ResumeOffsets) {
        stdout = max(stdout, other.stdout)
        stderr = max(stderr, other.stderr)
    }
}

/// A place where events ended although nothing in the file says so: a time-out, the end of a file that had no newline,
/// memory that was needed, a shutdown.
///
/// Ids are made of the range of bytes of an event. So that reading again gives the same events, a cut is saved before
/// the first event that it ended is sent, and is made again at the same offset.
package struct Cut: Hashable, Sendable {
    package struct Streams: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let stdout = Streams(rawValue: 1)
        package static let stderr = Streams(rawValue: 2)
        package static let all: Streams = [.stdout, .stderr]
    }

    /// Behind the last byte that had been read. In the middle of a line, the line is cut in two here.
    package var offset: UInt64
    /// Only lines of these streams were waiting.
    package var streams: Streams

    package init(offset: UInt64, streams: Streams) {
        self.offset = offset
        self.streams = streams
    }
}
