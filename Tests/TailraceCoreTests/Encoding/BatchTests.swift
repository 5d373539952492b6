import Foundation
import TailraceCore
import Testing

@Suite struct BatchTests {
    private static let id = FileID(high: 1, low: 2)
    private static let created = Timestamp(nanoseconds: 1_795_456_360_000_000_000)

    @Test func `an event becomes an action and a document`() {
        var batch = batch(fields: [("service.name", "shop"), ("event.dataset", "shop"), ("log.level", "info")])
        batch.receive(
            event(start: 0x1F, end: 0x3A, flags: [.multiline, .partial]), text: Array("a \"b\"\n\tc".utf8).span)
        let body = text(batch)
        #expect(
            body == #"""
                {"create":{"_index":"logs-shop-default","_id":"\#(Self.id.text)-1f-1b"}}
                {"@timestamp":"2026-11-23T17:52:39.123456789Z","message":"a \"b\"\n\tc","stream":"stderr",\#
                "log":{"iostream":"stderr","offset":31,"flags":["multiline","partial"],\#
                "file":{"path":"/logs/a \"b\".log"},"level":"info"},\#
                "event":{"created":"2026-11-23T17:52:40.000Z","dataset":"shop"},"service":{"name":"shop"}}

                """#)
    }

    @Test func `a lean document says what was logged and where, and nothing twice`() {
        let fields = StaticFields.ours(version: "1", dataset: "shop", namespace: "a", metadata: .lean)
        var batch = Batch(limit: BatchLimit(bytes: 1 << 20, documents: 10))
        batch.use(
            DocumentTemplate(
                index: "logs-shop-a", fileID: Self.id, path: "/logs/a.log", staticFields: StaticFields(fields),
                isContainerFormat: true, metadata: .lean), created: Self.created)
        batch.receive(event(start: 0x1F, end: 0x3A), text: Array("x".utf8).span)
        #expect(
            text(batch) == #"""
                {"create":{"_index":"logs-shop-a","_id":"\#(Self.id.text)-1f-1b"}}
                {"@timestamp":"2026-11-23T17:52:39.123456789Z","message":"x","log":{"iostream":"stderr","offset":31,\#
                "file":{"path":"/logs/a.log"}},"event":{"dataset":"shop"}}

                """#)
    }

    @Test func `a plain file has no stream`() throws {
        var batch = batch(isContainerFormat: false)
        batch.receive(event(), text: Array("x".utf8).span)
        let lastDocument = documents(batch).last
        let document = try #require(lastDocument)
        let log = try #require(document["log"] as? [String: Any])
        #expect(document["stream"] == nil)
        #expect(log["iostream"] == nil)
        #expect(log["flags"] == nil)
        #expect(log["offset"] as? Int == 0)
    }

    @Test func `bytes that are not UTF-8 are repaired, flagged and counted`() throws {
        var batch = batch()
        batch.receive(event(), text: [0x61, 0xFF].span)
        let lastDocument = documents(batch).last
        let document = try #require(lastDocument)
        #expect(document["message"] as? String == "a\u{FFFD}")
        #expect((document["log"] as? [String: Any])?["flags"] as? [String] == ["invalid_utf8"])
        let tally = batch.tally
        #expect(tally.invalidUTF8 == 1)
    }

    @Test func `every flag has its name`() throws {
        var batch = batch()
        batch.receive(event(flags: EventFlags(rawValue: 0x7F)), text: Array("x".utf8).span)
        let lastDocument = documents(batch).last
        let document = try #require(lastDocument)
        #expect(
            (document["log"] as? [String: Any])?["flags"] as? [String] == [
                "multiline", "truncated", "timeout", "continuation", "invalid_utf8", "malformed", "partial",
            ])
    }

    @Test func `the tally counts what went in`() {
        var batch = batch()
        let wasEmpty = batch.isEmpty
        #expect(wasEmpty)
        batch.receive(event(start: 10, end: 30, lineCount: 3, flags: .multiline), text: Array("x".utf8).span)
        batch.receive(event(start: 30, end: 35, flags: [.truncated, .malformed]), text: Array("y".utf8).span)
        var expected = BatchTally()
        (expected.documents, expected.lines, expected.eventBytes) = (2, 4, 25)
        (expected.multiline, expected.truncated, expected.malformed) = (1, 1, 1)
        let (tally, isEmpty) = (batch.tally, batch.isEmpty)
        #expect(tally == expected)
        #expect(!isEmpty)
    }

    @Test func `a batch is full at either limit`() {
        var byCount = batch(limit: BatchLimit(bytes: 1 << 20, documents: 2))
        byCount.receive(event(), text: Array("x".utf8).span)
        let wasFull = byCount.isFull
        #expect(!wasFull)
        byCount.receive(event(), text: Array("x".utf8).span)
        let isFull = byCount.isFull
        #expect(isFull)
        var byBytes = batch(limit: BatchLimit(bytes: 1000, documents: 100))
        byBytes.receive(event(), text: [UInt8](repeating: 0x61, count: 2000).span)
        let isFullByBytes = byBytes.isFull
        #expect(isFullByBytes)
    }

    @Test func `events of several files keep to their own constants`() {
        let fields = StaticFields()
        let first = DocumentTemplate(
            index: "i", fileID: Self.id, path: "/a", staticFields: fields, isContainerFormat: false)
        let second = DocumentTemplate(
            index: "i", fileID: FileID(high: 3, low: 4), path: "/b", staticFields: fields, isContainerFormat: true)
        var batch = Batch(limit: BatchLimit(bytes: 1 << 20, documents: 10))
        for template in [first, second, first, first] {
            batch.use(template, created: Self.created)
            batch.receive(event(), text: Array("x".utf8).span)
        }
        let paths = documents(batch).compactMap { (($0["log"] as? [String: Any])?["file"] as? [String: Any])?["path"] }
        #expect(paths as? [String] == ["/a", "/b", "/a", "/a"])
    }

    @Test func `whatever the text, each event is one line of JSON`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = SeededBytes(seed)
        var batch = batch(fields: [("a\"b.c\n", "d\\\u{1}")])
        var texts: [String] = []
        for _ in 0..<500 {
            let text = random.text(upTo: 200)
            texts.append(String(decoding: text, as: UTF8.self))
            batch.receive(event(start: random.next() >> 1, flags: []), text: text.span)
        }
        let messages = documents(batch).compactMap { $0["message"] as? String }
        #expect(messages == texts)
    }

    private func batch(
        fields: [(name: String, value: String)] = [], isContainerFormat: Bool = true,
        limit: BatchLimit = BatchLimit(bytes: 1 << 20, documents: 1000)
    ) -> Batch {
        var batch = Batch(limit: limit)
        let template = DocumentTemplate(
            index: "logs-shop-default", fileID: Self.id, path: "/logs/a \"b\".log", staticFields: StaticFields(fields),
            isContainerFormat: isContainerFormat)
        batch.use(template, created: Self.created)
        return batch
    }

    private func event(
        start: UInt64 = 0, end: UInt64? = nil, lineCount: Int = 1, flags: EventFlags = []
    ) -> Event {
        Event(
            time: Timestamp(nanoseconds: 1_795_456_359_123_456_789), stream: .stderr, start: start,
            end: end ?? start + 10, lineCount: lineCount, flags: flags)
    }

    private func text(_ batch: borrowing Batch) -> String { String(decoding: Array(batch.body.span), as: UTF8.self) }

    private func documents(_ batch: borrowing Batch) -> [[String: Any]] {
        let lines = Array(batch.body.span).split(separator: UInt8(ascii: "\n"))
        let objects = lines.map { (try? JSONSerialization.jsonObject(with: Data($0))) as? [String: Any] ?? [:] }
        return objects.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    }
}
