import Foundation
import TailraceRuntime
import Testing

@Suite struct ReadmeTests {
    @Test func `the README shows the table that the program prints`() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../../README.md")
        let readme = try String(contentsOf: path, encoding: .utf8)
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
