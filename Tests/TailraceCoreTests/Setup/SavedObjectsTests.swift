import TailraceCore
import Testing

@Suite struct SavedObjectsTests {
    @Test func `every reference leads to an object of the same file, and all texts in it are JSON`() throws {
        let lines = SavedObjects.lines(pattern: "logs-*").split(separator: 0x0A).map(Array.init)
        let objects = try lines.map { bytes throws in try JSONValue(parsing: bytes) }
        let known = objects.map { "\($0["type"]?.text ?? "")/\($0["id"]?.text ?? "")" }
        #expect(Set(known).count == 6)
        for object in objects {
            for reference in object["references"]?.elements ?? [] {
                let target = "\(reference["type"]?.text ?? "")/\(reference["id"]?.text ?? "")"
                #expect(known.contains(target))
            }
            let attributes = try #require(object["attributes"])
            for name in ["visState", "panelsJSON", "optionsJSON", "uiStateJSON"] {
                guard let text = attributes[name]?.text else { continue }
                _ = try JSONValue(parsing: Array(text.utf8))
            }
            if let text = attributes["kibanaSavedObjectMeta"]?["searchSourceJSON"]?.text {
                let source = try JSONValue(parsing: Array(text.utf8))
                let name = source["indexRefName"]?.text
                #expect(
                    name == nil || object["references"]?.elements.contains { $0["name"]?.text == name } == true)
            }
            #expect(object["migrationVersion"]?.members.first?.name == object["type"]?.text)
        }
        let dashboard = try #require(objects.first { $0["type"]?.text == "dashboard" })
        let panels = try JSONValue(parsing: Array((dashboard["attributes"]?["panelsJSON"]?.text ?? "").utf8)).elements
        let names = dashboard["references"]?.elements.compactMap { $0["name"]?.text }
        #expect(panels.map { $0["panelRefName"]?.text ?? "" } == names)
    }
}
