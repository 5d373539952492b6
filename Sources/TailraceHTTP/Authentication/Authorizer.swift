import Logging
import NIOHTTP1
import TailraceCore
import TailraceRuntime

/// Puts into requests what proves to an endpoint who we are. Asked anew for each request, since everything that proves
/// it may be renewed while the program runs.
struct Authorizer: Sendable {
    private enum Method: Sendable {
        /// What the URL says, if it does.
        case url
        case basic(user: String, RenewedText)
        case apiKey(RenewedText)
        case bearer(RenewedText)
        case aws(AWSKeyring, AWSSettings)
    }

    private let method: Method
    private let headers: [NamedText]
    private let headersText: RenewedText?
    private let time: any Timebase

    init(_ settings: TransportSettings, time: any Timebase, loops: EventLoops, logger: Logger) {
        self.time = time
        headers = settings.headers
        headersText = settings.headersFile.map { RenewedText("", file: $0, logger: logger) }
        method =
            switch settings.credentials {
            case .basic(let user, let password): .basic(user: user, RenewedText(password, logger: logger))
            case .apiKey(let key): .apiKey(RenewedText(key, logger: logger))
            case .bearer(let token): .bearer(RenewedText(token, logger: logger))
            case .aws(let aws):
                .aws(AWSKeyring(aws, settings, time: time, loops: loops, logger: logger), aws)
            case nil: .url
            }
    }

    /// - Throws: when there are no credentials to be had now.
    func authorized(_ request: HTTPRequest, at endpoint: EndpointURL) async throws(TransportFailure) -> HTTPRequest {
        try await authorized(request, at: endpoint, again: false)
    }

    /// To be called when the endpoint did not accept a request for its credentials.
    ///
    /// - Returns: the same request with other credentials, if there are any by now.
    func renewed(_ used: HTTPRequest, at endpoint: EndpointURL) async -> HTTPRequest? {
        guard let request = try? await authorized(used, at: endpoint, again: true),
            request.headers[canonicalForm: "authorization"] != used.headers[canonicalForm: "authorization"],
            request.headers.proof != used.headers.proof
        else { return nil }
        return request
    }

    private func authorized(
        _ request: HTTPRequest, at endpoint: EndpointURL, again: Bool
    ) async throws(TransportFailure) -> HTTPRequest {
        var request = request
        switch method {
        case .url: set(endpoint.basicAuthorization, in: &request)
        case .basic(let user, let password):
            set("Basic " + Base64.encode("\(user):\(password.current(again: again))"), in: &request)
        case .apiKey(let key):
            let key = key.current(again: again)
            // Elasticsearch wants the pair encoded; Kibana shows it like that already.
            set("ApiKey " + (key.contains(":") ? Base64.encode(key) : key), in: &request)
        case .bearer(let token): set("Bearer " + token.current(again: again), in: &request)
        case .aws: break
        }
        addGiven(to: &request, again: again)
        if case .aws(let keyring, let aws) = method {
            let keys = try await keyring.keys(again: again)
            SigV4(keys, region: aws.region, service: aws.service.rawValue).sign(&request, at: time.wallClock)
        }
        return request
    }

    private func set(_ authorization: String?, in request: inout HTTPRequest) {
        guard let authorization else { return }
        request.headers.replaceOrAdd(name: "Authorization", value: authorization)
    }

    /// The user's headers win over ours, except those that frame the request.
    private func addGiven(to request: inout HTTPRequest, again: Bool) {
        let framing = ["content-length", "transfer-encoding", "content-encoding", "connection"]
        let given = headersText.flatMap { NamedText.pairs($0.current(again: again)) } ?? headers
        for header in given where !framing.contains(header.name.lowercased()) {
            request.headers.replaceOrAdd(name: header.name, value: header.text)
        }
    }
}

extension HTTPHeaders {
    /// What differs when other credentials are used, and only then.
    fileprivate var proof: String {
        // A signature is another one each second; the key it is made with is named before it.
        let value = first(name: "authorization") ?? ""
        guard value.hasPrefix(SigV4.algorithm) else { return value }
        return String(value.prefix { $0 != "/" }) + (first(name: "x-amz-security-token") ?? "")
    }
}

/// RFC 4648 §4.
enum Base64 {
    static func encode(_ text: String) -> String {
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
}
