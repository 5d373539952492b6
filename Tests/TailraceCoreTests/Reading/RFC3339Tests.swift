import Foundation
import TailraceCore
import Testing

@Suite struct RFC3339Tests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.000000001Z", 1),
            ("1969-12-31T23:59:59.5Z", -500_000_000),
            ("2026-11-23T17:52:39.123456789Z", 1_795_456_359_123_456_789),
            ("2026-11-23t17:52:39.123456789z", 1_795_456_359_123_456_789),
            ("2026-11-23T18:52:39.123456789+01:00", 1_795_456_359_123_456_789),
            ("2026-11-23T12:22:39.12345678-05:30", 1_795_456_359_123_456_780),
            ("2026-11-23T17:52:39.1234567891234Z", 1_795_456_359_123_456_789),
            ("2026-11-23T17:52:39.1+00:00", 1_795_456_359_100_000_000),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000_000_000),
            ("2000-02-29T00:00:00Z", 951_782_400_000_000_000), ("2016-12-31T23:59:60.5Z", 1_483_228_799_999_999_999),
            ("2262-04-11T23:47:16.854775807Z", .max),
        ] as [(String, Int64)])
    func `a time stamp is read`(text: String, nanoseconds: Int64) {
        var parser = RFC3339Parser()
        let first = parser.parse(Array(text.utf8).span)
        let withKnownSecond = parser.parse(Array(text.utf8).span)
        #expect(first == Timestamp(nanoseconds: nanoseconds))
        #expect(withKnownSecond == Timestamp(nanoseconds: nanoseconds))
    }

    @Test(arguments: [
        "", "2026-11-23", "2026-11-23T17:52:39", "2026-11-23T17:52:39.Z", "2026-11-23T17:52:39.12",
        "2026-11-23 17:52:39Z",
        "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-00-10T00:00:00Z",
        "2026-13-10T00:00:00Z", "2026-11-00T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T17:60:00Z",
        "2026-11-23T17:52:61Z", "2026-11-23T17:52:39+1:00", "2026-11-23T17:52:39+24:00", "2026-11-23T17:52:39+01:60",
        "2026-11-23T17:52:39+0100", "2026-11-23T17:52:39ZZ", "2026-1x-23T17:52:39Z", "2262-04-11T23:47:16.854775808Z",
        "2300-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0Z",
    ])
    func `what is not a time stamp is refused`(text: String) {
        var parser = RFC3339Parser()
        let time = parser.parse(Array(text.utf8).span)
        #expect(time == nil)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999999999Z"),
            (5_000_000, "1970-01-01T00:00:00.005Z"),
            (5_000, "1970-01-01T00:00:00.000005Z"), (50, "1970-01-01T00:00:00.000000050Z"),
            (.min, "1677-09-21T00:12:43.145224192Z"), (.max, "2262-04-11T23:47:16.854775807Z"),
        ] as [(Int64, String)])
    func `a time stamp is written with the fewest digits that lose nothing`(nanoseconds: Int64, text: String) {
        #expect(printed(nanoseconds) == text)
    }

    @Test func `what was written is read again, whatever was known before`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = SeededBytes(seed)
        var parser = RFC3339Parser()
        var printer = RFC3339Printer()
        for _ in 0..<20_000 {
            var time = Int64(bitPattern: random.next())
            // The first second of the range does not fit as a whole.
            if time < .min + 1_000_000_000 { time += 1_000_000_000 }
            for step: Int64 in [0, 1, 1_000_000] where time <= .max - step {
                var output = OwnedBytes()
                printer.append(Timestamp(nanoseconds: time + step), to: &output)
                let read = parser.parse(output.span)
                #expect(read == Timestamp(nanoseconds: time + step))
            }
        }
    }

    @Test func `every day of four centuries agrees with Foundation`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for day in stride(from: -100_000, to: 84_000, by: 7) {
            let parts = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(day) * 86_400))
            let expected = String(format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
            #expect(printed(Int64(day) * 86_400_000_000_000).prefix(10) == expected)
        }
    }

    private func printed(_ nanoseconds: Int64) -> String {
        var printer = RFC3339Printer()
        var output = OwnedBytes()
        printer.append(Timestamp(nanoseconds: nanoseconds), to: &output)
        return String(decoding: Array(output.span), as: UTF8.self)
    }
}
