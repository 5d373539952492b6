import Testing

@testable import TailraceCore

@Suite struct SettledTraceTests {
    /// With a carriage return behind it, no frame is taken at a glance.
    @Test func `frames that are taken at a glance join as those that are judged`() {
        let seed = UInt64.random(in: 0...(.max))
        var random = SeededBytes(seed)
        let frames = ["\tat a.b.C.d(C.java:1)", "\tat a.b.C.e(C.kt:22)", "\tat a.B.c(Native Method)", "\t... 3 more"]
        let others = [
            "java.io.IOException: disk", "Caused by: a.b.Overdrawn: 17", "2026-01-01 10:00:00 ERROR failed", "text", "",
            "\tat",
            "2026-01-01 10:00:00 INFO ok", "    at f (/a.js:1:2)", "\tSuppressed: a.b.Overdrawn",
            "\tat a (b) c(C.java:1)",
            "Traceback (most recent call last):", "  File \"a.py\", line 3, in f", "ValueError: 17",
            "\tat 12:00 ERROR (C.java:1)",
        ]
        let pick = { (count: Int) in Int(random.next() % UInt64(count)) }
        let rules = [1000, 4].map { JoinRules(languages: .all, limits: JoinLimits(maxLines: $0, maxBytes: 1 << 20)) }
        for _ in 0..<1000 {
            let lines = (0..<12).map { _ in pick(3) > 0 ? frames[pick(frames.count)] : others[pick(others.count)] }
            let rules = rules[pick(4) == 0 ? 1 : 0]
            let newline = UInt8(ascii: "\n")
            let expected = join(lines.map { $0 + "\r" }, rules).map { $0.utf8.count { $0 == newline } }
            let found = join(lines, rules).map { $0.utf8.count { $0 == newline } }
            #expect(found == expected, "seed \(seed): \(lines)")
        }
    }
}
