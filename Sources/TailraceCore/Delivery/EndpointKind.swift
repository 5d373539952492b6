/// What an endpoint that speaks `_bulk` does differently from Elasticsearch. All of it that has to be known before the
/// first reply stands in this table; what replies differ in is told by the replies themselves (``BulkReply``).
///
/// | column | meaning |
/// |---|---|
/// | `prefix` | what comes before `/_bulk` where the URL has no path |
/// | `signs` | a path or the end of a host name that gives the product away |
/// | `sendsID` | whether documents are sent with an `_id`; where not, what is sent twice is stored twice |
/// | `takesGzip` | whether bodies may be compressed |
/// | `filtersReplies` | whether `filter_path` is known |
/// | `lineMax` | bytes of a record above which it is dropped, although the reply says that it was stored |
/// | `bodyMax` | bytes of a request, before compression, as far as they are documented |
/// | `ordersItems` | whether items of a reply come in the order of the documents |
/// | `statusOfFailures` | of a whole reply that has an item for each document, beside 2xx |
/// | `wordsForNoBulk` | what 400 says where there is no `_bulk`, in lower case |
/// | `setup` | what can be set up there |
///
/// Words and statuses count whatever the endpoint is taken for: it may have been taken for something else.
package struct EndpointKind: Sendable, Equatable {
    package let name: String
    package var prefix = ""
    package var signs: [String] = []
    package var sendsID = true
    package var takesGzip = true
    package var filtersReplies = false
    package var lineMax: Int?
    package var bodyMax: Int?
    package var ordersItems = true
    var statusOfFailures: Int?
    var wordsForNoBulk: [String] = []
    package var setup = Product.Family.other

    /// `http.max_content_length` is 100 MB, and counts what is decompressed.
    package static let elasticsearch = EndpointKind(
        name: "elasticsearch", filtersReplies: true, bodyMax: 100 << 20, wordsForNoBulk: ["no handler found"],
        setup: .elasticsearch)
    package static let opensearch = EndpointKind(
        name: "opensearch", filtersReplies: true, bodyMax: 100 << 20, setup: .opensearch)

    /// - SeeAlso: the documentation and, where it is silent, the sources of each product.
    package static let all: [EndpointKind] = [
        elasticsearch, opensearch,
        // The smaller instance types take no more.
        EndpointKind(
            name: "amazon-opensearch", signs: [".es.amazonaws.com"], filtersReplies: true, bodyMax: 10 << 20,
            setup: .opensearch),
        // Time series collections refuse documents with an id; search collections take them without as well.
        EndpointKind(
            name: "opensearch-serverless", signs: [".aoss.amazonaws.com"], sendsID: false, filtersReplies: true,
            setup: .opensearch),
        // `_id` is not looked at. The line limit is that of `-insert.maxLineSizeBytes`.
        EndpointKind(
            name: "victorialogs", prefix: "/insert/elasticsearch", signs: ["/insert/elasticsearch"], sendsID: false,
            lineMax: 256 << 10, wordsForNoBulk: ["unsupported path"]),
        // Ids are kept as a field: two of the same can at least be found. What is refused comes first in a reply.
        EndpointKind(
            name: "openobserve", prefix: "/api/default", signs: ["/api/"], bodyMax: 200 << 20, ordersItems: false),
        // No decompression in its sources. A line may have 1 MB.
        EndpointKind(name: "zincsearch", prefix: "/es", signs: ["/es"], takesGzip: false, lineMax: 1_000_000),
        EndpointKind(
            name: "quickwit", prefix: "/api/v1/_elastic", signs: ["/api/v1/_elastic"], sendsID: false,
            bodyMax: 10 << 20),
        EndpointKind(name: "greptimedb", prefix: "/v1/elasticsearch", signs: ["/v1/elasticsearch"], sendsID: false),
        EndpointKind(
            name: "observe", prefix: "/v1/elastic", signs: ["/v1/elastic"], sendsID: false, bodyMax: 4_000_000),
        // Ids are numbers there. One document that is refused makes 409 of the whole.
        EndpointKind(name: "manticore", sendsID: false, bodyMax: 128 << 20, statusOfFailures: 409),
    ]

    package static func named(_ name: String) -> EndpointKind? { all.first { $0.name == name } }

    /// What a URL tells; `nil` where it tells nothing. The longest sign wins: `/api/v1/_elastic` is not OpenObserve's.
    package static func of(host: String, path: String) -> EndpointKind? {
        var best: (kind: EndpointKind, length: Int)?
        for kind in all {
            for sign in kind.signs where sign.utf8.count > best?.length ?? 0 {
                let isPath = sign.hasPrefix("/") && (sign.hasSuffix("/") ? path.hasPrefix(sign) : path == sign)
                if isPath || host.hasSuffix(sign) { best = (kind, sign.utf8.count) }
            }
        }
        return best?.kind
    }

    /// What the answer to `GET /` tells. Versions are no help: several products claim one of Elasticsearch's.
    package static func of(answer: JSONValue) -> EndpointKind? {
        guard let version = answer["version"] else { return nil }
        if version["distribution"]?.text == "opensearch" { return opensearch }
        if version["number"]?.text == "8.9.0", answer["name"] == nil, answer["cluster_name"] == nil {
            return named("victorialogs")
        }
        return answer["tagline"]?.text == "You Know, for Search" || answer["cluster_uuid"] != nil ? elasticsearch : nil
    }
}
