import TailraceCore
import Testing

/// What is the same about an event whenever it is sent.
private struct Sent: Hashable {
    var stream: LogStream
    var start: UInt64
    var length: UInt64
}

/// A file that is read in pieces, with cuts and restarts.
private struct Reading {
    private static let rules = AssemblyRules(
        joining: JoinRules(languages: .all, limits: JoinLimits(maxLines: 20, maxBytes: 2000)), maxLineBytes: 300)

    let file: [UInt8]

    /// Reads all of the file.
    ///
    /// - Parameters:
    ///   - checkpoint: where to begin, and the cuts to make again.
    ///   - onPiece: called after each piece; what it does to the assembler is part of the run.
    func run(
        from checkpoint: (resume: ResumeOffsets, cuts: [Cut]) = (ResumeOffsets(0), []), random: inout SeededBytes,
        onPiece: (inout Assembler, inout Batch, inout SeededBytes) -> Void = { _, _, _ in }
    ) -> (body: [UInt8], cuts: [Cut]) {
        let low = Int(checkpoint.resume.low)
        var assembler = Assembler(
            Self.rules, format: .cri, resume: checkpoint.resume, cuts: checkpoint.cuts,
            isInsideLine: low > 0 && file[low - 1] != UInt8(ascii: "\n"))
        var batch = Batch(limit: BatchLimit(bytes: 64 << 20, documents: .max))
        let template = DocumentTemplate(
            index: "i", fileID: FileID(high: 1, low: 2), path: "/p", staticFields: StaticFields(),
            isContainerFormat: true)
        batch.use(template, created: Timestamp(nanoseconds: 0))
        var end = low
        var cuts: [Cut] = []
        while end < file.count {
            end = min(file.count, end + Int(random.next() % 400) + 1)
            let chunk = Array(file[Int(assembler.position)..<end])
            assembler.consume(
                chunk.span, readAt: Timestamp(nanoseconds: 0), now: Moment(nanoseconds: Int64(end)), into: &batch)
            onPiece(&assembler, &batch, &random)
            cuts += assembler.takeNewCuts()
        }
        let rest = Array(file[Int(assembler.position)...])
        assembler.finish(
            rest.span, end: UInt64(file.count), readAt: Timestamp(nanoseconds: 0), now: Moment(nanoseconds: 0),
            into: &batch)
        return (Array(batch.body.span), cuts)
    }
}

@Suite struct AssemblerTests {
    /// Lines of both streams, some in pieces, some of them traces, some too long, some in no format at all.
    private static func file(_ random: inout SeededBytes) -> [UInt8] {
        var text = ""
        for number in 0..<150 {
            let stream = random.next() % 3 == 0 ? "stderr" : "stdout"
            let prefix = "2026-01-01T00:00:00.\(100_000_000 + number)Z \(stream)"
            switch random.next() % 10 {
            case 0:
                text +=
                    "\(prefix) F Traceback (most recent call last):\n\(prefix) F   File \"a.py\", line \(number), in b\n"
            case 1: text += "\(prefix) F ValueError: \(number)\n"
            case 2: text += "\(prefix) P piece \(number) \n"
            case 3: text += "\(prefix) F \(String(repeating: "x", count: Int(random.next() % 600)))\n"
            case 4: text += "no format \(number)\n"
            default: text += "\(prefix) F 2026-01-01 00:00:00 INFO line \(number)\n"
            }
        }
        return Array(text.utf8)
    }

    private static func lines(_ body: [UInt8]) -> [[UInt8]] {
        body.split(separator: UInt8(ascii: "\n")).map(Array.init)
    }

    /// Both lines of each document. In order of ids, since two streams end their events in another order after a restart.
    private static func documents(_ body: [UInt8]) -> [String: [UInt8]] {
        let lines = lines(body)
        var documents: [String: [UInt8]] = [:]
        for place in stride(from: 0, to: lines.count, by: 2) {
            let action = String(decoding: lines[place], as: UTF8.self)
            #expect(documents[action] == nil, "twice: \(action)")
            documents[action] = lines[place + 1]
        }
        return documents
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `events do not depend on how a file is cut into pieces`(_ seed: UInt64) {
        var random = SeededBytes(seed)
        let reading = Reading(file: Self.file(&random))
        #expect(reading.run(random: &random).body == reading.run(random: &random).body)
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `after a restart anywhere, the same events come with the same ids`(_ seed: UInt64) {
        var random = SeededBytes(seed)
        let reading = Reading(file: Self.file(&random))
        // Time-outs end events early, and checkpoints are taken on the way.
        var checkpoints: [ResumeOffsets] = [ResumeOffsets(0)]
        let first = reading.run(random: &random) { assembler, batch, random in
            if random.next() % 5 == 0 { assembler.flushEarly(random.next() % 2 == 0 ? .all : .stdout, into: &batch) }
            checkpoints.append(assembler.resume)
        }
        let all = Self.documents(first.body)
        for _ in 0..<10 {
            let resume = checkpoints[Int(random.next() % UInt64(checkpoints.count))]
            let again = reading.run(from: (resume, first.cuts), random: &random)
            for (id, document) in Self.documents(again.body) {
                #expect(all[id] == document, "seed \(seed), from \(resume): \(id)")
            }
        }
    }

    @Test func `a line that is too long is cut, flagged, and followed by the next`() {
        let long = String(repeating: "y", count: 1000)
        let file = Array("2026-01-01T00:00:00Z stdout F \(long)\n2026-01-01T00:00:00Z stdout F short\n".utf8)
        var random = SeededBytes(1)
        let lines = Self.lines(Reading(file: file).run(random: &random).body).map {
            String(decoding: $0, as: UTF8.self)
        }
        #expect(lines.count == 4)
        #expect(lines[1].contains("\"truncated\""))
        #expect(lines[3].contains("\"message\":\"short\""))
        #expect(!lines[3].contains("truncated"))
    }
}
