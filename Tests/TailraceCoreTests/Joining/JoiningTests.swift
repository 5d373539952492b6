import TailraceCore
import Testing

/// What the joiner makes of lines, in the order in which events end.
struct JoinedEvents: EventSink, ~Copyable {
    var isFull: Bool { false }
    private(set) var texts: [String] = []
    private(set) var events: [Event] = []

    mutating func receive(_ event: Event, text: Span<UInt8>) {
        events.append(event)
        texts.append(text.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) })
    }
}

/// Joins the lines of one stream, one second apart in none of its respects.
func join(_ lines: [String], _ languages: TraceLanguages = .all, limits: JoinLimits = JoinLimits()) -> [String] {
    join(lines, JoinRules(languages: languages, limits: limits))
}

func join(_ lines: [String], _ rules: JoinRules) -> [String] {
    var joiner = MultilineJoiner(stream: .stdout, rules: rules)
    var sink = JoinedEvents()
    var offset: UInt64 = 0
    for line in lines {
        let bytes = Array(line.utf8)
        let end = offset + UInt64(bytes.count) + 1
        let stamp = LineStamp(time: Timestamp(nanoseconds: 0), start: offset, end: end)
        joiner.add(bytes.span, stamp, now: Moment(nanoseconds: 0), into: &sink)
        offset = end
    }
    joiner.flush(into: &sink, timedOut: true)
    return sink.texts
}

@Suite struct JoiningTests {
    private func linesOfFixture(_ name: String) throws -> [String] {
        let text = String(decoding: try Fixture.bytes("joining/\(name)"), as: UTF8.self)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    /// Captured from programs that ran; those called `format-…` are written as the sources of the runtimes say, for
    /// what can't be run everywhere. In the `.out` files a line of five dashes stands between two records.
    @Test(arguments: Fixture.names(in: "joining").filter { $0.hasSuffix(".in") })
    func `real traces come out in one piece, and nothing else does`(_ name: String) throws {
        let lines = try linesOfFixture(name)
        let expected = String(decoding: try Fixture.bytes("joining/\(name.dropLast(3)).out"), as: UTF8.self)
        #expect(join(lines).joined(separator: "\n-----\n") + "\n" == expected)
    }

    @Test(arguments: [
        "{\"level\":\"info\",\"msg\":\"a\"}", "level=info msg=a", "I0101 00:00:00.000000       1 main.go:3] a",
        "plain words",
        "10.0.0.1 - - [01/Jan/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 5", "2026-01-01T00:00:00Z INFO a", "", "}",
        "\u{1B}[32mINFO\u{1B}[0m a", "INFO:     127.0.0.1:1 - \"GET /\" 200 OK", "a\r",
    ])
    func `ordinary lines are records of their own, alone and after a trace`(_ line: String) {
        #expect(join([line, line, line]) == [line, line, line])
        let trace = ["Traceback (most recent call last):", "  File \"a.py\", line 1, in b", "ValueError: c"]
        #expect(
            join(trace + ["2026-01-01 INFO x", line]) == [trace.joined(separator: "\n"), "2026-01-01 INFO x", line])
    }

    @Test func `nothing is lost, whatever is mixed, and texts are as they were written`() throws {
        let names = Fixture.names(in: "joining").filter { $0.hasSuffix(".in") }
        var pool: [String] = []
        for name in names {
            let text = String(decoding: try Fixture.bytes("joining/\(name)"), as: UTF8.self)
            pool += text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
        for seed in 0..<200 as Range<UInt64> {
            var random = SeededBytes(seed)
            let lines = (0..<200).map { _ in pool[Int(random.next() % UInt64(pool.count))] }
            let limits = JoinLimits(maxLines: 1 + Int(random.next() % 40), maxBytes: 200 + Int(random.next() % 2000))
            let events = join(lines, limits: limits)
            #expect(events.joined(separator: "\n") == lines.joined(separator: "\n"), "seed \(seed)")
            #expect(
                events.allSatisfy {
                    $0.split(separator: "\n", omittingEmptySubsequences: false).count <= limits.maxLines
                })
        }
    }

    /// What a checkpoint relies on: an event depends on nothing but the lines from its first on.
    @Test(arguments: Fixture.names(in: "joining").filter { $0.hasSuffix(".in") })
    func `reading that begins again at any record gives the same record`(_ name: String) throws {
        let lines = try linesOfFixture(name)
        var start = 0
        for record in join(lines) {
            let count = record.split(separator: "\n", omittingEmptySubsequences: false).count
            let rest = lines[start...]
            // Some lines behind it decide most of the time.
            if join(Array(rest.prefix(count + 40))).first != record {
                #expect(join(Array(rest)).first == record, "from line \(start + 1)")
            }
            start += count
        }
    }

    @Test func `switched off, every line is a record`() {
        let lines = ["Traceback (most recent call last):", "  File \"a.py\", line 1, in b", "ValueError: c"]
        #expect(join(lines, []) == lines)
        #expect(join(lines, .java) == lines)
    }
}
