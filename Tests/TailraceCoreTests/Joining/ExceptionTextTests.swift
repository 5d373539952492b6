import Testing

@testable import TailraceCore

/// Names of exceptions, wherever they stand.
struct ExceptionTextTests {
    private func endOfName(_ line: String, from start: Int = 0) -> Int? {
        ExceptionText.endOfName(in: Array(line.utf8).span, from: start)
    }

    @Test func `a name ends like exceptions do, or has a package in front`() {
        #expect(endOfName("TimeoutError: text") == 12)
        #expect(endOfName("com.acme.Overdrawn: text") == 18)
        #expect(endOfName("com.acme.Overdrawn") == 18)
        #expect(endOfName("failed: com.acme.Overdrawn: text", from: 8) == 26)
        #expect(endOfName("TypeError [ERR_INVALID_ARG_TYPE]: text") == 9)
        #expect(endOfName("System.Net.Sockets.SocketException (111): text") == 34)
    }

    @Test(arguments: ["Overdrawn: text", "Error:17", "com.acme.pay: text", ".Error: text", "TypeError text", "", "Err"])
    func `anything else is none`(line: String) {
        #expect(endOfName(line) == nil)
    }

    /// Names of all lengths, since long ones are looked at many bytes at a time.
    @Test func `a byte that no name has ends it wherever it stands, and no other does`() {
        let inNames = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._$".utf8)
        for byte in UInt8.min...UInt8.max {
            for count in 1...50 {
                for place in [1, count / 2 + 1, count] {
                    // `AxxxxError`, with the byte among the x.
                    var line = [UInt8](repeating: UInt8(ascii: "x"), count: count + 1) + Array("Error: text".utf8)
                    line[0] = UInt8(ascii: "A")
                    line[place] = byte
                    let isWhole = byte >= 0x80 || inNames.contains(byte)
                    let expected = isWhole ? count + 6 : nil
                    let end = ExceptionText.endOfName(in: line.span, from: 0)
                    guard end != expected else { continue }
                    Issue.record("byte \(byte) at \(place) of \(count): \(String(describing: end))")
                    return
                }
            }
        }
    }
}
