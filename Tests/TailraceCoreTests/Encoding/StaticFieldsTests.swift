import Foundation
import TailraceCore
import Testing

@Suite struct StaticFieldsTests {
    @Test func `dotted names become nested objects`() throws {
        let document = try document([
            ("kubernetes.pod.name", "shop-1"), ("host.name", "node-1"), ("kubernetes.pod.uid", "u"),
            ("kubernetes.namespace", "web"), ("log.file.owner", "app"), ("log.level", "info"),
            ("event.dataset", "shop"),
        ])
        let pod = (document["kubernetes"] as? [String: Any])?["pod"] as? [String: String]
        let log = document["log"] as? [String: Any]
        #expect(pod == ["name": "shop-1", "uid": "u"])
        #expect((document["kubernetes"] as? [String: Any])?["namespace"] as? String == "web")
        #expect(log?["file"] as? [String: String] == ["path": "/p", "owner": "app"])
        #expect(log?["level"] as? String == "info")
        #expect((document["event"] as? [String: Any])?["dataset"] as? String == "shop")
    }

    @Test func `a later setting takes the place of an earlier one`() throws {
        let document = try document([("service.name", "ours"), ("service.name", "theirs")])
        #expect(document["service"] as? [String: String] == ["name": "theirs"])
    }

    @Test(
        arguments: [
            (["a", "a.b"], .value("a")), (["a.b", "a"], .object("a")), (["a.b", "a.b.c"], .value("a.b")),
            (["a.b.c", "a.b"], .object("a.b")), (["message"], .reserved), (["@timestamp"], .reserved),
            (["stream"], .reserved),
            (["message.x"], .reserved), (["log.offset"], .reserved), (["log.file.path"], .reserved),
            (["log.flags"], .reserved),
            (["log.iostream"], .reserved), (["event.created"], .reserved), (["log.file.path.x"], .reserved),
            (["log"], .object("log")), (["log.file"], .object("log.file")), (["event"], .object("event")),
            (["_id"], .reserved), ([""], .malformedName), (["a..b"], .malformedName), (["a."], .malformedName),
        ] as [([String], FieldConflict.Reason)])
    func `a field that cannot be is named, and the document stays whole`(
        names: [String], reason: FieldConflict.Reason
    ) throws {
        let fields = StaticFields(names.map { ($0, "v") })
        #expect(fields.conflicts.map(\.name) == [names.last])
        #expect(fields.conflicts.map(\.reason) == [reason])
        #expect(fields.conflicts.first?.description.contains("left out of all documents") == true)
        _ = try document(names.map { ($0, "v") })
    }

    @Test func `what says who sent a document makes no conflicts`() {
        let ours = StaticFields.ours(version: "1", dataset: "shop", namespace: "default")
        let path = PathMetadata(path: "/var/log/pods/web_shop-1_u/app/2.log").fields
        #expect(StaticFields(ours + path).conflicts.isEmpty)
        #expect(StaticFields.ours(version: "1", dataset: nil, namespace: nil).count == 3)
    }

    @Test func `no object has a key twice, whatever the settings say`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = SeededBytes(seed)
        let keys = ["log", "file", "path", "event", "created", "a", "b", "message", "offset", "@timestamp", "stream"]
        for _ in 0..<300 {
            let pairs = (0..<12).map { _ in
                let parts = (0...random.next() % 3).map { _ in keys.randomElement(using: &random) ?? "a" }
                return (name: parts.joined(separator: "."), value: "v")
            }
            let text = try render(pairs)
            // Foundation keeps one of two equal keys, so what it writes again is shorter if there were any.
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
            let again = try JSONSerialization.data(withJSONObject: object, options: .withoutEscapingSlashes)
            #expect(again.count == text.utf8.count)
        }
    }

    private func document(_ pairs: [(name: String, value: String)]) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(render(pairs).utf8))
        return try #require(object as? [String: Any])
    }

    /// The one document, without its newline.
    private func render(_ pairs: [(name: String, value: String)]) throws -> String {
        var batch = Batch(limit: BatchLimit(bytes: 1000, documents: 1))
        let template = DocumentTemplate(
            index: "i", fileID: FileID(high: 1, low: 2), path: "/p", staticFields: StaticFields(pairs),
            isContainerFormat: true)
        batch.use(template, created: Timestamp(nanoseconds: 0))
        let event = Event(time: Timestamp(nanoseconds: 0), stream: .stdout, start: 0, end: 1)
        batch.receive(event, text: Array("x".utf8).span)
        let lines = String(decoding: Array(batch.body.span), as: UTF8.self).split(separator: "\n")
        return String(try #require(lines.last))
    }
}
