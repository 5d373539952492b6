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
        tellingRules = RuleIndex(table, ranges) { !$0.places.isDisjoint(with: .heads) }
    }

    /// True when every line is an event of its own.
    var isOff: Bool { ranges.isEmpty && !joinsIndented && !joinsBehindPrefix && pattern == nil }

    /// Indented text behind the same time, host and program belongs to the line before it.
    var joinsBehindPrefix: Bool { languages.contains(.syslog) }
}

/// Rules at a fixed place in memory: taking one out of an array would count references for each line.
// Sendable without a check: nothing is changed after the start.
final class RuleTable: @unchecked Sendable {
    private let base: UnsafeMutableBufferPointer<TraceRule>

    init(_ rules: [TraceRule]) {
        base = .allocate(capacity: rules.count)
        _ = base.initialize(from: rules)
    }

    deinit {
        base.deinitialize()
        base.deallocate()
    }

    subscript(index: Int) -> TraceRule { base[index] }

    @inline(__always)
    func places(_ index: Int) -> TracePlaces { base[index].places }

    @inline(__always)
    func verdict(_ index: Int) -> TraceRule.Verdict { base[index].verdict }

    /// True when the rule is for lines that begin with or are certain words.
    func isLiteral(_ index: Int) -> Bool {
        switch base[index].pattern.kind {
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
        let rule = base.baseAddress.unsafelyUnwrapped + index
        if line.isBlankLine {
            if case .blank = rule.pointee.pattern.kind { return true }
            return false
        }
        switch rule.pointee.pattern.indentation {
        case .none: guard line.indent == 0 else { return false }
        case .some: guard line.indent > 0 else { return false }
        case .any: break
        }
        guard rule.pointee.pattern.firstBytes.contains(line.firstByte),
            line.isRecord ? rule.pointee.pattern.admitsRecords : line.marks.isSuperset(of: rule.pointee.pattern.needs)
        else { return false }
        switch rule.pointee.pattern.kind {
        case .starts(let literal): return line.has(literal, at: line.indent)
        case .equals(let literal):
            guard line.has(literal, at: line.indent) else { return false }
            var end = line.count
            while end > 0, isBlank(line.bytes[end - 1]) { end -= 1 }
            return end - line.indent == literal.utf8CodeUnitCount
        case .shape(let test): return test(line)
        case .text, .unrecorded: return !opensTrace(line, true)
        case .free: return !opensTrace(line, false)
        case .blank: return false
        }
    }
}

/// Some rules of all languages, by the first byte of the line.
struct RuleIndex: Sendable {
    /// A rule, and as much of its pattern as refuses most lines.
    struct Entry: Sendable {
        var rule: UInt16
        var language: UInt8
        /// The second byte of the line, behind the indentation; 0 when it may be any.
        fileprivate var secondByte: UInt8
        fileprivate var needs: LineMarks
        fileprivate var admitsRecords: Bool
        fileprivate var admitsIndented: Bool
        fileprivate var admitsBare: Bool

        fileprivate init(_ rule: Int, _ pattern: LinePattern, language: Int) {
            self.rule = UInt16(rule)
            self.language = UInt8(language)
            secondByte = pattern.secondByte
            needs = pattern.needs
            admitsRecords = pattern.admitsRecords
            let isBlank = if case .blank = pattern.kind { true } else { false }
            admitsIndented = pattern.indentation != .none || isBlank
            admitsBare = pattern.indentation != .some || isBlank
        }

        /// False when the rule can't apply to the line.
        @inline(__always)
        func mayApply(to line: borrowing LineView) -> Bool {
            guard line.indent > 0 ? admitsIndented : admitsBare else { return false }
            guard secondByte == 0 || secondByte == line.secondByte else { return false }
            return line.isRecord ? admitsRecords : line.marks.isSuperset(of: needs)
        }
    }

    private let starts: [UInt16]
    private let entries: [Entry]

    init(_ table: [TraceRule], _ ranges: [Range<Int>], _ isWanted: (TraceRule) -> Bool) {
        var starts: [UInt16] = [0]
        var entries: [Entry] = []
        for byte in UInt8.min...UInt8.max {
            for (language, range) in ranges.enumerated() {
                for rule in range where table[rule].pattern.firstBytes.contains(byte) && isWanted(table[rule]) {
                    entries.append(Entry(rule, table[rule].pattern, language: language))
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

    /// False when no rule can apply to a line that begins with `byte` and has no other marks than these.
    func mayApply(to byte: UInt8, _ marks: LineMarks) -> Bool {
        for place in places(for: byte) where marks.isSuperset(of: entries[place].needs) { return true }
        return false
    }
}

extension LinePattern {
    /// Of its literal; 0 when it has none.
    fileprivate var secondByte: UInt8 {
        switch kind {
        case .starts(let literal), .equals(let literal): literal.utf8CodeUnitCount > 1 ? literal.utf8Start[1] : 0
        case .shape, .text, .free, .unrecorded, .blank: 0
        }
    }

    /// True for patterns that say nothing about what the text is.
    fileprivate var isAnyText: Bool {
        switch kind {
        case .free, .unrecorded, .blank, .text: true
        case .starts, .equals, .shape: false
        }
    }
}
