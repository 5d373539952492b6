/// What a tool has put before every line, in a form that nobody knows: the name of a pod, a time with a zone, the name of a
/// program.
///
///     web-5d7f8 app panic: boom
///     web-5d7f8 app goroutine 1 [running]:
///
/// It is looked for when the second line of an event did not join as it is: what both lines have in common but for their
/// digits. A ``TransportPrefix`` is known from the first line on.
extension MultilineJoiner {
    /// Judges the second line of an event without what both have at their front: the name of a pod, a time, whatever a tool
    /// has put there. Only what is clearly a piece of a trace behind it counts.
    ///
    /// - Parameter judgement: of the whole line.
    @inline(never)
    mutating func judgeBehindFront(
        _ view: borrowing LineView, byteCount: Int, behind: Int, otherwise judgement: TraceMachine.Judgement
    ) -> TraceMachine.Judgement {
        guard let front = withPlainHead({ machine.front(of: $0, and: view) }) else { return judgement }
        let headHeader = machine.headHeaderBeforeFront
        let text = view.behind(front.end(in: view.bytes))
        transport = front
        let opening = openAnew()
        if opening != .alone {
            machine.look(at: text)
            let judgementBehind = judgeText(text, byteCount: byteCount, behind: behind, heldCount: 0)
            if machine.confirmsFront(opening, judgementBehind, before: headHeader) { return judgementBehind }
        }
        transport.clear()
        if judgement != .ends { _ = openAnew() }
        machine.look(at: view)
        return judgement == .ends ? .ends : judgeText(view, byteCount: byteCount, behind: behind, heldCount: 0)
    }
}

extension TraceMachine {
    /// Of a trace, one of the first two lines has a colon or a bracket.
    private static let telling: LineMarks = [.colon, .roundBracket, .squareBracket]

    /// A quick look, false of most lines. A level is of the program, and begins a record.
    @inline(__always)
    func mayHaveFront(_ line: borrowing LineView) -> Bool {
        (line.header == .none || line.header == .unrated) && !Self.telling.isDisjoint(with: headMarks.union(line.marks))
    }

    /// That of the whole first line. A time further in may be the program's own, behind the front.
    var headHeaderBeforeFront: RecordHeader { isHeadByClock ? .none : headHeader }

    /// What both lines have at their front; `nil` when there is nothing, or no piece of a trace behind it.
    func front(of head: Span<UInt8>, and line: borrowing LineView) -> EventTransport? {
        guard let ends = LoggerPrefix.endsOfFront(head, line.bytes) else { return nil }
        let headMarks = LineMarks(of: head, from: ends.inHead)
        let marks = LineMarks(of: line.bytes, from: ends.inLine)
        guard !Self.telling.isDisjoint(with: headMarks.union(marks)),
            rules.headRules.mayApply(behind: ends.inLine, of: line.bytes, marks)
                || rules.firstRules.mayApply(behind: ends.inHead, of: head, headMarks),
            !line.behind(ends.inLine).isRecord
        else { return nil }
        return EventTransport(front: head.extracting(first: ends.inHead))
    }

    /// True when what was found behind the front is clearly a piece of a trace.
    ///
    /// - Parameters:
    ///   - opening: what the first line is behind it.
    ///   - judgement: of the second line behind it.
    ///   - headHeader: that of the whole first line.
    func confirmsFront(_ opening: Opening, _ judgement: Judgement, before headHeader: RecordHeader) -> Bool {
        // Where the front is of a logger, what says no more than a text before a trace is a record of its own.
        let isOfLogger = headHeader != .none && self.headHeader == .none
        return switch (opening, judgement) {
        case (.trace, .joins), (.trace, .waits): true
        case (.head, .joins): !isOfLogger
        case (.head, .waits): !isOfLogger && !isBehindHead || self.headHeader == .alarm && headHeader == .none
        default: false
        }
    }
}
