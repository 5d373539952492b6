/// What a file knows about one of its streams: pieces of a line, lines of an event, and how far a previous run came.
struct StreamAssembler: ~Copyable {
    private var partial: PartialJoiner
    private var joiner: MultilineJoiner
    /// Lines that start before it have been delivered by an earlier run.
    private let resume: UInt64

    init(_ stream: LogStream, _ rules: AssemblyRules, resume: UInt64) {
        partial = PartialJoiner(maxBytes: rules.maxLineBytes)
        joiner = MultilineJoiner(stream: stream, rules: rules.joining)
        self.resume = resume
    }

    /// - Parameter isWhole: false when the runtime says that the next record carries on.
    @inline(__always)
    mutating func add(
        _ text: Span<UInt8>, isWhole: Bool, _ stamp: LineStamp, now: Moment,
        into sink: inout some EventSink & ~Copyable
    ) {
        guard stamp.start >= resume else { return }
        if isWhole, partial.stamp == nil {
            joiner.add(text, stamp, now: now, into: &sink)
        } else {
            addPiece(text, isLast: isWhole, stamp, now: now, into: &sink)
        }
    }

    /// Takes a line that no runtime wrote in its format. It can't be the rest of a piece.
    mutating func addForeign(
        _ text: Span<UInt8>, _ stamp: LineStamp, now: Moment, into sink: inout some EventSink & ~Copyable
    ) {
        guard stamp.start >= resume else { return }
        endPartial(flags: .partial, now: now, into: &sink)
        joiner.add(text, stamp, now: now, into: &sink)
    }

    /// Sends on everything that waits.
    mutating func flush(timedOut: Bool, into sink: inout some EventSink & ~Copyable) {
        endPartial(flags: .partial, now: lastArrival ?? Moment(nanoseconds: 0), into: &sink)
        joiner.flush(into: &sink, timedOut: timedOut)
    }

    /// Where the first line that waits starts; `nil` when none does.
    var pendingStart: UInt64? { joiner.pendingStart ?? partial.stamp?.start }

    var pendingBytes: Int { joiner.pendingBytes + partial.count }

    /// A piece waits so much longer than a whole line does: its rest is certain to be on its way, unless the container
    /// was killed between the two.
    private static let partialPatience = Duration.seconds(10)

    private(set) var partialArrival: Moment?

    /// When the last of the lines that wait was read; for a piece of a line, later by its patience.
    var lastArrival: Moment? {
        switch (joiner.lastArrival, partialArrival.map { $0 + Self.partialPatience }) {
        case (let line?, let piece?): max(line, piece)
        case (let line, let piece): line ?? piece
        }
    }

    /// When the first of the lines that wait can have been read, at the latest; without any patience.
    var arrival: Moment? {
        switch (joiner.lastArrival, partialArrival) {
        case (let line?, let piece?): min(line, piece)
        case (let line, let piece): line ?? piece
        }
    }

    /// Where this stream goes on when reading starts again.
    ///
    /// - Parameter position: everything of the file before it has been read.
    func resumeOffset(at position: UInt64) -> UInt64 { max(resume, pendingStart ?? position) }

    private mutating func addPiece(
        _ text: Span<UInt8>, isLast: Bool, _ stamp: LineStamp, now: Moment,
        into sink: inout some EventSink & ~Copyable
    ) {
        partial.append(text, stamp)
        partialArrival = now
        if isLast { endPartial(flags: [], now: now, into: &sink) }
    }

    private mutating func endPartial(
        flags: EventFlags, now: Moment, into sink: inout some EventSink & ~Copyable
    ) {
        guard var stamp = partial.stamp else { return }
        stamp.flags.formUnion(flags)
        stamp.mayHoldEscape = true
        var line = partial.take()
        joiner.add(line.span, stamp, now: now, into: &sink)
        partial.reuse(&line)
        partialArrival = nil
    }
}
