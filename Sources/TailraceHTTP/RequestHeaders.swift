import NIOHTTP1
import TailraceCore
import TailraceRuntime

extension TransportSettings {
    /// Cuts what a reply says of a stored document to its status. Servers that do not know it send all.
    ///
    /// Neither the commas nor the stars have to be escaped (RFC 3986, section 3.4), and some servers look for them as they
    /// are.
    private static let filter =
        "filter_path=errors,error,items.*.status,items.*.error.type,items.*.error.reason,items.*.failure_store"

    /// The target of bulk requests: path and query.
    func bulkTarget(of endpoint: EndpointURL) -> String {
        let hasFilter = !kind.filtersReplies || query.contains { $0.name == "filter_path" }
        let pairs =
            (hasFilter ? [] : [Self.filter])
            + query.map { "\(URLText.encoded($0.name))=\(URLText.encoded($0.text))" }
        return endpoint.pathPrefix + "/_bulk" + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }

    func bulkHeaders(for payload: Payload, at endpoint: EndpointURL) -> HTTPHeaders {
        var headers = commonHeaders(at: endpoint)
        headers.add(name: "Content-Type", value: "application/x-ndjson")
        if payload.isCompressed { headers.add(name: "Content-Encoding", value: "gzip") }
        headers.add(name: "Content-Length", value: "\(payload.body.count)")
        return headers
    }

    func commonHeaders(at endpoint: EndpointURL) -> HTTPHeaders {
        HTTPHeaders([
            ("Host", endpoint.authority), ("User-Agent", userAgent), ("Accept", "application/json"),
            ("Accept-Encoding", "gzip"),
        ])
    }
}

extension EndpointURL {
    /// What user and password in a URL say (RFC 7617); `nil` without a user.
    var basicAuthorization: String? {
        user.map { "Basic " + Base64.encode("\($0):\(password?.revealed ?? "")") }
    }
}
