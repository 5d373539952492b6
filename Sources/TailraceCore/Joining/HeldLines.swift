/// What becomes of the lines held behind an event.
extension MultilineJoiner {
    mutating func judgeHeld(_ flags: EventFlags, into sink: inout some EventSink & ~Copyable) {
        var lines: [HeldLine] = []
        swap(&lines, &held)
        var first = 0
        while first < lines.count {
            let start = first == 0 ? eventEnd + 1 : lines[first - 1].end + 1
            guard let behind = extendEvent(from: first, at: start, of: lines) else {
                send(flags, into: &sink)
                first += event.lineCount
                continue
            }
            // Not decided yet: the rest is held behind a new event.
            first = behind
            break
        }
        lines.removeFirst(first)
        swap(&lines, &held)
    }

    /// Makes the held line `first`, whose text is at `start`, the first of an event and adds what follows.
    ///
    /// - Returns: the first line behind the event; `nil` when the event has ended.
    private mutating func extendEvent(from first: Int, at start: Int, of lines: [HeldLine]) -> Int? {
        var opening = event(of: lines[first].stamp)
        let isOpen = withPlainText(start..<lines[first].end) { joiner, view in
            joiner.opens(view, byteCount: lines[first].end - start, as: &opening)
        }
        startEvent(opening, start..<lines[first].end)
        guard isOpen else { return nil }
        var joined = first + 1
        for index in joined..<max(joined, lines.count) {
            let start = lines[index - 1].end + 1
            let judgement = withPlainText(start..<lines[index].end) { joiner, view in
                joiner.judge(
                    view, byteCount: lines[index].end - start, behind: start - 1, heldCount: index - joined)
            }
            switch judgement {
            case .joins:
                for line in lines[joined...index] { extend(with: line.stamp) }
                event.language = machine.language
                eventEnd = lines[index].end
                joined = index + 1
                if machine.isComplete { return nil }
            case .waits: continue
            case .closes:
                for line in lines[joined..<index] { extend(with: line.stamp) }
                eventEnd = start - 1
                return nil
            case .ends: return nil
            }
        }
        return joined
    }

    /// Calls `body` with the view of a line in the buffer.
    ///
    /// The line is copied, because `body` may change everything else in the joiner. At most ``TraceMachine/heldLinesMax`` lines are
    /// looked at in this way for each event.
    private mutating func withPlainText<Result>(
        _ range: Range<Int>, _ body: (inout MultilineJoiner, borrowing LineView) -> Result
    ) -> Result {
        var scratch = OwnedBytes()
        swap(&scratch, &plain)
        scratch.removeAll()
        ANSICodes.remove(from: text.span.extracting(range), into: &scratch)
        machine.look(at: LineView(scratch.span))
        let result = body(&self, LineView(scratch.span))
        swap(&scratch, &plain)
        return result
    }

    /// Writes the buffer anew without the events that are finished.
    mutating func dropFinished() {
        let finished = eventStart
        var rest = OwnedBytes(capacity: text.count - finished)
        rest.append(text.span.extracting(finished..<text.count))
        text = rest
        eventStart = 0
        eventEnd -= finished
        headEnd -= finished
        for index in held.indices { held[index].end -= finished }
    }
}
