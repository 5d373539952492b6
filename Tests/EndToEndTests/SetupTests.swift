import Foundation
import FoundationNetworking
import Testing

/// `tailrace setup`, as a person runs it, and `TAILRACE_SETUP=auto`.
@Suite(.timeLimit(.minutes(10))) struct SetupTests {
    private let retention = ["TAILRACE_RETENTION": "720h"]

    private func setup(_ url: String, _ arguments: [String] = [], _ settings: [String: String]) throws -> (
        code: Int32, text: String
    ) {
        try Shipper.command(["setup"] + arguments, settings.merging(["TAILRACE_ENDPOINT": url]) { $1 })
    }

    @Test(arguments: ScriptedCluster.Product.allCases)
    func `everything is made once, and then left as it is`(_ product: ScriptedCluster.Product) throws {
        let cluster = try ScriptedCluster(product)
        let url = cluster.server.url
        let first = try setup(url, ["--kibana", url], retention)
        #expect(first.code == 0, "\(first.text)")
        #expect(!first.text.contains("✗"))
        #expect(first.text.contains("saved objects: 6 imported"))
        let paths = cluster.changes.map(\.path)
        let name = "tailrace-logs-tailrace-default"
        let policies = product == .serverless ? [] : [product.policyPath + name]
        #expect(
            paths == policies + [
                "/_component_template/\(name)@mappings", "/_component_template/\(name)@settings",
                "/_index_template/\(name)", "/_data_stream/logs-tailrace-default",
            ])
        #expect(cluster.savedObjects.keys.contains { $0.hasPrefix("index-pattern/") })
        #expect(cluster.savedObjects.keys.contains { $0.hasPrefix("dashboard/") })

        let second = try setup(url, ["--kibana", url], retention)
        #expect(second.code == 0)
        #expect(cluster.changes.count == paths.count, "\(second.text)")
        #expect(
            second.text.split(separator: "\n").count { $0.contains("as it should be") } == paths.count, "\(second.text)"
        )
        #expect(second.text.contains("saved objects: 0 imported, 6 were there and are left alone"))
    }

    @Test(arguments: ScriptedCluster.Product.allCases)
    func `what somebody has changed is left alone, unless it is forced`(_ product: ScriptedCluster.Product) throws {
        let cluster = try ScriptedCluster(product)
        _ = try setup(cluster.server.url, [], retention)
        let path = "/_component_template/tailrace-logs-tailrace-default@mappings"
        cluster.edit(path, "\"ignore_above\":1024", "\"ignore_above\":77")
        let count = cluster.changes.count
        let again = try setup(cluster.server.url, [], retention)
        #expect(again.code == 0)
        #expect(again.text.contains("@mappings is there, but made or changed by somebody: it is left alone"))
        #expect(cluster.changes.count == count)
        let forced = try setup(cluster.server.url, ["--force"], retention)
        #expect(forced.text.contains("@mappings was replaced"), "\(forced.text)")
        #expect(cluster.changes.map(\.path).dropFirst(count) == [path])
        #expect(!String(decoding: cluster.objects[path] ?? Data(), as: UTF8.self).contains(":77"))
    }

    @Test(arguments: [ScriptedCluster.Product.elasticsearch8, .opensearch2])
    func `what we have made for other settings is made anew`(_ product: ScriptedCluster.Product) throws {
        let cluster = try ScriptedCluster(product)
        _ = try setup(cluster.server.url, [], retention)
        let count = cluster.changes.count
        let other = try setup(cluster.server.url, [], ["TAILRACE_RETENTION": "240h"])
        #expect(other.code == 0)
        #expect(other.text.contains("policy tailrace-logs-tailrace-default was replaced"), "\(other.text)")
        #expect(cluster.changes.map(\.path).dropFirst(count) == [product.policyPath + "tailrace-logs-tailrace-default"])
    }

    @Test func `print shows what would be sent, and sends nothing`() throws {
        let cluster = try ScriptedCluster(.elasticsearch8)
        let url = cluster.server.url
        let (code, text) = try setup(url, ["--print", "--kibana", url], retention)
        #expect(code == 0)
        for path in ["/_ilm/policy/", "/_component_template/", "/_index_template/", "/_data_stream/"] {
            #expect(text.contains("PUT \(path)"))
        }
        #expect(text.contains("POST /api/saved_objects/_import"))
        #expect(cluster.server.requests.allSatisfy { $0.method == "GET" })
        #expect(cluster.objects.isEmpty && cluster.savedObjects.isEmpty)
    }

    @Test func `without the rights for it, it says which are missing`() throws {
        let cluster = try ScriptedCluster(.elasticsearch8)
        cluster.makeReadOnly()
        let (code, text) = try setup(cluster.server.url, [], retention)
        #expect(code == 1)
        #expect(text.contains("answered 403 security_exception"), "\(text)")
        #expect(text.contains("Setting up needs more rights than shipping"))
        #expect(cluster.changes.count == 1, "what depends on it is not tried")
    }

    @Test func `an endpoint that is away is said to be`() throws {
        let port = try FreePort.find()
        let (code, text) = try setup("http://127.0.0.1:\(port)", [], retention)
        #expect(code == 1)
        #expect(text.contains("Connection refused"), "\(text)")
    }

    // MARK: A server that nobody here wrote

    /// osmem-server knows templates; it has neither policies nor data streams.
    @Test func `osmem-server takes the templates, and maps logs by them`() async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem(index: "other")
        let settings = retention.merging(["TAILRACE_INDEX": "app-logs"]) { $1 }
        let first = try setup(osmem.url, [], settings)
        #expect(first.code == 0, "\(first.text)")
        #expect(first.text.contains("there are no such policies here"), "\(first.text)")
        #expect(first.text.contains("index template tailrace-app-logs was made"), "\(first.text)")
        let second = try setup(osmem.url, [], settings)
        #expect(!second.text.contains("was made") && !second.text.contains("was replaced"), "\(second.text)")
        #expect(second.text.contains("index template tailrace-app-logs is there, and as it should be"))

        try workspace.append(["one"], to: "a.log")
        let shipper = try Shipper(workspace, endpoint: osmem.port, index: "app-logs", [:])
        let isStored = await eventually(within: 60) {
            (try? await osmem.text("/app-logs/_count"))?.contains("\"count\":1") == true
        }
        #expect(isStored, "\(shipper.log)")
        #expect(shipper.terminate() == 0)
        let mapping = try await osmem.text("/app-logs/_mapping")
        #expect(mapping.contains(#""message":{"type":"match_only_text"}"#), "\(mapping)")
        #expect(mapping.contains(#""labels":{"type":"flat_object"}"#))
    }

    // MARK: At the start

    @Test func `auto makes the template before the first document is sent`() async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem(index: "other")
        try workspace.append(["one"], to: "a.log")
        let shipper = try Shipper(workspace, endpoint: osmem.port, index: "app-logs", ["TAILRACE_SETUP": "auto"])
        let isStored = await eventually(within: 60) {
            (try? await osmem.text("/app-logs/_count"))?.contains("\"count\":1") == true
        }
        #expect(isStored, "\(shipper.log)")
        #expect(shipper.terminate() == 0)
        #expect(shipper.log.contains("index template tailrace-app-logs was made"))
        #expect(try await osmem.text("/app-logs/_mapping").contains(#""message":{"type":"match_only_text"}"#))
    }

    @Test(arguments: [ScriptedServer.Answer.silence, .json(["error": "no"], 403), .json(["error": "no"], 503)])
    func `whatever becomes of it, logs are delivered`(_ answer: ScriptedServer.Answer) async throws {
        let workspace = try Workspace()
        let server = try ScriptedServer { request in
            guard request.path == "/_bulk" else { return answer }
            return .json(["items": [["create": ["status": 201]]]])
        }
        try workspace.append(["one"], to: "a.log")
        let begin = Date()
        let shipper = try Shipper(
            workspace, endpoint: server.port, ["TAILRACE_SETUP": "auto", "TAILRACE_COMPRESSION_LEVEL": "0"])
        let isSent = await eventually(within: 60) { server.requests.contains { $0.path == "/_bulk" } }
        print("first request after \(Date().timeIntervalSince(begin)) s")
        #expect(isSent, "\(shipper.log)")
        #expect(shipper.terminate() == 0)
        #expect(shipper.ledger["stored"] == 1, "\(shipper.log)")
    }
}
