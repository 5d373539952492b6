/// Reads settings out of environment variables, one after the other, and remembers everything about them: what is in
/// force, where it came from, and what is wrong. The table in the documentation is what it remembers of an empty
/// environment.
package struct SettingReader {
    static let prefix = "TAILRACE_"

    private let environment: [String: String]
    private let readFile: (String) throws(FileFailure) -> String
    package private(set) var inForce: [SettingInForce] = []
    package private(set) var mistakes: [SettingMistake] = []

    /// - Parameter readFile: the text of a file that a `…_FILE` variable names.
    package init(
        _ environment: [String: String], readFile: @escaping (String) throws(FileFailure) -> String
    ) {
        self.environment = environment
        self.readFile = readFile
    }

    /// Reads a setting that has a default. A text that is no value is a mistake, and the default stands in for it.
    mutating func value<Value>(
        _ name: String, _ kind: SettingKind<Value>, aliases: [String] = [], default text: String, _ help: String
    ) -> Value {
        if let value = optional(name, kind, aliases: aliases, default: text, help) { return value }
        do {
            return try kind.parse(text)
        } catch {
            preconditionFailure("the default \"\(text)\" of \(Self.prefix)\(name) \(error.reason)")
        }
    }

    /// Reads a setting that may be left out.
    ///
    /// - Parameter text: what the table shows as the default when it is not a value: "(none)".
    mutating func optional<Value>(
        _ name: String, _ kind: SettingKind<Value>, aliases: [String] = [], default text: String = "", _ help: String
    ) -> Value? {
        let variable = Self.prefix + name
        var setting = SettingInForce(
            variable: variable, aliases: aliases, kind: kind.word, limits: kind.limits, defaultText: text,
            isSecret: kind.isSecret, help: help, text: text, origin: .byDefault)
        defer { inForce.append(setting) }
        guard let (found, origin) = find(variable, aliases, isSecret: kind.isSecret) else { return nil }
        (setting.text, setting.origin) = (found, origin)
        do throws(SettingKind<Value>.Refusal) {
            return try kind.parse(found)
        } catch {
            mistakes.append(
                SettingMistake(
                    variable: origin.variable ?? variable, value: kind.isSecret || kind.mayHoldSecret ? nil : found,
                    reason: error.reason,
                    remedy: "For example: \(variable)=\(kind.example)"))
            return nil
        }
    }

    /// Adds a mistake that only several settings together make.
    mutating func report(_ variable: String, _ reason: String, remedy: String) {
        mistakes.append(SettingMistake(variable: Self.prefix + variable, value: nil, reason: reason, remedy: remedy))
    }

    /// Adds a mistake in a variable that is not ours.
    mutating func report(foreign variable: String, _ reason: String, remedy: String) {
        mistakes.append(SettingMistake(variable: variable, value: nil, reason: reason, remedy: remedy))
    }

    func isByDefault(_ name: String) -> Bool {
        inForce.last { $0.variable == Self.prefix + name }?.origin == .byDefault
    }

    /// The file that a secret came from, if it did.
    func file(of name: String) -> String? {
        guard case .file(_, let path) = inForce.last(where: { $0.variable == Self.prefix + name })?.origin else {
            return nil
        }
        return path
    }

    /// Reports variables with our prefix that no setting has. Call it last.
    mutating func reportUnknown() {
        var known: [String] = []
        for setting in inForce { known += [setting.variable] + (setting.isSecret ? [setting.variable + "_FILE"] : []) }
        for name in environment.keys.sorted()
        where name.hasPrefix(Self.prefix) && !known.contains(name) && !UnknownVariable.isFromKubernetes(name) {
            let nearest = UnknownVariable.nearest(to: name, among: known)
            mistakes.append(
                SettingMistake(
                    variable: name, value: nil, reason: "is not a setting",
                    remedy: nearest.map { "Did you mean \($0)?" } ?? "`tailrace settings` lists all."))
        }
    }

    /// The text of a variable that is not ours, `nil` when it is empty.
    func foreign(_ name: String) -> String? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        return text
    }

    private mutating func find(
        _ variable: String, _ aliases: [String], isSecret: Bool
    ) -> (text: String, origin: SettingInForce.Origin)? {
        for name in [variable] + aliases {
            let text = foreign(name)
            let path = isSecret ? foreign(name + "_FILE") : nil
            if text != nil, path != nil {
                mistakes.append(
                    SettingMistake(
                        variable: name, value: nil, reason: "and \(name)_FILE are both set",
                        remedy: "Unset one of them."))
                return nil
            }
            if let text { return (text, .variable(name)) }
            guard let path else { continue }
            do throws(FileFailure) {
                var text = try readFile(path)
                while text.utf8.last == 0x0A || text.utf8.last == 0x0D { text.unicodeScalars.removeLast() }
                return (text, .file(variable: name + "_FILE", path: path))
            } catch {
                mistakes.append(
                    SettingMistake(
                        variable: name + "_FILE", value: path, reason: "can't be used: \(error)",
                        remedy: "Mount the secret there, readable for the user that this process runs as."))
                return nil
            }
        }
        return nil
    }
}

/// A setting, its value and where the value came from.
package struct SettingInForce: Sendable {
    package enum Origin: Sendable, Hashable {
        case byDefault
        case variable(String)
        case file(variable: String, path: String)

        var variable: String? {
            switch self {
            case .byDefault: nil
            case .variable(let name), .file(let name, _): name
            }
        }
    }

    package var variable: String
    /// Variables of other tools that are read when ours is not set, the strongest first.
    package var aliases: [String]
    package var kind: String
    package var limits: String
    package var defaultText: String
    package var isSecret: Bool
    /// One sentence.
    package var help: String
    /// As it was written. Not to be shown when it is a secret.
    package var text: String
    package var origin: Origin
}

/// Something that a person wrote and that can't be used.
package struct SettingMistake: Error, Sendable, Hashable, CustomStringConvertible {
    package var variable: String
    /// `nil` when it must not be shown, or is not what is wrong.
    package var value: String?
    /// The end of a sentence.
    package var reason: String
    package var remedy: String

    package var description: String {
        let value = value.map { " is \"\($0)\":" } ?? ""
        return "\(variable)\(value) \(value.isEmpty ? reason : "it \(reason)"). \(remedy)"
    }
}
