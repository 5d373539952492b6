/// The bodies of what is set up, as they are sent, in JSON.
///
/// - SeeAlso: Elasticsearch reference, "Index templates", "Index lifecycle"; OpenSearch documentation, "Index State
///   Management"; Elastic Common Schema.
enum SetupTexts {
    /// - Parameters:
    ///   - deleteAfter: days, as `30d`.
    ///   - rollsOver: false for an index that has no alias to roll over.
    static func lifecyclePolicy(_ product: Product, deleteAfter days: String?, rollsOver: Bool) -> String {
        let size = product.isAtLeast(7, 13) ? "max_primary_shard_size" : "max_size"
        let rollover = rollsOver ? #""rollover":{"max_age":"30d","\#(size)":"50gb"}"# : ""
        let delete = days.map { #","delete":{"min_age":"\#($0)","actions":{"delete":{}}}"# } ?? ""
        return #"{"policy":{"phases":{"hot":{"min_age":"0ms","actions":{\#(rollover)}}\#(delete)}}}"#
    }

    static func statePolicy(
        _ product: Product, pattern: String, deleteAfter days: String?, rollsOver: Bool
    ) -> String {
        let size = product.isAtLeast(2, 0) ? "min_primary_shard_size" : "min_size"
        let rollover = rollsOver ? #"{"rollover":{"min_index_age":"30d","\#(size)":"50gb"}}"# : ""
        let transition = days.map { #"{"state_name":"delete","conditions":{"min_index_age":"\#($0)"}}"# } ?? ""
        let delete = days == nil ? "" : #",{"name":"delete","actions":[{"delete":{}}],"transitions":[]}"#
        return #"""
            {"policy":{"description":"","default_state":"hot","states":[
            {"name":"hot","actions":[\#(rollover)],"transitions":[\#(transition)]}\#(delete)],
            "ism_template":[{"index_patterns":["\#(pattern)"],"priority":200}]}}
            """#
    }

    /// The fields of our documents, in the types that the version knows.
    static func mappings(_ product: Product) -> String {
        let isElastic = product.family == .elasticsearch
        let message = product.isAtLeast(isElastic ? 7 : 2, isElastic ? 14 : 12) ? "match_only_text" : "text"
        let labels: String =
            switch (isElastic, product.isAtLeast(2, 7)) {
            case (true, _): "flattened"
            case (false, true): "flat_object"
            case (false, false): "object"
            }
        func keywords(_ names: String...) -> String {
            names.map { #""\#($0)":{"type":"keyword","ignore_above":1024}"# }.joined(separator: ",")
        }
        return #"""
            {"template":{"mappings":{"date_detection":false,"properties":{
            "@timestamp":{"type":"date"},
            "message":{"type":"\#(message)"},
            "labels":{"type":"\#(labels)"},
            \#(keywords("stream")),
            "log":{"properties":{\#(keywords("level", "logger", "iostream", "flags")),
            "offset":{"type":"long"},"file":{"properties":{\#(keywords("path"))}}}},
            "event":{"properties":{"created":{"type":"date"},\#(keywords("dataset"))}},
            "error":{"properties":{\#(keywords("type")),"message":{"type":"\#(message)"},"stack_trace":{"type":"\#(message)"}}},
            "service":{"properties":{\#(keywords("name", "version", "environment")),"node":{"properties":{\#(keywords("name"))}}}},
            "host":{"properties":{\#(keywords("name", "hostname", "id"))}},
            "container":{"properties":{\#(keywords("id", "name")),"image":{"properties":{\#(keywords("name"))}}}},
            "kubernetes":{"properties":{\#(keywords("namespace")),
            "pod":{"properties":{\#(keywords("name", "uid")),"ip":{"type":"ip","ignore_malformed":true}}},
            "node":{"properties":{\#(keywords("name"))}},
            "container":{"properties":{\#(keywords("name")),"restart_count":{"type":"long"}}}}},
            "agent":{"properties":{\#(keywords("type", "version"))}},
            "ecs":{"properties":{\#(keywords("version"))}},
            "data_stream":{"properties":{\#(keywords("type", "dataset", "namespace"))}}}}}}
            """#
    }

    static func settings(_ product: Product, policy: String, deleteAfter days: String?) -> String {
        if product.isServerless {
            let lifecycle = days.map { #","lifecycle":{"data_retention":"\#($0)"}"# } ?? ""
            return #"{"template":{"settings":{"index.mapping.ignore_malformed":"true"}\#(lifecycle)}}"#
        }
        let lifecycle = product.family == .elasticsearch ? #","index.lifecycle.name":"\#(policy)""# : ""
        return #"""
            {"template":{"settings":{"index.mapping.ignore_malformed":"true","index.mapping.total_fields.limit":"2000",
            "index.codec":"best_compression"\#(lifecycle)}}}
            """#
    }

    /// Above the templates that come with Elasticsearch, which have 100.
    static func indexTemplate(pattern: String, label: String, isDataStream: Bool) -> String {
        #"""
        {"index_patterns":["\#(pattern)"],"priority":200,\#(isDataStream ? #""data_stream":{},"# : "")
        "composed_of":["tailrace-\#(label)@mappings","tailrace-\#(label)@settings"]}
        """#
    }
}
