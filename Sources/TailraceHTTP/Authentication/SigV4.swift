import NIOHTTP1
import TailraceCore
import TailraceRuntime

/// Signs a request as AWS wants it: Signature Version 4, in the `Authorization` header.
///
/// - SeeAlso: AWS IAM User Guide, "Create a signed AWS API request".
struct SigV4: Sendable {
    static let algorithm = "AWS4-HMAC-SHA256"

    private let keys: AWSKeys
    private let region: String
    private let service: String

    init(_ keys: AWSKeys, region: String, service: String) {
        self.keys = keys
        self.region = region
        self.service = service
    }

    /// Adds date, hash of the body, session token and signature. What is added to the request later is not signed.
    func sign(_ request: inout HTTPRequest, at time: Timestamp) {
        let hash = SHA256.digest(of: request.body).hexadecimal
        let date = Self.date(time)
        request.headers.replaceOrAdd(name: "X-Amz-Date", value: date)
        // OpenSearch Serverless refuses requests without it.
        request.headers.replaceOrAdd(name: "X-Amz-Content-Sha256", value: hash)
        if let token = keys.sessionToken {
            request.headers.replaceOrAdd(name: "X-Amz-Security-Token", value: token.revealed)
        }
        let signed = ["content-type", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"]
        let headers = request.headers.map { (name: $0.name, value: $0.value) }
            .filter { signed.contains($0.name.lowercased()) }
        let value = authorization(
            method: request.method.rawValue, target: request.target, headers: headers, bodyHash: hash, date: date)
        request.headers.replaceOrAdd(name: "Authorization", value: value)
    }

    /// - Parameters:
    ///   - target: path and query, as they are sent.
    ///   - headers: those that are signed, in any order.
    ///   - bodyHash: SHA-256 of the body in lower-case hexadecimal digits.
    ///   - date: `20150830T123600Z`.
    func authorization(
        method: String, target: String, headers: [(name: String, value: String)], bodyHash: String, date: String
    ) -> String {
        let (canonical, names) = Self.canonicalHeaders(headers)
        let cut = target.firstIndex(of: "?") ?? target.endIndex
        let request = [
            method, Self.canonicalPath(target[..<cut]), Self.canonicalQuery(target[cut...].dropFirst()), canonical,
            names,
            bodyHash,
        ].joined(separator: "\n")
        let day = String(date.prefix(8))
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let text = "\(Self.algorithm)\n\(date)\n\(scope)\n\(SHA256.digest(of: Array(request.utf8)).hexadecimal)"
        var key = Array("AWS4\(keys.secretKey.revealed)".utf8)
        for part in [day, region, service, "aws4_request"] {
            key = SHA256.authenticationCode(for: Array(part.utf8), key: key)
        }
        let signature = SHA256.authenticationCode(for: Array(text.utf8), key: key).hexadecimal
        return "\(Self.algorithm) Credential=\(keys.accessKey)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
    }

    private static func canonicalHeaders(
        _ headers: [(name: String, value: String)]
    ) -> (lines: String, names: String) {
        var values: [String: [String]] = [:]
        for header in headers {
            let value = header.value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
            values[header.name.lowercased(), default: []].append(value)
        }
        let sorted = values.sorted { $0.key < $1.key }
        let lines = sorted.map { "\($0.key):\($0.value.joined(separator: ","))\n" }.joined()
        return (lines, sorted.map(\.key).joined(separator: ";"))
    }

    /// Without empty and dotted segments, and encoded once more than it is sent, as all services but S3 want it.
    private static func canonicalPath(_ path: Substring) -> String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
        }
        guard !segments.isEmpty else { return "/" }
        let joined = "/" + segments.map { URLText.encoded(String($0)) }.joined(separator: "/")
        return path.hasSuffix("/") ? joined + "/" : joined
    }

    private static func canonicalQuery(_ query: Substring) -> String {
        query.split(separator: "&").map { pair -> (name: String, value: String) in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { URLText.encoded(URLText.decoded(String($0))) }
            return (sides[0], sides.count == 2 ? sides[1] : "")
        }
        .sorted { ($0.name, $0.value) < ($1.name, $1.value) }
        .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// `20150830T123600Z`.
    static func date(_ time: Timestamp) -> String {
        var bytes = OwnedBytes()
        var times = RFC3339Printer()
        times.append(time, to: &bytes)
        let digits = Array(bytes.span).prefix(19).filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ":") }
        return String(decoding: digits, as: UTF8.self) + "Z"
    }
}

/// Percent-encoding (RFC 3986 §2).
package enum URLText {
    /// All but unreserved characters are escaped.
    package static func encoded(_ text: String) -> String {
        var output = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                output.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                output += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return output
    }

    /// A percent sign that encodes nothing stands for itself.
    static func decoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
