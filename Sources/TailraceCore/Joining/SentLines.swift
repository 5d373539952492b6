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

    /// Judges the first line once more, behind another place.
    mutating func openAnew() -> TraceMachine.Opening {
        var head = OwnedBytes()
        ANSICodes.remove(from: text.span.extracting(eventStart..<headEnd), into: &head)
        let view = LineView(head.span.extracting(transport.headEnd..<head.count))
        machine.isBehindTransport = !transport.isNone
        machine.look(at: view)
        return machine.open(view)
    }
}
