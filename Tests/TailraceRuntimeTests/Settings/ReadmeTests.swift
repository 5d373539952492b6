import Foundation
import TailraceRuntime
import Testing

@Suite struct ReadmeTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "../../..")

    @Test func `every test that the table of guarantees names exists`() throws {
        let readme = try String(contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
        let start = try #require(readme.range(of: "| What happens | Lost? | Twice? | Shown by |\n"))
        let rows = readme[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false).prefix {
            $0.hasPrefix("|")
        }
        #expect(rows.count > 20)
        let folder = Self.root.appendingPathComponent("Tests").standardized
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        let sources = try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        for row in rows.dropFirst() {
            let names = row.split(separator: "|").last?.split(separator: "`") ?? []
            let tests = names.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            #expect(!tests.isEmpty || row.contains("| the same |"), "\(row)")
            for test in tests { #expect(sources.contains("func `\(test)`"), "\(test)") }
        }
    }

    @Test func `the README shows the table that the program prints`() throws {
        let readme = try String(contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
        let start = try #require(readme.range(of: "<!-- tailrace settings --markdown -->\n"))
        let end = try #require(readme.range(of: "<!-- end -->"))
        var reader = SettingReader([:], readFile: ProcessEnvironment.readFile)
        _ = Settings(reading: &reader)
        let table = SettingsText.markdown(reader.inForce)
        #expect(
            readme[start.upperBound..<end.lowerBound].trimmingCharacters(in: .newlines)
                == table.trimmingCharacters(in: .newlines))
    }
}
