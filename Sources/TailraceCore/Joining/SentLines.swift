/// Lines that have a ``TransportPrefix``, or whose event has one.
extension MultilineJoiner {
    @inline(__always)
    mutating func openWhole(_ view: borrowing LineView) -> TraceMachine.Opening {
        transport.clear()
        machine.isBehindTransport = false
        return machine.open(view)
    }

    // Inlined, these would cost the lines that were not sent.
    @inline(never)
    mutating func openSent(_ view: borrowing LineView) -> TraceMachine.Opening {
        guard let prefix = view.transport else { return openWhole(view) }
        transport = EventTransport(of: prefix)
        machine.isBehindTransport = true
        let text = view.behind(prefix.end)
        machine.look(at: text)
        return machine.open(text)
    }

    /// As `judge`.
    @inline(never)
    mutating func judgeSent(
        _ view: borrowing LineView, byteCount: Int, behind: Int, heldCount: Int
    ) -> TraceMachine.Judgement {
        let isSecond = event.lineCount == 1 && heldCount == 0
        let end: Int
        switch transport.view(of: view, isSecond: isSecond, isHolding: heldCount > 0) {
        case .whole:
            // A name in front does not make less of a record.
            guard !view.isRecord, let prefix = view.transport, case let text = view.behind(prefix.end), text.isRecord
            else {
                return judgeText(view, byteCount: byteCount, behind: behind, heldCount: heldCount)
            }
            let record = LineView(view.bytes, header: text.header)
            machine.look(at: record)
            return judgeText(record, byteCount: byteCount, behind: behind, heldCount: heldCount)
        case .behind(let place): end = place
        case .behindOther(let place):
            end = place
            if case .alone = openAnew() { return .ends }
        case .foreign: return machine.holdsText(heldCount + blankCount) && !repeatsEnd ? .closes : .ends
        }
        let text = view.behind(end)
        machine.look(at: text)
        let follows = heldCount == 0 && (machine.hasJoined || blankCount > 0) && !machine.isBehindHead
        let judgement = judgeText(text, byteCount: byteCount, behind: behind, heldCount: heldCount)
        if judgement == .joins {
            blankCount = 0
        } else if text.isBlankLine, follows, hasRoom(for: byteCount, behind: behind, heldCount: heldCount) {
            // It was printed with the text before it, which may end in a newline: nobody wants a record of it.
            blankCount += 1
            return .joins
        } else if end > 0, transport.isMissing {
            // Lines without it came between.
            return .ends
        }
        return judgement
    }

    /// Judges the second line of an event without what both have at their front: the name of a pod, a time, whatever a tool
    /// has put there. Only what is clearly a piece of a trace behind it counts.
    ///
    /// - Parameter judgement: of the whole line.
    @inline(never)
    mutating func judgeBehindFront(
        _ view: borrowing LineView, byteCount: Int, behind: Int, otherwise judgement: TraceMachine.Judgement
    ) -> TraceMachine.Judgement {
        guard machine.mayHaveFront(view), let ends = withPlainHead({ machine.endsOfFront($0, view.bytes) }) else {
            return judgement
        }
        let text = view.behind(ends.inLine)
        guard !text.isRecord else { return judgement }
        let headHeader = machine.headHeader
        transport = EventTransport(
            front: LoggerPrefix(front: view.bytes.extracting(first: ends.inLine)), headEnd: ends.inHead)
        let opening = openAnew()
        machine.look(at: text)
        let judgementBehind = judgeText(text, byteCount: byteCount, behind: behind, heldCount: 0)
        if machine.confirmsFront(opening, judgementBehind, before: headHeader) { return judgementBehind }
        transport.clear()
        guard judgement != .ends else { return .ends }
        _ = openAnew()
        machine.look(at: view)
        return judgeText(view, byteCount: byteCount, behind: behind, heldCount: 0)
    }

    /// Judges the first line once more, behind another place.
    private mutating func openAnew() -> TraceMachine.Opening {
        var head = OwnedBytes()
        ANSICodes.remove(from: text.span.extracting(eventStart..<headEnd), into: &head)
        let view = LineView(head.span.extracting(transport.headEnd..<head.count))
        machine.isBehindTransport = !transport.isNone
        machine.look(at: view)
        return machine.open(view)
    }
}

extension TraceMachine {
    /// Of a trace, one of the first two lines has a colon or a bracket.
    private static let telling: LineMarks = [.colon, .roundBracket, .squareBracket]

    func mayHaveFront(_ line: borrowing LineView) -> Bool {
        !Self.telling.isDisjoint(with: headMarks.union(line.marks))
    }

    /// - Returns: the places behind what both lines have at their front; `nil` when there is none, or no piece of a trace
    ///   behind it.
    func endsOfFront(_ head: Span<UInt8>, _ line: Span<UInt8>) -> (inHead: Int, inLine: Int)? {
        guard let ends = LoggerPrefix.endsOfFront(head, line) else { return nil }
        let headMarks = LineMarks(of: head, from: ends.inHead)
        let marks = LineMarks(of: line, from: ends.inLine)
        guard !Self.telling.isDisjoint(with: headMarks.union(marks)) else { return nil }
        return rules.headRules.mayApply(behind: ends.inLine, of: line, marks)
            || rules.firstRules.mayApply(behind: ends.inHead, of: head, headMarks) ? ends : nil
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
