import CZlib
import TailraceCore
import TailraceRuntime

/// One reader of bytes that others have written: valid inputs to begin with, and what must hold for any input. What does
/// not hold ends the process, as does what a reader itself finds impossible.
package struct FuzzTarget: Sendable {
    package let name: String
    package let corpus: [[UInt8]]
    /// Of so many inputs that are asked for, one is run.
    private let cost: Int
    package let run: @Sendable ([UInt8]) -> Void

    private init(name: String, corpus: [[UInt8]], cost: Int = 1, run: @escaping @Sendable ([UInt8]) -> Void) {
        self.name = name
        self.corpus = corpus
        self.cost = cost
        self.run = run
    }

    package static let all: [FuzzTarget] = [
        cri, docker, plain, pattern, checkpoints, segments, frames, replies, json, gzip, settings,
    ]

    /// Runs damaged inputs, each of which follows from the seed and its number.
    ///
    /// - Parameter tell: is told of each seed before it is run.
    package func run(inputs: Int, seed: UInt64, tell: (UInt64) -> Void = { _ in }) {
        for number in 0..<UInt64(max(1, inputs / cost)) {
            let seed = seed &+ number
            tell(seed)
            var mutator = Mutator(seed: seed)
            run(mutator.mutate(corpus))
        }
    }
}

// MARK: Log lines

extension FuzzTarget {
    static let cri = FuzzTarget(
        name: "cri",
        corpus: [
            "2026-11-23T17:52:39.1234567Z stdout F hello\n2026-11-23T17:52:39.2Z stderr P half \n2026-11-23T17:52:39.3Z stderr F rest\n",
            "2026-11-23T17:52:39.123456789+00:00 stderr F Exception in thread \"main\" java.lang.E: x\n2026-11-23T17:52:39.2Z stderr F \tat a.B.c(B.java:1)\n2026-11-23T17:52:39.2Z stdout F:tag \r\n",
        ].map { Array($0.utf8) }
    ) { assemble($0, .cri) }

    static let docker = FuzzTarget(
        name: "docker",
        corpus: [
            #"{"log":"hello\n","stream":"stdout","time":"2026-11-23T17:52:39.123456789Z"}"# + "\n"
                + #"{"log":"half \u00e9\ud83c\udf0d","stream":"stderr","time":"2026-11-23T17:52:39Z"}"# + "\n",
            #"{"time":"2026-11-23T17:52:39Z","attrs":{"a":[1,{"b":null}]},"log":"\"x\\\n"}"# + "\n",
        ].map { Array($0.utf8) }
    ) { assemble($0, .docker) }

    static let plain = FuzzTarget(
        name: "plain",
        corpus: [
            "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nValueError: bad\n",
            "panic: runtime error\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:1 +0x1\nexit status 2\n",
            "2026-11-23 17:52:39,123 ERROR a.b - x\njava.lang.E: y\n\tat a.B.c(B.java:1)\nCaused by: z\n\t... 3 more\n",
        ].map { Array($0.utf8) }
    ) { bytes in
        _ = LogFormat.detect(bytes.span)
        assemble(bytes, .plain)
    }

    private static let rules = JoinRules(languages: .all, limits: JoinLimits(maxLines: 8, maxBytes: 512))

    /// What is made of a file does not depend on where reading stops, and takes no more memory than the limits say.
    private static func assemble(_ bytes: [UInt8], _ format: LogFormat, _ joining: JoinRules = rules) {
        let whole = documents(of: bytes, format, joining, piece: max(1, bytes.count))
        let pieces = documents(of: bytes, format, joining, piece: 1 + bytes.count / 3)
        precondition(whole == pieces, "other documents when it is read in pieces")
        for line in whole.split(separator: UInt8(ascii: "\n")) {
            precondition(isJSON(Array(line)), "a document is no JSON: \(String(decoding: line, as: UTF8.self))")
        }
    }

    private static func isJSON(_ bytes: [UInt8]) -> Bool {
        var scanner = JSONScanner(bytes.span)
        return (try? scanner.skipValue()) != nil && scanner.index <= bytes.count
    }

    private static let maxLine = 256

