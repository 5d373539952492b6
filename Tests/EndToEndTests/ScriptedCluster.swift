import Foundation
import Synchronization

/// What `tailrace setup` meets: a cluster's templates and policies, kept by path and told in the form in which each product
/// tells them, and the saved objects of its Kibana. What products add and rename is from their reference documentation.
final class ScriptedCluster: Sendable {
    enum Product: String, CaseIterable, Sendable {
        case elasticsearch8 = #"{"number":"8.15.0","build_flavor":"default"}"#
        case elasticsearch7 = #"{"number":"7.10.2","build_flavor":"default"}"#
        case serverless = #"{"number":"8.11.0","build_flavor":"serverless"}"#
        case opensearch2 = #"{"number":"2.17.0","distribution":"opensearch"}"#

        var isOpenSearch: Bool { self == .opensearch2 }
        var policyPath: String { isOpenSearch ? "/_plugins/_ism/policies/" : "/_ilm/policy/" }
    }

    let server: ScriptedServer
    private let store: Store

    private final class Store: Sendable {
        let objects = Mutex<[String: Data]>([:])
        let saved = Mutex<[String: Data]>([:])
        let isReadOnly = Mutex(false)
    }

    init(_ product: Product) throws {
        let store = Store()
        self.store = store
        server = try ScriptedServer { Self.answer($0, product, store) }
    }

    /// Of all that has been made, by path.
    var objects: [String: Data] { store.objects.withLock { $0 } }
    var savedObjects: [String: Data] { store.saved.withLock { $0 } }
    /// What changed something.
    var changes: [ScriptedServer.Request] { server.requests.filter { $0.method == "PUT" } }

    /// From now on, nothing may be changed with these credentials.
    func makeReadOnly() { store.isReadOnly.withLock { $0 = true } }

    /// Somebody changes an object by hand.
    func edit(_ path: String, _ text: String, _ other: String) {
        store.objects.withLock { objects in
            let now = String(decoding: objects[path] ?? Data(), as: UTF8.self)
            objects[path] = Data(now.replacingOccurrences(of: text, with: other).utf8)
        }
    }

    private static func answer(_ request: ScriptedServer.Request, _ product: Product, _ store: Store)
        -> ScriptedServer.Answer
    {
        let path = request.path
        if path == "/", let version = try? JSONSerialization.jsonObject(with: Data(product.rawValue.utf8)) {
            let line = product.isOpenSearch ? "The OpenSearch Project: https://opensearch.org/" : "You Know, for Search"
            return .json(["name": "n", "cluster_uuid": "u", "version": version, "tagline": line])
        }
        if path == "/api/saved_objects/_import" { return importSaved(request, product, store) }
        let isKnown =
            path.hasPrefix("/_component_template/") || path.hasPrefix("/_index_template/")
            || path.hasPrefix("/_data_stream/") || path.hasPrefix(product.policyPath) && product != .serverless
        guard isKnown else {
            return .json(["error": "no handler found for uri [\(path)] and method [\(request.method)]"], 400)
        }
        if request.method == "GET" {
            guard let bytes = store.objects.withLock({ $0[path] }) else {
                return .json(["error": ["type": "resource_not_found_exception", "reason": path], "status": 404], 404)
            }
            return .json(told(path, bytes, product))
        }
        if store.isReadOnly.withLock({ $0 }) {
            let reason = "action [cluster:admin/put] is unauthorized for user [ship]"
            return .json(["error": ["type": "security_exception", "reason": reason], "status": 403], 403)
        }
        if let fault = fault(request, product, store) {
            return .json(["error": ["type": "illegal_argument_exception", "reason": fault], "status": 400], 400)
        }
        let isOld = store.objects.withLock { $0.updateValue(request.body, forKey: path) != nil }
        if isOld, path.hasPrefix("/_plugins/_ism/"), request.query != "if_seq_no=7&if_primary_term=1" {
            return .json(["error": ["type": "version_conflict_engine_exception", "reason": "seq_no"]], 409)
        }
        return .json(["acknowledged": true])
    }

    /// What the product refuses.
    private static func fault(_ request: ScriptedServer.Request, _ product: Product, _ store: Store) -> String? {
        let text = String(decoding: request.body, as: UTF8.self)
        if request.path.hasPrefix("/_data_stream/") {
            let hasTemplate = store.objects.withLock { $0.keys.contains { $0.hasPrefix("/_index_template/") } }
            return hasTemplate ? nil : "no matching index template found for data stream"
        }
        for component in request.json["composed_of"] as? [String] ?? [] {
            let isThere = store.objects.withLock { $0["/_component_template/\(component)"] != nil }
            if !isThere { return "index template composed of [\(component)] which does not exist" }
        }
        if product == .elasticsearch7, text.contains("match_only_text") || text.contains("max_primary_shard_size") {
            return "unknown type or condition"
        }
        if product.isOpenSearch, text.contains("\"flattened\"") || text.contains("lifecycle") {
            return "unknown setting"
        }
        if product == .serverless, text.contains("index.lifecycle") || text.contains("codec") {
            return "Settings [...] are not available when running in serverless mode"
        }
        return nil
    }

