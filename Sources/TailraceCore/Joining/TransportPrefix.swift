/// What stands in front of every line of a program because of the way that the line took: the name of a container, the
/// header of syslog, the time at which a runtime read it. No program writes that itself, so what is behind it is judged
/// as the line without it would be.
///
/// | Prefix | Who |
/// |---|---|
/// | `web-1  \| `, `web.1.8f3c2a@node-1    \| `, `0\|web  \| `, `12:34:56 web.1  \| ` | docker compose, docker service, PM2, foreman |
/// | `[pod/name/container] ` | `kubectl logs --prefix` |
/// | `2024-05-01T12:34:56.789012345Z ` | `docker logs -t`, `kubectl logs --timestamps`, Actions of GitHub |
/// | `May  1 12:34:56 host app[17]: `, `<13>May …`, `2024-05-01T12:34:56.789+00:00 host app[17]: ` | syslog, journald |
/// | `2024-05-01T12:34:56.789012+00:00 app[web.1]: `, `2024-05-01T12:34:56.789012345Z app[web.1]: ` | Heroku, Dokku |
/// | `2024-05-01T12:34:56Z app[3d8d9] ams [info]` | Fly |
/// | `<13>1 2024-05-01T12:34:56.789Z host app 17 - - ` | syslog of RFC 5424 |
///
/// One may stand behind another. The time of a runtime has seven digits behind the point at least; where it is the last,
/// it might yet be the program's own: then further lines have none.
struct TransportPrefix {
    /// So many may stand behind each other.
    private static let partsMax = 3

    /// Where a part ends, and what is the same for all lines of one program up to there: digits of times don't count.
    private struct Part {
        var end = 0
        var shape: UInt64 = 0
    }

    private var parts = InlineArray<3, Part>(repeating: Part())
    /// At least 1.
    private(set) var count = 0
    /// How many can be nobody's but a transport's.
    private(set) var certainCount = 0

    /// A quick look, false of most lines.
    ///
    /// - Parameters:
    ///   - marks: those of a line that is no record.
    ///   - isRecord: whether the line begins with a time or a level. Those that begin with a name don't.
    @inline(__always)
    static func mayBegin(_ line: Span<UInt8>, _ marks: LineMarks, isRecord: Bool) -> Bool {
        guard line.count >= 8 else { return !isRecord && marks.contains(.bar) }
        let first = line[unchecked: 0]
        if !isRecord { return marks.contains(.bar) || first == UInt8(ascii: "[") && line.has("[pod/", at: 0) }
        if isDigit(first) {
            // What looks like a line of an access log may have been sent by PM2.
            if line[unchecked: 1] == UInt8(ascii: "|") || line[unchecked: 2] == UInt8(ascii: "|") { return true }
            guard line[unchecked: 2] != UInt8(ascii: ":") else { return line.has(" ", at: 8) }
            return line.count > 27 && line[unchecked: 10] == UInt8(ascii: "T") && mayBeTransported(line)
        }
        if isUpper(first) { return line.count > 16 && line[unchecked: 9] == UInt8(ascii: ":") }
        return first == UInt8(ascii: "<") || first == UInt8(ascii: "[") && line.has("[pod/", at: 0)
    }

    /// As ``mayBegin(_:_:isRecord:)``, of a line of which nothing is known.
    static func mayBegin(_ line: Span<UInt8>) -> Bool {
        let marks: LineMarks = line.firstIndex(of: UInt8(ascii: "|")) == nil ? [] : .bar
        return mayBegin(line, marks, isRecord: false) || mayBegin(line, [], isRecord: true)
    }

    /// - Parameter record: a line that begins with a time or a level.
    // Inlined, it would cost every line something that is looked up before.
    @inline(never)
    static func begins(_ record: Span<UInt8>) -> Bool {
        mayBegin(record, [], isRecord: true) && TransportPrefix(of: record) != nil
    }

    /// True of `2024-05-01T12:34:56.7890123`, `2024-05-01T12:34:56.789+00:00`, `2024-05-01T12:34:56Z app[`; false of what most
    /// programs write.
    private static func mayBeTransported(_ line: Span<UInt8>) -> Bool {
        func isSign(_ place: Int) -> Bool {
            line[unchecked: place] == UInt8(ascii: "+") || line[unchecked: place] == UInt8(ascii: "-")
        }
        guard line[unchecked: 19] == UInt8(ascii: ".") else { return isSign(19) || mayBeFly(line, behind: 19) }
        return isDigit(line[unchecked: 26]) || isSign(23) || isSign(26) || mayBeFly(line, behind: 23)
    }

    /// `Z app[`
    private static func mayBeFly(_ line: Span<UInt8>, behind place: Int) -> Bool {
        guard line.has("Z ", at: place) else { return false }
        var end = place + 2
        while end < line.count, isLetter(line[unchecked: end]) { end += 1 }
        return line.has("[", at: end)
    }

    init?(of line: Span<UInt8>) {
        var scan = PrefixScan(line)
        while count < Self.partsMax {
            let isTime: Bool
            if count > certainCount, scan.processTag() {
                isTime = false
            } else if scan.syslog() || scan.timedName() || scan.podName() || scan.containerName() {
                isTime = false
            } else if scan.exactTime() {
                isTime = true
            } else {
                break
            }
            parts[count] = Part(end: scan.index, shape: scan.shape)
            count += 1
            if !isTime { certainCount = count }
        }
        guard count > 0 else { return nil }
    }

    /// The place behind it.
    var end: Int { end(of: count) }

    /// - Parameter count: of parts, 0...``count``.
    func end(of count: Int) -> Int { count > 0 ? parts[count - 1].end : 0 }

    /// How many parts at the front both have.
    func countShared(with other: TransportPrefix) -> Int {
        var shared = min(count, other.count)
        while shared > 0, parts[shared - 1].shape != other.parts[shared - 1].shape { shared -= 1 }
        return shared
    }
}
