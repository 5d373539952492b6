/// Programming languages whose stack traces the joiner knows, and other things that programs write over several lines.
package struct TraceLanguages: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Everything on the JVM that prints with `Throwable.printStackTrace` or in its format.
    package static let java = TraceLanguages(rawValue: 1 << 0)
    package static let python = TraceLanguages(rawValue: 1 << 1)
    package static let go = TraceLanguages(rawValue: 1 << 2)
    /// JavaScript and TypeScript on V8.
    package static let node = TraceLanguages(rawValue: 1 << 3)
    package static let dotnet = TraceLanguages(rawValue: 1 << 4)
    package static let ruby = TraceLanguages(rawValue: 1 << 5)
    package static let php = TraceLanguages(rawValue: 1 << 6)
    package static let rust = TraceLanguages(rawValue: 1 << 7)
    package static let swift = TraceLanguages(rawValue: 1 << 8)
    /// C and C++: what their runtimes and sanitizers print.
    package static let cpp = TraceLanguages(rawValue: 1 << 9)
    package static let dart = TraceLanguages(rawValue: 1 << 10)
    /// Erlang and Elixir.
    package static let erlang = TraceLanguages(rawValue: 1 << 11)
    package static let perl = TraceLanguages(rawValue: 1 << 12)
    package static let lua = TraceLanguages(rawValue: 1 << 13)
    package static let r = TraceLanguages(rawValue: 1 << 14)
    /// Where it differs from Java.
    package static let clojure = TraceLanguages(rawValue: 1 << 15)
    package static let haskell = TraceLanguages(rawValue: 1 << 16)
    package static let ocaml = TraceLanguages(rawValue: 1 << 18)
    /// What is certain to be a stack trace, but of no known format.
    package static let unknown = TraceLanguages(rawValue: 1 << 17)

    /// Objects and arrays printed over several lines.
    package static let json = TraceLanguages(rawValue: 1 << 24)
    package static let xml = TraceLanguages(rawValue: 1 << 25)
    /// Continued lines of a PostgreSQL server's log.
    package static let postgresql = TraceLanguages(rawValue: 1 << 26)
    /// Entries of MySQL's slow query log.
    package static let mysql = TraceLanguages(rawValue: 1 << 27)
    /// Records that go on, indented, behind the same prefix.
    package static let syslog = TraceLanguages(rawValue: 1 << 28)

    /// All programming languages: what `auto` means.
    package static let all = TraceLanguages(rawValue: 1 << 19 - 1)
    /// What has to be asked for, because ordinary lines may look like it.
    package static let optional: TraceLanguages = [.json, .xml, .postgresql, .mysql, .syslog]

    /// Every language with the name that settings know it by, in the order of the documentation.
    package static let named: [(name: String, language: TraceLanguages)] = [
        ("java", .java), ("python", .python), ("go", .go), ("node", .node), ("dotnet", .dotnet), ("ruby", .ruby),
        ("php", .php), ("rust", .rust), ("swift", .swift), ("cpp", .cpp), ("dart", .dart), ("erlang", .erlang),
        ("perl", .perl), ("lua", .lua), ("r", .r), ("clojure", .clojure), ("haskell", .haskell), ("ocaml", .ocaml),
        ("json", .json), ("xml", .xml), ("postgresql", .postgresql), ("mysql", .mysql), ("syslog", .syslog),
    ]

    /// - Returns: `nil` when no language has that name. Names are lower case.
    package init?(name: some StringProtocol) {
        guard let row = TraceLanguages.named.first(where: { $0.name == name }) else { return nil }
        self = row.language
    }

    /// The names of the languages in the set: `["java", "python"]`.
    package var names: [String] {
        self == .unknown ? ["unknown"] : TraceLanguages.named.filter { contains($0.language) }.map(\.name)
    }
}