    private static func documents(of bytes: [UInt8], _ format: LogFormat, _ joining: JoinRules, piece: Int) -> [UInt8] {
        let template = DocumentTemplate(
            index: "logs", fileID: FileID(high: 1, low: 2), path: "/a.log", staticFields: StaticFields(),
            isContainerFormat: format != .plain, errorFields: .all)
        var assembler = Assembler(
            AssemblyRules(joining: joining, maxLineBytes: maxLine), format: format, resume: ResumeOffsets(0))
        var batch = Batch(limit: BatchLimit(bytes: 1 << 30, documents: 1 << 30))
        let (time, now) = (Timestamp(nanoseconds: 0), Moment(nanoseconds: 0))
        batch.use(template, created: time)
        var end = 0
        while end < bytes.count {
            end = min(bytes.count, end + piece)
            let start = Int(assembler.position)
            assembler.consume(bytes.span.extracting(start..<end), readAt: time, now: now, into: &batch)
            precondition(
                assembler.position <= UInt64(end) && assembler.resume.low <= assembler.position, "beyond the end")
            precondition(assembler.pendingBytes <= 2 * (512 + 3 * maxLine), "\(assembler.pendingBytes) bytes wait")
        }
        let rest = bytes.span.extracting(Int(assembler.position)...)
        assembler.finish(
            rest.extracting(first: min(rest.count, maxLine)), end: UInt64(bytes.count), readAt: time, now: now,
            into: &batch)
        precondition(assembler.position == UInt64(bytes.count) && assembler.pendingBytes == 0, "something is left")
        return Array(batch.body.span)
    }

    /// A user's pattern, and the lines it is tried on behind it.
    static let pattern = FuzzTarget(
        name: "pattern",
        corpus: [
            "^\\d{4}-\\d\\d\n2026-11 a\n  b\n2026-12 c\n", "(x+x+)+y\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\ny\n",
            "^(?:[[:upper:]]|é)\\b.*(?=a)\nÉa\nAa\n", "(?R)?a\naaaa\n",
        ].map { Array($0.utf8) }
    ) { bytes in
        let line = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let text = String(decoding: bytes[..<line], as: UTF8.self)
        guard let pattern = try? JoinPattern(text, mode: JoinPattern.Mode.allCases[bytes.count % 3]) else { return }
        let rules = JoinRules(languages: [], limits: JoinLimits(maxLines: 8, maxBytes: 512), pattern: pattern)
        assemble(Array(bytes[line...]), .plain, rules)
    }
}

// MARK: Our own files

extension FuzzTarget {
    /// Also with the checksum put right, since what is behind it is to be reached.
    static let checkpoints = FuzzTarget(
        name: "checkpoints",
        corpus: [
            CheckpointFile.render(
                Checkpoints(
                    files: [
                        Checkpoint(
                            id: FileID(high: 1, low: 2), path: "/var/log/a b.log", home: "/there/a.log", format: .cri,
                            key: FileKey(device: 1, inode: 2), birth: 3, modified: 4, seenAt: Timestamp(nanoseconds: 5),
                            doneAt: Timestamp(nanoseconds: 6), fingerprint: Fingerprint(length: 1024, checksum: 7),
                            trail: Trail(offset: 8, length: 8, checksum: 9),
                            resume: ResumeOffsets(stdout: 5, stderr: 7),
                            cuts: [Cut(offset: 9, streams: .all), Cut(offset: 10, streams: .stdout)]),
                        Checkpoint(
                            id: FileID(high: 3, low: 4), path: "/日本\n.log", format: nil,
                            key: FileKey(device: 0, inode: 1),
                            birth: 0, fingerprint: .empty, resume: ResumeOffsets(0)),
                    ], floors: ["/there/a b.log": 3, "/日本\n.log": 0]))
        ]
    ) { bytes in
        precondition((try? CheckpointFile.parse(bytes)) == nil || bytes.count > 20, "too short to be whole")
        guard let end = Array("\nend ".utf8).lastPlace(in: bytes) else { return }
        var sealed = Array(bytes[...end])
        let sum = sealed.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
        sealed += Array("end \(String(sum, radix: 16))\n".utf8)
        guard let checkpoints = try? CheckpointFile.parse(sealed) else { return }
        let again = try? CheckpointFile.parse(CheckpointFile.render(checkpoints))
        precondition(again == checkpoints, "it is not read as it was written")
    }

