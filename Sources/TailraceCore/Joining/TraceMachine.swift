/// Judges line by line whether an event goes on, for all languages at once.
///
/// Every language that still fits has a place in its table. What it answers about a line depends on nothing but the
/// lines since ``open(_:)``, so that an event does not depend on where reading began.
struct TraceMachine: ~Copyable {
    /// What the first line of an event is.
    enum Opening {
        /// An event of its own; nothing can follow.
        case alone
        /// May turn out to be the head of a trace.
        case head
        /// The first line of a trace.
        case trace
        /// A frame or the like: what carries on a trace that was cut.
        case resumed
    }

    /// What a further line is to the event.
    enum Judgement {
        case joins
        case waits
        case ends
    }

    private let grammars: [TraceGrammar]
    /// For each grammar the place in its table; empty when it does not fit.
    private var places: [TracePlaces]
    /// What lines that open a trace or make one of a head can begin with.
    private let entryBytes: ByteSet
    /// Only a head has been read.
    private var isBehindHead = false
    private var headHeader = RecordHeader.none
    /// What the head admits; found out when a line that is no record comes after it.
    private var headPlaces: TracePlaces?

    init(_ languages: TraceLanguages) {
        grammars = TraceGrammar.all.filter { languages.contains($0.language) }
        places = Array(repeating: [], count: grammars.count)
        var bytes = ByteSet()
        for grammar in grammars {
            for rule in grammar.rules where !rule.places.isDisjoint(with: .entry) {
                // A piece of a message is looked for only behind a head that names an exception.
                if case .free = rule.pattern.kind { continue }
                if case .blank = rule.pattern.kind { continue }
                bytes = bytes.union(rule.pattern.firstBytes)
            }
        }
        entryBytes = bytes
    }

    var isOff: Bool { grammars.isEmpty }

    /// True when no language has a rule for another line.
    var isComplete: Bool {
        guard !isBehindHead else { return false }
        for index in places.indices where !places[index].isEmpty && places[index] != .end { return false }
        return true
    }

    /// Judges the first line of an event and forgets everything before.
    mutating func open(_ line: borrowing LineView) -> Opening {
        if line.isBlankLine { return .alone }
        switch line.header {
        case .object, .access: return .alone
        case .calm:
            // `INFO … - java.io.IOException: text` may have frames behind it.
            guard ExceptionText.isTold(in: line.bytes) else { return .alone }
        case .none:
            if entryBytes.contains(line.firstByte), let opening = openTrace(line) { return opening }
        case .unrated:
            if JavaTrace.startsTwoLineHeader(line), let opening = openTrace(line) { return opening }
        case .alarm: break
        }
        isBehindHead = true
        headHeader = line.header
        headPlaces = nil
        return .head
    }

    /// True when ``next(_:)`` needs to know what the first line, as written, admits behind it.
    func asksForHead(_ line: borrowing LineView) -> Bool {
        isBehindHead && headPlaces == nil && !line.isRecord && !line.isBlankLine
    }

    mutating func learn(_ places: TracePlaces) { headPlaces = places }

    /// Judges a line behind the first.
    mutating func next(_ line: borrowing LineView) -> Judgement {
        guard isBehindHead else { return advance(line, from: nil) }
        guard !line.isRecord, let admitted = headPlaces,
            admitted.contains(.tellingHead) || entryBytes.contains(line.firstByte)
        else { return .ends }
        let judgement = advance(line, from: admitted)
        if judgement != .ends { isBehindHead = false }
        return judgement
    }

    /// - Parameter head: the first line of the event.
    func placesBehind(_ head: Span<UInt8>) -> TracePlaces {
        var places: TracePlaces = .anyHead
        if ExceptionText.isTold(in: head) { places.insert(.tellingHead) }
        if headHeader == .alarm || (headHeader == .unrated && ExceptionText.isFailure(head)) {
            places.insert(.alarmHead)
        }
        return places
    }

    private mutating func openTrace(_ line: borrowing LineView) -> Opening? {
        var opening: Opening?
        for index in grammars.indices {
            places[index] = []
            guard let rule = ruleIndex(in: index, at: .first, for: line) else { continue }
            let verdict = grammars[index].rules[rule].verdict
            places[index] = verdict.next
            if case .resumes = verdict {
                opening = opening ?? .resumed
            } else {
                opening = .trace
            }
        }
        if opening != nil { isBehindHead = false }
        return opening
    }

    /// - Parameter start: where every language stands; `nil` when each has its own place.
    private mutating func advance(_ line: borrowing LineView, from start: TracePlaces?) -> Judgement {
        var judgement = Judgement.ends
        for index in grammars.indices {
            let place = start ?? places[index]
            if place.isEmpty { continue }
            guard let rule = ruleIndex(in: index, at: place, for: line) else {
                // Behind the head nothing has been chosen yet, and the next event starts anew.
                places[index] = []
                continue
            }
            let verdict = grammars[index].rules[rule].verdict
            if case .waits = verdict {
                if judgement == .joins {
                    // Another language is certain.
                    places[index] = []
                    continue
                }
                judgement = .waits
            } else if judgement != .joins {
                for earlier in 0..<index { places[earlier] = [] }
                judgement = .joins
            }
            places[index] = verdict.next
        }
        return judgement
    }

    @inline(__always)
    private func ruleIndex(in grammar: Int, at place: TracePlaces, for line: borrowing LineView) -> Int? {
        let rules = grammars[grammar].rules
        for index in rules.indices where !rules[index].places.isDisjoint(with: place) {
            if rules[index].pattern.matches(line, opensTrace: { self.opens($0) }) { return index }
        }
        return nil
    }

    /// True when the line would be the first of a trace, also in a language that no longer fits.
    private func opens(_ line: borrowing LineView) -> Bool {
        guard entryBytes.contains(line.firstByte) else { return false }
        for grammar in grammars {
            for index in grammar.rules.indices where grammar.rules[index].places.contains(.first) {
                if grammar.rules[index].pattern.matches(line, opensTrace: { _ in true }) { return true }
            }
        }
        return false
    }
}
