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

    private let rules: JoinRules
    /// For each language the place in its table; empty when it does not fit.
    private var places: [TracePlaces]
    /// Only a head has been read.
    private var isBehindHead = false
    private var headHeader = RecordHeader.none
    /// What the head admits; found out when a line comes after it that may belong to it.
    private var headPlaces: TracePlaces?
    /// Of the prefix that the first line has; 0 when it has none, or when that was not looked at yet.
    private var prefixShape: UInt64 = 0
    /// Whose rules the lines so far have followed; empty as long as no line has joined.
    private(set) var language: TraceLanguages = []
    /// The rule that decided last, in the table; for explanations.
    private(set) var decidingRule: Int?

    init(_ rules: JoinRules) {
        self.rules = rules
        places = Array(repeating: [], count: rules.ranges.count)
    }

    /// True when no language has a rule for another line.
    var isComplete: Bool {
        guard !isBehindHead, !rules.joinsIndented else { return false }
        for place in places where !place.isEmpty && place != .end { return false }
        return true
    }

    // MARK: The first line

    /// Judges the first line of an event and forgets everything before.
    mutating func open(_ line: borrowing LineView) -> Opening {
        language = []
        prefixShape = 0
        if line.isBlankLine { return .alone }
        switch line.header {
        case .none:
            if let opening = openTrace(line) { return opening }
            if let prefix = line.prefix, let opening = openTrace(line, behind: prefix) { return opening }
        case .unrated:
            if isOfSeveralLines(line), let opening = openTrace(line) { return opening }
            if let prefix = line.prefix, let opening = openTrace(line, behind: prefix) { return opening }
        case .alarm: if isOfSeveralLines(line), let opening = openTrace(line) { return opening }
        case .calm:
            if isOfSeveralLines(line), let opening = openTrace(line) { return opening }
            guard admitsLinesBehindCalm(line) else { return .alone }
        case .object, .access: guard rules.joinsIndented else { return .alone }
        }
        isBehindHead = true
        headHeader = line.header
        headPlaces = nil
        let prefix = rules.joinsBehindPrefix && line.header == .calm ? LinePrefix(of: line.bytes) : line.prefix
        prefixShape = prefix?.shape ?? 0
        return .head
    }

    /// True when ``open(_:)`` may find a rule for the line although it is a record.
    private func isOfSeveralLines(_ line: borrowing LineView) -> Bool {
        JavaTrace.startsTwoLineHeader(line) || DotNetTrace.startsConsoleRecord(line)
            || NodeTrace.startsPrettyRecord(line) || RustTrace.startsPrettyRecord(line)
    }

    /// `INFO … - java.io.IOException: text` may have frames behind it.
    private func admitsLinesBehindCalm(_ line: borrowing LineView) -> Bool {
        if ExceptionText.isTold(in: line.bytes) || rules.joinsIndented { return true }
        guard !rules.languages.isDisjoint(with: .optional) else { return false }
        return rules.joinsBehindPrefix || rules.languages.contains(.postgresql) || endsWithBracket(line.bytes)
    }

    private mutating func openTrace(_ line: borrowing LineView) -> Opening? {
        let candidates = rules.firstRules.places(for: line.firstByte)
        guard !candidates.isEmpty else { return nil }
        var opening: Opening?
        var decided = -1
        for candidate in candidates {
            let entry = rules.firstRules[candidate]
            guard entry.mayApply(to: line), decided != Int(entry.language) else { continue }
            let rule = Int(entry.rule)
            guard rules.table.matches(rule, line, opensTrace: { self.opens($0) }) else { continue }
            if opening == nil { forgetPlaces() }
            decided = Int(entry.language)
            let verdict = rules.table.verdict(rule)
            places[decided] = verdict.next
            decidingRule = rule
            switch verdict {
            case .resumes: opening = opening ?? .resumed
            case .joins:
                opening = .trace
                language = rules.owners[decided]
            case .waits: opening = .trace
            }
        }
        if opening != nil { isBehindHead = false }
        return opening
    }

    /// As ``openTrace(_:)``, with what stands behind the prefix.
    private mutating func openTrace(_ line: borrowing LineView, behind prefix: LinePrefix) -> Opening? {
        guard line.mayMatch(rules.firstRules, behind: prefix) else { return nil }
        guard let opening = openTrace(line.behind(prefix)) else { return nil }
        prefixShape = prefix.shape
        return opening
    }

    private mutating func forgetPlaces() {
        for index in places.indices { places[index] = [] }
    }

    // MARK: Further lines

    /// True when ``next(_:)`` needs to know what the first line, as written, admits behind it.
    ///
    /// - Parameter head: the first line of the event.
    func asksForHead(_ line: borrowing LineView, head: Span<UInt8>) -> Bool {
        guard isBehindHead, headPlaces == nil else { return false }
        switch line.header {
        case .none:
            if matchesBehindHead(line) || isTelling(head) { return true }
            if rules.languages.contains(.json), endsWithBracket(head) { return true }
        case .unrated: break
        case .calm, .alarm, .object, .access: return false
        }
        guard prefixShape != 0, let prefix = line.prefix, prefix.shape == prefixShape else { return false }
        if rules.joinsBehindPrefix, prefix.end < line.count, isBlank(line.bytes[prefix.end]) { return true }
        guard line.mayMatch(rules.headRules, behind: prefix) else { return false }
        let text = line.behind(prefix)
        return !text.isRecord && matchesBehindHead(text)
    }

    /// True when the text of an exception may go on behind the head.
    private func isTelling(_ head: Span<UInt8>) -> Bool {
        ExceptionText.isTold(in: head) || head.firstIndex(of: "panic") != nil
    }

    private func matchesBehindHead(_ line: borrowing LineView) -> Bool {
        for place in rules.headRules.places(for: line.firstByte) {
            let entry = rules.headRules[place]
            guard entry.mayApply(to: line) else { continue }
            let rule = Int(entry.rule)
            if rules.table.matches(rule, line, opensTrace: { self.opens($0) }) { return true }
        }
        return false
    }

    /// What the first line of an event admits behind it.
    struct HeadFacts {
        fileprivate var places: TracePlaces
    }

    /// - Parameter head: the first line of the event, without codes for terminals.
    func facts(of head: Span<UInt8>) -> HeadFacts {
        var admitted: TracePlaces = .anyHead
        let isTold = isTelling(head)
        if isTold { admitted.insert(.tellingHead) }
        if isAlarm(head, isTold: isTold) { admitted.insert(.alarmHead) }
        if endsWithBracket(head) { admitted.insert(.bracketHead) }
        if headHeader == .unrated, RecordHeader.isOnlyTime(head) { admitted.insert(.timeHead) }
        return HeadFacts(places: admitted)
    }

    mutating func learn(_ facts: HeadFacts) { headPlaces = facts.places }

    private func isAlarm(_ head: Span<UInt8>, isTold: Bool) -> Bool {
        switch headHeader {
        case .alarm: true
        case .unrated: ExceptionText.isFailure(head)
        // Prose tells of many failures; one that announces something ends in a colon.
        case .none:
            isTold || (head.count > 0 && head[head.count - 1] == UInt8(ascii: ":") && ExceptionText.isFailure(head))
        case .calm, .object, .access: false
        }
    }

    private func endsWithBracket(_ line: Span<UInt8>) -> Bool {
        guard let last = line.count > 0 ? line[line.count - 1] : nil else { return false }
        return last == UInt8(ascii: "{") || last == UInt8(ascii: "[")
    }

    /// Judges a line behind the first.
    mutating func next(_ line: borrowing LineView) -> Judgement {
        let judgement = judge(line)
        if judgement == .ends, rules.joinsIndented, line.indent > 0, !line.isBlankLine { return .joins }
        return judgement
    }

    private mutating func judge(_ line: borrowing LineView) -> Judgement {
        decidingRule = nil
        if isBehindHead, headPlaces == nil { return .ends }
        if prefixShape != 0, line.header == .none || line.header == .unrated, let prefix = line.prefix,
            prefix.shape == prefixShape
        {
            return judge(behindPrefix: line.behind(prefix))
        }
        // Some traces have lines in them that look like records.
        guard !line.isRecord || !isBehindHead else { return .ends }
        return advance(line)
    }

    private mutating func judge(behindPrefix line: borrowing LineView) -> Judgement {
        guard !line.isRecord || !isBehindHead else { return .ends }
        let judgement = advance(line)
        guard judgement == .ends, rules.joinsBehindPrefix, line.indent > 0, !line.isBlankLine else { return judgement }
        return .joins
    }

    private mutating func advance(_ line: borrowing LineView) -> Judgement {
        guard isBehindHead else { return advanceTrace(line) }
        guard let headPlaces else { return .ends }
        let judgement = advanceHead(line, headPlaces)
        if judgement != .ends { isBehindHead = false }
        return judgement
    }

    private mutating func advanceHead(_ line: borrowing LineView, _ admitted: TracePlaces) -> Judgement {
        let isTelling = !admitted.isDisjoint(with: [.tellingHead, .bracketHead])
        let candidates = (isTelling ? rules.tellingRules : rules.headRules).places(for: line.firstByte)
        var judgement = Judgement.ends
        var decided = -1
        for candidate in candidates {
            let entry = isTelling ? rules.tellingRules[candidate] : rules.headRules[candidate]
            let rule = Int(entry.rule)
            guard entry.mayApply(to: line), decided != Int(entry.language),
                !rules.table.places(rule).isDisjoint(with: admitted),
                rules.table.matches(rule, line, opensTrace: { self.opens($0) })
            else { continue }
            if judgement == .ends { forgetPlaces() }
            decided = Int(entry.language)
            take(rule, of: decided, into: &judgement)
        }
        return judgement
    }

    private mutating func advanceTrace(_ line: borrowing LineView) -> Judgement {
        var judgement = Judgement.ends
        for index in places.indices where !places[index].isEmpty {
            guard let rule = rule(of: index, at: places[index], for: line) else {
                places[index] = []
                continue
            }
            take(rule, of: index, into: &judgement)
        }
        return judgement
    }

    /// Notes what a rule says. One that is certain puts an end to the languages that only wait.
    private mutating func take(_ rule: Int, of index: Int, into judgement: inout Judgement) {
        let verdict = rules.table.verdict(rule)
        if case .waits = verdict {
            guard judgement != .joins else {
                places[index] = []
                return
            }
            if judgement == .ends { decidingRule = rule }
            judgement = .waits
        } else if judgement != .joins {
            for earlier in 0..<index { places[earlier] = [] }
            judgement = .joins
            decidingRule = rule
            language = rules.owners[index]
        }
        places[index] = verdict.next
    }

    @inline(__always)
    private func rule(of index: Int, at place: TracePlaces, for line: borrowing LineView) -> Int? {
        for rule in rules.ranges[index] where !rules.table.places(rule).isDisjoint(with: place) {
            if rules.table.matches(rule, line, opensTrace: { self.opens($0) }) { return rule }
        }
        return nil
    }

    /// True when the line would be the first of a trace, also in a language that no longer fits.
    private func opens(_ line: borrowing LineView) -> Bool {
        for place in rules.firstRules.places(for: line.firstByte) {
            let entry = rules.firstRules[place]
            guard entry.mayApply(to: line) else { continue }
            let rule = Int(entry.rule)
            if rules.table.matches(rule, line, opensTrace: { _ in true }) { return true }
        }
        return false
    }
}