    private static let payloads: [Payload] = [0, 6].compactMap { level in
        var body = OwnedBytes()
        for number in 0..<20 {
            body.append(
                Array("{\"create\":{\"_id\":\"\(number)\"}}\n{\"log\":{\"file\":{\"path\":\"/a\"}},\"m\":\"x\"}\n".utf8)
            )
        }
        let compressor = level == 0 ? nil : try? GzipCompressor(level: level)
        return Payload(sealing: body.span, number: BatchNumber(1), documentCount: 20, with: compressor)
    }

    private static func segment(_ count: Int) -> [UInt8] {
        (0..<count).flatMap { number -> [UInt8] in
            let payload = payloads[number % payloads.count]
            var header = FrameHeader(payload, sequence: 7 + UInt64(number), writtenAt: Timestamp(nanoseconds: 8))
            header.isSettled = number == 1
            return header.bytes + payload.body
        }
    }

    static let segments = FuzzTarget(name: "segments", corpus: [segment(1), segment(2), segment(4)]) { bytes in
        var walk = SegmentWalk(size: UInt64(bytes.count), sequence: 7)
        var place: UInt64 = 0
        var last: UInt64 = 6
        while true {
            let finding = walk.next { offset, count in Array(bytes.dropFirst(Int(offset)).prefix(count)) }
            switch finding {
            case .end:
                precondition(place == bytes.count, "\(place) of \(bytes.count) bytes")
                return
            case .frame(let header, let offset):
                precondition(offset == place && header.sequence > last, "frame \(header.sequence) at \(offset)")
                last = header.sequence
                place += UInt64(header.frameSize)
                precondition(place <= bytes.count, "a frame goes beyond the end")
                read(header, Array(bytes[Int(offset) + FrameHeader.size..<Int(place)]))
            case .damage(let range), .tail(let range):
                precondition(range.lowerBound == place && !range.isEmpty, "\(range) at \(place)")
                place = range.upperBound
            }
        }
    }

    /// Headers that say what they like, under a checksum that fits.
    static let frames = FuzzTarget(name: "frames", corpus: payloads.map { [20, 0, 1, 1, 2, 3] + $0.body }) { bytes in
        guard bytes.count > 8 else { return }
        let body = Array(bytes[6...])
        let payload = Payload(
            number: BatchNumber(1), body: body, isCompressed: bytes[2] & 1 == 1,
            documentCount: Int(bytes[0]) << Int(bytes[1] & 15),
            rawSize: Int(bytes[3]) << Int(bytes[4] & 15) | Int(bytes[5]))
        let header = FrameHeader(payload, sequence: 1, writtenAt: Timestamp(nanoseconds: 0))
        guard let read = FrameHeader(header.bytes.span) else { return }
        precondition(read == header, "a header is not read as it was written")
        Self.read(read, body)
    }

    private static func read(_ header: FrameHeader, _ body: [UInt8]) {
        guard let payload = header.payload(body) else { return }
        guard let lines = try? payload.documentLines() else { return }
        precondition(lines.count <= header.rawSize, "\(lines.count) bytes of \(header.rawSize)")
        _ = try? payload.documentsByFile()
        if payload.documentCount > 1 { _ = try? payload.halved(level: 1) }
    }
}

// MARK: What endpoints and people write

extension FuzzTarget {
    static let replies = FuzzTarget(
        name: "replies",
        corpus: [
            #"{"took":3,"errors":true,"items":[{"create":{"_id":"a","status":201}},{"create":{"status":429,"error":{"type":"es_rejected_execution_exception","reason":"no \u00e9"}}}]}"#,
            #"{"items":[{"index":{"status":409,"error":{"type":"version_conflict_engine_exception"}}},{"table":{"status":400,"error":"text","failure_store":"used"}}],"error":{"type":"x","reason":"y"}}"#,
            #"{"error":{"root_cause":[{"type":"a"}],"type":"security_exception","reason":"no"},"status":403}"#,
        ].map { Array($0.utf8) }
    ) { bytes in
        let whole = Result { () throws(BulkReplyError) in try BulkReply(parsing: bytes.span) }
        var reader = BulkReplyReader(documentCount: 2)
        for start in stride(from: 0, to: bytes.count, by: 7) {
            reader.read(bytes.span.extracting(start..<min(bytes.count, start + 7)))
        }
        let pieces = Result { () throws(BulkReplyError) in try reader.end() }
        switch (whole, pieces) {
        case (.success(let one), .success(let other)):
            precondition(one.itemCount == other.itemCount, "other items in pieces")
        case (.failure, .failure): break
        default: preconditionFailure("\(whole) as a whole, \(pieces) in pieces")
        }
    }

