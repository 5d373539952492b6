import Foundation
import Testing

@Suite struct DocumentationTests {
    /// ARCHITECTURE.md names tests in backticks, in the last column of the table of what happens to files.
    @Test func `every test that the table of surprises names is there`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
        let text = try String(contentsOf: root.appendingPathComponent("ARCHITECTURE.md"), encoding: .utf8)
        let table = try #require(text.components(separatedBy: "| What happens | What is done | Shown by |").last)
        let rows = table.split(separator: "\n").dropFirst().prefix { $0.hasPrefix("|") }
        #expect(rows.count > 30)
        let files = FileManager.default.enumerator(atPath: root.appendingPathComponent("Tests").path)
        var sources = ""
        for case let name as String in files ?? .init() where name.hasSuffix("Tests.swift") {
            sources += try String(contentsOf: root.appendingPathComponent("Tests/\(name)"), encoding: .utf8)
        }
        for row in rows {
            let cell = try #require(row.split(separator: "|", omittingEmptySubsequences: false).dropLast().last)
            let names = cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }.map { String($0.element) }.filter { $0.contains(" ") }
            #expect(!names.isEmpty || cell.contains("Simulation"), "\(row)")
            for name in names where !name.hasPrefix("make ") {
                #expect(sources.contains("func `\(name)`("), "\(name)")
            }
        }
    }
}
