import TailraceCore

/// One step of what happens to a line, done again and again on what the steps before it have made.
struct Stage {
    let name: String
    /// Of one round.
    let records: Int
    let bytes: Int
    let run: () -> Void

    init(_ name: String, records: Int, bytes: Int, run: @escaping () -> Void) {
        self.name = name
        self.records = records
        self.bytes = bytes
        self.run = run
    }
}

/// What all stages work on.
final class Bench {
    private static let now = Moment(nanoseconds: 1)
    private static let readAt = Timestamp(nanoseconds: 1_790_000_000_000_000_000)
    /// Bytes read at once.
    private static let chunk = 256 << 10
    private static let limit = BatchLimit(bytes: 1 << 20, documents: 4000)

    private let lines: Corpus
    private let traces: Corpus
    private let rules = AssemblyRules(joining: JoinRules(languages: .all), maxLineBytes: 1 << 20)
    private let template = DocumentTemplate(
        index: IndexName("logs-tailrace-default"), fileID: FileID(high: 0x1234_5678_9ABC_DEF0, low: 0x1357_9BDF),
        path: "/var/log/pods/shop_cart-5d9f7c_1b2c/cart/0.log",
        staticFields: StaticFields(
            StaticFields.ours(version: "0.1.0", dataset: "tailrace", namespace: "default")
                + [("host.name", "node-17"), ("kubernetes.namespace", "shop"), ("kubernetes.pod.name", "cart-5d9f7c")]),
        isContainerFormat: true, errorFields: .all)
    /// So that nothing is left out as useless.
    private(set) var checksum = 0

    init(lines count: Int) {
        lines = Corpus(.lines, lines: count)
        traces = Corpus(.traces, lines: count)
    }

    static let names =
        ["decode", "join", "join-traces", "encode", "line", "line-traces", "reply", "spool", "checkpoint"]
        + GzipEngine.allCases.filter(\.isBuiltIn).map { "gzip-\($0)" }

    /// - Returns: `nil` when there is no such stage.
    func stage(_ name: String) -> Stage? {
        switch name {
        case "decode": Stage(name, records: lines.lineCount, bytes: lines.bytes.count) { self.decode() }
        case "join": Stage(name, records: lines.lineCount, bytes: lines.bytes.count) { self.join(self.lines) }
        case "join-traces":
            Stage(name, records: traces.lineCount, bytes: traces.bytes.count) { self.join(self.traces) }
        case "encode": Stage(name, records: lines.lineCount, bytes: lines.bytes.count) { self.encode() }
        case "line": Stage(name, records: lines.lineCount, bytes: lines.bytes.count) { self.assemble(self.lines) }
        case "line-traces":
            Stage(name, records: traces.lineCount, bytes: traces.bytes.count) { self.assemble(self.traces) }
        case "reply": reply()
        case "spool": spool()
        case "checkpoint":
            Stage(name, records: checkpoints.files.count, bytes: CheckpointFile.render(checkpoints).count) {
                self.checksum += CheckpointFile.render(self.checkpoints).count
            }
        case "gzip-zlib": gzip(.zlib)
        case "gzip-isal": gzip(.isal)
        case "gzip-libdeflate": gzip(.libdeflate)
        default: nil
        }
    }

    private func reply() -> Stage {
        let items = Array(repeating: "{\"create\":{\"status\":201}}", count: 1000).joined(separator: ",")
        let reply = Array("{\"errors\":false,\"items\":[\(items)]}".utf8)
        return Stage("reply", records: 1000, bytes: reply.count) { self.read(reply) }
    }

    /// What is done to a payload before it is written.
    private func spool() -> Stage {
        let payloads = batches(of: lines).map { batch in
            Payload(
                number: BatchNumber(1), body: compress(batch.body, .zlib), isCompressed: true,
                documentCount: batch.documents, rawSize: batch.body.count)
        }
        let records = payloads.reduce(0) { $0 + $1.documentCount }
        return Stage("spool", records: records, bytes: payloads.reduce(0) { $0 + $1.body.count }) {
            for payload in payloads { self.append(payload) }
        }
    }

    private func gzip(_ engine: GzipEngine) -> Stage? {
        guard engine.isBuiltIn, let compressor = try? GzipCompressor(level: 1, engine: engine) else { return nil }
        let batches = batches(of: lines)
        let records = batches.reduce(0) { $0 + $1.documents }
        return Stage("gzip-\(engine)", records: records, bytes: batches.reduce(0) { $0 + $1.body.count }) {
            for batch in batches { self.checksum += compressor.compress(batch.body.span).count }
        }
    }

    // MARK: Stages

    /// Lines, their time stamps and streams.
    private func decode() {
        var decoder = LineDecoder(.cri)
        forEachLine(of: lines) { line, _ in checksum &+= decoder.decode(line)?.message.lowerBound ?? 0 }
    }

