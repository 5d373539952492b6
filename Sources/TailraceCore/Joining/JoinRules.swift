/// What all joiners of a process have in common: the tables of the languages, ordered so that a line meets only the
/// rules that its first byte allows.
package final class JoinRules: Sendable {
    package let languages: TraceLanguages
    package let limits: JoinLimits
    /// Lines with blanks in front belong to the line before them, whatever that is.
    let joinsIndented: Bool
    /// The user's own pattern, which takes the place of everything else.
    let pattern: JoinPattern?
    /// The rules of all languages, one language behind the other.
    let table: [TraceRule]
    /// Where the rules of each language are in the table.
    let ranges: [Range<Int>]
    /// The languages, in the order of the table.
    let owners: [TraceLanguages]
    /// Rules for the first line of an event.
    let firstRules: RuleIndex
    /// Rules for the line behind a head, apart from those for any text.
    let headRules: RuleIndex
    /// As `headRules`, and those for any text.
    let tellingRules: RuleIndex

    package init(
        languages: TraceLanguages, limits: JoinLimits = JoinLimits(), joinsIndented: Bool = false,
        pattern: JoinPattern? = nil
    ) {
        self.languages = languages
        self.limits = limits
        self.joinsIndented = joinsIndented
        self.pattern = pattern
        let grammars = TraceGrammar.all.filter { languages.contains($0.language) }
        var table: [TraceRule] = []
        var ranges: [Range<Int>] = []
        for grammar in grammars {
            ranges.append(table.count..<table.count + grammar.rules.count)
            table += grammar.rules
        }
        self.table = table
        self.ranges = ranges
        owners = grammars.map(\.language)
        firstRules = RuleIndex(table, ranges) { $0.places.contains(.first) }
        headRules = RuleIndex(table, ranges) {
            !$0.places.isDisjoint(with: .heads) && !$0.pattern.isAnyText
        }
        tellingRules = RuleIndex(table, ranges) { !$0.places.isDisjoint(with: .heads) }
    }

    /// True when every line is an event of its own.
    var isOff: Bool { table.isEmpty && !joinsIndented && !joinsBehindPrefix && pattern == nil }

    /// Indented text behind the same time, host and program belongs to the line before it.
    var joinsBehindPrefix: Bool { languages.contains(.syslog) }
}

/// Some rules of all languages, by the first byte of the line.
struct RuleIndex: Sendable {
    struct Entry: Sendable {
        var language: UInt16
        var rule: UInt16
    }

    private let starts: [UInt16]
    private let entries: [Entry]

    init(_ table: [TraceRule], _ ranges: [Range<Int>], _ isWanted: (TraceRule) -> Bool) {
        var starts: [UInt16] = [0]
        var entries: [Entry] = []
        for byte in UInt8.min...UInt8.max {
            for (language, range) in ranges.enumerated() {
                for rule in range where table[rule].pattern.firstBytes.contains(byte) && isWanted(table[rule]) {
                    entries.append(Entry(language: UInt16(language), rule: UInt16(rule)))
                }
            }
            starts.append(UInt16(entries.count))
        }
        self.starts = starts
        self.entries = entries
    }

    /// The places in the index of the rules for lines that begin with `byte`. Blank lines have 0.
    @inline(__always)
    func places(for byte: UInt8) -> Range<Int> {
        Int(starts[Int(byte)])..<Int(starts[Int(byte) + 1])
    }

    @inline(__always)
    subscript(place: Int) -> Entry { entries[place] }
}

extension LinePattern {
    /// True for patterns that say nothing about what the text is.
    fileprivate var isAnyText: Bool {
        switch kind {
        case .free, .unrecorded, .blank, .text: true
        case .starts, .equals, .shape: false
        }
    }
}
