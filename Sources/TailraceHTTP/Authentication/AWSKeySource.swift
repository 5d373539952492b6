import Logging
import NIOCore
import NIOHTTP1
import TailraceCore
import TailraceRuntime

/// Asks for keys at the place that the environment names. See `AWSKeyring` for the places.
struct AWSKeySource: Sendable {
    /// Bytes of a reply; the real ones have less than two thousand.
    private static let replyMax = 64 << 10
    private static let timeout = Duration.seconds(10)

    private let aws: AWSSettings
    private let settings: TransportSettings
    private let time: any Timebase
    private let loops: EventLoops
    private let logger: Logger

    init(_ aws: AWSSettings, _ settings: TransportSettings, time: any Timebase, loops: EventLoops, logger: Logger) {
        self.aws = aws
        self.settings = settings
        self.time = time
        self.loops = loops
        self.logger = logger
    }

    func fetch() async throws(TransportFailure) -> AWSKeys {
        if let accessKey = aws.accessKey, let secretKey = aws.secretKey {
            return AWSKeys(accessKey: accessKey, secretKey: secretKey, sessionToken: aws.sessionToken, expiry: nil)
        }
        if let file = aws.webIdentityTokenFile, let role = aws.roleARN {
            return try await assumeRole(role, file)
        }
        if let url = aws.containerURL { return try await containerKeys(url) }
        if aws.isMetadataDisabled {
            throw Self.failure("none are named by the environment, and AWS_EC2_METADATA_DISABLED is set")
        }
        return try await instanceKeys()
    }

    // MARK: Sources

    /// AssumeRoleWithWebIdentity of AWS STS: the token of the Pod for keys.
    private func assumeRole(_ role: String, _ file: String) async throws(TransportFailure) -> AWSKeys {
        let form = [
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
            ("RoleSessionName", aws.roleSessionName), ("WebIdentityToken", try token(in: file)),
        ].map { "\($0)=\(URLText.encoded($1))" }.joined(separator: "&")
        let body = try await ask(
            aws.stsURL, .POST, "/", [("Content-Type", "application/x-www-form-urlencoded")], Array(form.utf8),
            "AWS STS")
        let text = String(decoding: body, as: UTF8.self)
        guard let accessKey = Self.element("AccessKeyId", of: text),
            let secretKey = Self.element("SecretAccessKey", of: text),
            let token = Self.element("SessionToken", of: text)
        else { throw Self.failure("AWS STS (\(aws.stsURL)) answered without any") }
        return AWSKeys(
            accessKey: accessKey, secretKey: Secret(secretKey), sessionToken: Secret(token),
            expiry: Self.time(Self.element("Expiration", of: text)))
    }

    /// The agent of ECS, or of EKS Pod Identity.
    private func containerKeys(_ url: EndpointURL) async throws(TransportFailure) -> AWSKeys {
        var headers: [(String, String)] = []
        if let file = aws.containerTokenFile {
            headers.append(("Authorization", try token(in: file)))
        } else if let token = aws.containerToken {
            headers.append(("Authorization", token.revealed))
        }
        let path = aws.containerPath.isEmpty ? "/" : aws.containerPath
        return try Self.keys(in: try await ask(url, .GET, path, headers, [], "the container's agent"), from: url)
    }

    /// IMDSv2: a session, the name of the role, its keys.
    private func instanceKeys() async throws(TransportFailure) -> AWSKeys {
        let url = aws.metadataURL
        let who = "the instance metadata service"
        let session = try await ask(
            url, .PUT, "/latest/api/token", [("X-aws-ec2-metadata-token-ttl-seconds", "21600")], [], who)
        let headers = [("X-aws-ec2-metadata-token", String(decoding: session, as: UTF8.self))]
        let base = "/latest/meta-data/iam/security-credentials/"
        let names = String(decoding: try await ask(url, .GET, base, headers, [], who), as: UTF8.self)
        guard let role = names.split(separator: "\n").first else {
            throw Self.failure("the instance has no role; attach one, or set AWS_ACCESS_KEY_ID")
        }
        let path = base + URLText.encoded(String(role))
        return try Self.keys(in: try await ask(url, .GET, path, headers, [], who), from: url)
    }

