/// What has to be in a cluster for logs to be mapped, kept and thrown away as they should: in the order in which it is
/// made.
///
/// | product | retention | mapping | target |
/// |---|---|---|---|
/// | Elasticsearch | ILM policy | component templates, index template | data stream |
/// | Elastic Cloud Serverless | lifecycle in the template | the same | the same |
/// | OpenSearch | ISM policy | the same | the same |
/// | anything else | | | |
///
/// Each object carries a digest of itself in `_meta` (ISM: in its description). What does not match its own digest was
/// changed by somebody and is left alone; what does is ours, and is replaced when a newer version wants it otherwise.
package struct SetupPlan: Sendable {
    /// One object of the cluster.
    package struct Object: Sendable, Equatable {
        /// For people.
        package var title: String
        package var path: String
        package var body: JSONValue
        /// Where the object is in what a GET answers.
        var place: Place
    }

    enum Place: Sendable, Equatable {
        /// `{"NAME":{"policy":{…}}}`
        case policy(String)
        /// `{"index_templates":[{"name":…,"index_template":{…}}]}`
        case template(list: String, member: String)
        /// `{"policy":{…}}`
        case ism
        /// It has no content of its own.
        case existence
    }

    package let objects: [Object]

    /// - Parameters:
    ///   - name: that documents are sent to.
    ///   - isDataStream: false for an index or an alias that somebody named.
    ///   - retention: after which documents are deleted; `nil` for never.
    package init(for product: Product, name: IndexName, isDataStream: Bool, retention: Duration?) {
        guard product.family != .other else {
            objects = []
            return
        }
        let label = Self.label(name)
        let days = retention.map { "\(max(1, ($0.components.seconds + 86_399) / 86_400))d" }
        var objects: [Object] = []
        switch product.family {
        case .elasticsearch where !product.isServerless:
            objects.append(
                Self.object(
                    "ILM policy tailrace-\(label)", "/_ilm/policy/tailrace-\(label)",
                    Self.json(SetupTexts.lifecyclePolicy(product, deleteAfter: days, rollsOver: isDataStream)),
                    meta: ["policy"],
                    .policy("tailrace-\(label)")))
        case .opensearch:
            objects.append(
                Self.object(
                    "ISM policy tailrace-\(label)", "/_plugins/_ism/policies/tailrace-\(label)",
                    Self.json(
                        SetupTexts.statePolicy(
                            product, pattern: name.pattern, deleteAfter: days, rollsOver: isDataStream)),
                    meta: ["policy"], .ism))
        default: break
        }
        objects.append(
            Self.object(
                "component template tailrace-\(label)@mappings", "/_component_template/tailrace-\(label)@mappings",
                Self.json(SetupTexts.mappings(product)), meta: [],
                .template(list: "component_templates", member: "component_template")))
        objects.append(
            Self.object(
                "component template tailrace-\(label)@settings", "/_component_template/tailrace-\(label)@settings",
                Self.json(SetupTexts.settings(product, policy: "tailrace-\(label)", deleteAfter: days)), meta: [],
                .template(list: "component_templates", member: "component_template")))
        objects.append(
            Self.object(
                "index template tailrace-\(label)", "/_index_template/tailrace-\(label)",
                Self.json(SetupTexts.indexTemplate(pattern: name.pattern, label: label, isDataStream: isDataStream)),
                meta: [], .template(list: "index_templates", member: "index_template")))
        if isDataStream, !name.hasTokens {
            objects.append(
                Object(
                    title: "data stream \(name)", path: "/_data_stream/\(name)", body: .object([]), place: .existence))
        }
        self.objects = objects
    }

    /// - Parameter meta: members on the way to the object that `_meta` belongs to.
    private static func object(
        _ title: String, _ path: String, _ body: JSONValue, meta: [String], _ place: Place
    ) -> Object {
        var object = Object(title: title, path: path, body: body, place: place)
        let digest = SetupDigest.of(object.content(in: body, isAnswer: false) ?? .null)
        if place == .ism {
            object.body["policy"]?["description"] = .string("Managed by Tailrace, \(digest)")
            return object
        }
        let note = JSONValue.object([.init("managed_by", .string("tailrace")), .init("digest", .string(digest))])
        if meta.isEmpty {
            object.body["_meta"] = note
        } else {
            object.body["policy"]?["_meta"] = note
        }
        return object
    }

    private static func label(_ name: IndexName) -> String {
        String(name.pattern.map { $0 == "*" ? "_" : $0 })
    }

    private static func json(_ text: String) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: Array(text.utf8))
        } catch {
            preconditionFailure("a text of the setup is no JSON: \(error) in \(text)")
        }
    }
}

