/// Some rules of all languages, by the first byte of the line, at a fixed place in memory.
// Sendable without a check: nothing is changed after the start.
final class RuleIndex: @unchecked Sendable {
    /// A rule, and as much of its pattern as refuses most lines. Every line meets a dozen or two of them.
    struct Entry {
        fileprivate let needs: LineMarks
        let rule: UInt16
        let language: UInt8
        /// The second byte of the line, behind the indentation; 0 when it may be any.
        fileprivate let secondByte: UInt8
        fileprivate let admitted: Traits

        fileprivate init(_ rule: Int, _ pattern: LinePattern, language: Int) {
            self.rule = UInt16(rule)
            self.language = UInt8(language)
            secondByte = pattern.secondByte
            needs = pattern.needs
            let isBlank = if case .blank = pattern.kind { true } else { false }
            var admitted: Traits = pattern.admitsRecords ? .record : []
            if pattern.indentation != .none || isBlank { admitted.insert(.indented) }
            if pattern.indentation != .some || isBlank { admitted.insert(.bare) }
            self.admitted = admitted
        }

        /// False when the rule can't apply to the line.
        @inline(__always)
        func mayApply(to line: Key) -> Bool {
            admitted.isSuperset(of: line.traits) && (secondByte == 0 || secondByte == line.secondByte)
                && line.marks.isSuperset(of: needs)
        }

        /// True when every line that `other` refuses is refused by this, too.
        fileprivate func refusesAll(of other: Entry) -> Bool {
            other.admitted.isSuperset(of: admitted) && (other.secondByte == 0 || other.secondByte == secondByte)
                && needs.isSuperset(of: other.needs)
        }
    }

    /// What entries are compared with, taken from a line once for all of them.
    struct Key {
        fileprivate let traits: Traits
        fileprivate let secondByte: UInt8
        fileprivate let marks: LineMarks

        @inline(__always)
        init(_ line: borrowing LineView) {
            let indentation: Traits = line.indent > 0 ? .indented : .bare
            traits = line.isRecord ? indentation.union(.record) : indentation
            secondByte = line.secondByte
            // Records are not looked through.
            marks = line.isRecord ? .all : line.marks
        }

        /// Of a line that is no record.
        fileprivate init(isIndented: Bool, secondByte: UInt8, _ marks: LineMarks) {
            traits = isIndented ? .indented : .bare
            self.secondByte = secondByte
            self.marks = marks
        }
    }

    fileprivate struct Traits: OptionSet {
        let rawValue: UInt8
        static let bare = Traits(rawValue: 1 << 0)
        static let indented = Traits(rawValue: 1 << 1)
        static let record = Traits(rawValue: 1 << 2)
    }

    /// Where the entries for each byte start, and where those for the last end.
    private let starts: UnsafeMutableBufferPointer<UInt16>
    private let entries: UnsafeMutableBufferPointer<Entry>

    /// - Parameter isDistinct: leaves out rules that refuse the same lines as one before them: see ``isOrdinary(_:)``.
    init(
        _ table: [TraceRule], _ ranges: [Range<Int>], isDistinct: Bool = false, _ isWanted: (TraceRule) -> Bool
    ) {
        let wanted = ranges.enumerated().flatMap { language, range in
            range.filter { isWanted(table[$0]) }.map { rule in
                (bytes: table[rule].pattern.firstBytes, entry: Entry(rule, table[rule].pattern, language: language))
            }
        }
        // Filled in place: a process takes most memory while it starts, and these are its largest tables.
        starts = .allocate(capacity: Int(UInt8.max) + 2)
        entries = .allocate(capacity: wanted.reduce(0) { $0 + $1.bytes.count })
        var count = 0
        starts.initializeElement(at: 0, to: 0)
        for byte in UInt8.min...UInt8.max {
            let start = count
            for (bytes, entry) in wanted where bytes.contains(byte) {
                if isDistinct, entries[start..<count].contains(where: { entry.refusesAll(of: $0) }) { continue }
                entries.initializeElement(at: count, to: entry)
                count += 1
            }
            starts.initializeElement(at: Int(byte) + 1, to: UInt16(count))
        }
    }

    deinit {
        starts.deallocate()
        entries.deallocate()
    }

    /// The places in the index of the rules for lines that begin with `byte`. Blank lines have 0.
    @inline(__always)
    func places(for byte: UInt8) -> Range<Int> {
        let start = starts.baseAddress.unsafelyUnwrapped + Int(byte)
        return Range(uncheckedBounds: (Int(start[0]), Int(start[1])))
    }

    @inline(__always)
    subscript(place: Int) -> Entry { entries.baseAddress.unsafelyUnwrapped[place] }

    /// True when no rule can apply to the line.
    @inline(__always)
    func isOrdinary(_ line: borrowing LineView) -> Bool {
        let key = Key(line)
        for place in places(for: line.firstByte) where self[place].mayApply(to: key) { return false }
        return true
    }

    /// False when no rule can apply to what stands behind `place`.
    ///
    /// - Parameter marks: of that.
    func mayApply(behind place: Int, of line: Span<UInt8>, _ marks: LineMarks) -> Bool {
        var index = place
        while index < line.count, TailraceCore.isBlank(line[unchecked: index]) { index += 1 }
        let key = Key(
            isIndented: index > place, secondByte: index + 1 < line.count ? line[unchecked: index + 1] : 0, marks)
        for place in places(for: index < line.count ? line[unchecked: index] : 0) where self[place].mayApply(to: key) {
            return true
        }
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
}
