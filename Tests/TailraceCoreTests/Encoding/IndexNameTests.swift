import Testing

@testable import TailraceCore

@Suite struct IndexNameTests {
    private func time(_ text: String) throws -> Timestamp {
        var parser = RFC3339Parser()
        let bytes = Array(text.utf8)
        let time = parser.parse(bytes.span)
        return try #require(time)
    }

    private let fields = StaticFields([("service.name", "Check Out/v2"), ("kubernetes.namespace", "shop")])

    @Test(arguments: [
        ("logs", "logs"), ("logs-{+yyyy.MM.dd}", "logs-2026.02.28"), ("{+yy_MM-HH}", "26_02-23"),
        ("logs-{service.name}-{kubernetes.namespace}", "logs-check_out_v2-shop"),
        ("{host.name}", "unknown"), ("{host.name:none}.{kubernetes}", "none.unknown"),
    ])
    func `tokens become what they stand for`(_ name: String, _ expected: String) throws {
        let name = try IndexName(parsing: name).resolved(with: fields)
        #expect(name.text(at: try time("2026-02-28T23:59:59.999Z")) == expected)
    }

    @Test(arguments: [
        ("a{b", "a { without a }, at the ^ in a^{b"), ("ab}", "a } without a {, at the ^ in ab^}"),
        ("{}", "without a name, at the ^ in ^{}"), ("x{+yyyy.mm}", "yyyy, yy, MM, dd and HH, at the ^ in x{+yyyy.^mm}"),
        ("{a{b}", "a { without a }, at the ^ in ^{a{b}"), ("{ a}", "no field's, at the ^ in {^ a}"),
    ])
    func `a caret stands where it is wrong`(_ name: String, _ words: String) {
        let fault = #expect(throws: IndexName.Fault.self) { try IndexName(parsing: name) }
        #expect(fault?.description.hasSuffix(words) == true, "\(fault?.description ?? "")")
    }

    @Test func `an index template has an asterisk for each token`() throws {
        #expect(try IndexName(parsing: "logs-{service.name}-{+yyyy.MM.dd}").pattern == "logs-*-*")
    }

    @Test func `documents of one batch go to the index of their own day`() throws {
        let template = DocumentTemplate(
            index: try IndexName(parsing: "logs-{+yyyy.MM.dd}"), fileID: FileID(high: 1, low: 2), path: "/p",
            staticFields: fields, isContainerFormat: false)
        var batch = Batch(limit: BatchLimit(bytes: 10_000, documents: 100))
        batch.use(template, created: Timestamp(nanoseconds: 0))
        for text in ["2026-02-28T23:59:59.999Z", "2026-03-01T00:00:00Z", "1969-12-31T23:59:59Z"] {
            let line = Array("x".utf8)
            batch.receive(
                Event(time: try time(text), stream: .stdout, start: 0, end: 1), text: line.span)
        }
        let actions = String(decoding: Array(batch.body.span), as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("{\"create\"") }.map { $0.split(separator: "\"")[5] }
        #expect(actions == ["logs-2026.02.28", "logs-2026.03.01", "logs-1969.12.31"])
    }

    @Test func `documents have no id where the endpoint takes none`() throws {
        let template = DocumentTemplate(
            index: "logs", fileID: FileID(high: 1, low: 2), path: "/p", staticFields: fields, isContainerFormat: false,
            sendsID: false)
        var batch = Batch(limit: BatchLimit(bytes: 10_000, documents: 100))
        batch.use(template, created: Timestamp(nanoseconds: 0))
        let line = Array("x".utf8)
        batch.receive(
            Event(time: Timestamp(nanoseconds: 0), stream: .stdout, start: 0, end: 1), text: line.span)
        #expect(
            String(decoding: Array(batch.body.span), as: UTF8.self).hasPrefix(
                "{\"create\":{\"_index\":\"logs\"}}\n{\"@timestamp\":\"1970-"))
    }
}
