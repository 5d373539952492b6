import Testing

@testable import TailraceCore

@Suite struct LineMarksTests {
    static let marked: [(Substring, LineMarks)] = [
        (":", .colon), ("()", .roundBracket), ("[]", .squareBracket), (".", .dot), ("0123456789", .digit),
        ("`'", .quote), ("|", .bar), ("/", .slash),
    ]

    /// Lines of all lengths, since long ones are looked at many bytes at a time.
    @Test func `a byte is found wherever it stands, and no other is taken for it`() {
        let ofBytes = LineMarks(rawValue: 0xFF)
        for byte in UInt8(0x21)...0xFF {
            let expected = Self.marked.first { $0.0.utf8.contains(byte) }?.1 ?? []
            for count in 1...70 {
                for place in [0, count / 2, count - 1] {
                    var line = [UInt8](repeating: UInt8(ascii: "x"), count: count)
                    line[place] = byte
                    let marks = LineMarks(of: line.span, from: 0).intersection(ofBytes)
                    guard marks != expected else { continue }
                    Issue.record("byte \(byte) at \(place) of \(count): \(marks), not \(expected)")
                    return
                }
            }
        }
    }
}
