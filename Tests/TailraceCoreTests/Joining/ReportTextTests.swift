import Testing

@testable import TailraceCore

/// What stands between the record of an error and the next record, in whatever form.
struct ReportTextTests {
    private static let head = "2026-01-01 00:00:00 ERROR [scoring] step failed"
    private static let next = "2026-01-01 00:00:01 INFO [scoring] step skipped"

    private func expectRecords(_ records: [String], _ comment: Comment? = nil) {
        let lines = records.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
        #expect(join(lines) == records, comment)
    }

    @Test func `two lines or more between an error and the next record are its text`() {
        for text in [
            "<callr_error/error>\nError:\n! 'data' must be of a vector type",
            "shard.cpp(13): Throw in function void open(int)\nDynamic exception type: ShardError\n[tag_path*] = /data",
            "Stacktrace:error:function_clause\n    bank:price(gold, 1) line 3\n    bank:main/0 line 13",
            "while parsing a flow node\n in reader, line 3:\n\n    metadata: [\n               ^",
        ] {
            expectRecords(["\(Self.head)\n\(text)", Self.next])
            expectRecords(["1714567890.123 E x\n\(text)".replacing(" E x", with: " ERROR x"), Self.next])
        }
    }

    @Test func `a text of many lines is the error's when most of it is indented or numbered`() {
        let frames = (0..<200).flatMap { ["\($0) bank::pay::h\($0)", "   /app/src/bank.rs"] }.joined(separator: "\n")
        expectRecords(["\(Self.head)\n\(frames)", Self.next])
        let prints = (0..<100).map { "item \($0)" }
        expectRecords([Self.head] + prints + [Self.next])
    }

    @Test func `a single line may be what somebody printed, unless it is indented or closes something`() {
        expectRecords([Self.head, "done", Self.next])
        expectRecords(["\(Self.head)\n    done", Self.next])
        expectRecords(["\(Self.head)\n\t\"", Self.next])
    }

    @Test func `plain prose is what somebody printed, and so are records of other loggers`() {
        expectRecords([Self.head, "one line of prose", "another", "and a third", Self.next])
        expectRecords([Self.head, "node-0:200:300 [0] NCCL INFO Using eth0:10.0.0.5", "(a) INFO b: c", Self.next])
    }

    @Test func `the same behind a warning, a record below it and a record without a time is what somebody printed`() {
        for head in [
            "2026-01-01 00:00:00 WARN x", "2026-01-01 00:00:00 INFO x", "error: x", "W0101 00:00:00.000000 1 a.go:3] x",
        ] {
            expectRecords([head, "one", "two", "three", Self.next])
        }
    }

    @Test(arguments: ["2026-01-01 00:00:00 WARN x", "W0101 00:00:00.000000 1 a.go:3] x", "[error] x"])
    func `behind a warning or an error without a time, a frame has to be among the lines`(head: String) {
        let calm = head == "[error] x" ? "[info] y" : Self.next
        let text = "known fields:\n  host: a\nstack: f\n  bank.cc:3:5"
        expectRecords(["\(head)\n\(text)", calm])
        expectRecords([head] + text.split(separator: "\n").dropLast().map(String.init) + [calm])
        expectRecords([head, "known: 1", "IOError: no\n    at f (/app/a.js:1:2)", calm])
    }

    @Test func `behind an error without a time, the first line may tell of the failure instead`() {
        expectRecords(["[error] x\nparse exception at line 2\nwhile parsing: b", "[info] y"])
        expectRecords(["ERROR:root:x\n{badarg,\n [a]}", "INFO:root:y"])
        expectRecords(["ERROR:root:x", "Processing 18: ok", "Processing 19: ok", "INFO:root:y"])
        expectRecords(["[core] [error] x", "net: failed (1)", "[net] port: 80", "[info] y"])
    }

    @Test func `a cause alone is the error's`() {
        expectRecords(["\(Self.head)\ncaused by: no disk", Self.next])
    }

    @Test func `prose behind a trace is somebody else's, but not where it goes on further in`() {
        let trace = "java.io.IOException: disk\n\tat a.b.C.d(C.java:1)"
        expectRecords(["\(Self.head)\n\(trace)", "Using default memory", "Listening on: 5005", Self.next])
        expectRecords(["\(Self.head)\n\(trace)\nexpected a node\n in line: 3", Self.next])
    }

    @Test func `without a record behind it nothing tells that it is complete`() {
        expectRecords([Self.head, "file: a.yml", "line: 3"])
        let trace = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 'a'"
        expectRecords(["\(Self.head)\n\(trace)", "file: a.yml", "line: 3"])
        expectRecords(["\(Self.head)\n\(trace)\nfile: a.yml\nline: 3", Self.next])
    }

    @Test(arguments: [
        "panic: x\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/a.go:3 +0x1d",
        "Traceback (most recent call last):\n  File \"a.py\", line 3, in f\nValueError: x",
        "Exception in thread \"main\" java.lang.Error: x\n\tat a.b.C.d(C.java:1)",
    ])
    func `what begins a trace of its own ends the text of the trace before it`(other: String) {
        let trace = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 'a'"
        expectRecords(["\(Self.head)\n\(trace)", other, Self.next])
        expectRecords(["\(Self.head)\n\(trace)", "one", other, Self.next])
    }

    @Test func `what was held behind an error before a time-out counts for no later one`() {
        var joiner = MultilineJoiner(stream: .stdout, rules: JoinRules(languages: .all))
        var sink = JoinedEvents()
        let stamp = LineStamp(time: Timestamp(nanoseconds: 0), start: 0, end: 1)
        func add(_ line: String, _ joiner: inout MultilineJoiner, _ sink: inout JoinedEvents) {
            joiner.add(Array(line.utf8).span, stamp, now: Moment(nanoseconds: 0), into: &sink)
        }
        for line in [Self.head, "file: a.yml", "line: 3"] { add(line, &joiner, &sink) }
        joiner.flush(into: &sink, timedOut: true)
        for line in [Self.head, "one: 1", Self.next] { add(line, &joiner, &sink) }
        joiner.flush(into: &sink, timedOut: true)
        #expect(sink.texts == [Self.head, "file: a.yml", "line: 3", Self.head, "one: 1", Self.next])
    }

    @Test func `a level at the very front of a line is judged by what is in the line`() {
        expectRecords(["\(Self.head)\n Info a\n Error b", Self.next])
    }

    @Test func `a line of an access log ends it like any record`() {
        let trace = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 'a'"
        let access = #"127.0.0.1:5496 - - [29/Nov/2026:19:58:01] "GET /seats/0" 500 145"#
        expectRecords(["\(Self.head)\n\(trace)", access, access.replacing("seats", with: "chat"), Self.next])
    }
}
