import TailraceCore
import Testing

@testable import TailraceRuntime

@Suite struct JoiningSettingsTests {
    @Test(arguments: [
        ("^(\\d+", "missing closing parenthesis\n    ^(\\d+\n         ^ here"),
        ("*a", "quantifier does not follow a repeatable item\n    *a\n    ^ here"),
        ("Zürich [", "missing terminating ] for character class\n    Zürich [\n            ^ here"),
    ])
    func `a pattern that is none is one mistake, with a caret under the fault`(_ pattern: String, _ reason: String) {
        let mistakes = mistakes(["MULTILINE": "pattern", "MULTILINE_PATTERN": pattern])
        #expect(mistakes.map(\.variable) == ["TAILRACE_MULTILINE_PATTERN"])
        #expect(mistakes.first?.value == pattern)
        #expect(mistakes.first?.reason == "is no regular expression: \(reason)")
    }

    @Test func `a pattern that was asked for has to be there, and excludes languages`() {
        #expect(mistakes(["MULTILINE": "pattern"]).map(\.reason) == ["is missing"])
        #expect(
            mistakes(["MULTILINE": "java", "MULTILINE_PATTERN": "^a"]).map(\.reason)
                == ["and languages in TAILRACE_MULTILINE are both set"])
        #expect(mistakes(["MULTILINE": "pattern", "MULTILINE_PATTERN": "^a"]).isEmpty)
    }

    private func mistakes(_ settings: [String: String]) -> [SettingMistake] {
        var environment = ["TAILRACE_ENDPOINT": "http://localhost:9200"]
        for (name, value) in settings { environment["TAILRACE_" + name] = value }
        var reader = SettingReader(environment, readFile: ProcessEnvironment.readFile)
        _ = Settings(reading: &reader)
        return reader.mistakes
    }
}
