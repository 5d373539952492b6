/// What values of a setting look like, for the reader of a table and for the parser.
package struct SettingKind<Value: Sendable>: Sendable {
    /// Says why a text is no value, as the end of a sentence: "is not a size".
    package struct Refusal: Error, Equatable {
        var reason: String
    }

    /// One word for the table: "size".
    let word: String
    /// What is allowed: "64KiB to 1GiB", or empty.
    let limits: String
    let example: String
    var isSecret = false
    /// A part of the text may be secret, as in `http://user:password@host`.
    var mayHoldSecret = false
    let parse: @Sendable (String) throws(Refusal) -> Value
}

extension SettingKind where Value == String {
    static func text(example: String) -> Self {
        SettingKind(word: "text", limits: "", example: example) { text throws(Refusal) in text }
    }

    static func choice(_ names: [String]) -> Self {
        SettingKind(word: "choice", limits: names.joined(separator: ", "), example: names[0]) { text throws(Refusal) in
            let name = text.lowercased()
            guard names.contains(name) else {
                throw Refusal(reason: "is none of \(names.joined(separator: ", "))")
            }
            return name
        }
    }
}

extension SettingKind where Value == Secret {
    static var secret: Self {
        SettingKind(word: "secret", limits: "", example: "…", isSecret: true) { text throws(Refusal) in Secret(text) }
    }
}

extension SettingKind where Value == Bool {
    static var flag: Self {
        SettingKind(word: "flag", limits: "true, false", example: "true") { text throws(Refusal) in
            switch text.lowercased() {
            case "true", "1", "yes", "on": true
            case "false", "0", "no", "off": false
            default: throw Refusal(reason: "is neither true nor false")
            }
        }
    }
}

extension SettingKind where Value == Int {
    static func count(_ range: ClosedRange<Int>) -> Self {
        SettingKind(
            word: "number", limits: "\(range.lowerBound) to \(range.upperBound)", example: "\(range.upperBound)"
        ) { text throws(Refusal) in
            guard let number = Int(text) else { throw Refusal(reason: "is not a whole number") }
            guard range.contains(number) else {
                throw Refusal(reason: "is not within \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
    }

    /// Bytes.
    static func size(_ range: ClosedRange<Int>, example: String) -> Self {
        let limits = "\(Quantity.bytes(range.lowerBound)) to \(Quantity.bytes(range.upperBound))"
        return SettingKind(word: "size", limits: limits, example: example) { text throws(Refusal) in
            guard let bytes = Quantity.parseBytes(text) else {
                throw Refusal(reason: "is not a size: write a number, with KiB, MiB or GiB behind it if need be")
            }
            guard range.contains(bytes) else { throw Refusal(reason: "is not within \(limits)") }
            return bytes
        }
    }
}

extension SettingKind where Value == Duration {
    static func duration(_ range: ClosedRange<Duration>, example: String) -> Self {
        let limits = "\(Quantity.time(range.lowerBound)) to \(Quantity.time(range.upperBound))"
        return SettingKind(word: "duration", limits: limits, example: example) { text throws(Refusal) in
            guard let duration = Quantity.parseDuration(text) else {
                let isBare = Int(text) != nil
                throw Refusal(
                    reason: isBare
                        ? "has no unit: did you mean \(text)ms or \(text)s?"
                        : "is not a duration: write a number with ms, s, m or h behind it")
            }
            guard range.contains(duration) else { throw Refusal(reason: "is not within \(limits)") }
            return duration
        }
    }
}

extension SettingKind where Value == [String] {
    static func list(example: String) -> Self {
        SettingKind(word: "list", limits: "separated by commas", example: example) { text throws(Refusal) in
            let parts = text.split(separator: ",").map { $0.trimmingBlanks }.filter { !$0.isEmpty }
            guard !parts.isEmpty else { throw Refusal(reason: "holds nothing but commas") }
            return parts
        }
    }

    static func globs(example: String) -> Self {
        SettingKind(word: "list", limits: "separated by commas", example: example) { text throws(Refusal) in
            let parts = Braces.split(text[...]).flatMap { Braces.expand($0.trimmingBlanks[...]) }.filter { !$0.isEmpty }
            guard !parts.isEmpty else { throw Refusal(reason: "holds nothing but commas") }
            return parts
        }
    }
}

extension SettingKind where Value == [NamedText] {
    /// `k=v,k2=v2`; a comma or a percent sign within a value is written as `%2C`, `%25` (RFC 3986 §2.1).
    static func pairs(example: String, isSecret: Bool = false) -> Self {
        SettingKind(word: "pairs", limits: "k=v,k2=v2", example: example, isSecret: isSecret) { text throws(Refusal) in
            var pairs: [NamedText] = []
            for part in text.split(separator: ",").map({ $0.trimmingBlanks }) where !part.isEmpty {
                guard let equals = part.firstIndex(of: "="), equals > part.startIndex else {
                    throw Refusal(
                        reason: isSecret ? "has a part without a =" : "has the part \"\(part)\", which has no =")
                }
                guard let value = String(part[part.index(after: equals)...]).percentDecoded else {
                    throw Refusal(reason: "has a % that no two hexadecimal digits follow; write %25 for a percent sign")
                }
                pairs.append(NamedText(name: part[..<equals].trimmingBlanks, text: value.trimmingBlanks))
            }
            return pairs
        }
    }
}

extension SettingKind where Value == [EndpointURL] {
    static var urls: Self {
        SettingKind(
            word: "URLs", limits: "http, https or unix, separated by commas", example: "https://search.example:9200",
            mayHoldSecret: true
        ) { text throws(Refusal) in
            var urls: [EndpointURL] = []
            for part in text.split(separator: ",").map({ $0.trimmingBlanks }) where !part.isEmpty {
                do throws(EndpointURL.Invalid) {
                    urls.append(try EndpointURL(parsing: part))
                } catch {
                    throw Refusal(reason: "\(error)")
                }
            }
            guard !urls.isEmpty else { throw Refusal(reason: "holds nothing but commas") }
            return urls
        }
    }
}

extension SettingKind where Value == AdminAddress {
    static var address: Self {
        SettingKind(word: "address", limits: "host:port, or off", example: "127.0.0.1:9400") { text throws(Refusal) in
            if text.lowercased() == "off" { return .off }
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
                (0...65535).contains(port)
            else { throw Refusal(reason: "does not end in a colon and a port from 0 to 65535") }
            var host = text[..<colon]
            if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
            return .listen(host: host.isEmpty ? "0.0.0.0" : String(host), port: port)
        }
    }
}

/// A name and what goes with it: a field, a header, a query parameter.
package struct NamedText: Sendable, Hashable {
    package var name: String
    package var text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    /// - Returns: `nil` for what is not of the form `k=v,k2=v2`.
    package static func pairs(_ text: String) -> [NamedText]? {
        try? SettingKind<[NamedText]>.pairs(example: "", isSecret: true).parse(text)
    }
}

/// Where the admin server listens.
package enum AdminAddress: Sendable, Hashable {
    case off
    case listen(host: String, port: Int)
}
