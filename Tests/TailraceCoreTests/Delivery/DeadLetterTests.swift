import TailraceCore
import Testing

@Suite struct DeadLetterTests {
    private let document = DocumentText(
        action: #"{"create":{"_index":"logs-a","_id":"f-0-1"}}"#, document: #"{"message":"a \"b\"","n":{"x":[1]}}"#)

    private var letter: DeadLetter {
        DeadLetter(
            Refusal(index: 3, status: 400, type: "mapper_parsing_exception", reason: "failed: \"x\"\n"), of: document,
            at: Timestamp(nanoseconds: 1_764_000_000_123_000_000))
    }

    private func line(_ letter: DeadLetter) -> [UInt8] {
        var bytes = OwnedBytes()
        letter.append(to: &bytes)
        return Array(bytes.span)
    }

    @Test func `one line holds the record, where it was to go, why it was refused and when`() {
        #expect(
            String(decoding: line(letter), as: UTF8.self)
                == #"{"@timestamp":"2025-11-24T16:00:00.123Z","index":"logs-a","status":400,"#
                + #""type":"mapper_parsing_exception","reason":"failed: \"x\"\n","#
                + #""action":{"create":{"_index":"logs-a","_id":"f-0-1"}},"#
                + #""record":{"message":"a \"b\"","n":{"x":[1]}}}"# + "\n")
    }

    @Test func `what is read is what was written, byte by byte`() throws {
        let bytes = line(letter).dropLast()
        #expect(try DeadLetter(parsing: Array(bytes).span) == letter)
    }

    @Test func `a line cut anywhere is no letter`() {
        let bytes = Array(line(letter).dropLast())
        for end in 0..<bytes.count {
            let cut = Array(bytes[..<end])
            #expect(throws: JSONError.self, "\(end) bytes") { try DeadLetter(parsing: cut.span) }
        }
        for text in ["{}", "[]", "1", #"{"action":{},"record":1}"#] {
            let bytes = Array(text.utf8)
            #expect(throws: JSONError.self, "\(text)") { try DeadLetter(parsing: bytes.span) }
        }
    }

    @Test func `sent again it is the same document, and in an index of its own it is text, under the same id`() throws {
        let number = BatchNumber(1)
        let again = DeadLetter.originals(of: [letter, letter], number: number, with: nil)
        #expect(try again.documents(at: [0, 1]) == [document, document])
        let payload = DeadLetter.payload(of: [letter], to: "logs-dead", number: number, with: nil)
        let sent = try #require(try payload.documents(at: [0]).first)
        #expect(sent.action == #"{"create":{"_index":"logs-dead","_id":"f-0-1"}}"#)
        #expect(sent.document.contains(#""message":"{\"message\":\"a \\\"b\\\"\",\"n\":{\"x\":[1]}}""#))
        #expect(sent.document.contains(#""error":{"code":"400","type":"mapper_parsing_exception""#))
        #expect(sent.document.contains(#""dead_letter":{"index":"logs-a"}"#))
    }
}
