/// A data view, a search, three charts and a dashboard of them, as Kibana (7.10 and later) and OpenSearch Dashboards
/// import them: one JSON object a line.
///
/// - SeeAlso: Kibana guide, "Import saved objects API"; OpenSearch Dashboards takes the same form.
package enum SavedObjects {
    /// - Parameter pattern: of the indices, as `logs-*`.
    package static func lines(pattern: String) -> [UInt8] {
        let view = "tailrace-logs"
        let objects = [
            object(
                "index-pattern", view, ["title": .string(pattern), "timeFieldName": .string("@timestamp")],
                references: [],
                version: "7.6.0"),
            object(
                "search", "tailrace-errors",
                [
                    "title": .string("Tailrace: stack traces and errors"),
                    "columns": .array([.string("service.name"), .string("log.level"), .string("message")]),
                    "sort": .array([.array([.string("@timestamp"), .string("desc")])]),
                    "kibanaSavedObjectMeta": source("error.type:* or log.level:(error or fatal or critical)"),
                ], references: [reference(sourceName, "index-pattern", view)], version: "7.9.3"),
            chart(
                "tailrace-volume", "Tailrace: records over time, by service", "histogram", split: "service.name", view),
            chart(
                "tailrace-errors-by-type", "Tailrace: errors over time, by type", "histogram", split: "error.type", view
            ),
            chart("tailrace-by-level", "Tailrace: records over time, by level", "histogram", split: "log.level", view),
            dashboard(["tailrace-volume", "tailrace-by-level", "tailrace-errors-by-type"], search: "tailrace-errors"),
        ]
        return objects.flatMap { $0.rendered() + [0x0A] }
    }

    private static let sourceName = "kibanaSavedObjectMeta.searchSourceJSON.index"

    private static func chart(
        _ id: String, _ title: String, _ type: String, split field: String, _ view: String
    ) -> JSONValue {
        let state = #"""
            {"title":"\#(title)","type":"\#(type)","params":{"type":"\#(type)","addLegend":true,"legendPosition":"right","seriesParams":[{"show":true,"type":"\#(type)","mode":"stacked","data":{"label":"Count","id":"1"},"valueAxis":"ValueAxis-1"}],"categoryAxes":[{"id":"CategoryAxis-1","type":"category","position":"bottom","show":true,"scale":{"type":"linear"},"labels":{"show":true},"title":{}}],"valueAxes":[{"id":"ValueAxis-1","name":"LeftAxis-1","type":"value","position":"left","show":true,"scale":{"type":"linear","mode":"normal"},"labels":{"show":true},"title":{"text":"Count"}}],"grid":{"categoryLines":false}},"aggs":[{"id":"1","enabled":true,"type":"count","schema":"metric","params":{}},{"id":"2","enabled":true,"type":"date_histogram","schema":"segment","params":{"field":"@timestamp","interval":"auto","min_doc_count":1}},{"id":"3","enabled":true,"type":"terms","schema":"group","params":{"field":"\#(field)","orderBy":"1","order":"desc","size":10}}]}
            """#
        return object(
            "visualization", id,
            [
                "title": .string(title), "visState": .string(state), "uiStateJSON": .string("{}"),
                "kibanaSavedObjectMeta": source(""),
            ], references: [reference(sourceName, "index-pattern", view)], version: "7.10.0")
    }

    private static func dashboard(_ charts: [String], search: String) -> JSONValue {
        var panels: [JSONValue] = []
        var references: [JSONValue] = []
        for (place, id) in (charts + [search]).enumerated() {
            let isSearch = id == search
            references.append(reference("panel_\(place)", isSearch ? "search" : "visualization", id))
            let grid = [("x", place % 2 * 24), ("y", place / 2 * 15), ("w", 24), ("h", 15)]
            panels.append(
                .object([
                    .init("panelIndex", .string("\(place)")), .init("panelRefName", .string("panel_\(place)")),
                    .init("version", .string("7.10.0")), .init("embeddableConfig", .object([])),
                    .init(
                        "gridData",
                        .object(grid.map { .init($0.0, .number("\($0.1)")) } + [.init("i", .string("\(place)"))])),
                ]))
        }
        return object(
            "dashboard", "tailrace-overview",
            [
                "title": .string("Tailrace: logs"), "hits": .number("0"),
                "description": .string("Records by service and level, errors by type, and the last of them."),
                "panelsJSON": .string(String(decoding: JSONValue.array(panels).rendered(), as: UTF8.self)),
                "optionsJSON": .string(#"{"useMargins":true,"hidePanelTitles":false}"#), "version": .number("1"),
                "timeRestore": .boolean(false),
                "kibanaSavedObjectMeta": .object([
                    .init("searchSourceJSON", .string(#"{"query":{"query":"","language":"kuery"},"filter":[]}"#))
                ]),
            ], references: references, version: "7.9.3")
    }

    private static func source(_ query: String) -> JSONValue {
        let text = #"{"query":{"query":"\#(query)","language":"kuery"},"filter":[],"indexRefName":"\#(sourceName)"}"#
        return .object([.init("searchSourceJSON", .string(text))])
    }

    private static func reference(_ name: String, _ type: String, _ id: String) -> JSONValue {
        .object([.init("name", .string(name)), .init("type", .string(type)), .init("id", .string(id))])
    }

    private static func object(
        _ type: String, _ id: String, _ attributes: [String: JSONValue], references: [JSONValue], version: String
    ) -> JSONValue {
        .object([
            .init("type", .string(type)), .init("id", .string(id)),
            .init("attributes", .object(attributes.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) })),
            .init("references", .array(references)),
            .init("migrationVersion", .object([.init(type, .string(version))])),
        ])
    }
}