    // MARK: Asking

    private func ask(
        _ url: EndpointURL, _ method: HTTPMethod, _ path: String, _ headers: [(String, String)], _ body: [UInt8],
        _ who: String
    ) async throws(TransportFailure) -> [UInt8] {
        var allHeaders = HTTPHeaders([
            ("Host", url.authority), ("User-Agent", settings.userAgent), ("Accept", "*/*"), ("Connection", "close"),
            ("Content-Length", "\(body.count)"),
        ])
        for (name, value) in headers { allHeaders.add(name: name, value: value) }
        let request = HTTPRequest(
            method: method, target: url.pathPrefix + path, headers: allHeaders, body: body,
            reply: ReplyPlan(limit: Self.replyMax))
        let answer: HTTPAnswer
        do {
            let connection = try await dialer(for: url).open(url)
            defer { connection.close() }
            answer = try await connection.send(request, within: Self.timeout)
        } catch let failure as TransportFailure {
            throw Self.failure("\(who) can't be asked: \(failure.description)")
        } catch let failure as ExchangeFailure {
            throw Self.failure("\(who) can't be asked: \(failure.failure.description)")
        } catch {
            throw Self.failure("\(who) can't be asked: \(error)")
        }
        guard answer.head.status == .ok else {
            let code = Self.element("Code", of: String(decoding: answer.body, as: UTF8.self)).map { ", \($0)" } ?? ""
            throw Self.failure("\(who) (\(url)) answered \(answer.head.status.code)\(code)")
        }
        return answer.body
    }

    /// AWS is trusted by the system's certificates, whatever the endpoint is trusted by. What is beside us is not behind
    /// a proxy.
    private func dialer(for url: EndpointURL) throws -> Dialer {
        var settings = settings
        settings.endpoints = [url]
        settings.trust = .system
        settings.clientCertificate = nil
        if url != aws.stsURL { settings.proxies = .none }
        settings.connectTimeout = min(settings.connectTimeout, Self.timeout)
        return try Dialer(settings, time: time, loops: loops, logger: logger)
    }

    private func token(in file: String) throws(TransportFailure) -> String {
        do throws(FileFailure) {
            return try ProcessEnvironment.readFile(file).trimmingWhiteSpace
        } catch {
            throw Self.failure("the token can't be read: \(error)")
        }
    }

    // MARK: Reading

    private static func keys(in body: [UInt8], from url: EndpointURL) throws(TransportFailure) -> AWSKeys {
        guard let json = try? JSONValue(parsing: body), let accessKey = json["AccessKeyId"]?.text,
            let secretKey = json["SecretAccessKey"]?.text
        else {
            let code = (try? JSONValue(parsing: body))?["Code"]?.text.map { " but \($0)" } ?? ""
            throw failure("\(url) answered without any\(code)")
        }
        return AWSKeys(
            accessKey: accessKey, secretKey: Secret(secretKey), sessionToken: json["Token"]?.text.map { Secret($0) },
            expiry: time(json["Expiration"]?.text))
    }

    /// What is between `<name>` and `</name>`. Keys and tokens hold nothing that XML escapes.
    private static func element(_ name: String, of text: String) -> String? {
        guard let start = text.firstRange(of: "<\(name)>")?.upperBound,
            let end = text[start...].firstRange(of: "</\(name)>")?.lowerBound
        else { return nil }
        return String(text[start..<end])
    }

    private static func time(_ text: String?) -> Timestamp? {
        guard let bytes = text.map({ Array($0.utf8) }) else { return nil }
        var parser = RFC3339Parser()
        return parser.parse(bytes.span)
    }

    private static func failure(_ what: String) -> TransportFailure {
        TransportFailure(.credentials, "no AWS credentials: \(what)")
    }
}

extension String {
    fileprivate var trimmingWhiteSpace: String {
        var text = self[...]
        while let last = text.last, last.isWhitespace { text.removeLast() }
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        return String(text)
    }
}