    static let json = FuzzTarget(
        name: "json",
        corpus: [
            #"{"a":[1,-2.5e10,true,null,"x\n\u00e9\ud83c\udf0d",{"b":{}}],"":[[[]]]}"#,
            #"{"@timestamp":"2026-11-23T17:52:39Z","index":"logs","status":400,"type":"t","reason":"r","action":{"create":{"_id":"1"}},"record":{"m":"x"}}"#,
        ].map { Array($0.utf8) }
    ) { bytes in
        _ = isJSON(bytes)
        guard let letter = try? DeadLetter(parsing: bytes.span) else { return }
        var lines = OwnedBytes()
        letter.append(to: &lines)
        // A replay writes again what it has read: nothing may get lost by that.
        precondition(
            (try? DeadLetter(parsing: lines.span.extracting(..<(lines.count - 1)))) != nil, "no letter any more")
    }

    static let gzip = FuzzTarget(name: "gzip", corpus: payloads.map(\.body) + [payloads[1].body + payloads[1].body]) {
        bytes in
        let limit = 3000
        if let raw = try? GzipInflater.inflate(bytes.span, limit: limit) {
            precondition(raw.count <= limit, "too much")
        }
        let reader = GzipReader()
        var place = 0
        var piece = [UInt8](repeating: 0, count: 512)
        for _ in 0..<10_000 {
            let outcome = piece.withUnsafeMutableBytes { target in
                reader.read(into: target) { buffer in
                    let count = min(100, bytes.count - place)
                    buffer.copyBytes(from: bytes[place..<place + count])
                    place += count
                    return count
                }
            }
            guard case .bytes(let count) = outcome else { return }
            precondition(count > 0 && count <= 512, "\(count) bytes")
        }
        preconditionFailure("\(bytes.count) bytes of gzip do not come to an end")
    }

    static let settings = FuzzTarget(
        name: "settings",
        corpus: [
            "PATHS=/a/*.log,-\nENDPOINT=https://u:p@host:9200/p,unix:///run/s\nMAX_LINE=256KiB\nFLUSH_INTERVAL=1.5s\nFIELDS=a.b=c%2Cd,e=f",
            "INDEX=logs-{service.name:x}-{+yyyy.MM.dd}\nHEADERS=a=b\nADMIN=[::1]:9400\nMULTILINE=java,go\nCA_SHA256=00:11",
            "MULTILINE_PATTERN=^a(b|c)\nPROXY=http://p:1\nAPI_KEY=a:b\nSPOOL_MAX_SIZE=10GiB\nMEMORY_LIMIT=4KiB\nNOTHING=1",
        ].map { Array($0.utf8) }, cost: 100
    ) { bytes in
        var environment: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let sides = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            environment["TAILRACE_\(sides[0])"] = sides.count == 2 ? String(sides[1]) : ""
        }
        environment["OTEL_RESOURCE_ATTRIBUTES"] = environment["TAILRACE_FIELDS"]
        environment["NO_PROXY"] = environment["TAILRACE_PATHS"]
        var reader = SettingReader(environment) { path throws(FileFailure) in throw FileFailure("open", path, code: 2) }
        let settings = Settings(reading: &reader)
        for mistake in reader.mistakes { precondition(!"\(mistake)".isEmpty) }
        _ = PipelineSettings(settings, version: "0")
    }
}

extension [UInt8] {
    /// Where it begins in `bytes` for the last time.
    fileprivate func lastPlace(in bytes: [UInt8]) -> Int? {
        guard bytes.count >= count else { return nil }
        return (0...bytes.count - count).last { bytes[$0..<$0 + count].elementsEqual(self) }
    }
}
