/// How much a batch takes before it is cut.
package struct BatchLimit: Equatable, Sendable {
    /// Of the body before compression. The last event may reach beyond it.
    package var bytes: Int
    package var documents: Int

    package init(bytes: Int, documents: Int) {
        precondition(bytes > 0 && documents > 0, "a batch of \(bytes) bytes and \(documents) documents")
        self.bytes = bytes
        self.documents = documents
    }
}

/// What went into a batch, for the ledger.
package struct BatchTally: Equatable, Sendable {
    package var documents = 0
    /// Lines of the program in those documents.
    package var lines = 0
    /// Bytes of the log files, from the first to behind the last line of each event.
    package var eventBytes = 0
    package var multiline = 0
    package var truncated = 0
    package var timedOut = 0
    package var continuation = 0
    package var invalidUTF8 = 0
    package var malformed = 0
    package var partial = 0

    package init() {}
}

/// The body of one bulk request under construction: an action and a document for each event (NDJSON).
///
/// An event costs a handful of copies. What does not change between two events of a file is copied here once, by
/// ``use(_:created:)``: looking it up in the template would cost reference counting for each event.
package struct Batch: ~Copyable, Sendable, EventSink {
    package let limit: BatchLimit
    package private(set) var body = OwnedBytes()
    package private(set) var tally = BatchTally()

    private var form = DocumentForm()
    private var times = RFC3339Printer()

    package init(limit: BatchLimit) {
        self.limit = limit
    }

    package var isEmpty: Bool { tally.documents == 0 }
    package var documentCount: Int { tally.documents }
    package var eventBytes: Int { tally.eventBytes }

    /// True when the batch is to be cut before it takes another event.
    package var isFull: Bool { body.count >= limit.bytes || tally.documents >= limit.documents }

    /// Says which file the events belong to that follow, and when they were read.
    package mutating func use(_ template: DocumentTemplate, created: Timestamp) {
        form.prepare(template, created: created, times: &times)
    }

    /// Takes an event of the file that was named last. Text that is not UTF-8 is repaired, and flagged.
    package mutating func receive(_ event: Event, text: Span<UInt8>) {
        precondition(form.isPrepared, "an event at offset \(event.start) of no file")
        precondition(event.start <= event.end, "an event from \(event.start) to \(event.end)")
        // At once, rather than growing: memory that is not written to costs nothing, a copy does.
        if body.capacity == 0 { body.reserve(limit.bytes + Self.slack) }
        if !form.period.contains(event.time.nanoseconds) { form.beginPeriod(of: event.time) }
        appendFront(of: event)
        var stack: EscapedPart?
        if !event.language.isEmpty, form.errorFields != .off {
            stack = form.errorFields.append(text, event.language, to: &body)
        }
        body.append("\"message\":\"")
        var flags = event.flags
        if body.appendJSONEscaped(text, with: stack) { flags.insert(.invalidUTF8) }
        appendBack(of: event, flags)
        tally.count(event, flags)
    }

    /// The action, and the document up to its error fields or its message.
    @inline(__always)
    private mutating func appendFront(of event: Event) {
        // Numbers, time, and what stands between them.
        let small = 2 * ByteWriter.hexadecimalMax + RFC3339Printer.lengthMax + 64
        let start = body.room(for: form.actionHead.count + small)
        var writer = ByteWriter(start)
        writer.put(form.actionHead)
        if form.sendsID {
            writer.putHexadecimal(event.start)
            writer.put(UInt8(ascii: "-"))
            writer.putHexadecimal(event.end - event.start)
            writer.put("\"}}\n{\"@timestamp\":\"")
        } else {
            writer.put("}}\n{\"@timestamp\":\"")
        }
        writer.put(event.time, &times)
        writer.put("\",")
        body.append(written: writer.end - start)
    }

    /// What stands behind the text of the message.
    @inline(__always)
    private mutating func appendBack(of event: Event, _ flags: EventFlags) {
        let middle = event.stream == .stdout ? form.stdoutMiddle.count : form.stderrMiddle.count
        let start = body.room(for: middle + ByteWriter.decimalMax + form.tail.count)
        var writer = ByteWriter(start)
        switch event.stream {
        case .stdout: writer.put(form.stdoutMiddle)
        case .stderr: writer.put(form.stderrMiddle)
        }
        writer.putDecimal(event.start)
        if flags.isEmpty {
            writer.put(form.tail)
            body.append(written: writer.end - start)
        } else {
            body.append(written: writer.end - start)
            body.append(flags)
            body.append(form.tail)
        }
    }

    /// Room for the event that fills the batch, so that most batches never grow.
    package static let slack = 64 << 10
}

