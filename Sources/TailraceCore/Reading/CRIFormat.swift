/// Splits one CRI line into its parts.
///
/// Layout: `<RFC 3339 time> <stdout|stderr> <tags> <message>`, one space between, no newline at the end.
///
/// | part | what runtimes write |
/// |---|---|
/// | time | containerd `2026-11-23T17:52:39.1234567Z` (no trailing zeros), conmon nine digits and `+00:00` |
/// | tags | `F` for a line's last piece, `P` for an earlier one; further tags may follow behind colons |
/// | message | may be empty; a terminal leaves `\r` at its end. Some writers then leave out the space before it as well |
///
/// containerd cuts at 16 KiB, conmon at 8 KiB, and conmon ends a stream that lacks its last newline with a `P`.
///
/// - SeeAlso: Kubernetes design proposal `kubelet-cri-logging.md`.
enum CRIFormat {
    /// - Complexity: O(1) in the length of the message.
    @inline(__always)
    static func decode(_ line: Span<UInt8>, times: inout RFC3339Parser) -> Record? {
        guard let (time, stream) = times.parsePrefix(of: line) else { return nil }
        // The shortest rest is " stdout F".
        guard line.count - stream >= 9, line[stream] == space, line[stream + 7] == space,
            let name = LogStream(nameIn: line.word(at: stream + 1))
        else { return nil }
        let tag = line[stream + 8]
        guard tag == UInt8(ascii: "F") || tag == UInt8(ascii: "P") else { return nil }
        var index = stream + 9
        if index < line.count, line[index] == UInt8(ascii: ":") {
            while index < line.count, line[index] != space { index += 1 }
        }
        if index < line.count {
            guard line[index] == space else { return nil }
            index += 1
        }
        return Record(time: time, stream: name, isPartial: tag == UInt8(ascii: "P"), message: index..<line.count)
    }

    private static let space = UInt8(ascii: " ")
}
