/// The fields that all documents of a file have in common, as a tree: `kubernetes.pod.name` becomes
/// `{"kubernetes":{"pod":{"name":…}}}`. No object has a key twice, whatever the settings say.
///
/// Nested objects rather than keys with dots, because ingest pipelines and runtime fields find only the former.
package struct StaticFields: Sendable {
    private(set) var root = FieldTree()
    /// Settings that could not be honoured, in the order in which they came.
    package private(set) var conflicts: [FieldConflict] = []

    /// - Parameter pairs: dotted names and their texts, the weakest first: a later one takes the place of an earlier one
    ///   with the same name. A field cannot have a value and fields of its own, so `a.b` after `a` is a conflict.
    package init(_ pairs: [(name: String, value: String)] = []) {
        for pair in pairs {
            let path = pair.name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            if let reason = Self.refusal(of: path) ?? root.set(path[...], to: pair.value) {
                conflicts.append(FieldConflict(name: pair.name, reason: reason))
            }
        }
    }

    /// What says who sent a document, and where to.
    ///
    /// - Parameters:
    ///   - dataset: `nil` when the target is not a data stream; then `data_stream.*` would be untrue.
    package static func ours(
        version: String, dataset: String?, namespace: String?, metadata: Metadata = .full
    ) -> [(name: String, value: String)] {
        if metadata == .lean { return dataset.map { [("event.dataset", $0)] } ?? [] }
        var pairs = [(name: "agent.type", value: "tailrace"), ("agent.version", version), ("ecs.version", "8.11.0")]
        if let dataset, let namespace {
            pairs.append(("event.dataset", dataset))
            pairs.append(("data_stream.type", "logs"))
            pairs.append(("data_stream.dataset", dataset))
            pairs.append(("data_stream.namespace", namespace))
        }
        return pairs
    }

    /// The text of a field; `nil` where there is none, or an object.
    func text(of name: String) -> String? {
        var tree = root
        let path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        for key in path.dropLast() { tree = tree[object: key] }
        guard case .text(let text)? = tree.fields.first(where: { $0.key == path.last })?.node else { return nil }
        return text
    }

    private static func refusal(of path: [String]) -> FieldConflict.Reason? {
        if path.contains(where: \.isEmpty) { return .malformedName }
        if path.count == 1, metadataNames.contains(path[0]) { return .reserved }
        for name in writtenPerEvent {
            // Neither the field itself, nor below it, nor a value where one of its parents is.
            let shared = min(name.count, path.count)
            guard path[..<shared] == name[..<shared] else { continue }
            if path.count >= name.count { return .reserved }
            return .object(path.joined(separator: "."))
        }
        return nil
    }

    /// Every document gets these from its event.
    private static let writtenPerEvent: [[String]] = [
        ["@timestamp"], ["message"], ["stream"], ["log", "offset"], ["log", "iostream"], ["log", "flags"],
        ["log", "file", "path"], ["event", "created"],
        ["error"],
    ]

    /// Elasticsearch refuses documents that hold these.
    private static let metadataNames: Set<String> = [
        "_doc_count", "_field_names", "_id", "_ignored", "_index", "_nested_path", "_primary_term", "_routing",
        "_seq_no", "_size", "_source", "_tier", "_type", "_version",
    ]
}

/// A field that somebody asked for and that documents cannot have.
package struct FieldConflict: Equatable, Sendable, CustomStringConvertible {
    package enum Reason: Equatable, Sendable {
        /// It is written by us or by the endpoint.
        case reserved
        /// An empty name, or an empty part between two dots.
        case malformedName
        /// The field named here has a value already, so it cannot have fields of its own.
        case value(String)
        /// The field named here has fields of its own already, so it cannot have a value.
        case object(String)
    }

    package let name: String
    package let reason: Reason

    package var description: String {
        let cause =
            switch reason {
            case .reserved: "it is written for every document and cannot be set"
            case .malformedName: "a field name and each part between its dots must not be empty"
            case .value(let other): "\"\(other)\" has a value, so it cannot have fields of its own"
            case .object(let other): "\"\(other)\" has fields of its own, so it cannot have a value"
            }
        return "The field \"\(name)\" is left out of all documents: \(cause). Give it another name."
    }
}

/// An object of a document, its fields in the order in which they were first set.
struct FieldTree: Sendable {
    indirect enum Node: Sendable {
        case text(String)
        case object(FieldTree)
    }

    private(set) var fields: [(key: String, node: Node)] = []

    subscript(object key: String) -> FieldTree {
        guard case .object(let tree)? = fields.first(where: { $0.key == key })?.node else { return FieldTree() }
        return tree
    }

    /// - Returns: why the field cannot be set; the tree is then as it was.
    mutating func set(_ path: ArraySlice<String>, to text: String, below parents: [String] = []) -> FieldConflict
        .Reason?
    {
        guard let key = path.first else { return .malformedName }
        let names = parents + [key]
        let place = fields.firstIndex { $0.key == key }
        let isLast = path.count == 1
        switch place.map({ fields[$0].node }) {
        case nil:
            var tree = FieldTree()
            if !isLast, let reason = tree.set(path.dropFirst(), to: text, below: names) { return reason }
            fields.append((key, isLast ? .text(text) : .object(tree)))
        case .text where !isLast: return .value(names.joined(separator: "."))
        case .object where isLast: return .object(names.joined(separator: "."))
        case .text: if let place { fields[place].node = .text(text) }
        case .object(var tree):
            if let reason = tree.set(path.dropFirst(), to: text, below: names) { return reason }
            if let place { fields[place].node = .object(tree) }
        }
        return nil
    }

    /// Appends `,"key":value` for each field but the excepted ones.
    func append(to output: inout OwnedBytes, except: Set<String> = []) {
        for (key, node) in fields where !except.contains(key) {
            output.append(",")
            output.appendJSON(key)
            output.append(":")
            switch node {
            case .text(let text): output.appendJSON(text)
            case .object(let tree):
                output.append("{")
                // The comma that leads the first field has no place here.
                var inside = OwnedBytes()
                tree.append(to: &inside)
                output.append(inside.span.extracting(droppingFirst: 1))
                output.append("}")
            }
        }
    }
}

extension OwnedBytes {
    /// Appends `text` as a JSON string with its quotes.
    package mutating func appendJSON(_ text: String) {
        append("\"")
        appendJSONEscaped(Array(text.utf8).span)
        append("\"")
    }
}
