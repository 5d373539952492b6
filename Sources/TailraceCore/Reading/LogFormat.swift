/// How a log file's lines are laid out. One row here, one file beside this one.
package enum LogFormat: String, Sendable, CaseIterable {
    /// What the program wrote, as it is.
    case plain
    /// One JSON object a line, written by Docker's `json-file` driver.
    case docker
    /// Time, stream and tags before each line, written by containerd, CRI-O and podman.
    case cri

    /// The format that the first three complete lines of a file show; empty lines do not count.
    ///
    /// One line of a container format is enough. The first can be damaged (a file may begin in the middle of a line after
    /// it was emptied), and a program rarely prints such a line by chance.
    ///
    /// - Parameter chunk: the start of the file, as far as it has been read.
    /// - Returns: `nil` while `chunk` holds no complete line with anything in it.
    package static func detect(_ chunk: Span<UInt8>) -> LogFormat? {
        var cri = LineDecoder(.cri)
        var docker = LineDecoder(.docker)
        var isDocker = false
        var linesSeen = 0
        var start = 0
        for index in chunk.indices where chunk[index] == UInt8(ascii: "\n") {
            let line = chunk.extracting(start..<index)
            start = index + 1
            guard !line.isEmpty else { continue }
            if cri.decode(line) != nil { return .cri }
            isDocker = isDocker || docker.decode(line) != nil
            linesSeen += 1
            if linesSeen == 3 { break }
        }
        guard linesSeen > 0 else { return nil }
        return isDocker ? .docker : .plain
    }
}

/// Splits the lines of one file into their parts. Keep one for each file: it remembers the last second it read.
package struct LineDecoder: Sendable {
    package let format: LogFormat
    private var times = RFC3339Parser()

    package init(_ format: LogFormat) { self.format = format }

    /// - Parameter line: a whole line without its `\n`. A `\r` before it belongs to the message.
    /// - Returns: ranges into `line`, or `nil` if it does not have the format (the caller ships it as plain text).
    package mutating func decode(_ line: Span<UInt8>) -> Record? {
        switch format {
        case .plain: Record(time: nil, stream: .stdout, isPartial: false, message: 0..<line.count)
        case .cri: CRIFormat.decode(line, times: &times)
        case .docker: DockerFormat.decode(line, times: &times)
        }
    }
}

extension LogStream {
    /// - Parameter word: eight bytes that begin with the name.
    @inline(__always)
    init?(nameIn word: UInt64) {
        switch word & 0x0000_FFFF_FFFF_FFFF {
        case ByteWord.text("stdout"): self = .stdout
        case ByteWord.text("stderr"): self = .stderr
        default: return nil
        }
    }
}
