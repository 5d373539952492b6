/// Programming languages whose stack traces the joiner knows.
package struct TraceLanguages: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Everything on the JVM that prints with `Throwable.printStackTrace` or in its format.
    package static let java = TraceLanguages(rawValue: 1 << 0)
    package static let python = TraceLanguages(rawValue: 1 << 1)
    package static let go = TraceLanguages(rawValue: 1 << 2)
    /// JavaScript and TypeScript on V8.
    package static let node = TraceLanguages(rawValue: 1 << 3)

    package static let all: TraceLanguages = [.java, .python, .go, .node]

    /// Every language with the name that settings know it by, in the order of the documentation.
    package static let named: [(name: String, language: TraceLanguages)] = [
        ("java", .java), ("python", .python), ("go", .go), ("node", .node),
    ]

    /// - Returns: `nil` when no language has that name. Names are lower case.
    package init?(name: some StringProtocol) {
        guard let row = TraceLanguages.named.first(where: { $0.name == name }) else { return nil }
        self = row.language
    }

    /// The names of the languages in the set: `["java", "python"]`.
    package var names: [String] {
        TraceLanguages.named.filter { contains($0.language) }.map(\.name)
    }
}
