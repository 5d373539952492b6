import TailraceCore
import Testing

@Suite struct RetryAfterTests {
    private static let now = Timestamp(nanoseconds: 784_111_777 * 1_000_000_000)

    @Test(arguments: [
        ("120", 120 as Int64?), ("0", 0), ("-1", nil), ("99999999", 3600), ("soon", nil), ("", nil),
        ("Sun, 06 Nov 1994 08:49:47 GMT", 10), ("Sun, 06 Nov 1994 08:49:00 GMT", 0),
        ("Sun, 32 Nov 1994 08:49:47 GMT", nil),
    ])
    func `seconds and dates are read`(_ text: String, _ seconds: Int64?) {
        #expect(RetryAfter.parse(text, now: Self.now) == seconds.map { .seconds($0) })
    }
}