/// What a cluster is, as far as its setup goes.
package struct Product: Sendable, Equatable {
    package enum Family: Sendable { case elasticsearch, opensearch, other }

    package var family: Family
    package var major: Int
    package var minor: Int
    package var isServerless = false

    /// The newest, where nobody tells.
    package init(_ kind: EndpointKind, answer: JSONValue?) {
        family = kind.setup
        let version = answer?["version"]
        let numbers =
            version?["number"]?.text?.split(separator: ".").compactMap { Int($0.prefix { $0.isNumber }) } ?? []
        major = numbers.first ?? 9
        minor = numbers.count > 1 ? numbers[1] : 0
        isServerless = version?["build_flavor"]?.text == "serverless"
        let isNamed = version?["distribution"]?.text == "opensearch"
        if isNamed { family = .opensearch }
        // One that claims to be Elasticsearch 7.10, as version 1 can be told to.
        if family == .opensearch, version != nil, !isNamed { (major, minor) = (1, 0) }
        if answer == nil, family == .opensearch { major = 3 }
    }

    func isAtLeast(_ major: Int, _ minor: Int) -> Bool { (self.major, self.minor) >= (major, minor) }
}

/// What is done about an object, given what is there.
package enum SetupStep: Sendable, Equatable {
    case create
    case replace
    /// It is as it should be.
    case keep
    /// Somebody has made or changed it; only force would replace it.
    case leave
}

extension SetupPlan.Object {
    /// What comes into being anyway, with the first document.
    package var isDataStream: Bool { place == .existence }

    package var isPolicy: Bool {
        switch place {
        case .policy, .ism: true
        case .template, .existence: false
        }
    }

    /// - Parameter answer: of a GET; `nil` when there is no such object.
    package func step(given answer: JSONValue?, isForced: Bool) -> SetupStep {
        guard let answer else { return .create }
        if place == .existence { return .keep }
        guard let theirs = content(in: answer, isAnswer: true) else { return isForced ? .replace : .leave }
        let now = SetupDigest.of(theirs)
        if now == SetupDigest.of(content(in: body, isAnswer: false) ?? .null) { return .keep }
        return isForced || note(in: theirs)?.contains(now) == true ? .replace : .leave
    }

    /// The query with which a policy of ISM is replaced: it has to name the version that was seen.
    package func condition(for answer: JSONValue?) -> String {
        guard place == .ism, case .number(let sequence)? = answer?["_seq_no"],
            case .number(let term)? = answer?["_primary_term"]
        else { return "" }
        return "?if_seq_no=\(sequence)&if_primary_term=\(term)"
    }

    /// What counts of the object.
    func content(in json: JSONValue, isAnswer: Bool) -> JSONValue? {
        switch place {
        case .policy(let name): isAnswer ? json[name]?["policy"] : json["policy"]
        case .ism: json["policy"]
        case .template(let list, let member): isAnswer ? json[list]?.elements.first?[member] : json
        case .existence: nil
        }
    }

    /// What we have written about ourselves.
    private func note(in content: JSONValue) -> String? {
        place == .ism ? content["description"]?.text : content["_meta"]?["digest"]?.text
    }
}

/// A digest of settings and mappings that is the same for what was sent and for what a cluster makes of it: settings
/// become texts, get `index.` before them, and are nested; lists of one become texts; empty objects appear.
enum SetupDigest {
    static func of(_ value: JSONValue) -> String {
        var lines: [String] = []
        flatten(value, "", &lines)
        return SHA256.digest(of: Array(lines.sorted().joined(separator: "\n").utf8)).hexadecimal
    }

    /// Added by clusters, or a note about the object rather than a part of it.
    private static let ignored: Set = [
        "_meta", "description", "policy_id", "schema_version", "last_updated_time", "error_notification", "user",
        "deprecated", "created_date", "created_date_millis", "modified_date", "modified_date_millis", "data_stream",
        "ignore_missing_component_templates", "version", "retry", "copy_alias", "enabled", "data_retention_effective",
        "delete_searchable_snapshot", "min_docs", "prevent_empty_rollover", "effective_retention",
        "retention_determined_by",
    ]

    private static func flatten(_ value: JSONValue, _ path: String, _ lines: inout [String]) {
        switch value {
        case .object(let members):
            for member in members where !ignored.contains(member.name) {
                let name = member.name == "index" && path.hasSuffix(".settings") ? "" : member.name
                let stripped = name.hasPrefix("index.") ? String(name.dropFirst(6)) : name
                flatten(member.value, stripped.isEmpty ? path : "\(path).\(stripped)", &lines)
            }
        case .array(let elements): for element in elements { flatten(element, path, &lines) }
        case .string(let text), .number(let text): lines.append("\(path)=\(text)")
        case .boolean(let value): lines.append("\(path)=\(value)")
        case .null: break
        }
    }
}
