/// What all files have in common in how their bytes become events.
package struct AssemblyRules: Sendable {
    package var joining: JoinRules
    /// Of a line, in bytes; what goes beyond is left out.
    package var maxLineBytes: Int

    package init(joining: JoinRules, maxLineBytes: Int) {
        precondition(maxLineBytes > 0, "lines of \(maxLineBytes) bytes")
        self.joining = joining
        self.maxLineBytes = maxLineBytes
    }
}

/// The hot path of one file: bytes → lines → records → whole lines → events → batch.
///
/// It holds no bytes but those of lines that wait to be joined. An unfinished line stays in the file, and is handed in
/// again from ``position`` when there is more of it.
package struct Assembler: ~Copyable {
    /// Where the first byte that has not been consumed is in the file. The next chunk begins here.
    package private(set) var position: UInt64
    /// Flushes that the file's contents do not explain, since they were last taken away.
    package private(set) var newCuts: [Cut] = []

    private let maxLineBytes: Int
    private var decoder: LineDecoder
    private var stdout: StreamAssembler
    private var stderr: StreamAssembler
    /// Of an earlier run, in order, to be made again.
    package private(set) var oldCuts: [Cut]
    /// The last line was cut off before its newline.
    private var isBehindCutLine: Bool
    private var unescaped = OwnedBytes()

    /// - Parameters:
    ///   - resume: where an earlier run came to, or the start of the file.
    ///   - cuts: of that run, in any order.
    ///   - isInsideLine: true when the byte before the place to resume at is there and is no newline.
    package init(
        _ rules: AssemblyRules, format: LogFormat, resume: ResumeOffsets, cuts: [Cut] = [], isInsideLine: Bool = false
    ) {
        maxLineBytes = rules.maxLineBytes
        decoder = LineDecoder(format)
        position = resume.low
        stdout = StreamAssembler(.stdout, rules, resume: resume.stdout)
        stderr = StreamAssembler(.stderr, rules, resume: resume.stderr)
        oldCuts = cuts.filter { $0.offset > resume.low }.sorted { $0.offset < $1.offset }
        isBehindCutLine = isInsideLine
    }

    /// What a restart would need: nothing before these offsets, if everything sent on so far is delivered.
    package var resume: ResumeOffsets {
        ResumeOffsets(stdout: stdout.resumeOffset(at: position), stderr: stderr.resumeOffset(at: position))
    }

    /// Bytes of text that wait to be joined.
    package var pendingBytes: Int { stdout.pendingBytes + stderr.pendingBytes }

    /// When the oldest of the streams that wait was last heard of; `nil` when nothing waits.
    package var waitingSince: Moment? {
        switch (stdout.lastArrival, stderr.lastArrival) {
        case (let out?, let err?): min(out, err)
        case (let out, let err): out ?? err
        }
    }

    /// When lines that wait were read; `nil` when none do. Handed in again at this time, they wait no longer than before.
    package var arrival: Moment? {
        switch (stdout.arrival, stderr.arrival) {
        case (let out?, let err?): min(out, err)
        case (let out, let err): out ?? err
        }
    }

    /// An unfinished line must not be looked at beyond this offset: an earlier run ended it there.
    package var nextOldCut: UInt64? { oldCuts.first?.offset }

    package mutating func takeNewCuts() -> [Cut] {
        defer { newCuts = [] }
        return newCuts
    }

    /// Consumes whole lines until `chunk` holds no further one, or `batch` is full.
    ///
    /// - Parameters:
    ///   - chunk: bytes of the file from ``position`` on, borrowed for the time of the call.
    ///   - readAt: the time of lines that have none of their own.
    package mutating func consume(_ chunk: Span<UInt8>, readAt: Timestamp, now: Moment, into batch: inout Batch) {
        consume(chunk, readAt: readAt, now: now, sink: &batch)
    }

    /// Consumes one line that is longer than a chunk.
    ///
    /// - Parameters:
    ///   - front: the line's first bytes, at most the limit; of a line beyond the limit, those behind the NULs it begins
    ///     with.
    ///   - end: the offset behind the line and its newline.
    ///   - hasNewline: false when the line ends at ``nextOldCut``.
    package mutating func consumeLong(
        _ front: Span<UInt8>, end: UInt64, hasNewline: Bool, readAt: Timestamp, now: Moment, into batch: inout Batch
    ) {
        let length = end - position - (hasNewline ? 1 : 0)
        let flags: EventFlags = UInt64(front.count) < length ? .truncated : []
        take(front, end: end, flags: flags, readAt: readAt, now: now, into: &batch)
        _ = makeOldCuts(into: &batch)
        isBehindCutLine = !hasNewline
    }

    /// Consumes a last line that has no newline and will get none, and ends all events.
    ///
    /// - Parameters:
    ///   - rest: the line's first bytes, at most the limit. May be empty.
    ///   - end: the offset behind the last byte of the file.
    package mutating func finish(
        _ rest: Span<UInt8>, end: UInt64, readAt: Timestamp, now: Moment,
        into batch: inout some EventSink & ~Copyable
    ) {
        if end > position {
            let isCut = UInt64(rest.count) < end - position
            take(rest, end: end, flags: isCut ? .truncated : [], readAt: readAt, now: now, into: &batch)
            isBehindCutLine = true
            newCuts.append(Cut(offset: position, streams: .all))
            flush(.all, into: &batch)
        } else {
            flushEarly(.all, into: &batch)
        }
    }

    /// Ends the events of these streams although further lines could belong to them.
    package mutating func flushEarly(_ streams: Cut.Streams, into batch: inout some EventSink & ~Copyable) {
        var waiting: Cut.Streams = []
        if stdout.pendingStart != nil { waiting.insert(.stdout) }
        if stderr.pendingStart != nil { waiting.insert(.stderr) }
        waiting.formIntersection(streams)
        guard !waiting.isEmpty else { return }
        newCuts.append(Cut(offset: position, streams: waiting))
        flush(waiting, into: &batch)
    }

    /// Ends the events of streams that nothing has come from since `moment`.
    package mutating func flushQuiet(since moment: Moment, into batch: inout Batch) {
        var quiet: Cut.Streams = []
        if let arrival = stdout.lastArrival, arrival <= moment { quiet.insert(.stdout) }
        if let arrival = stderr.lastArrival, arrival <= moment { quiet.insert(.stderr) }
        flushEarly(quiet, into: &batch)
    }

    // MARK: Lines

    /// As ``consume(_:readAt:now:into:)``, into anything that takes events.
    package mutating func consume(
        _ chunk: Span<UInt8>, readAt: Timestamp, now: Moment, sink: inout some EventSink & ~Copyable
    ) {
        let base = position
        var index = 0
        var bound = reach(of: chunk.count, from: base)
        // One look at all of it is cheaper than one at each line.
        let mayHoldEscape = chunk.firstIndex(of: ANSICodes.escape) != nil
        while !sink.isFull {
            if isBehindCutLine {
                guard index < chunk.count else { break }
                isBehindCutLine = false
                if chunk[index] == UInt8(ascii: "\n") {
                    index += 1
                    position += 1
                }
            }
            if index >= bound, makeOldCuts(into: &sink) {
                bound = reach(of: chunk.count, from: base)
                continue
            }
            guard let newline = chunk.extracting(index..<max(index, bound)).firstIndex(of: UInt8(ascii: "\n")) else {
                guard let cut = nextOldCut, cut == base + UInt64(bound), bound > index else { break }
                take(chunk.extracting(index..<bound), end: cut, flags: [], readAt: readAt, now: now, into: &sink)
                index = bound
                isBehindCutLine = makeOldCuts(into: &sink)
                bound = reach(of: chunk.count, from: base)
                continue
            }
            let line = chunk.extracting(index..<index + newline)
            // Where a program writes on at its old offset in a file that was emptied, its next line is behind a hole.
            let start = line.count > maxLineBytes ? line.leadingNULs : 0
            let front = line.extracting(start..<min(line.count, start + maxLineBytes))
            index += newline + 1
            take(
                front, end: base + UInt64(index), flags: front.count < line.count ? .truncated : [],
                mayHoldEscape: mayHoldEscape, readAt: readAt, now: now, into: &sink)
        }
    }

    /// How much of a chunk may be looked at: up to the next cut.
    private func reach(of count: Int, from base: UInt64) -> Int {
        guard let cut = nextOldCut else { return count }
        // A cut in front of the chunk belongs to what was skipped when the newline behind it was.
        return cut <= base ? 0 : Int(min(UInt64(count), cut - base))
    }

    private mutating func makeOldCuts(into sink: inout some EventSink & ~Copyable) -> Bool {
        var isAny = false
        while let cut = oldCuts.first, cut.offset <= position {
            oldCuts.removeFirst()
            flush(cut.streams, into: &sink)
            isAny = true
        }
        return isAny
    }

    private mutating func flush(_ streams: Cut.Streams, into sink: inout some EventSink & ~Copyable) {
        if streams.contains(.stdout) { stdout.flush(timedOut: true, into: &sink) }
        if streams.contains(.stderr) { stderr.flush(timedOut: true, into: &sink) }
    }

    @inline(__always)
    private mutating func take(
        _ line: Span<UInt8>, end: UInt64, flags: EventFlags, mayHoldEscape: Bool = true, readAt: Timestamp, now: Moment,
        into sink: inout some EventSink & ~Copyable
    ) {
        let start = position
        position = end
        guard let record = decoder.decode(line) else {
            let stamp = LineStamp(time: readAt, start: start, end: end, flags: flags.union(.malformed))
            stdout.addForeign(line, stamp, now: now, into: &sink)
            return
        }
        var stamp = LineStamp(time: record.time ?? readAt, start: start, end: end, flags: flags)
        let message = line.extracting(record.message)
        guard record.isEscaped else {
            stamp.mayHoldEscape = mayHoldEscape
            add(message, record, stamp, now: now, into: &sink)
            return
        }
        // Taken out of `self` for the time it is read from.
        var scratch = OwnedBytes()
        swap(&scratch, &unescaped)
        scratch.removeAll()
        scratch.appendJSONUnescaped(message)
        add(scratch.span, record, stamp, now: now, into: &sink)
        swap(&scratch, &unescaped)
    }

    @inline(__always)
    private mutating func add(
        _ message: Span<UInt8>, _ record: Record, _ stamp: LineStamp, now: Moment,
        into sink: inout some EventSink & ~Copyable
    ) {
        switch record.stream {
        case .stdout: stdout.add(message, isWhole: !record.isPartial, stamp, now: now, into: &sink)
        case .stderr: stderr.add(message, isWhole: !record.isPartial, stamp, now: now, into: &sink)
        }
    }
}
