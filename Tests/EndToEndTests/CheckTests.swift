import Foundation
import FoundationNetworking
import Testing

/// What `tailrace check` says about an endpoint.
@Suite(.timeLimit(.minutes(10))) struct CheckTests {
    private func check(_ url: String, _ arguments: [String] = [], _ settings: [String: String] = [:]) throws -> (
        code: Int32, text: String
    ) {
        let workspace = try Workspace()
        return try Shipper.command(
            ["check"] + arguments,
            [
                "TAILRACE_ENDPOINT": url, "TAILRACE_PATHS": "\(workspace.logs)/*.log", "TAILRACE_INDEX": "app-logs",
                "TAILRACE_STATE_DIR": "\(workspace.root)/state",
            ].merging(settings) { $1 })
    }

    @Test func `a document is written, found and removed again, and nothing stays behind`() async throws {
        let osmem = try await Osmem(index: "app-logs")
        let (code, text) = try check(osmem.url)
        #expect(code == 0, "\(text)")
        #expect(text.contains("✓ \(osmem.url) answers: opensearch, version 3.8.0"), "\(text)")
        #expect(text.contains("– index template tailrace-app-logs is not there"), "\(text)")
        #expect(text.contains("`tailrace setup` would mend that"))
        #expect(text.contains("✓ a document was written to app-logs"))
        #expect(text.contains("✓ it was found there"))
        #expect(text.contains("✓ it was removed again"))
        #expect(try await osmem.count("app-logs") == 0)
        _ = try Shipper.command(["setup"], ["TAILRACE_ENDPOINT": osmem.url, "TAILRACE_INDEX": "app-logs"])
        let mended = try check(osmem.url)
        #expect(
            mended.text.contains("✓ index template tailrace-app-logs is there, and as it should be"), "\(mended.text)")
    }

    @Test func `certificates that are not verified are shouted about`() throws {
        let (code, text) = try check("https://127.0.0.1:1", ["--offline"], ["TAILRACE_INSECURE_SKIP_VERIFY": "true"])
        #expect(code == 0, "\(text)")
        #expect(text.lowercased().contains("warning"))
        #expect(text.contains("anybody on the way can read the logs and the credentials"))
    }

    @Test func `no index is made before its template, unless it is wished`() async throws {
        let osmem = try await Osmem(index: "other")
        let careful = try check(osmem.url)
        #expect(careful.code == 0, "\(careful.text)")
        #expect(careful.text.contains("– no document was written: there is no app-logs"), "\(careful.text)")
        #expect(try await osmem.text("/app-logs").contains("index_not_found_exception"))
        let bold = try check(osmem.url, ["--write"])
        #expect(bold.code == 0, "\(bold.text)")
        #expect(bold.text.contains("✓ it was found there"))
    }

    @Test func `a document that the mapping refuses says which and why`() async throws {
        let osmem = try await Osmem(index: "other")
        try await osmem.put("/app-logs", #"{"mappings":{"properties":{"message":{"type":"long"}}}}"#)
        let (code, text) = try check(osmem.url)
        #expect(code == 1)
        #expect(text.contains("✗ a document for app-logs is refused: 400, mapper_parsing_exception"), "\(text)")
    }

    @Test func `an index that is blocked, and a wrong path, say what to do`() async throws {
        let osmem = try await Osmem(index: "app-logs")
        try await osmem.put("/app-logs/_settings", #"{"index.blocks.write":true}"#)
        let blocked = try check(osmem.url)
        #expect(blocked.code == 1)
        #expect(blocked.text.contains("no document can be written to app-logs"), "\(blocked.text)")
        let lost = try check(osmem.url + "/no/where", ["--write"])
        #expect(lost.code == 1)
        #expect(lost.text.contains("Check the path in TAILRACE_ENDPOINT"), "\(lost.text)")
    }

    /// What keys for writing alone get to see.
    @Test func `rights for writing alone are enough`() throws {
        let server = try ScriptedServer { request in
            if request.path == "/_bulk" {
                return .json(["items": [["create": ["_index": "app-logs", "_id": "1", "status": 201]]]])
            }
            return .json(["error": ["type": "security_exception", "reason": "no"]], 403)
        }
        let (code, text) = try check(server.url, [], ["TAILRACE_COMPRESSION_LEVEL": "0"])
        #expect(code == 0, "\(text)")
        #expect(text.contains("it does not say what it is (403), which is no fault"))
        #expect(text.contains("what is set up can't be looked at, which is no fault"))
        #expect(text.contains("✓ a document was written to app-logs"))
        #expect(text.contains("it can't be read with these credentials (403)"))
        #expect(text.contains("could not be removed: DELETE /app-logs/_doc/1 does it"))
    }

    @Test(
        arguments: [
            (401, "✗ URL answers 401: check the credentials."), (503, "it, or a proxy before it, is not well."),
            (403, "✗ no document can be written to app-logs"), (404, "Check address and path in TAILRACE_ENDPOINT"),
            (302, "write the final address in TAILRACE_ENDPOINT"),
        ])
    func `whatever the endpoint answers to everything, the sentence says what to look at`(
        _ status: Int, _ words: String
    )
        throws
    {
        let server = try ScriptedServer { _ in .json(["error": "no"], status) }
        let (code, text) = try check(server.url, ["--write"])
        #expect(code == 1, "\(text)")
        #expect(text.contains(words.replacingOccurrences(of: "URL", with: server.url)), "\(text)")
    }
}
