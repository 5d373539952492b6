/// Names that look like settings and are none.
enum UnknownVariable {
    /// A Service that happens to be called `tailrace` gives every Pod of its namespace variables such as
    /// `TAILRACE_SERVICE_HOST` and `TAILRACE_PORT_9400_TCP_ADDR`.
    ///
    /// - SeeAlso: Kubernetes documentation, "Discovering services", environment variables.
    static func isFromKubernetes(_ name: String) -> Bool {
        let words = name.split(separator: "_").dropFirst()
        if let place = words.firstIndex(of: "SERVICE"), place + 1 < words.endIndex {
            return words[place + 1] == "HOST" || words[place + 1] == "PORT"
        }
        guard let place = words.firstIndex(of: "PORT") else { return false }
        let rest = words[(place + 1)...]
        return rest.isEmpty || (rest.count >= 2 && Int(rest[rest.startIndex]) != nil)
    }

    /// The name that was probably meant; `nil` when none is near.
    static func nearest(to name: String, among known: [String]) -> String? {
        let ranked = known.map { (name: $0, distance: distance(Array(name.utf8), Array($0.utf8))) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        // Names share their prefix, so a third of what is behind it may be wrong.
        return best.distance <= max(2, (name.utf8.count - SettingReader.prefix.utf8.count) / 3) ? best.name : nil
    }

    /// Levenshtein's: insertions, deletions and replacements.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(diagonal + (byte == other ? 0 : 1), above + 1, row[j] + 1)
                diagonal = above
            }
        }
        return row[right.count]
    }
}