    /// As the product tells what it was given.
    private static func told(_ path: String, _ bytes: Data, _ product: Product) -> [String: Any] {
        var object = (try? JSONSerialization.jsonObject(with: bytes)) as? [String: Any] ?? [:]
        let name = String(path.split(separator: "/").last ?? "")
        if path.hasPrefix("/_ilm/") {
            var policy = object["policy"] as? [String: Any] ?? [:]
            var phases = policy["phases"] as? [String: Any] ?? [:]
            if phases["delete"] != nil {
                phases["delete"] = ["min_age": "30d", "actions": ["delete": ["delete_searchable_snapshot": true]]]
            }
            policy["phases"] = phases
            return [
                name: [
                    "version": 1, "modified_date": "2026-01-01T00:00:00.000Z", "policy": policy,
                    "in_use_by": ["indices": [String]()],
                ]
            ]
        }
        if path.hasPrefix("/_plugins/_ism/") {
            var policy = object["policy"] as? [String: Any] ?? [:]
            policy["policy_id"] = name
            policy["last_updated_time"] = 1
            policy["schema_version"] = 21
            policy["error_notification"] = NSNull()
            policy["states"] = (policy["states"] as? [[String: Any]] ?? []).map { state in
                var state = state
                state["actions"] = (state["actions"] as? [[String: Any]] ?? []).map { action in
                    action.merging(["retry": ["count": 3, "backoff": "exponential", "delay": "1m"]]) { $1 }
                }
                return state
            }
            return ["_id": name, "_version": 1, "_seq_no": 7, "_primary_term": 1, "policy": policy]
        }
        if path.hasPrefix("/_data_stream/") { return ["data_streams": [["name": name]]] }
        if path.hasPrefix("/_component_template/") {
            if var template = object["template"] as? [String: Any],
                let settings = template["settings"] as? [String: Any]
            {
                template["settings"] = ["index": nested(settings)]
                object["template"] = template
            }
            return ["component_templates": [["name": name, "component_template": object]]]
        }
        if object["data_stream"] != nil { object["data_stream"] = ["hidden": false, "allow_custom_routing": false] }
        return ["index_templates": [["name": name, "index_template": object]]]
    }

    /// `index.a.b` becomes `{"a":{"b":…}}`, and every value a text.
    private static func nested(_ settings: [String: Any]) -> [String: Any] {
        var tree: [String: Any] = [:]
        for (name, value) in settings {
            var path = name.split(separator: ".").map(String.init)
            if path.first == "index" { path.removeFirst() }
            tree = set(path[...], "\(value)", in: tree)
        }
        return tree
    }

    private static func set(_ path: ArraySlice<String>, _ value: String, in tree: [String: Any]) -> [String: Any] {
        var tree = tree
        guard let first = path.first else { return tree }
        tree[first] =
            path.count == 1 ? value : set(path.dropFirst(), value, in: tree[first] as? [String: Any] ?? [:]) as Any
        return tree
    }

    /// Kibana and OpenSearch Dashboards refuse requests of other pages by the lack of a header.
    private static func importSaved(_ request: ScriptedServer.Request, _ product: Product, _ store: Store)
        -> ScriptedServer.Answer
    {
        guard request.method == "POST", request.headers[product.isOpenSearch ? "osd-xsrf" : "kbn-xsrf"] != nil else {
            return .json(["message": "Request must contain a xsrf header"], 400)
        }
        let type = request.headers["content-type"] ?? ""
        guard type.hasPrefix("multipart/form-data; boundary=") else { return .json(["message": "Unsupported"], 415) }
        let boundary = "--" + type.dropFirst("multipart/form-data; boundary=".count)
        let text = String(decoding: request.body, as: UTF8.self)
        let parts = text.components(separatedBy: boundary).filter { $0.contains("filename=\"tailrace.ndjson\"") }
        let file = parts.first?.components(separatedBy: "\r\n\r\n").dropFirst().joined() ?? ""
        var count = 0
        var errors: [[String: Any]] = []
        for line in file.split(whereSeparator: \.isNewline) where line.hasPrefix("{") {
            guard let object = (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any],
                let type = object["type"] as? String, let id = object["id"] as? String
            else { return .json(["message": "Unexpected token"], 400) }
            let isNew = store.saved.withLock { saved in
                if saved["\(type)/\(id)"] != nil, !request.query.contains("overwrite=true") { return false }
                saved["\(type)/\(id)"] = Data(line.utf8)
                return true
            }
            if isNew { count += 1 } else { errors.append(["type": type, "id": id, "error": ["type": "conflict"]]) }
        }
        return .json(["success": errors.isEmpty, "successCount": count, "errors": errors])
    }
}
