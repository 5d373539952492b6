/// Writes what a program prints to one of its streams as a container runtime would: with a time and the stream's name
/// before each line.
///
/// An unfinished line is held back, up to ``pieceMax`` bytes, which are then written as a piece of it.
///
/// - SeeAlso: `CRIFormat`, which reads it.
package struct CRIPrinter: ~Copyable {
    package static let pieceMax = 16 << 10

    private let stream: LogStream
    private var times = RFC3339Printer()
    /// Of a line whose end has not come, and when it came.
    private var rest = OwnedBytes()
    private var since = Timestamp(nanoseconds: 0)
    private var isSkipping = false

    package init(_ stream: LogStream) { self.stream = stream }

    /// - Parameters:
    ///   - bytes: what the program wrote, cut anywhere.
    ///   - time: when it was read.
    package mutating func append(_ bytes: Span<UInt8>, at time: Timestamp, to output: inout OwnedBytes) {
        var index = 0
        while let length = bytes.extracting(index...).firstIndex(of: UInt8(ascii: "\n")) {
            let end = index + length
            if isSkipping {
                isSkipping = false
            } else if rest.isEmpty {
                Self.put("F", bytes.extracting(index..<end), of: stream, at: time, &times, &output)
            } else {
                hold(bytes.extracting(index..<end), at: time, &output)
                endLine(to: &output)
            }
            index = end + 1
        }
        if !isSkipping { hold(bytes.extracting(index...), at: time, &output) }
    }

    /// Ends a line that will get no end.
    package mutating func endLine(to output: inout OwnedBytes) {
        if !rest.isEmpty { putRest("F", to: &output) }
    }

    /// Some of what the program wrote was left out here.
    ///
    /// - Parameter isInsideLine: what was left out does not end with a newline: the rest of that line is left out too.
    package mutating func noteGap(isInsideLine: Bool, to output: inout OwnedBytes) {
        endLine(to: &output)
        isSkipping = isInsideLine
    }

    private mutating func hold(_ bytes: Span<UInt8>, at time: Timestamp, _ output: inout OwnedBytes) {
        guard !bytes.isEmpty else { return }
        if !rest.isEmpty, rest.count + bytes.count > Self.pieceMax {
            putRest("P", to: &output)
        }
        if rest.isEmpty { since = time }
        if bytes.count > Self.pieceMax {
            Self.put("P", bytes.extracting(..<(bytes.count - 1)), of: stream, at: time, &times, &output)
            rest.append(bytes[bytes.count - 1])
        } else {
            rest.append(bytes)
        }
    }

    private mutating func putRest(_ tag: StaticString, to output: inout OwnedBytes) {
        // Taken out of `self` for the time it is read from.
        var line = OwnedBytes()
        swap(&line, &rest)
        Self.put(tag, line.span, of: stream, at: since, &times, &output)
        line.removeAll()
        swap(&line, &rest)
    }

    private static func put(
        _ tag: StaticString, _ text: Span<UInt8>, of stream: LogStream, at time: Timestamp,
        _ times: inout RFC3339Printer, _ output: inout OwnedBytes
    ) {
        times.append(time, to: &output)
        switch stream {
        case .stdout: output.append(" stdout ")
        case .stderr: output.append(" stderr ")
        }
        output.append(tag)
        output.append(" ")
        output.append(text)
        output.append("\n")
    }
}
