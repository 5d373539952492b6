/// Where a document goes: a name, or one with tokens in it, as in `logs-{service.name}-{+yyyy.MM.dd}`.
///
/// | token | stands for |
/// |---|---|
/// | `{service.name}` | a field that all documents of the file have; `unknown` where it has none |
/// | `{service.name:other}` | the same; `other` where it has none |
/// | `{+yyyy.MM.dd}` | the date of `@timestamp` in UTC: `yyyy`, `yy`, `MM`, `dd`, `HH`, and signs between them |
///
/// Fields are put in once for each file. Values become lower case, and `_` what a name may not have.
package struct IndexName: Sendable, Equatable, CustomStringConvertible, ExpressibleByStringLiteral {
    private enum Part: Sendable, Equatable {
        case literal(String)
        case field(String, orElse: String)
        case date(String)
    }

    /// What is wrong with a name, and where.
    package struct Fault: Error, Equatable, CustomStringConvertible {
        /// The end of a sentence; a caret stands before the place.
        package var description: String

        package init(_ description: String) { self.description = description }
    }

    /// As it was written.
    package let description: String
    private var parts: [Part]

    /// - Throws: ``Fault`` for tokens that are none. What letters a name may have is not looked at.
    package init(parsing text: String) throws(Fault) {
        description = text
        parts = []
        var rest = text[...]
        func fault(_ place: String.Index, _ reason: String) -> Fault {
            Fault("\(reason), at the ^ in \(text[..<place])^\(text[place...])")
        }
        while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            guard rest[open] == "{" else { throw fault(open, "has a } without a {") }
            if open > rest.startIndex { parts.append(.literal(String(rest[..<open]))) }
            let start = text.index(after: open)
            guard let close = text[start...].firstIndex(where: { $0 == "}" || $0 == "{" }), text[close] == "}" else {
                throw fault(open, "has a { without a }")
            }
            let token = text[start..<close]
            guard !token.isEmpty, token != "+" else { throw fault(open, "has a token without a name") }
            if token.first == "+" {
                if let bad = Self.badDateLetter(in: token.dropFirst()) {
                    throw fault(bad, "has a date with other letters than yyyy, yy, MM, dd and HH")
                }
                parts.append(.date(String(token.dropFirst())))
            } else {
                let sides = token.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                guard sides[0].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !sides[0].isEmpty else {
                    throw fault(start, "has a token whose name is no field's")
                }
                parts.append(.field(String(sides[0]), orElse: sides.count == 2 ? String(sides[1]) : "unknown"))
            }
            rest = text[close...].dropFirst()
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
    }

    /// A name without tokens.
    package init(stringLiteral text: String) { self.init(text) }

    /// A name without tokens.
    package init(_ text: String) {
        description = text
        parts = [.literal(text)]
    }

    /// Tells documents of different times apart.
    package var isDated: Bool { parts.contains { if case .date = $0 { true } else { false } } }

    package var hasTokens: Bool { parts.contains { if case .literal = $0 { false } else { true } } }

    /// With an asterisk for each token, as index templates have it.
    package var pattern: String {
        parts.map { if case .literal(let text) = $0 { text } else { "*" } }.joined()
    }

    /// With the fields of one file in it.
    package func resolved(with fields: StaticFields) -> IndexName {
        var name = self
        name.parts = parts.map { part in
            guard case .field(let field, let other) = part else { return part }
            let value = fields.text(of: field)
            return .literal(Self.cleaned(value.map { $0.isEmpty ? other : $0 } ?? other))
        }
        return name
    }

    /// For documents of a time.
    package func text(at time: Timestamp) -> String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .field(_, let other): other
            case .date(let format): Self.date(time, format)
            }
        }.joined()
    }

    /// A time within which the name does not change, in nanoseconds since 1970.
    func period(of time: Timestamp) -> Range<Int64> {
        let hour: Int64 = 3_600_000_000_000
        let isHourly = parts.contains { if case .date(let format) = $0 { format.contains("HH") } else { false } }
        let length = isHourly ? hour : 24 * hour
        let (quotient, rest) = time.nanoseconds.quotientAndRemainder(dividingBy: length)
        // Rounded down also before 1970; at the ends of what 64 bits hold, the period is cut.
        let start = (quotient - (rest < 0 ? 1 : 0)).multipliedReportingOverflow(by: length)
        let low = start.overflow ? Int64.min : start.partialValue
        let end = low.addingReportingOverflow(length)
        return low..<(end.overflow ? .max : end.partialValue)
    }

    private static let dateLetters = ["yyyy", "yy", "MM", "dd", "HH"]

    private static func badDateLetter(in format: Substring) -> Substring.Index? {
        var rest = format
        while let first = rest.first {
            if let letters = dateLetters.first(where: rest.hasPrefix) {
                rest = rest.dropFirst(letters.count)
            } else if first == "." || first == "-" || first == "_" {
                rest = rest.dropFirst()
            } else {
                return rest.startIndex
            }
        }
        return nil
    }

    private static func date(_ time: Timestamp, _ format: String) -> String {
        let seconds = time.nanoseconds / 1_000_000_000 - (time.nanoseconds % 1_000_000_000 < 0 ? 1 : 0)
        let days = seconds / 86_400 - (seconds % 86_400 < 0 ? 1 : 0)
        let date = CivilDate(daysSinceEpoch: Int(days))
        let hour = Int(seconds - days * 86_400) / 3600
        var output = ""
        var rest = format[...]
        while let first = rest.first {
            let letters = dateLetters.first(where: rest.hasPrefix) ?? String(first)
            switch letters {
            case "yyyy": output += padded(date.year, 4)
            case "yy": output += padded(date.year % 100, 2)
            case "MM": output += padded(date.month, 2)
            case "dd": output += padded(date.day, 2)
            case "HH": output += padded(hour, 2)
            default: output += letters
            }
            rest = rest.dropFirst(letters.count)
        }
        return output
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// - SeeAlso: Elasticsearch reference, "Create index", naming.
    private static func cleaned(_ text: String) -> String {
        String(
            text.lowercased().unicodeScalars.map { scalar in
                scalar.value <= 0x20 || "\\/*?\"<>|,#:".unicodeScalars.contains(scalar) ? "_" : Character(scalar)
            })
    }
}
