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
    let table: RuleTable
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
    /// What `firstRules` and `headRules` refuse alike: one quick look at most lines.
    let quickRules: RuleIndex

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
        self.table = RuleTable(table)
        self.ranges = ranges
        owners = grammars.map(\.language)
        firstRules = RuleIndex(table, ranges) { $0.places.contains(.first) }
        headRules = RuleIndex(table, ranges) {
            !$0.places.isDisjoint(with: .heads) && !$0.pattern.isAnyText
        }
        quickRules = RuleIndex(table, ranges, isDistinct: true) {
            $0.places.contains(.first) || !$0.places.isDisjoint(with: .heads) && !$0.pattern.isAnyText
        }
        tellingRules = RuleIndex(table, ranges) { !$0.places.isDisjoint(with: .heads) }
    }

    /// True when every line is an event of its own.
    var isOff: Bool { ranges.isEmpty && !joinsIndented && !joinsBehindPrefix && pattern == nil }

    /// No rule is about what follows a record below a warning, unless that names an exception.
    var passesRecords: Bool { pattern == nil && !joinsIndented && languages.isDisjoint(with: .optional) }

    /// Indented text behind the same time, host and program belongs to the line before it.
    var joinsBehindPrefix: Bool { languages.contains(.syslog) }
}

/// Rules at a fixed place in memory: taking one out of an array would count references for each line.
// Sendable without a check: nothing is changed after the start.
final class RuleTable: @unchecked Sendable {
    // Apart from each other: a rule as a whole is so large that it would be copied.
    private let places: UnsafeMutableBufferPointer<TracePlaces>
    private let patterns: UnsafeMutableBufferPointer<LinePattern>
    private let verdicts: UnsafeMutableBufferPointer<TraceRule.Verdict>

    init(_ rules: [TraceRule]) {
        places = .allocate(capacity: rules.count)
        patterns = .allocate(capacity: rules.count)
        verdicts = .allocate(capacity: rules.count)
        _ = places.initialize(from: rules.map(\.places))
        _ = patterns.initialize(from: rules.map(\.pattern))
        _ = verdicts.initialize(from: rules.map(\.verdict))
    }

    deinit {
        places.deallocate()
        patterns.deinitialize()
        patterns.deallocate()
        verdicts.deallocate()
    }

    func pattern(_ index: Int) -> LinePattern { patterns[index] }

    @inline(__always)
    func places(_ index: Int) -> TracePlaces { places[index] }

    @inline(__always)
    func verdict(_ index: Int) -> TraceRule.Verdict { verdicts[index] }

    /// True when the rule is for lines that begin with or are certain words.
    func isLiteral(_ index: Int) -> Bool {
        switch patterns[index].kind {
        case .starts, .equals: true
        case .shape, .text, .free, .unrecorded, .blank: false
        }
    }

    /// True when the line is what the rule asks for.
    ///
    /// - Parameter opensTrace: whether a line is the first of a trace, and whether that has to be certain; asked only by
    ///   patterns for any text.
    @inline(__always)
    func matches(
        _ index: Int, _ line: borrowing LineView, opensTrace: (borrowing LineView, _ certainly: Bool) -> Bool
    ) -> Bool {
        // Part by part: a pattern taken as a whole would be copied.
        let pattern = patterns.baseAddress.unsafelyUnwrapped + index
        if line.isBlankLine {
            if case .blank = pattern.pointee.kind { return true }
            return false
        }
        switch pattern.pointee.indentation {
        case .none: guard line.indent == 0 else { return false }
        case .some: guard line.indent > 0 else { return false }
        case .any: break
        }
        guard pattern.pointee.firstBytes.contains(line.firstByte),
            line.isRecord ? pattern.pointee.admitsRecords : line.marks.isSuperset(of: pattern.pointee.needs)
        else { return false }
        switch pattern.pointee.kind {
        case .starts(let literal): return line.has(literal, at: line.indent)
        case .equals(let literal):
            guard line.has(literal, at: line.indent) else { return false }
            return line.bytes.endOfText(before: line.count) - line.indent == literal.utf8CodeUnitCount
        case .shape(let test): return test(line)
        case .text, .unrecorded: return !opensTrace(line, true)
        case .free: return !opensTrace(line, false)
        case .blank: return false
        }
    }
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
