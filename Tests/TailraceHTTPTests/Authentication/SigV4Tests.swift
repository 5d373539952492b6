import Foundation
import TailraceCore
import TailraceRuntime
import Testing

@testable import TailraceHTTP

@Suite struct SigV4Tests {
    private static let keys = AWSKeys(
        accessKey: "AKIDEXAMPLE", secretKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))

    /// AWS's own test suite for Signature Version 4, whose requests are all of the same second.
    @Test(
        arguments: [
            ("GET", "/", [], "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            ("POST", "/", [], "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            (
                "GET", "/?Param2=value2&Param1=value1", [],
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
            ),
        ] as [(String, String, [String], String)])
    func `signs the requests of AWS's test suite`(
        _ method: String, _ target: String, _ headers: [String], _ signature: String
    ) {
        let value = SigV4(Self.keys, region: "us-east-1", service: "service").authorization(
            method: method, target: target,
            headers: [("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z")],
            bodyHash: SHA256.digest(of: []).hexadecimal, date: "20150830T123600Z")
        #expect(
            value == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                + "SignedHeaders=host;x-amz-date, Signature=\(signature)")
    }

    private struct Case: Decodable {
        var method: String
        var target: String
        var headers: [[String]]
        var body: String
        var date: String
        var region: String
        var service: String
        var authorization: String
    }

    @Test(.timeLimit(.minutes(10))) func `signs as botocore does`() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let json = try await runProgram(
            ["python3", root.appendingPathComponent("sigv4_peer.py").path, "\(seed)"],
            [
                "PYTHONPATH": root.appendingPathComponent("../../../.build/botocore").standardized.path
            ])
        let cases = try JSONDecoder().decode([Case].self, from: Data(json.utf8))
        #expect(cases.count == 300)
        for one in cases {
            let value = SigV4(Self.keys, region: one.region, service: one.service).authorization(
                method: one.method, target: one.target, headers: one.headers.map { ($0[0], $0[1]) },
                bodyHash: SHA256.digest(of: Array(one.body.utf8)).hexadecimal, date: one.date)
            #expect(value == one.authorization, "\(one)")
        }
    }

    @Test func `the date is told in the form that AWS wants`() {
        #expect(SigV4.date(Timestamp(nanoseconds: 1_440_938_160_999_000_000)) == "20150830T123600Z")
    }
}
