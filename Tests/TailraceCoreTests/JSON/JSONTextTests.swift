import Foundation
import TailraceCore
import Testing

@Suite struct JSONTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("say \"hi\"", #"say \"hi\""#), (#"C:\temp"#, #"C:\\temp"#),
        ("a\nb\rc\td", #"a\nb\rc\td"#), ("\u{8}\u{c}\u{0}\u{1f}\u{1b}[0m", #"\b\f\u0000\u001f\u001b[0m"#),
        ("\u{7f}\u{2028}", "\u{7f}\u{2028}"), ("Grüße, 世界 🌍", "Grüße, 世界 🌍"),
        ("longer than eight\n", #"longer than eight\n"#),
    ])
    func `text is escaped as the table says`(text: String, inside: String) {
        #expect(escaped(Array(text.utf8)) == (Array(inside.utf8), false))
        #expect(unescaped(Array(inside.utf8)) == Array(text.utf8))
    }

    @Test(
        arguments: [
            ([0x61, 0xFF, 0x62], "a\u{FFFD}b"),
            ([0xC0, 0xAF], "\u{FFFD}\u{FFFD}"),  // overlong "/"
            ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),  // a surrogate
            ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),  // behind U+10FFFF
            ([0xF0, 0x9F, 0x8C], "\u{FFFD}"),  // cut off
            ([0xE4, 0xB8, 0x41], "\u{FFFD}A"),
            // The example of the Unicode Standard, table 3-8.
            (
                [0xE1, 0x80, 0xE2, 0xF0, 0x91, 0x92, 0xF1, 0xBF, 0x41],
                "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}A"
            ),
        ] as [([UInt8], String)])
    func `each maximal subpart that is not UTF-8 becomes one U+FFFD`(bytes: [UInt8], expected: String) {
        #expect(escaped(bytes) == (Array(expected.utf8), true))
    }

    @Test(arguments: [
        (#"\u0041\u00e9\u4E16"#, "Aé世"), (#"\ud83c\udf0d"#, "🌍"), (#"\/"#, "/"), (#"\ufffd"#, "\u{FFFD}"),
        (#"\ud83c"#, "\u{FFFD}"), (#"\udf0dx"#, "\u{FFFD}x"), (#"\ud83c\u0041"#, "\u{FFFD}A"),
        (#"\ud83c\n"#, "\u{FFFD}\n"), (#"\q\u12"#, #"\q\u12"#), (#"\u12g4"#, #"\u12g4"#), (#"end\"#, #"end\"#),
        (#"\\n"#, #"\n"#), (#"\u003c\u003e\u0026\u2028"#, "<>&\u{2028}"),
    ])
    func `escapes are read, and unknown ones are kept`(inside: String, text: String) {
        #expect(unescaped(Array(inside.utf8)) == Array(text.utf8))
    }

    @Test func `random bytes always give a JSON string that stands for their repaired text`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = SeededBytes(seed)
        for _ in 0..<3000 {
            let bytes = random.text(upTo: 70)
            let repaired = String(decoding: bytes, as: UTF8.self)
            let (inside, hasReplaced) = escaped(bytes)
            let quoted = Data([UInt8(ascii: "\"")] + inside + [UInt8(ascii: "\"")])
            let parsed = try JSONSerialization.jsonObject(with: quoted, options: .fragmentsAllowed) as? String
            #expect(parsed.map { Array($0.utf8) } == Array(repaired.utf8))
            #expect(hasReplaced == (Array(repaired.utf8) != bytes))
            #expect(unescaped(inside) == Array(repaired.utf8))
        }
    }

    @Test func `a text cut at any byte is escaped and read without harm`() {
        let text = Array("{\"k\":\"päth\\\u{1}\\ud83c\\udf0d 🌍\"}\r\n".utf8)
        for cut in 0...text.count {
            let head = Array(text[..<cut])
            #expect(unescaped(escaped(head).inside) == Array(String(decoding: head, as: UTF8.self).utf8))
            #expect(unescaped(head).count <= head.count)
        }
    }

    @Test func `what has to be escaped is found at any place of a text of any length`() {
        let table: [(byte: UInt8, text: String)] = [
            (0x22, "\\\""), (0x5C, "\\\\"), (0x1F, "\\u001f"), (0x20, " "), (0x7F, "\u{7F}"), (0xE4, "\u{FFFD}"),
        ]
        for count in 1...100 {
            let plain = (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) }
            #expect(escaped(plain).inside == plain)
            for place in 0..<count {
                for row in table {
                    var text = plain
                    text[place] = row.byte
                    #expect(escaped(text).inside == plain[..<place] + Array(row.text.utf8) + plain[(place + 1)...])
                }
            }
        }
    }

    @Test func `a text longer than one piece is escaped whole`() {
        for shift in 0..<12 {
            let text =
                Array(String(repeating: "x", count: shift).utf8)
                + Array(String(repeating: "世\u{1}\"🌍", count: 2000).utf8)
            #expect(unescaped(escaped(text).inside) == text)
        }
    }

    private func escaped(_ text: [UInt8]) -> (inside: [UInt8], hasReplaced: Bool) {
        var output = OwnedBytes()
        let hasReplaced = output.appendJSONEscaped(text.span)
        return (Array(output.span), hasReplaced)
    }

    private func unescaped(_ inside: [UInt8]) -> [UInt8] {
        var output = OwnedBytes()
        output.appendJSONUnescaped(inside.span)
        return Array(output.span)
    }
}
