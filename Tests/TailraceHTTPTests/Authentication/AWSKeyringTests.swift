import Foundation
import Synchronization
import TailraceCore
import TailraceHTTP
import TailraceRuntime
import Testing

/// Keys of AWS from each of the places they come from, spoken to over real sockets.
@Suite(.timeLimit(.minutes(10))) struct AWSKeyringTests {
    private let time = MovedTime()

    private func keys(_ name: String, hours: Double = 6) -> String {
        let expiry = Date(timeIntervalSinceNow: hours * 3600).formatted(.iso8601)
        return reply(
            "200 OK", "",
            #"{"Code":"Success","AccessKeyId":"AK\#(name)","SecretAccessKey":"sesame","Token":"session\#(name)","Expiration":"\#(expiry)"}"#
        )
    }

    private func transport(_ endpoint: RawServer, _ variables: [String: String]) throws -> HTTPBulkTransport {
        let settings = ["TAILRACE_AWS_SERVICE": "es", "AWS_REGION": "eu-west-1"].merging(variables) { $1 }
        return try .reading(settings, endpoint: "http://127.0.0.1:\(endpoint.port)", time: time)
    }

    private func ask(_ endpoint: RawServer, _ transport: HTTPBulkTransport) async throws -> PostOutcome {
        await transport.get("/", at: try EndpointURL(parsing: "http://127.0.0.1:\(endpoint.port)"))
    }

    private func expectSigned(
        _ endpoint: RawServer, by key: String, session: String?, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let request = endpoint.requests.last ?? ""
        let value = request.header("authorization") ?? ""
        #expect(
            value.hasPrefix("AWS4-HMAC-SHA256 Credential=\(key)/"), "\(request)", sourceLocation: sourceLocation)
        #expect(value.contains("/eu-west-1/es/aws4_request"), sourceLocation: sourceLocation)
        #expect(request.header("x-amz-security-token") == session, sourceLocation: sourceLocation)
        #expect(request.header("x-amz-content-sha256")?.count == 64, sourceLocation: sourceLocation)
    }

    @Test func `keys in the environment`() async throws {
        let endpoint = try await RawServer([.bytes(reply())])
        let variables = [
            "AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": "sesame", "AWS_SESSION_TOKEN": "session",
        ]
        _ = try await ask(endpoint, transport(endpoint, variables))
        expectSigned(endpoint, by: "AKENV", session: "session")
    }

    @Test func `a web identity is exchanged for keys`() async throws {
        let endpoint = try await RawServer([.bytes(reply())])
        let body =
            "<AssumeRoleWithWebIdentityResponse><Credentials><AccessKeyId>AKWEB</AccessKeyId><SecretAccessKey>s/+</SecretAccessKey><SessionToken>session</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResponse>"
        let sts = try await RawServer([.bytes(reply("200 OK", "", body))])
        let file = NSTemporaryDirectory() + "tailrace-token-\(UUID().uuidString)"
        try "ey.J=\n".write(toFile: file, atomically: true, encoding: .utf8)
        let variables = [
            "AWS_WEB_IDENTITY_TOKEN_FILE": file, "AWS_ROLE_ARN": "arn:aws:iam::1:role/logs",
            "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:\(sts.port)",
        ]
        let transport = try transport(endpoint, variables)
        for _ in 0..<2 { _ = try await ask(endpoint, transport) }
        expectSigned(endpoint, by: "AKWEB", session: "session")
        #expect(sts.requests.count == 1)
        #expect(
            sts.requests.first?.hasSuffix(
                "\r\n\r\nAction=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Flogs&RoleSessionName=tailrace&WebIdentityToken=ey.J%3D"
            ) == true)
    }

    @Test func `the agent of a container, with a token in a file that is renewed`() async throws {
        let endpoint = try await RawServer([.bytes(reply())])
        // Five minutes before the end new ones are asked for.
        let agent = try await RawServer([.bytes(keys("A", hours: 2)), .bytes(keys("B", hours: 8))])
        let file = NSTemporaryDirectory() + "tailrace-token-\(UUID().uuidString)"
        try "first".write(toFile: file, atomically: true, encoding: .utf8)
        let transport = try transport(
            endpoint,
            [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:\(agent.port)/v1/credentials",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file,
            ])
        _ = try await ask(endpoint, transport)
        expectSigned(endpoint, by: "AKA", session: "sessionA")
        try "second".write(toFile: file, atomically: true, encoding: .utf8)
        time.move(by: 90 * 60)
        _ = try await ask(endpoint, transport)
        #expect(agent.requests.count == 1)
        time.move(by: 26 * 60)
        _ = try await ask(endpoint, transport)
        expectSigned(endpoint, by: "AKB", session: "sessionB")
        #expect(agent.requests.map { $0.header("authorization") } == ["first", "second"])
        #expect(agent.requests.first?.hasPrefix("GET /v1/credentials HTTP/1.1\r\n") == true)
    }

    @Test func `the metadata of an instance, in a session`() async throws {
        let endpoint = try await RawServer([.bytes(reply())])
        let metadata = try await RawServer([
            .bytes(reply("200 OK", "", "sess==")), .bytes(reply("200 OK", "", "logs-role")), .bytes(keys("I")),
        ])
        _ = try await ask(
            endpoint,
            transport(endpoint, ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:\(metadata.port)/"]))
        expectSigned(endpoint, by: "AKI", session: "sessionI")
        let seen = metadata.requests
        try #require(seen.count == 3)
        #expect(seen[0].hasPrefix("PUT /latest/api/token "))
        #expect(seen[0].header("x-aws-ec2-metadata-token-ttl-seconds") == "21600")
        #expect(seen[2].hasPrefix("GET /latest/meta-data/iam/security-credentials/logs-role "))
        #expect(seen[2].header("x-aws-ec2-metadata-token") == "sess==")
    }

    @Test func `keys that are refused are replaced, and the request is sent again`() async throws {
        let endpoint = try await RawServer([.bytes(reply()), .bytes(reply("403 Forbidden")), .bytes(reply())])
        let agent = try await RawServer([.bytes(keys("A")), .bytes(keys("B"))])
        let transport = try transport(
            endpoint, ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:\(agent.port)/"])
        _ = try await ask(endpoint, transport)
        time.move(by: 60)
        guard case .reply(let answer) = try await ask(endpoint, transport) else { return #expect(Bool(false)) }
        #expect(answer.status == 200)
        expectSigned(endpoint, by: "AKB", session: "sessionB")
    }

    @Test func `without keys nothing is sent, and it is said why`() async throws {
        let endpoint = try await RawServer([.bytes(reply())])
        let agent = try await RawServer([.bytes(reply("500 Internal Server Error", "", "sesame"))])
        let transport = try transport(
            endpoint, ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:\(agent.port)/"])
        let outcome = try await ask(endpoint, transport)
        guard case .failed(let failure) = outcome else { return #expect(Bool(false)) }
        #expect(failure.kind == .credentials)
        #expect(failure.description.contains("answered 500"))
        #expect(!failure.description.contains("sesame"))
        #expect(endpoint.requests.isEmpty)
        guard case .held(let complaint) = judge(outcome, documentCount: 1) else { return #expect(Bool(false)) }
        #expect(complaint.kind == .credentials)
    }

    @Test func `the agent of ECS is at its fixed address`() throws {
        var reader = SettingReader(
            [
                "TAILRACE_AWS_SERVICE": "es", "AWS_REGION": "eu-west-1",
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/1234?id=a",
                // The documentation: the relative one counts where both are there.
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/other",
            ], readFile: ProcessEnvironment.readFile)
        guard case .aws(let aws) = Settings(reading: &reader).credentials else { return #expect(Bool(false)) }
        #expect(reader.mistakes.isEmpty, "\(reader.mistakes)")
        #expect(aws.containerURL.map { "\($0)" } == "http://169.254.170.2")
        #expect(aws.containerPath == "/v2/credentials/1234?id=a")
    }

    @Test func `keys are not taken from a stranger without TLS`() {
        var reader = SettingReader(
            [
                "TAILRACE_AWS_SERVICE": "aoss", "TAILRACE_AWS_REGION": "eu-west-1",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://keys.example/",
            ], readFile: ProcessEnvironment.readFile)
        _ = Settings(reading: &reader)
        #expect(reader.mistakes.map(\.description).contains { $0.contains("leads to keys.example without TLS") })
    }

    @Test func `the region is in the endpoint's name`() {
        var reader = SettingReader(
            [
                "TAILRACE_AWS_SERVICE": "es", "AWS_REGION": "us-east-1",
                "TAILRACE_ENDPOINT": "https://search-logs.eu-central-1.es.amazonaws.com",
            ], readFile: ProcessEnvironment.readFile)
        guard case .aws(let aws) = Settings(reading: &reader).credentials else { return #expect(Bool(false)) }
        #expect(aws.region == "eu-central-1")
        #expect("\(aws.stsURL)" == "https://sts.eu-central-1.amazonaws.com")
    }
}
