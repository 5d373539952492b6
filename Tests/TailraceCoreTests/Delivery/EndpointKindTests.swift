import TailraceCore
import Testing

@Suite struct EndpointKindTests {
    @Test(
        arguments: [
            ("a", "/insert/elasticsearch", "victorialogs"), ("a", "/api/v1/_elastic", "quickwit"),
            ("a", "/api/my_org", "openobserve"), ("a", "/es", "zincsearch"), ("a", "/v1/elasticsearch", "greptimedb"),
            ("x.eu-west-1.aoss.amazonaws.com", "", "opensearch-serverless"), ("a", "", nil), ("a", "/prefix", nil),
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