    /// Whole lines to events, without decoding.
    private func join(_ corpus: Corpus) {
        var joiner = MultilineJoiner(stream: .stdout, rules: rules.joining)
        var sink = CountingSink()
        // Made once: an empty option set costs more in another module than the joiner itself.
        var stamp = LineStamp(time: Self.readAt, start: 0, end: 0)
        forEachLine(of: corpus) { line, start in
            let text = line.extracting(Self.messageStart..<line.count)
            stamp.start = UInt64(start)
            stamp.end = UInt64(start + line.count + 1)
            joiner.add(text, stamp, now: Self.now, into: &sink)
        }
        checksum &+= sink.bytes
    }

    /// Events to documents.
    private func encode() {
        var batch = newBatch()
        var event = Event(time: Self.readAt, stream: .stdout, start: 0, end: 0)
        forEachLine(of: lines) { line, start in
            if batch.isFull {
                checksum &+= batch.body.count
                batch = newBatch()
            }
            event.time = Timestamp(nanoseconds: Self.readAt.nanoseconds + Int64(start) * 1001)
            event.start = UInt64(start)
            event.end = UInt64(start + line.count + 1)
            batch.receive(event, text: line.extracting(Self.messageStart..<line.count))
        }
        checksum &+= batch.body.count
    }

    /// All of it, from the bytes of a file to batches.
    private func assemble(_ corpus: Corpus) {
        var assembler = Assembler(rules, format: .cri, resume: ResumeOffsets(0))
        var batch = newBatch()
        while true {
            let before = assembler.position
            let start = Int(before)
            let end = min(start + Self.chunk, corpus.bytes.count)
            let chunk = corpus.bytes.span.extracting(start..<end)
            assembler.consume(chunk, readAt: Self.readAt, now: Self.now, into: &batch)
            guard assembler.position > before else { break }
            if batch.isFull {
                checksum &+= batch.body.count
                batch = newBatch()
            }
        }
        checksum &+= batch.body.count
    }

    private func read(_ reply: [UInt8]) {
        let span = reply.span
        do {
            let reply = try BulkReply(parsing: span)
            checksum &+= reply.itemCount
        } catch {
            preconditionFailure("the reply can't be read: \(error)")
        }
    }

    private func append(_ payload: Payload) {
        checksum &+= FrameHeader(payload, sequence: 1, writtenAt: Self.readAt).bytes.count
    }

    private let checkpoints = Checkpoints(files: (0..<100).map { Bench.checkpoint(UInt64($0)) })

    private static func checkpoint(_ number: UInt64) -> Checkpoint {
        let id = FileID(high: number &* 0x9E37_79B9_7F4A_7C15, low: UInt32(number))
        return Checkpoint(
            id: id, path: "/var/log/pods/shop_cart-\(number)/cart/0.log", format: .cri,
            key: FileKey(device: 64, inode: 1000 + number), birth: 1_790_000_000_000_000_000,
            fingerprint: Fingerprint(length: 1024, checksum: 0x1234_5678), resume: ResumeOffsets(number << 20))
    }

    // MARK: Helpers

    /// Behind the time, the stream and the tag of a CRI line: those of the corpus are all as long.
    private static let messageStart = 40

    private func forEachLine(of corpus: Corpus, _ body: (_ line: Span<UInt8>, _ start: Int) -> Void) {
        let bytes = corpus.bytes.span
        var start = 0
        while let newline = bytes.firstIndex(of: UInt8(ascii: "\n"), from: start) {
            body(bytes.extracting(start..<newline), start)
            start = newline + 1
        }
    }

    private func newBatch() -> Batch {
        var batch = Batch(limit: Self.limit)
        batch.use(template, created: Self.readAt)
        return batch
    }

    private func batches(of corpus: Corpus) -> [(body: [UInt8], documents: Int)] {
        var assembler = Assembler(rules, format: .cri, resume: ResumeOffsets(0))
        var batches: [(body: [UInt8], documents: Int)] = []
        while true {
            var batch = newBatch()
            let start = Int(assembler.position)
            let rest = corpus.bytes.span.extracting(start..<corpus.bytes.count)
            assembler.consume(rest, readAt: Self.readAt, now: Self.now, into: &batch)
            if batch.isEmpty { return batches }
            batches.append((Array(batch.body.span), batch.documentCount))
        }
    }

    private func compress(_ body: [UInt8], _ engine: GzipEngine) -> [UInt8] {
        do {
            return try GzipCompressor(level: 1, engine: engine).compress(body.span)
        } catch {
            preconditionFailure("\(engine) can't be set up: \(error)")
        }
    }
}

private struct CountingSink: EventSink {
    var bytes = 0
    var isFull: Bool { false }
    mutating func receive(_ event: Event, text: Span<UInt8>) { bytes &+= text.count }
}
