import NIOHTTP1
import TailraceCore
import TailraceRuntime

extension TransportSettings {
    /// Cuts what a reply says of a stored document to its status. Servers that do not know it send all.
    private static let filter = NamedText(
        name: "filter_path",
        text: "errors,error,items.*.status,items.*.error.type,items.*.error.reason,items.*.failure_store")

    /// The target of bulk requests: path and query.
    func bulkTarget(of endpoint: EndpointURL) -> String {
        let hasFilter = query.contains { $0.name == Self.filter.name }
        let pairs = (hasFilter ? [] : [Self.filter]) + query
        return endpoint.pathPrefix + "/_bulk?"
            + pairs.map { "\(Self.encoded($0.name))=\(Self.encoded($0.text))" }.joined(separator: "&")
    }

    func bulkHeaders(for payload: Payload, at endpoint: EndpointURL) -> HTTPHeaders {
        var headers = commonHeaders(at: endpoint)
        headers.add(name: "Content-Type", value: "application/x-ndjson")
        if payload.isCompressed { headers.add(name: "Content-Encoding", value: "gzip") }
        add(to: &headers)
        headers.replaceOrAdd(name: "Content-Length", value: "\(payload.body.count)")
        return headers
    }

    func plainHeaders(at endpoint: EndpointURL) -> HTTPHeaders {
        var headers = commonHeaders(at: endpoint)
        add(to: &headers)
        return headers
    }

    private func commonHeaders(at endpoint: EndpointURL) -> HTTPHeaders {
        var headers = HTTPHeaders([
            ("Host", endpoint.authority), ("User-Agent", userAgent), ("Accept", "application/json"),
            ("Accept-Encoding", "gzip"),
        ])
        if let value = authorization(at: endpoint) { headers.add(name: "Authorization", value: value) }
        return headers
    }

    /// The user's headers win over ours, except those that frame the request.
    private func add(to headers: inout HTTPHeaders) {
        let framing = ["content-length", "transfer-encoding", "content-encoding", "connection"]
        for header in self.headers where !framing.contains(header.name.lowercased()) {
            headers.replaceOrAdd(name: header.name, value: header.text)
        }
    }

    private func authorization(at endpoint: EndpointURL) -> String? {
        switch credentials {
        case .basic(let user, let password): return "Basic " + Self.base64("\(user):\(password.revealed)")
        // Elasticsearch wants the pair encoded; Kibana shows it like that already.
        case .apiKey(let key):
            return "ApiKey " + (key.revealed.contains(":") ? Self.base64(key.revealed) : key.revealed)
        case .bearer(let token): return "Bearer " + token.revealed
        case nil: break
        }
        return endpoint.basicAuthorization
    }

    /// RFC 4648 §4.
    static func base64(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                output.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// RFC 3986 §2.3: all but unreserved characters are escaped.
    private static func encoded(_ text: String) -> String {
        var output = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E, 0x2A, 0x2C:
                output.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                output += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return output
    }
}

extension EndpointURL {
    /// What user and password in a URL say (RFC 7617); `nil` without a user.
    var basicAuthorization: String? {
        user.map { "Basic " + TransportSettings.base64("\($0):\(password?.revealed ?? "")") }
    }
}
