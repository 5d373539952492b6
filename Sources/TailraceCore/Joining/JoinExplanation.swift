/// Says why lines were joined or not, by judging them once more: the hot path notes nothing for it.
package struct JoinExplanation: ~Copyable {
    private let rules: JoinRules
    private var machine: TraceMachine
    private var head: [UInt8] = []

    package init(_ rules: JoinRules) {
        self.rules = rules
        machine = TraceMachine(rules)
    }

    /// One sentence for each line of an event.
    ///
    /// - Parameters:
    ///   - text: of the event, as it went out.
    ///   - previous: of the event before it in the same stream; empty when there is none.
    package mutating func sentences(for text: [UInt8], behind previous: [UInt8]) -> [String] {
        if let pattern = rules.pattern { return Self.sentences(for: text, by: pattern) }
        var sentences: [String] = []
        var isHeldBehind = false
        if !previous.isEmpty {
            for line in Self.lines(of: previous) { _ = judge(line) }
            if let first = Self.lines(of: text).first { isHeldBehind = judge(first, isFirst: false) == .waits }
        }
        head = []
        for line in Self.lines(of: text) {
            let isFirst = head.isEmpty && sentences.isEmpty
            let judgement = judge(line, isFirst: isFirst)
            sentences.append(isFirst ? opening(line, isHeldBehind) : sentence(judgement))
        }
        head = []
        return sentences
    }

    private static func lines(of text: [UInt8]) -> [[UInt8]] {
        text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            var plain = OwnedBytes()
            ANSICodes.remove(from: Array(line).span, into: &plain)
            return Array(plain.span)
        }
    }

    private mutating func judge(_ line: [UInt8], isFirst: Bool? = nil) -> TraceMachine.Judgement {
        let view = LineView(line.span)
        machine.look(at: view)
        if isFirst ?? head.isEmpty {
            head = line.isEmpty ? [0x20] : line
            _ = machine.open(view)
            return .joins
        }
        if machine.asksForPrefix(view) { machine.learn(LinePrefix(of: head.span)) }
        if let facts = machine.facts(of: LineView(head.span).bytes, before: view) { machine.learn(facts) }
        return machine.next(view)
    }

    private func opening(_ line: [UInt8], _ isHeldBehind: Bool) -> String {
        let view = LineView(line.span)
        let kind =
            switch view.header {
            case .none where view.isBlankLine: "a blank line"
            case .none: "text"
            case .unrated: "a record without a level"
            case .calm: "a record below warning"
            case .alarm: "a record of warning or above"
            case .object: "a JSON object"
            case .access: "a line of an access log"
            }
        if isHeldBehind {
            return "starts: \(kind), held for the record before it; nothing confirmed that it belongs there"
        }
        return "starts: \(kind)"
    }

    private func sentence(_ judgement: TraceMachine.Judgement) -> String {
        if judgement == .waits, machine.isBehindHead { return "held until a frame follows: text behind an alarm" }
        let verb = judgement == .waits ? "held until a line joins" : "joins"
        guard let rule = machine.decidingRule, let owner = rules.ranges.firstIndex(where: { $0.contains(rule) }) else {
            return "\(verb): an indented line, or nothing but the end of a colour"
        }
        return "\(verb): \(rules.owners[owner].names.joined()), \(rules.table.pattern(rule).name)"
    }

    private static func sentences(for text: [UInt8], by pattern: JoinPattern) -> [String] {
        let matcher = PatternMatcher(pattern)
        return lines(of: text).enumerated().map { number, line in
            let match =
                matcher.matches(LineView(line.span).bytes) ? "matches the pattern" : "does not match the pattern"
            return number == 0 ? "starts: \(match)" : "joins: \(match)"
        }
    }
}
