import TailraceCore

/// What `TAILRACE_MULTILINE` asks for.
enum JoinChoice: Sendable {
    case languages(TraceLanguages)
    case pattern
}

extension SettingKind where Value == JoinChoice {
    /// `auto`, `off`, `pattern`, or a list of languages, in which `auto` may stand for all of them.
    static var joined: Self {
        let names = TraceLanguages.named.map(\.name).joined(separator: ", ")
        return SettingKind(word: "languages", limits: "auto, off, pattern, \(names)", example: "java,python") {
            text throws(Refusal) in
            switch text.lowercased() {
            case "off": return .languages([])
            case "pattern": return .pattern
            default: break
            }
            var languages: TraceLanguages = []
            for part in text.lowercased().split(separator: ",").map({ $0.trimmingBlanks }) where !part.isEmpty {
                guard let language = part == "auto" ? .all : TraceLanguages(name: part) else {
                    throw Refusal(reason: "names \"\(part)\", which is none of \(names); or write auto, off or pattern")
                }
                languages.formUnion(language)
            }
            return .languages(languages)
        }
    }
}

extension SettingKind where Value == String {
    /// A regular expression that PCRE2 takes.
    static var expression: Self {
        SettingKind(word: "expression", limits: "", example: "^\\d{4}-\\d\\d-\\d\\d ") { text throws(Refusal) in
            do throws(JoinPattern.Invalid) {
                _ = try JoinPattern(text, mode: .starts)
            } catch {
                throw Refusal(reason: "is no regular expression: \(error.marked(in: text))")
            }
            return text
        }
    }
}

extension JoinPattern.Invalid {
    /// The reason, and below it the text with a caret under the fault.
    func marked(in text: String) -> String {
        // In characters as a terminal shows them, not in bytes.
        let front = String(decoding: Array(text.utf8.prefix(offset)), as: UTF8.self)
        return "\(reason)\n    \(text)\n    \(String(repeating: " ", count: front.count))^ here"
    }
}

extension Settings {
    static func joining(
        _ choice: JoinChoice, _ expression: String?, _ mode: String, _ limits: JoinLimits, _ joinsIndented: Bool,
        _ reader: inout SettingReader
    ) -> JoinRules {
        let isChosen = reader.inForce.contains { $0.variable == "TAILRACE_MULTILINE" && $0.origin != .byDefault }
        switch (choice, expression) {
        // One that is no expression was reported as such.
        case (.pattern, nil) where reader.isByDefault("MULTILINE_PATTERN"):
            reader.report(
                "MULTILINE_PATTERN", "is missing",
                remedy: "TAILRACE_MULTILINE is `pattern`: set it, or write auto or off.")
        case (.languages, _?) where isChosen:
            reader.report(
                "MULTILINE_PATTERN", "and languages in TAILRACE_MULTILINE are both set",
                remedy: "A pattern takes the place of the languages: set TAILRACE_MULTILINE to `pattern`, or unset one."
            )
        default: break
        }
        if let expression, let pattern = try? JoinPattern(expression, mode: JoinPattern.Mode(rawValue: mode) ?? .starts)
        {
            return JoinRules(languages: [], limits: limits, pattern: pattern)
        }
        guard case .languages(let languages) = choice else { return JoinRules(languages: .all, limits: limits) }
        return JoinRules(languages: languages, limits: limits, joinsIndented: joinsIndented)
    }
}
