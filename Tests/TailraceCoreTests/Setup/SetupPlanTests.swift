import Testing

@testable import TailraceCore

@Suite struct SetupPlanTests {
    private func product(_ version: String) throws -> Product {
        Product(.elasticsearch, answer: try JSONValue(parsing: Array("{\"version\":{\(version)}}".utf8)))
    }

    private func plan(_ version: String, retention: Duration? = .seconds(30 * 86_400)) throws -> SetupPlan {
        SetupPlan(
            for: try product(version), name: "logs-tailrace-default", isDataStream: true, retention: retention)
    }

    @Test(arguments: [
        (#""number":"8.15.0""#, ["/_ilm/policy/"], "match_only_text", "flattened"),
        (#""number":"7.10.2""#, ["/_ilm/policy/"], "text", "flattened"),
        (#""number":"8.11.0","build_flavor":"serverless""#, [], "match_only_text", "flattened"),
        (
            #""number":"3.1.0","distribution":"opensearch""#, ["/_plugins/_ism/policies/"], "match_only_text",
            "flat_object"
        ),
        (#""number":"2.8.0","distribution":"opensearch""#, ["/_plugins/_ism/policies/"], "text", "flat_object"),
        (#""number":"1.3.0","distribution":"opensearch""#, ["/_plugins/_ism/policies/"], "text", "object"),
    ])
    func `each version gets what it knows`(
        _ version: String, _ policies: [String], _ message: String, _ labels: String
    ) throws {
        let objects = try plan(version).objects
        #expect(
            objects.filter(\.isPolicy).map { $0.path.replacing("tailrace-logs-tailrace-default", with: "") } == policies
        )
        let mappings = try #require(objects.first { $0.path.hasSuffix("@mappings") }?.body["template"]?["mappings"])
        #expect(mappings["properties"]?["message"]?["type"]?.text == message)
        #expect(mappings["properties"]?["labels"]?["type"]?.text == labels)
        #expect(objects.last?.path == "/_data_stream/logs-tailrace-default")
        #expect(objects.map { String(decoding: $0.body.rendered(), as: UTF8.self) }.joined().contains("30d"))
    }

    @Test func `without a retention nothing is ever deleted`() throws {
        let text = try plan(#""number":"8.15.0""#, retention: nil).objects
            .map { String(decoding: $0.body.rendered(), as: UTF8.self) }.joined()
        #expect(!text.contains("delete"))
    }

    @Test func `names with tokens get a template for all that they become, and no data stream`() throws {
        let plan = SetupPlan(
            for: try product(#""number":"9.0.0""#), name: try IndexName(parsing: "logs-{service.name}-{+yyyy.MM}"),
            isDataStream: false, retention: nil)
        let template = try #require(plan.objects.last)
        #expect(template.path == "/_index_template/tailrace-logs-_-_")
        #expect(template.body["index_patterns"]?.elements == [.string("logs-*-*")])
        #expect(template.body["data_stream"] == nil)
    }

    @Test func `nothing is set up in what is neither Elasticsearch nor OpenSearch`() {
        let product = Product(EndpointKind.named("victorialogs") ?? .elasticsearch, answer: nil)
        #expect(SetupPlan(for: product, name: "logs", isDataStream: false, retention: nil).objects.isEmpty)
    }

    // MARK: What is there

    private func settings() throws -> SetupPlan.Object {
        try #require(try plan(#""number":"8.15.0""#).objects.first { $0.path.hasSuffix("@settings") })
    }

    /// As a cluster tells it: settings nested and as texts, with what it adds.
    private func answer(_ object: SetupPlan.Object, codec: String = "best_compression") throws -> JSONValue {
        let digest = try #require(object.body["_meta"]?["digest"]?.text)
        return try JSONValue(
            parsing: Array(
                #"""
                {"component_templates":[{"name":"x","component_template":{"_meta":{"managed_by":"tailrace","digest":"\#(digest)"},
                "created_date_millis":1,"template":{"settings":{"index":{"codec":"\#(codec)","lifecycle":{"name":"tailrace-logs-tailrace-default"},
                "mapping":{"ignore_malformed":"true","total_fields":{"limit":"2000"}}}},"mappings":{},"aliases":{}}}}]}
                """#.utf8))
    }

    @Test func `what is as it should be is kept, whatever a cluster makes of its form`() throws {
        let object = try settings()
        #expect(object.step(given: try answer(object), isForced: false) == .keep)
        #expect(object.step(given: nil, isForced: false) == .create)
    }

    @Test func `what somebody has changed is left alone, unless forced`() throws {
        let object = try settings()
        let changed = try answer(object, codec: "default")
        #expect(object.step(given: changed, isForced: false) == .leave)
        #expect(object.step(given: changed, isForced: true) == .replace)
    }

    @Test func `what an older version has made, and nobody changed, is replaced`() throws {
        var old = try settings()
        old.body["template"]?["settings"]?["index.codec"] = .string("default")
        let digest = SetupDigest.of(old.body)
        old.body["_meta"]?["digest"] = .string(digest)
        #expect(try settings().step(given: try answer(old, codec: "default"), isForced: false) == .replace)
    }
}
