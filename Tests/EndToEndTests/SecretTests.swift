import Foundation
import FoundationNetworking
import Testing

/// Secrets of every kind are planted, and everything that is ever put out is searched for them.
@Suite(.timeLimit(.minutes(10))) struct SecretTests {
    struct Planted: Sendable, CustomTestStringConvertible {
        var name: String
        var settings: [String: String]
        /// Pieces of text that must not be seen, besides `sesame`.
        var forms: [String] = []
        /// Goes before the host of the endpoint.
        var userInfo = ""
        var testDescription: String { name }
    }

    private static let planted = [
        Planted(
            name: "Basic", settings: ["TAILRACE_USERNAME": "ship", "TAILRACE_PASSWORD": "sesame-1"],
            forms: ["c2hpcDpzZXNhbWUtMQ"]),
        Planted(name: "API key", settings: ["TAILRACE_API_KEY": "id:sesame-2"], forms: ["aWQ6c2VzYW1lLTI"]),
        Planted(name: "bearer", settings: ["TAILRACE_BEARER_TOKEN": "sesame-3"]),
        Planted(
            name: "AWS",
            settings: [
                "TAILRACE_AWS_SERVICE": "es", "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
                "AWS_SECRET_ACCESS_KEY": "sesame-4", "AWS_SESSION_TOKEN": "sesame-5",
            ]),
        Planted(name: "the URL", settings: [:], forms: ["c2hpcDpzZXNhbWUtNg"], userInfo: "ship:sesame-6@"),
        Planted(name: "headers", settings: ["TAILRACE_HEADERS": "X-Token=sesame-7"]),
        Planted(
            name: "a key's passphrase",
            settings: [
                "TAILRACE_CLIENT_KEY_PASSPHRASE": "sesame-8", "TAILRACE_CLIENT_CERT_FILE": "/no/client.pem",
                "TAILRACE_CLIENT_KEY_FILE": "/no/client.key",
            ]),
        Planted(
            name: "a proxy", settings: ["TAILRACE_PROXY": "http://me:sesame-9@127.0.0.1:PROXY"],
            forms: ["bWU6c2VzYW1lLTk"]),
    ]

    /// An endpoint that repeats what it is sent, as servers do that want to help, and refuses it.
    private func endpoint() throws -> ScriptedServer {
        try ScriptedServer { request in
            switch request.path {
            case "/": .json(["version": ["number": "8.15.0"], "tagline": "You Know, for Search"])
            case "/_bulk": .json(["error": ["type": "security_exception", "reason": "missing authentication"]], 401)
            default: .json(["error": ["type": "security_exception", "reason": "unable to authenticate"]], 403)
            }
        }
    }

    @Test(arguments: planted)
    func `no secret is put out anywhere`(_ planted: Planted) async throws {
        let workspace = try Workspace()
        let server = try endpoint()
        let admin = try FreePort.find()
        var settings = planted.settings
        for (name, text) in settings { settings[name] = text.replacingOccurrences(of: "PROXY", with: "\(server.port)") }
        settings["TAILRACE_ENDPOINT"] = "http://\(planted.userInfo)127.0.0.1:\(server.port)"
        settings["TAILRACE_LOG_LEVEL"] = "trace"
        settings["TAILRACE_SETUP"] = "auto"
        settings["TAILRACE_PATHS"] = "\(workspace.logs)/*.log"
        settings["TAILRACE_STATE_DIR"] = "\(workspace.root)/state"
        let letter =
            #"{"@timestamp":"2026-01-01T00:00:00Z","index":"i","status":400,"type":"t","reason":"r","action":{"create":{"_index":"i","_id":"1"}},"record":{"a":1}}"#
        try "\(letter)\n".write(toFile: "\(workspace.root)/letters", atomically: true, encoding: .utf8)
        try workspace.append(["one"], to: "a.log")

        var output: [String: String] = [:]
        let shipper = try Shipper(workspace, endpoint: server.port, adminPort: admin, settings)
        let isTold = await eventually(within: 30) { shipper.log.contains("credentials") || !shipper.isRunning }
        #expect(isTold, "\(shipper.log)")
        if shipper.isRunning {
            let url = try #require(URL(string: "http://127.0.0.1:\(admin)/readyz"))
            let isUnready = await eventually(within: 10) {
                let page = (try? await URLSession.shared.data(from: url).0) ?? Data()
                return String(decoding: page, as: UTF8.self).contains("Check the credentials")
            }
            #expect(isUnready, "401 makes it unready at once: \(shipper.log)")
        }
        for page in ["metrics", "status", "readyz", "livez"] where shipper.isRunning {
            let url = try #require(URL(string: "http://127.0.0.1:\(admin)/\(page)"))
            output[page] = String(decoding: try await URLSession.shared.data(from: url).0, as: UTF8.self)
        }
        shipper.kill()
        output["run"] = shipper.log
        for arguments in [
            ["check"], ["check", "--offline"], ["setup", "--print"], ["setup"],
            ["replay", "\(workspace.root)/letters"],
            ["state"], ["settings"],
        ] { output[arguments.joined(separator: " ")] = try Shipper.command(arguments, settings).text }
        // Mistakes are told with what was written.
        output["a mistake"] = try Shipper.command(["run"], settings.merging(["TAILRACE_MAX_LINE": "1 parsec"]) { $1 })
            .text
        output["a bad URL"] =
            try Shipper.command(
                ["run"], settings.merging(["TAILRACE_ENDPOINT": "http://ship:sesame-6@ho st:99999"]) { $1 }
            )
            .text
        for (name, text) in output {
            #expect(!text.isEmpty || name == "livez", "\(name)")
            for form in ["sesame"] + planted.forms {
                #expect(!text.contains(form), "\(name) has \(form): \(text)")
            }
        }
        for file in try FileManager.default.subpathsOfDirectory(atPath: "\(workspace.root)/state") {
            let text = (try? String(contentsOfFile: "\(workspace.root)/state/\(file)", encoding: .isoLatin1)) ?? ""
            #expect(!text.contains("sesame"), "\(file)")
        }
        #expect(output["check"]?.contains("(set)") == true || !planted.userInfo.isEmpty, "\(output["check"] ?? "")")
    }

    /// Otherwise the test above would find nothing whatever happens.
    @Test func `the secrets are sent`() async throws {
        let workspace = try Workspace()
        let server = try endpoint()
        _ = try Shipper.command(
            ["check", "--write"],
            [
                "TAILRACE_ENDPOINT": server.url, "TAILRACE_BEARER_TOKEN": "sesame-3",
                "TAILRACE_STATE_DIR": "\(workspace.root)/state",
            ])
        #expect(server.requests.contains { $0.path == "/_bulk" && $0.headers["authorization"] == "Bearer sesame-3" })
    }
}
