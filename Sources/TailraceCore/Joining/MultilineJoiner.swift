/// Puts the lines of one stream together to events: a stack trace and the record that announces it are one event,
/// every other line is an event of its own.
///
/// While lines wait they are kept in one buffer, in three parts: what is finished with, the event so far, and the lines
/// held behind it, of which a later line decides whether they belong to it:
///
///     │ finished │ ERROR failed ⏎ java.io.IOException: disk │ held ⏎ held │
///                 eventStart                        eventEnd
///
/// When an event ends, the lines that were held are judged afresh. Therefore an event depends on nothing but the lines
/// from its first on: reading that starts again at any event's first line gives the same events, as long as nothing was
/// flushed.
///
/// Sizes beyond its limits end an event; nothing is dropped. Memory: the bytes of one event with the lines held behind it,
/// which the limits admit together.
package struct MultilineJoiner: ~Copyable {
    /// What the buffer keeps between events, in bytes.
    static let keptCapacity = 16 << 10
    /// Finished bytes in the buffer before it is written anew.
    private static let finishedMax = 64 << 10

    struct HeldLine {
        var stamp: LineStamp
        /// Where its text ends in the buffer.
        var end: Int
    }

    private let stream: LogStream
    private let limits: JoinLimits
    private let isOff: Bool
    var machine: TraceMachine
    private var headers = HeaderMemo()
    /// A user's own pattern, in place of the machine.
    var matcher: PatternMatcher?
    var text = OwnedBytes()
    var isWaiting = false
    var event: Event
    var eventStart = 0
    var eventEnd = 0
    /// Where the first line of the event ends in the buffer.
    var headEnd = 0
    var transport = EventTransport()
    /// Blank lines at the end of the event: see ``judgeSent(_:byteCount:behind:heldCount:)``.
    var blankCount = 0
    var held: [HeldLine] = []
    /// The line at hand would have joined an event that had reached a limit.
    private var wasCut = false
    private var arrival = Moment(nanoseconds: 0)
    /// The line at hand without codes for terminals.
    var plain = OwnedBytes()

    package init(stream: LogStream, rules: JoinRules) {
        self.stream = stream
        limits = rules.limits
        isOff = rules.isOff
        machine = TraceMachine(rules)
        if let pattern = rules.pattern { matcher = PatternMatcher(pattern) }
        event = Event(time: Timestamp(nanoseconds: 0), stream: stream, start: 0, end: 0)
    }

    /// Where the oldest line that waits starts in its file; `nil` when none waits.
    package var pendingStart: UInt64? { isWaiting ? event.start : nil }

    /// Bytes of text that wait.
    package var pendingBytes: Int { isWaiting ? text.count - eventStart : 0 }

    /// When the last line came, if one waits.
    package var lastArrival: Moment? { isWaiting ? arrival : nil }

    /// Takes one whole line and sends on the events that it completes.
    ///
    /// - Parameters:
    ///   - line: without its newline, borrowed for the time of the call.
    ///   - now: only for ``lastArrival``; decides nothing.
    package mutating func add(
        _ line: Span<UInt8>, _ stamp: LineStamp, now: Moment, into sink: inout some EventSink & ~Copyable
    ) {
        guard !isOff else {
            sink.receive(event(of: stamp), text: line)
            return
        }
        arrival = now
        guard stamp.mayHoldEscape, line.firstIndex(of: ANSICodes.escape) != nil else {
            if isWaiting, held.isEmpty, machine.carriesOn(line),
                hasRoom(for: line.count, behind: text.count, heldCount: 0)
            {
                join(line, stamp)
                return
            }
            let header = headers.header(of: line)
            if header == .calm, machine.passes(line),
                !isWaiting || (machine.isBehindNewHead && !machine.mayCarryOn(line))
            {
                // Behind a new head nothing is held.
                if isWaiting { finishEvent([], into: &sink) }
                sink.receive(event(of: stamp), text: line)
                return
            }
            place(line, LineView(line, header: header), stamp, into: &sink)
            return
        }
        // Taken out of `self` for the time it is looked at.
        var scratch = OwnedBytes()
        swap(&scratch, &plain)
        scratch.removeAll()
        ANSICodes.remove(from: line, into: &scratch)
        place(line, LineView(scratch.span), stamp, into: &sink)
        scratch.removeAll(keepingAtMost: Self.keptCapacity)
        swap(&scratch, &plain)
    }

    /// Sends on everything that waits, as the events it would be if no further line came.
    ///
    /// - Parameter timedOut: whether the events say so.
    package mutating func flush(into sink: inout some EventSink & ~Copyable, timedOut: Bool) {
        while isWaiting {
            if machine.holdsReportFrames, !repeatsEnd { joinHeld() }
            finishEvent(timedOut ? .timedOut : [], into: &sink)
        }
    }

    // MARK: One line

    private mutating func place(
        _ line: Span<UInt8>, _ view: borrowing LineView, _ stamp: LineStamp,
        into sink: inout some EventSink & ~Copyable
    ) {
        if matcher != nil {
            placeByPattern(line, view, stamp, into: &sink)
            return
        }
        wasCut = false
        machine.look(at: view)
        while isWaiting {
            switch judge(view, byteCount: line.count, behind: text.count, heldCount: held.count) {
            case .joins:
                if !held.isEmpty { joinHeld() }
                join(line, stamp)
                event.language = machine.language
                if machine.isComplete { finishEvent([], into: &sink) }
                return
            case .waits:
                append(line)
                held.append(HeldLine(stamp: stamp, end: text.count))
                return
            case .closes:
                joinHeld()
                finishEvent([], into: &sink)
            case .ends:
                let hasHeld = !held.isEmpty
                finishEvent([], into: &sink)
                // The machine has looked at other lines meanwhile.
                if hasHeld { machine.look(at: view) }
            }
        }
        var first = event(of: stamp)
        if wasCut { first.flags.insert(.continuation) }
        guard opens(view, byteCount: line.count, as: &first) else {
            sink.receive(first, text: line)
            return
        }
        text.append(line)
        startEvent(first, 0..<text.count)
    }

    /// Judges the first line of an event.
    ///
    /// - Returns: false when it is an event of its own.
    @inline(__always)
    mutating func opens(_ view: borrowing LineView, byteCount: Int, as first: inout Event) -> Bool {
        guard limits.maxLines > 1, byteCount < limits.maxBytes else { return false }
        blankCount = 0
        switch view.maybeSent ? openSent(view) : openWhole(view) {
        case .alone: return false
        case .resumed: first.flags.insert(.continuation)
        case .head, .trace: break
        }
        return true
    }

    /// Judges a further line, with the limits in mind.
    ///
    /// - Parameter behind: where the text before it ends in the buffer.
    @inline(__always)
    mutating func judge(
        _ view: borrowing LineView, byteCount: Int, behind: Int, heldCount: Int
    ) -> TraceMachine.Judgement {
        let judgement =
            transport.isNone && !view.maybeSent
            ? judgeText(view, byteCount: byteCount, behind: behind, heldCount: heldCount)
            : judgeSent(view, byteCount: byteCount, behind: behind, heldCount: heldCount)
        guard event.lineCount == 1, heldCount == 0, transport.isNone, machine.mayHaveFront(view),
            judgement == .ends && !wasCut || judgement == .waits
        else { return judgement }
        return judgeBehindFront(view, byteCount: byteCount, behind: behind, otherwise: judgement)
    }

    @inline(__always)
    mutating func judgeText(
        _ view: borrowing LineView, byteCount: Int, behind: Int, heldCount: Int
    ) -> TraceMachine.Judgement {
        if machine.asksForPrefix(view), let own = view.prefix {
            let prefix = withPlainHead { LinePrefix(of: $0, like: own) }
            machine.learn(prefix)
        }
        guard hasRoom(for: byteCount, behind: behind, heldCount: heldCount) else {
            wasCut = event.lineCount > 1 && machine.next(view) != .ends
            return .ends
        }
        if machine.isBehindNewHead {
            // Lines behind a head are rare, so a head is read only now. Colours are of no use there.
            if let facts = withPlainHead({ machine.facts(of: $0, before: view) }) { machine.learn(facts) }
        }
        let holdsText = view.isRecord && machine.holdsText(heldCount + blankCount)
        var judgement = machine.next(view)
        if event.lineCount == 1, heldCount == 0, machine.asksAgain(view, after: judgement),
            let facts = withPlainHead({ machine.facts(of: $0, before: view) })
        {
            judgement = machine.reconsider(view, admitting: facts.places, otherwise: judgement)
        }
        if judgement == .ends, holdsText, !repeatsEnd { return .closes }
        return judgement == .waits && heldCount >= machine.heldLinesMax ? .ends : judgement
    }

    /// True when the first line held says again what the last line of the event ended in, as gunicorn does: then somebody
    /// else speaks.
    var repeatsEnd: Bool {
        guard event.lineCount > 1 else { return false }
        var start = eventEnd + 1
        let end = text.span.firstIndex(of: UInt8(ascii: "\n"), from: start) ?? text.count
        if !transport.isNone { start += transport.end(in: text.span.extracting(start..<end)) }
        let (count, last) = (endOfLine(end) - start, endOfLine(eventEnd))
        guard count > 0, count < last - eventStart else { return false }
        for index in 0..<count where text.span[start + index] != text.span[last - count + index] { return false }
        return true
    }

    /// - Returns: the place before the carriage return, if there is one.
    private func endOfLine(_ end: Int) -> Int {
        end > 0 && text.span[end - 1] == 0x0D ? end - 1 : end
    }

    /// Calls `body` with the first line of the event as it is judged: without codes for terminals, the carriage return at its
    /// end and what it was sent with.
    @inline(__always)
    func withPlainHead<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        var end = headEnd
        if end > eventStart, text.span[end - 1] == 0x0D { end -= 1 }
        let head = text.span.extracting(eventStart..<end)
        guard head.firstIndex(of: ANSICodes.escape) != nil else {
            return transport.isNone ? body(head) : body(head.extracting(droppingFirst: transport.headEnd))
        }
        var plain = OwnedBytes()
        ANSICodes.remove(from: head, into: &plain)
        return body(plain.span.extracting(droppingFirst: transport.headEnd))
    }

    /// False when another line is more than the limits admit.
    func hasRoom(for byteCount: Int, behind: Int, heldCount: Int) -> Bool {
        limits.admit(lines: event.lineCount + heldCount + 1, bytes: behind - eventStart + 1 + byteCount)
    }

    /// Makes the lines held the last of the event.
    private mutating func joinHeld() {
        for line in held { extend(with: line.stamp) }
        held.removeAll(keepingCapacity: true)
        eventEnd = text.count
    }

    /// Makes the line the last of the event.
    mutating func join(_ line: Span<UInt8>, _ stamp: LineStamp) {
        append(line)
        extend(with: stamp)
        eventEnd = text.count
    }

    mutating func append(_ line: Span<UInt8>) {
        text.append(UInt8(ascii: "\n"))
        text.append(line)
    }

    // MARK: The event

    func event(of stamp: LineStamp) -> Event {
        Event(time: stamp.time, stream: stream, start: stamp.start, end: stamp.end, flags: stamp.flags)
    }

    mutating func startEvent(_ first: Event, _ range: Range<Int>) {
        event = first
        eventStart = range.lowerBound
        eventEnd = range.upperBound
        headEnd = range.upperBound
        isWaiting = true
    }

    mutating func extend(with stamp: LineStamp) {
        event.end = stamp.end
        event.lineCount += 1
        event.flags.formUnion(stamp.flags)
    }

    /// Sends on the event so far, then judges the held lines afresh, which may complete further events.
    mutating func finishEvent(_ flags: EventFlags, into sink: inout some EventSink & ~Copyable) {
        send(flags, into: &sink)
        if !held.isEmpty { judgeHeld(flags, into: &sink) }
        guard isWaiting else {
            text.removeAll(keepingAtMost: Self.keptCapacity)
            return
        }
        if eventStart > Self.finishedMax { dropFinished() }
    }

    mutating func send(_ flags: EventFlags, into sink: inout some EventSink & ~Copyable) {
        event.flags.formUnion(flags)
        if event.lineCount > 1 {
            event.flags.insert(.multiline)
        } else {
            // A line that stands alone is whole, however long it was held.
            event.flags.remove(.timedOut)
        }
        sink.receive(event, text: text.span.extracting(eventStart..<eventEnd))
        isWaiting = false
    }
}
