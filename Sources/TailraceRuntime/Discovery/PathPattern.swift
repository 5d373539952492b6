import Glibc

/// A glob over paths: `/var/log/app/**/*.log`.
///
/// | part | matches |
/// |---|---|
/// | `*`, `?`, `[a-z]`, `[!a-z]` | within one name, as in fnmatch(3); a leading dot has to be written |
/// | `**` as a whole name | any number of folders, none included; hidden ones and links to folders are not entered |
/// | `\*` | the character itself |
struct PathPattern: Hashable, Sendable {
    enum Part: Hashable, Sendable {
        case name(String)
        case wildcard(String)
        case anyDepth
    }

    let parts: [Part]
    let isAbsolute: Bool

    init(_ text: String) {
        isAbsolute = text.hasPrefix("/")
        var parts = text.split(separator: "/").filter { $0 != "." }.map { Self.part(String($0)) }
        if parts.last == .anyDepth { parts.append(.wildcard("*")) }
        self.parts = parts
    }

    /// Whether the whole of `path` fits. A pattern of one part fits the last name of any path.
    func matches(_ path: String) -> Bool {
        guard !isOfNames else {
            let start = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) }
            return parts[0].matches(String(path[(start ?? path.startIndex)...]))
        }
        return Self.match(parts[...], path.split(separator: "/").map(String.init)[...])
    }

    /// Whether it is held against the last name of a path only.
    private var isOfNames: Bool { parts.count == 1 && !isAbsolute }

    private static func part(_ name: String) -> Part {
        if name == "**" { return .anyDepth }
        return name.contains { "*?[\\".contains($0) } ? .wildcard(name) : .name(name)
    }

    private static func match(_ parts: ArraySlice<Part>, _ names: ArraySlice<String>) -> Bool {
        guard let part = parts.first else { return names.isEmpty }
        if part == .anyDepth {
            return (names.startIndex...names.endIndex).contains { match(parts.dropFirst(), names[$0...]) }
        }
        guard let name = names.first, part.matches(name) else { return false }
        return match(parts.dropFirst(), names.dropFirst())
    }
}

extension PathPattern.Part {
    func matches(_ name: String) -> Bool {
        switch self {
        case .name(let other): name == other
        case .wildcard(let pattern): fnmatch(pattern, name, FNM_PERIOD) == 0
        case .anyDepth: !name.hasPrefix(".")
        }
    }
}
