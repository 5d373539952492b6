extension Payload {
    /// How many documents there are of each log file, for the account of those that can't be kept. In order of paths.
    package func documentsByFile() throws(PayloadError) -> [(path: String, count: Int)] {
        var counts: [String: Int] = [:]
        let lines = try documentLines()
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            let document = Array(line)
            counts[Self.path(in: document.span) ?? "", default: 0] += 1
        }
        return counts.sorted { $0.key < $1.key }.map { (path: $0.key, count: $0.value) }
    }

    /// Text of `log.file.path`.
    private static func path(in document: Span<UInt8>) -> String? {
        let keys: [StaticString] = ["log", "file", "path"]
        var scanner = JSONScanner(document)
        do {
            guard try scanner.next() == .beginObject else { return nil }
            for (level, wanted) in keys.enumerated() {
                while true {
                    guard case .key(let key) = try scanner.next() else { return nil }
                    if scanner.isEqual(key, wanted) { break }
                    try scanner.skipValue()
                }
                let value = try scanner.next()
                if level < keys.count - 1 {
                    guard value == .beginObject else { return nil }
                } else if case .string(let text) = value {
                    return scanner.text(text)
                }
            }
        } catch {
            return nil
        }
        return nil
    }
}
