import Testing

@testable import TailraceCore

/// The prefixes of what carries lines. The number of the line is for their times.
let transports: [(name: String, prefix: @Sendable (Int) -> String)] = [
    ("docker compose", { _ in "web-1  | " }),
    ("docker compose logs -t", { "web-1  | 2024-05-01T10:00:00.\(100_000_000 + $0)Z " }),
    ("docker service logs -t", { "2024-05-01T10:00:00.\(100_000_000 + $0)Z web.1.8f3c2a@node-1    | " }),
    ("PM2", { _ in "0|web  | " }),
    ("foreman", { "12:34:\(10 + $0 % 50) web.1  | " }),
    ("docker logs -t", { "2024-05-01T10:00:00.\(100_000_000 + $0)Z " }),
    ("kubectl logs --prefix", { _ in "[pod/web-5d/app] " }),
    ("kubectl logs --prefix --timestamps", { "[pod/web-5d/app] 2024-05-01T10:00:00.\(100_000_000 + $0)Z " }),
    ("syslog", { "May  1 10:00:\(10 + $0 % 50) host app[17]: " }),
    ("journald", { "2024-05-01T10:00:\(10 + $0 % 50)+0000 host app[17]: " }),
    ("Dokku", { "2024-05-01T10:00:00.\(100_000_000 + $0)Z app[web.1]: " }),
    ("Heroku", { "2024-05-01T10:00:00.\(100_000 + $0)+00:00 app[web.1]: " }),
    ("syslog of RFC 5424", { "<13>1 2024-05-01T10:00:00.\(100_000 + $0)Z host app 17 - - " }),
]

@Suite struct TransportTests {
    private static let fixtures = Fixture.names(in: "joining").filter { $0.hasSuffix(".in") }

    /// Each with some of the transports, by turns. Blank lines at the end of a record belong to it then.
    @Test(arguments: fixtures.indices)
    func `behind a transport, lines are joined as they are without`(_ fixture: Int) throws {
        let text = String(decoding: try Fixture.bytes("joining/\(Self.fixtures[fixture])"), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        let expected = withoutBlankLines(join(lines), lines)
        for transport in [transports[fixture % transports.count], transports[(fixture + 5) % transports.count]] {
            let sent = lines.enumerated().map { transport.prefix($0) + $1 }
            let records = join(sent)
            #expect(records.joined(separator: "\n") == sent.joined(separator: "\n"))
            #expect(withoutBlankLines(records, lines) == expected, "\(transport.name)")
        }
    }

    /// The lines of each record, by their numbers, less blank ones at both ends.
    private func withoutBlankLines(_ records: [String], _ lines: [String]) -> [Range<Int>] {
        var start = 0
        return records.compactMap { record in
            var range = start..<start + record.split(separator: "\n", omittingEmptySubsequences: false).count
            start = range.upperBound
            while let first = range.first, lines[first].allSatisfy(\.isWhitespace) { range.removeFirst() }
            while let last = range.last, lines[last].allSatisfy(\.isWhitespace) { range.removeLast() }
            return range.isEmpty ? nil : range
        }
    }

    @Test(arguments: transports.indices)
    func `the lines are explained as they are without`(_ transport: Int) {
        let prefix = transports[transport].prefix
        let lines = ["ERROR failed"] + trace
        let sent = lines.enumerated().map { prefix($0) + $1 }
        var explanation = JoinExplanation(JoinRules(languages: .all))
        let expected = explanation.sentences(for: Array(lines.joined(separator: "\n").utf8), behind: [])
        let next = Array((prefix(9) + "INFO next").utf8)
        for previous in [[], next] {
            let sentences = explanation.sentences(for: Array(sent.joined(separator: "\n").utf8), behind: previous)
            #expect(sentences == [expected[0] + " behind what it was sent with"] + expected.dropFirst())
        }
    }

    private func prefix(of line: String) -> TransportPrefix? { TransportPrefix(of: Array(line.utf8).span) }

    @Test(arguments: transports.indices)
    func `a prefix ends where the text begins`(_ transport: Int) throws {
        let (first, other) = (transports[transport].prefix(0), transports[transport].prefix(17))
        for text in ["Traceback (most recent call last):", "    at f (/a.js:1:2)", ""] {
            let found = try #require(prefix(of: first + text))
            #expect(found.end == first.utf8.count)
            #expect(prefix(of: other + text)?.countShared(with: found) == found.count)
            let line = Array((first + text).utf8)
            let end = LineView(line.span).transport?.end
            #expect(end == first.utf8.count)
        }
        // Somebody may have taken off the blank.
        #expect(prefix(of: String(first.dropLast()))?.end == first.utf8.count - 1)
    }

    @Test(arguments: [
        "2024-05-01T10:00:00.123456Z text", "2024-05-01T10:00:00Z host text", "2024-05-01 10:00:00 host app[17]: text",
        "May  1 10:00:00 java.io.IOException: disk", "2024-05-01T10:00:00.123456+00:00 On instance['port']: x",
        "2024-05-01T10:00:00.123456+00:00 [14:03:10 ERROR]: x", "17 | let x = 3", "a || b",
        "a|b", "| a | b |", "[pod] text", "[pod/a b] text", "<html> text", "May the 1st be: fine",
    ])
    func `what a program may write itself is no transport`(_ line: String) {
        #expect(prefix(of: line) == nil)
    }

    private let trace = ["java.io.IOException: disk", "\tat a.b.C.d(C.java:1)", "\tat a.b.C.e(C.java:2)"]

    @Test func `a time of the program's own begins its record, and no further line of it`() {
        let time = "2024-05-01T10:00:00.123456789Z "
        for prefix in ["", "web-1  | "] {
            let record = [prefix + time + "ERROR failed"] + trace.map { prefix + $0 }
            let next = [prefix + time + "failed", prefix + time + "again"]
            #expect(join(record + next) == [record.joined(separator: "\n")] + next)
        }
    }

    @Test func `what somebody else says ends the trace`() {
        let (web, other) = (trace.map { "web-1  | " + $0 }, "db-1   | checkpoint complete")
        #expect(join(web + [other] + web) == [web.joined(separator: "\n"), other, web.joined(separator: "\n")])
        #expect(join([web[0], other]) == [web[0], other])
        #expect(
            join(["May  1 10:00:00 host a[1]: Error: x", "May  1 10:00:00 host a[2]:     at f (/a.js:1:2)"]).count == 2)
    }

    @Test func `lines of one host and program that syslog keeps are records of their own`() {
        let texts = [
            "error: maximum authentication attempts exceeded", "Disconnecting", "  indented", "session closed",
        ]
        let lines = texts.map { "May  1 10:00:00 host sshd[17]: " + $0 }
        #expect(join(lines) == lines)
    }

    @Test func `a table in the text of an exception has no transport`() {
        let text = ["ValueError: bad rows:", "name | balance", "acme | 17"]
        let lines = ["Traceback (most recent call last):", "  File \"a.py\", line 1, in b"] + text
        #expect(join(lines) == join(lines.map { "web-1  | " + $0 }).map { $0.replacing("web-1  | ", with: "") })
    }
}
