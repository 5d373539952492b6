import Testing

@testable import TailraceCore

@Suite struct EndpointKindTests {
    @Test(
        arguments: [
            ("a", "/insert/elasticsearch", "victorialogs"), ("a", "/api/v1/_elastic", "quickwit"),
            ("a", "/api/my_org", "openobserve"), ("a", "/es", "zincsearch"), ("a", "/v1/elasticsearch", "greptimedb"),
            ("x.eu-west-1.aoss.amazonaws.com", "", "opensearch-serverless"),
            ("search-x.eu-west-1.es.amazonaws.com", "", "amazon-opensearch"), ("a", "/v1/elastic", "observe"),
            ("a", "", nil), ("a", "/prefix", nil),
        ] as [(String, String, String?)])
    func `a URL gives a product away`(_ host: String, _ path: String, _ name: String?) {
        #expect(EndpointKind.of(host: host, path: path)?.name == name)
    }

    @Test(
        arguments: [
            (#"{"name":"n","version":{"distribution":"opensearch","number":"3.1.0"}}"#, "opensearch"),
            (#"{"cluster_uuid":"u","version":{"number":"9.0.1"},"tagline":"You Know, for Search"}"#, "elasticsearch"),
            // OpenSearch that claims to be Elasticsearch differs in nothing that is sent.
            (#"{"cluster_uuid":"u","version":{"number":"7.10.2"}}"#, "elasticsearch"),
            (#"{"version":{"number":"8.9.0"}}"#, "victorialogs"), ("{}", nil), (#"{"version":"1"}"#, nil),
        ] as [(String, String?)])
    func `an answer gives it away`(_ answer: String, _ name: String?) throws {
        #expect(EndpointKind.of(answer: try JSONValue(parsing: Array(answer.utf8)))?.name == name)
    }
}

/// Every row of the table, by what follows from it.
@Suite struct EndpointKindRowTests {
    private static let conflict = failed(409, "", "duplicate id")

    @Test func `every kind has a name of its own, and a sign is nobody else's`() {
        #expect(Set(EndpointKind.all.map(\.name)).count == EndpointKind.all.count)
        let signs = EndpointKind.all.flatMap(\.signs)
        #expect(Set(signs).count == signs.count)
    }

    @Test(arguments: EndpointKind.all)
    func `is found by its name and by its signs`(_ kind: EndpointKind) {
        #expect(EndpointKind.named(kind.name) == kind)
        for sign in kind.signs {
            let found =
                sign.hasPrefix("/")
                ? EndpointKind.of(host: "a", path: sign.hasSuffix("/") ? sign + "x" : sign)
                : EndpointKind.of(host: "x" + sign, path: "")
            #expect(found == kind)
        }
        if !kind.prefix.isEmpty { #expect(EndpointKind.of(host: "a", path: kind.prefix) == kind) }
    }

    @Test(arguments: EndpointKind.all)
    func `409 stands for a document of ours only where its id is ours`(_ kind: EndpointKind) {
        let verdict = judge(reply([Self.conflict]), documentCount: 1, by: kind)
        if kind.sendsID {
            #expect(verdict == .accepted(AcceptedTally(alreadyThere: 1)))
        } else {
            #expect(Outcome(verdict) == .later(.unwell))
        }
    }

    @Test(arguments: EndpointKind.all)
    func `a refusal is a certain document's only where items are in order`(_ kind: EndpointKind) {
        let bad = failed(400, "mapper_parsing_exception")
        let expected: Outcome = kind.ordersItems ? .partly(retry: [], refused: [0], nil) : .poisoned
        #expect(Outcome(judge(reply([bad, stored]), documentCount: 2, by: kind)) == expected)
        #expect(
            Outcome(judge(reply([bad]), documentCount: 1, by: kind)) == .partly(retry: [], refused: [0], nil),
            "of one alone it is known anyway")
        #expect(Outcome(judge(reply([stored, stored]), documentCount: 2, by: kind)) == .accepted)
    }

    @Test(arguments: EndpointKind.all)
    func `where there is no _bulk it says so in its words`(_ kind: EndpointKind) {
        for words in kind.wordsForNoBulk {
            let outcome = PostOutcome.reply(HTTPReply(status: 400, body: Array("{\"error\":\"\(words) x\"}".utf8)))
            #expect(Outcome(judge(outcome, documentCount: 2)) == .held(.address))
        }
        if let status = kind.statusOfFailures {
            let items = [stored, failed(400, "mapper_parsing_exception")]
            #expect(
                Outcome(judge(reply(items, status: status), documentCount: 2, by: kind))
                    == .partly(retry: [], refused: [1], nil))
        }
    }

    @Test(arguments: EndpointKind.all)
    func `what can be set up is set up`(_ kind: EndpointKind) {
        let plan = SetupPlan(
            for: Product(kind, answer: nil), name: "logs-a-b", isDataStream: true, retention: .seconds(86_400))
        switch kind.setup {
        case .other: #expect(plan.objects.isEmpty)
        case .elasticsearch: #expect(plan.objects.first?.path.hasPrefix("/_ilm/") == true)
        case .opensearch: #expect(plan.objects.first?.path.hasPrefix("/_plugins/_ism/") == true)
        }
    }
}
