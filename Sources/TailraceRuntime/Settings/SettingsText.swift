/// Settings as people read them.
package enum SettingsText {
    /// The table of the README (GitHub-flavoured Markdown).
    package static func markdown(_ settings: [SettingInForce]) -> String {
        var text = "| Variable | Kind | Default | Allowed | Meaning |\n|---|---|---|---|---|\n"
        for row in settings {
            let shown = row.defaultText.isEmpty ? "" : "`\(row.defaultText)`"
            text += "| `\(row.variable)` | \(row.kind) | \(shown) | \(row.limits) | \(meaning(row)) |\n"
        }
        return text
    }

    /// For a terminal.
    package static func plain(_ settings: [SettingInForce]) -> String {
        var text = ""
        for row in settings {
            let limits = row.limits.isEmpty ? "" : ", \(row.limits)"
            text += "\(row.variable)\n    \(row.kind)\(limits)"
            text += row.defaultText.isEmpty ? "\n" : "; default \(row.defaultText)\n"
            text += "    \(meaning(row))\n\n"
        }
        return text
    }

    /// Every setting with its value and where that came from.
    package static func inForce(_ settings: [SettingInForce]) -> String {
        let width = settings.map(\.variable.count).max() ?? 0
        var text = ""
        for row in settings {
            let padding = String(repeating: " ", count: width - row.variable.count)
            text += "  \(row.variable)\(padding)  \(value(row))  (\(origin(row)))\n"
        }
        return text
    }

    private static func value(_ row: SettingInForce) -> String {
        if row.isSecret { return row.origin == .byDefault ? "not set" : "set" }
        if row.kind.hasPrefix("URL"), !row.text.isEmpty, row.text != "off" { return withoutCredentials(row.text) }
        return row.text.isEmpty ? "not set" : printable(row.text)
    }

    private static func origin(_ row: SettingInForce) -> String {
        switch row.origin {
        case .byDefault: "default"
        case .variable(let name): name == row.variable ? "set" : "from \(name)"
        case .file(let name, let path): "from the file \(printable(path)), \(name)"
        }
    }

    private static func meaning(_ row: SettingInForce) -> String {
        var text = row.help
        if row.isSecret { text += " `\(row.variable)_FILE` reads it from a file." }
        if !row.aliases.isEmpty { text += " Also: \(row.aliases.map { "`\($0)`" }.joined(separator: ", "))." }
        return text
    }

    private static func withoutCredentials(_ urls: String) -> String {
        urls.split(separator: ",").map { part in
            (try? EndpointURL(parsing: part.trimmingBlanks))?.description ?? "(not a URL)"
        }.joined(separator: ",")
    }

    /// Without bytes that could play tricks on a terminal.
    private static func printable(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : Character($0) })
    }
}
