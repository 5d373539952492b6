/// Lines behind the first, before it is known that they are a trace.
extension TraceMachine {
    /// So many lines of a text may be held behind a head that announces more.
    private static let candidatesMax = 16

    /// - Parameter isRecord: whether it has a time or a level in front, which is not looked at any more.
    mutating func advance(_ line: borrowing LineView, isRecord: Bool) -> Judgement {
        guard let headPlaces, isBehindHead || repeatsName(line) else {
            return isBehindHead ? .ends : advanceTrace(line)
        }
        let judgement = advanceHead(line, headPlaces)
        guard isBehindHead else { return judgement == .ends ? .ends : .joins }
        if judgement != .ends {
            isBehindHead = false
            if headHeader == .alarm, namingLine.count == 0,
                ExceptionText.endOfName(in: line.bytes, from: line.indent) != nil
            {
                namingLine = (line.count, line.bytes.fnv1a)
            }
            return judgement
        }
        if headPlaces.contains(.openAlarm), let judgement = advanceBlock(line) { return judgement }
        let isOfAlarm = !headPlaces.isDisjoint(with: [.alarmHead, .alarmText])
        // Grails leaves a line blank behind a text of several lines.
        if line.isBlankLine, candidateCount > 0, candidateCount < Self.candidatesMax, isOfAlarm || isAnnounced {
            candidateCount = Self.candidatesMax
            self.headPlaces = [.anyHead, .alarmHead]
            return .waits
        }
        // What announces more may have a long text behind it.
        let isOfFatal = loggerPrefix?.isOfFatal == true
        guard candidateCount < (isAnnounced || isTold || isOfFatal || isTextIndented ? Self.candidatesMax : 2),
            isOfAlarm || (headHeader == .none && line.indent > 0 && (isAnnounced || mayHaveTextBelow(line))),
            isOfFatal || !isRecord, !line.isRecord, !line.isBlankLine, !opens(line)
        else { return .ends }
        candidateCount += 1
        if line.indent == 0 { holdsList = false }
        // A text that is indented is the record's own; the exception may be behind it.
        isTextIndented = line.indent > 0 && (candidateCount == 1 || isTextIndented)
        let isOpen = isAnnounced || line.indent > 0 || report == .certain
        let rest = isOpen ? headPlaces.intersection([.anyHead, .alarmHead]) : .anyHead
        self.headPlaces = isOfAlarm ? rest.union(.alarmText) : .anyHead
        return .waits
    }

    /// What stands below a line at the margin may be the rest of its text, if frames follow.
    private func mayHaveTextBelow(_ line: borrowing LineView) -> Bool {
        isHeadAtMargin && !FrameShape.isLikely(line)
    }

    private func repeatsName(_ line: borrowing LineView) -> Bool {
        line.count == namingLine.count && hasJoined && line.bytes.fnv1a == namingLine.hash
    }

    /// Judges a line behind an alarm that ends with an opening bracket.
    private mutating func advanceBlock(_ line: borrowing LineView) -> Judgement? {
        if line.indent > 0, !line.isBlankLine {
            candidateCount += 1
            isTextIndented = true
            return .waits
        }
        guard candidateCount > 0, line.count <= 3, let last = line.lastByte,
            last == UInt8(ascii: "}") || last == UInt8(ascii: ")") || last == UInt8(ascii: "]")
        else { return nil }
        // Elixir has frames behind a map in the text.
        headPlaces = [.anyHead, .alarmHead]
        candidateCount = Self.candidatesMax
        return .joins
    }

    /// True when ``reconsider(_:admitting:otherwise:)`` may come to another judgement of the second line.
    func asksAgain(_ line: borrowing LineView, after judgement: Judgement) -> Bool {
        isMaybeHead && judgement != .joins && !isOrdinary && !line.isRecord
    }

    /// Judges the second line once more, behind a first one that may be a trace's, and just as well a head: another language
    /// may be sure of it.
    ///
    /// - Parameters:
    ///   - admitted: what the first line admits as a head.
    ///   - judgement: of those whose trace it may be.
    mutating func reconsider(
        _ line: borrowing LineView, admitting admitted: TracePlaces, otherwise judgement: Judgement
    ) -> Judgement {
        let judgement = advanceHead(line, admitted, beside: judgement)
        hasJoined = judgement == .joins
        if hasJoined { (holdsRecord, heldText) = (false, HeldText()) }
        return judgement
    }

    /// - Parameter other: what the languages have said whose trace it may be. Then the others have to be sure.
    private mutating func advanceHead(
        _ line: borrowing LineView, _ admitted: TracePlaces, beside other: Judgement? = nil
    ) -> Judgement {
        let isTelling = line.isBlankLine || !admitted.isDisjoint(with: [.tellingHead, .bracketHead])
        let candidates = (isTelling ? rules.tellingRules : rules.headRules).places(for: line.firstByte)
        let key = RuleIndex.Key(line)
        let spoken = other == nil ? 0 : places.indices
        var judgement = other ?? .ends
        var decided = -1
        for candidate in candidates {
            let entry = isTelling ? rules.tellingRules[candidate] : rules.headRules[candidate]
            let rule = Int(entry.rule)
            guard entry.mayApply(to: key), decided != Int(entry.language), spoken >> entry.language & 1 == 0,
                !rules.table.places(rule).isDisjoint(with: admitted),
                rules.table.matches(rule, line, opensTrace: { self.opens($0, certainly: $1) })
            else { continue }
            if other != nil, case .waits = rules.table.verdict(rule) { continue }
            if judgement == .ends { places.removeAll() }
            decided = Int(entry.language)
            take(rule, of: decided, into: &judgement)
            if case .settles = rules.table.verdict(rule) { break }
        }
        return judgement
    }
}
