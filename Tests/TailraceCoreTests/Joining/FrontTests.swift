import Testing

@testable import TailraceCore

/// What a tool has put before every line, of a form that nobody knows.
struct FrontTests {
    private static let fronts = [
        "web-5d7f8 app ", "[web-5d7f8 app] ", "web: ", "2026/01/01 00:00:01 packer: ", "[2026-01-01T00:00:01.123Z] ",
        "2026-01-01 00:00:01 default[20260101t1000]  ", "2026-01-01T00:00:01.123000+00:00 web/app/0123abcd ",
    ]

    private func expectRecords(_ records: [String], behind front: String) {
        var second = 0
        let records = records.map { record in
            record.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                // Time goes on.
                second += 1
                return front.replacing("00:00:01", with: "00:00:0\(second / 8 % 10)") + line
            }.joined(separator: "\n")
        }
        let lines = records.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
        #expect(join(lines) == records, "behind \(front)")
    }

    @Test(arguments: fronts)
    func `it is taken off before lines are judged`(front: String) {
        expectRecords(
            ["listening", "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/a.go:3 +0x1d", "bye"],
            behind: front)
        expectRecords(
            [
                "2026/01/01 00:00:00 http: panic serving 10.0.0.1:5: boom\ngoroutine 3 [running]:\nmain.f()\n\t/app/a.go:3 +0x1d",
                "2026/01/01 00:00:01 GET /",
            ], behind: front)
        expectRecords(
            ["ready", "thread 'main' panicked at src/main.rs:4:5:\nboom\nnote: run with `RUST_BACKTRACE=1`", "ready"],
            behind: front)
        expectRecords(
            [
                "PHP Fatal error:  Uncaught Error: x in /a.php:3\nStack trace:\n#0 {main}\n  thrown in /a.php on line 3",
                "ok",
            ],
            behind: front)
        expectRecords(
            ["TypeError: x is not a function\n    at pay (/app/a.js:3:5)\n    at main (/app/a.js:9:1)", "GET / 200"],
            behind: front)
    }

    @Test(arguments: fronts)
    func `what is ordinary without it is ordinary behind it`(front: String) {
        expectRecords(
            ["item 1", "item 2", "item 3 failed: timeout", "retry of item 3", "GET /a 200", "done in 3 s"],
            behind: front)
    }

    @Test func `the lines are explained as they are without`() {
        let trace = "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/a.go:3 +0x1d"
        var explanation = JoinExplanation(JoinRules(languages: .all))
        let expected = explanation.sentences(for: Array(trace.utf8), behind: [])
        let sent = trace.split(separator: "\n", omittingEmptySubsequences: false).map { "web app " + $0 }
        let sentences = explanation.sentences(for: Array(sent.joined(separator: "\n").utf8), behind: [])
        #expect(sentences.dropFirst() == expected.dropFirst())
    }

    @Test func `a line without it ends the trace`() {
        let lines = ["web: panic: x", "web: ", "web: goroutine 1 [running]:", "main.main()"]
        #expect(join(lines) == [lines[0...2].joined(separator: "\n"), lines[3]])
    }

    @Test func `records that a program writes one after the other are none`() {
        let lines = [
            "2026-01-01T00:00:00Z 17 TID-ov7 WARN: undefined method `a'",
            "2026-01-01T00:00:00Z 17 TID-ov7 WARN: /app/a.rb:3:in `f'",
        ]
        #expect(join(lines) == lines)
    }

    @Test(arguments: [
        ["api: ", "api:   \"x\": {"], ["[web-1] ", "[web-1]  ("], ["a\r", "\r", "ERROR x\r"],
        ["g", "\u{1B}[m", "ERROR x y"],
        ["tenantd 2026/11/29 20:43:33 tenant: no row", "tenantd 2026/11/29 20:43:33 main.find"],
    ])
    func `with nothing behind it, or nothing before it, lines are explained as they are joined`(lines: [String]) {
        var explanation = JoinExplanation(JoinRules(languages: .all))
        var previous: [UInt8] = []
        for record in join(lines) {
            let text = Array(record.utf8)
            let sentences = explanation.sentences(for: text, behind: previous)
            #expect(sentences.count == text.split(separator: 0x0A, omittingEmptySubsequences: false).count)
            previous = text
        }
    }
}