/// A template's bytes, with the time of creation filled in.
private struct DocumentForm: ~Copyable, Sendable {
    var actionHead = OwnedBytes()
    var stdoutMiddle = OwnedBytes()
    var stderrMiddle = OwnedBytes()
    var tail = OwnedBytes()
    private var template: DocumentTemplate?
    private var created = Timestamp(nanoseconds: 0)

    private(set) var errorFields = ErrorFields.off
    private(set) var sendsID = true
    /// What `actionHead` is good for, in nanoseconds since 1970.
    private(set) var period: Range<Int64> = 0..<0

    var isPrepared: Bool { template != nil }

    mutating func prepare(_ template: DocumentTemplate, created: Timestamp, times: inout RFC3339Printer) {
        let isSameFile = self.template === template
        if isSameFile, created == self.created { return }
        if !isSameFile {
            (sendsID, period) = (template.sendsID, 0..<0)
            stdoutMiddle.replace(with: template.middles.stdout)
            stderrMiddle.replace(with: template.middles.stderr)
            errorFields = template.errorFields
        }
        tail.replace(with: template.tailHead)
        if template.tellsCreation { times.append(created, to: &tail) }
        tail.append(template.tailEnd)
        (self.template, self.created) = (template, created)
    }

    /// Names the index of events from this time on: once for each file, and again when the date in its name changes.
    mutating func beginPeriod(of time: Timestamp) {
        guard let template else { return }
        actionHead.removeAll()
        template.appendActionHead(at: time, to: &actionHead)
        period = template.index.isDated ? template.index.period(of: time) : .min ..< .max
    }
}

extension BatchTally {
    @inline(__always)
    fileprivate mutating func count(_ event: Event, _ flags: EventFlags) {
        documents += 1
        lines += event.lineCount
        eventBytes += Int(event.end - event.start)
        if flags.isEmpty { return }
        if flags.contains(.multiline) { multiline += 1 }
        if flags.contains(.truncated) { truncated += 1 }
        if flags.contains(.timedOut) { timedOut += 1 }
        if flags.contains(.continuation) { continuation += 1 }
        if flags.contains(.invalidUTF8) { invalidUTF8 += 1 }
        if flags.contains(.malformed) { malformed += 1 }
        if flags.contains(.partial) { partial += 1 }
    }
}

extension OwnedBytes {
    fileprivate mutating func replace(with bytes: [UInt8]) {
        removeAll()
        append(bytes)
    }

    /// As `appendJSONEscaped`, but copies the part that has been escaped already.
    @inline(__always)
    fileprivate mutating func appendJSONEscaped(_ text: Span<UInt8>, with part: EscapedPart?) -> Bool {
        guard let part else { return appendJSONEscaped(text) }
        let isFrontRepaired = appendJSONEscaped(text.extracting(..<part.source.lowerBound))
        append(copyOf: part.escaped)
        let isRestRepaired = appendJSONEscaped(text.extracting(part.source.upperBound...))
        return isFrontRepaired || part.isRepaired || isRestRepaired
    }

    // Taking a span of one part of the batch while another part is changed is more than the compiler can follow.
    fileprivate mutating func append(_ bytes: borrowing OwnedBytes) {
        append(bytes.span)
    }

    /// `,"flags":["multiline","truncated"]`, always in the same order.
    fileprivate mutating func append(_ flags: EventFlags) {
        append(",\"flags\":")
        var separator: StaticString = "["
        for (flag, name) in Self.flagNames where flags.contains(flag) {
            append(separator)
            append(name)
            separator = ","
        }
        append("]")
    }

    private static let flagNames: [(EventFlags, StaticString)] = [
        (.multiline, "\"multiline\""), (.truncated, "\"truncated\""), (.timedOut, "\"timeout\""),
        (.continuation, "\"continuation\""), (.invalidUTF8, "\"invalid_utf8\""), (.malformed, "\"malformed\""),
        (.partial, "\"partial\""),
    ]
}
