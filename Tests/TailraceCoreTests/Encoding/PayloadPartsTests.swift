import TailraceCore
import Testing

@Suite struct PayloadPartsTests {
    static func lines(_ indices: some Sequence<Int>) -> String {
        indices.map { "{\"create\":{\"_id\":\"\($0)\"}}\n{\"message\":\"number \($0) é\"}\n" }.joined()
    }

    static func payload(_ count: Int, compressed: Bool) throws -> Payload {
        Payload(
            sealing: Array(lines(0..<count).utf8).span, number: BatchNumber(7), documentCount: count,
            with: compressed ? try GzipCompressor(level: 6) : nil)
    }

    static func text(_ payload: Payload) throws -> String { String(decoding: try payload.inflated(), as: UTF8.self) }

    @Test(arguments: [true, false]) func `sealing keeps every byte`(compressed: Bool) throws {
        let payload = try Self.payload(100, compressed: compressed)
        #expect(try Self.text(payload) == Self.lines(0..<100))
        #expect(payload.rawSize == Self.lines(0..<100).utf8.count)
        #expect(payload.isCompressed == compressed)
        #expect((payload.body.count < payload.rawSize) == compressed)
    }

    @Test(arguments: [true, false], [2, 3, 4, 101])
    func `two halves are the whole`(compressed: Bool, count: Int) throws {
        let (first, second) = try Self.payload(count, compressed: compressed).halved()
        #expect(try Self.text(first) == Self.lines(0..<count / 2))
        #expect(try Self.text(second) == Self.lines(count / 2..<count))
        for half in [first, second] {
            #expect(half.number == BatchNumber(7))
            #expect(half.isCompressed == compressed)
            #expect(try half.inflated().count == half.rawSize)
        }
        #expect(first.documentCount + second.documentCount == count)
    }

    @Test(arguments: [true, false], [[0], [4], [0, 4], [1, 2, 3], [0, 1, 2, 3, 4]])
    func `keeping leaves the chosen documents in order`(compressed: Bool, indices: [Int]) throws {
        let kept = try Self.payload(5, compressed: compressed).keeping(indices, level: 1)
        #expect(try Self.text(kept) == Self.lines(indices))
        #expect(kept.documentCount == indices.count)
        #expect(kept.number == BatchNumber(7))
        #expect(kept.isCompressed == compressed)
    }

    @Test func `halving goes on until every document is alone`() throws {
        var parts = [try Self.payload(13, compressed: true)]
        var alone: [String] = []
        while let part = parts.popLast() {
            guard part.documentCount > 1 else {
                alone.append(try Self.text(part))
                continue
            }
            let (first, second) = try part.halved(level: 1)
            parts += [second, first]
        }
        #expect(alone == (0..<13).map { Self.lines($0...$0) })
    }

    @Test func `the text of a refused document can be read`() throws {
        let texts = try Self.payload(9, compressed: true).documents(at: [2, 8])
        #expect(texts.map(\.action) == ["{\"create\":{\"_id\":\"2\"}}", "{\"create\":{\"_id\":\"8\"}}"])
        #expect(texts.map(\.document) == ["{\"message\":\"number 2 é\"}", "{\"message\":\"number 8 é\"}"])
    }

    @Test(arguments: ["{}\n{}\n", "{}\n{}\n{}\n{}\n{}\n{}\n", "{}\n{}\n{}\n", "{}\n{}\n{}\n{}"])
    func `a body that has not as many documents as it says is damaged`(body: String) {
        let payload = Payload(
            number: BatchNumber(1), body: Array(body.utf8), isCompressed: false, documentCount: 2,
            rawSize: body.utf8.count)
        #expect(throws: PayloadError.self) { try payload.keeping([0]) }
        #expect(throws: PayloadError.self) { try payload.halved() }
    }

    @Test func `a damaged gzip body is an error, not fewer documents`() throws {
        let whole = try Self.payload(3, compressed: true)
        let cut = Payload(
            number: whole.number, body: whole.body.dropLast(), isCompressed: true, documentCount: 3,
            rawSize: whole.rawSize)
        #expect(throws: PayloadError.gzip(.truncated)) { try cut.keeping([0]) }
    }
}
