/// Says why lines were joined or not, by judging them once more: the hot path notes nothing for it.
package struct JoinExplanation: ~Copyable {
    private let rules: JoinRules
    private var machine: TraceMachine
    private var head: [UInt8] = []
    private var transport = EventTransport()
    private var lineCount = 0
    private var isHolding = false

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
        guard !(isFirst ?? head.isEmpty) else {
            head = line.isEmpty ? [0x20] : line
            (transport, lineCount, isHolding) = (EventTransport(of: view.transport), 1, false)
            openHead()
            return .joins
        }
        lineCount += 1
        var judgement: TraceMachine.Judgement
        switch transport.view(of: view, isSecond: lineCount == 2, isHolding: isHolding) {
        case .whole: judgement = judgeText(view)
        case .behind(let end): judgement = judgeText(view.behind(end))
        case .behindOther(let end):
            openHead()
            judgement = judgeText(view.behind(end))
        case .foreign: judgement = .ends
        }
        if lineCount == 2, transport.isNone, machine.mayHaveFront(view), judgement == .ends || judgement == .waits {
            judgement = judgeBehindFront(view) ?? judgement
        }
        isHolding = judgement == .waits
        return judgement
    }

    /// As the joiner does.
    private mutating func judgeBehindFront(_ view: borrowing LineView) -> TraceMachine.Judgement? {
        guard let front = machine.front(of: head.span, and: view) else { return nil }
        let headHeader = machine.headHeaderBeforeFront
        transport = front
        let opening = openHead()
        if opening != .alone {
            let judgement = judgeText(view.behind(front.end(in: view.bytes)))
            if machine.confirmsFront(opening, judgement, before: headHeader) { return judgement }
        }
        transport.clear()
        openHead()
        return judgeText(view)
    }

    @discardableResult
    private mutating func openHead() -> TraceMachine.Opening {
        // Apart from `self`, which is changed meanwhile.
        let head = head
        let view = LineView(head.span.extracting(transport.headEnd..<head.count))
        machine.isBehindTransport = !transport.isNone
        machine.look(at: view)
        return machine.open(view)
    }

    private mutating func judgeText(_ view: borrowing LineView) -> TraceMachine.Judgement {
        machine.look(at: view)
        let first = head
        let head = LineView(first.span.extracting(transport.headEnd..<first.count)).bytes
        if machine.asksForPrefix(view), let own = view.prefix { machine.learn(LinePrefix(of: head, like: own)) }
        let facts = machine.facts(of: head, before: view)
        if machine.isBehindNewHead, let facts { machine.learn(facts) }
        let judgement = machine.next(view)
        guard lineCount == 2, machine.asksAgain(view, after: judgement), let facts else { return judgement }
        return machine.reconsider(view, admitting: facts.places, otherwise: judgement)
    }

    private func opening(_ line: [UInt8], _ isHeldBehind: Bool) -> String {
        let whole = LineView(line.span)
        let view = whole.behind(transport.headEnd)
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
        let place = transport.isNone ? "" : " behind what it was sent with"
        if isHeldBehind {
            return "starts: \(kind)\(place), held for the record before it; nothing confirmed that it belongs there"
        }
        return "starts: \(kind)\(place)"
    }

    private func sentence(_ judgement: TraceMachine.Judgement) -> String {
        if judgement == .waits, machine.isBehindHead {
            guard machine.report == .none else { return "held until a frame or a record follows: text behind an alarm" }
            return
                "held until a frame follows: text behind \(machine.headHeader == .alarm ? "an alarm" : "what may be a head")"
        }
        let verb = judgement == .waits ? "held until a line joins" : "joins"
        guard let rule = machine.decidingRule, let owner = rules.ranges.firstIndex(where: { $0.contains(rule) }) else {
            return "\(verb): an indented line, a blank one, or the end of a colour"
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
