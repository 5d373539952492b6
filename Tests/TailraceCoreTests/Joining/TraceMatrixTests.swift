import Foundation
import TailraceCore
import Testing

/// Lines with the records that a person would make of them.
private struct TraceCase {
    /// Of the program, an error header included when it belongs to the trace.
    struct Part {
        var lines: [String]
        /// The trace, when it is none of the ordinary lines.
        var trace: CapturedTrace?
    }

    var name: String
    var parts: [Part]

    var lines: [String] { parts.flatMap(\.lines) }

    /// Every line changed alike: as another terminal or system would have written it.
    func written(_ change: (String) -> String) -> TraceCase {
        TraceCase(name: name, parts: parts.map { Part(lines: $0.lines.map(change), trace: $0.trace) })
    }
}

/// How many traces came out as exactly one record, and how many ordinary lines as records of their own.
private struct Tally {
    var traces: [String: (whole: Int, all: Int)] = [:]
    var ordinary = (alone: 0, all: 0)
    var torn: [String: Int] = [:]
    var glued: [String: Int] = [:]

    mutating func add(_ records: [String], of given: TraceCase) {
        // Records in order with the offsets of their lines, so that equal texts are not taken for one another.
        var starts: [Int: Int] = [:]
        var line = 0
        for record in records {
            let count = record.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).count
            starts[line] = count
            line += count
        }
        line = 0
        for part in given.parts {
            if let trace = part.trace {
                let isWhole = starts[line] == part.lines.count
                traces[trace.language, default: (0, 0)].all += 1
                if isWhole {
                    traces[trace.language, default: (0, 0)].whole += 1
                } else {
                    torn["\(trace) \(given.name)", default: 0] += 1
                }
                line += part.lines.count
            } else {
                for text in part.lines {
                    ordinary.all += 1
                    if starts[line] == 1 {
                        ordinary.alone += 1
                    } else {
                        glued["\(given.name): \(text)", default: 0] += 1
                    }
                    line += 1
                }
            }
        }
    }

    var whole: Int { traces.values.reduce(0) { $0 + $1.whole } }
    var all: Int { traces.values.reduce(0) { $0 + $1.all } }

    func report(_ title: String) -> String {
        let languages = traces.keys.sorted().map { language in
            let (whole, all) = traces[language] ?? (0, 0)
            return "  \(language): \(whole) of \(all)"
        }
        let failures = (torn.keys.sorted().map { "  torn: \($0)" } + glued.keys.sorted().map { "  glued: \($0)" })
        return """
            \(title): \(whole) of \(all) traces whole, \(ordinary.all - ordinary.alone) of \(ordinary.all) lines glued
            \(languages.joined(separator: "\n"))
            \(failures.prefix(200).joined(separator: "\n"))
            """
    }

    /// - Parameters:
    ///   - wholeShare: how many of the traces must be whole.
    ///   - gluedShare: how many of the ordinary lines may be glued.
    func check(_ title: String, wholeShare: Double = 0.98, gluedShare: Double = 0.001) {
        print(report(title))
        #expect(all > 0)
        #expect(Double(whole) >= wholeShare * Double(all), "\(report(title))")
        // Of a few hundred lines one is more than the share.
        let gluedMax = max(1, gluedShare * Double(ordinary.all))
        #expect(Double(ordinary.all - ordinary.alone) <= gluedMax, "\(report(title))")
    }
}

/// Every captured trace in every surrounding: `Tests/Traces` has the programs, this the interleaving, from seeds.
@Suite struct TraceMatrixTests {
    /// What is torn although a person would read it as one. A trace that has become whole must leave this list.
    static let notYet: Set<String> = [
        "perl/lines.bare", "python/message_blank.bare", "python/message_lines.bare", "python/notes.bare",
        "ruby/lines.bare",
    ]

    private static let collection = TraceCollection.captured
    private static let traces = collection.traces.filter { !notYet.contains($0.description) }
    private static let isOtherCollection = ProcessInfo.processInfo.environment["TAILRACE_TRACES"] != nil

    @Test(.disabled(if: isOtherCollection), arguments: notYet.sorted())
    func `what is not joined yet`(_ name: String) throws {
        let trace = try #require(Self.collection.traces.first { $0.description == name })
        withKnownIssue { #expect(join(trace.lines) == [trace.text]) }
    }

    @Test func `each trace alone is one record, also with CRLF and in colours`() {
        var tally = Tally()
        for (number, trace) in Self.traces.enumerated() {
            let alone = TraceCase(name: "alone", parts: [.init(lines: trace.lines, trace: trace)])
            tally.add(join(alone.lines), of: alone)
            guard Self.takesAll || number % 3 == 0 else { continue }
            let crlf = alone.written { $0 + "\r" }
            tally.add(join(crlf.lines), of: crlf)
            let red = alone.written { "\u{1B}[31m\($0)\u{1B}[0m" }
            tally.add(join(red.lines), of: red)
        }
        tally.check("alone")
    }

    @Test func `an error header and its trace are one record, what names itself stands alone`() {
        var tally = Tally()
        var random = SeededBytes(3)
        for trace in Self.sample where Self.isHeaderDecided(trace) {
            for log in Self.some(Self.collection.logs.filter { $0.header != nil }, using: &random) {
                guard let header = log.header else { continue }
                let calm = TraceCase.Part(lines: [log.lines[0]])
                let parts: [TraceCase.Part] =
                    trace.isNamed
                    ? [calm, .init(lines: [header]), .init(lines: trace.lines, trace: trace), calm]
                    : [calm, .init(lines: [header] + trace.lines, trace: trace), calm]
                let given = TraceCase(name: "behind the error of \(log)", parts: parts)
                tally.add(join(given.lines), of: given)
            }
        }
        tally.check("behind a header")
    }

    @Test func `ordinary lines around a trace are records of their own`() {
        var tally = Tally()
        var random = SeededBytes(4)
        for trace in Self.sample {
            for log in Self.some(Self.collection.logs, using: &random) {
                // A warning right before a trace would announce it, and a blank line next to one is nobody's.
                let before = log.lines.filter {
                    !$0.contains("slow") && !$0.contains("WARN") && !$0.contains("[error]") && !Self.isBlank($0)
                }
                let after = log.lines.filter { !Self.isBlank($0) }
                let front = (0..<2).map { _ in before[Int(random.next() % UInt64(before.count))] }
                let back = (0..<2).map { _ in after[Int(random.next() % UInt64(after.count))] }
                let given = TraceCase(
                    name: "between lines of \(log)",
                    parts: [.init(lines: front), .init(lines: trace.lines, trace: trace), .init(lines: back)])
                tally.add(join(given.lines), of: given)
            }
        }
        tally.check("between ordinary lines")
    }

    @Test func `two traces back to back are two records`() {
        var tally = Tally()
        var random = SeededBytes(5)
        for trace in Self.sample {
            var others = [trace]
            others += Self.some(Self.traces, using: &random)
            for other in others {
                let given = TraceCase(
                    name: "before \(other)",
                    parts: [
                        .init(lines: trace.lines, trace: trace), .init(lines: other.lines, trace: other),
                    ])
                tally.add(join(given.lines), of: given)
            }
        }
        tally.check("back to back")
    }

    @Test func `ordinary lines among themselves are never joined`() {
        var tally = Tally()
        for log in Self.collection.logs {
            let given = TraceCase(name: "\(log)", parts: [.init(lines: log.lines)])
            tally.add(join(given.lines), of: given)
        }
        print(tally.report("ordinary"))
        #expect(tally.ordinary.all > 300)
        #expect(tally.glued.isEmpty, "\(tally.report("ordinary"))")
    }

    @Test func `in a CRI file, cut into partials, both streams at once`() throws {
        var tally = Tally()
        var random = SeededBytes(6)
        for trace in Self.sample {
            let log = Self.collection.logs[Int(random.next() % UInt64(Self.collection.logs.count))]
            let out = TraceCase(name: "on stdout beside \(trace)", parts: [.init(lines: log.lines)])
            let err = TraceCase(
                name: "on stderr beside \(log)", parts: [.init(lines: trace.lines, trace: trace)])
            let records = try Self.assembled(stdout: out.lines, stderr: err.lines, random: &random)
            tally.add(records.stdout, of: out)
            tally.add(records.stderr, of: err)
        }
        tally.check("CRI")
    }

    // MARK: Helpers

    /// True when `TAILRACE_TRACES_ALL` asks for all pairs, which takes minutes: `make trace-matrix`.
    private static let takesAll = ProcessInfo.processInfo.environment["TAILRACE_TRACES_ALL"] != nil
    /// The traces of one run.
    private static let sample = traces.enumerated().filter { takesAll || $0.offset % 3 == 0 }.map(\.element)

    /// One of them, or each.
    private static func some<Element>(_ all: [Element], using random: inout SeededBytes) -> [Element] {
        takesAll ? all : [all[Int(random.next() % UInt64(all.count))]]
    }

    /// Whether a header belongs to what says by itself that it failed is a matter of taste but for those that the
    /// documentation names.
    private static func isHeaderDecided(_ trace: CapturedTrace) -> Bool {
        let names = ["Exception in thread", "panic:", "PHP Fatal error", "thread '"]
        return !trace.isNamed || names.contains { trace.lines[0].hasPrefix($0) }
    }

    private static func isBlank(_ line: String) -> Bool { line.allSatisfy(\.isWhitespace) }

    /// What a file in the runtime's format, with both streams interleaved at random, becomes.
    private static func assembled(
        stdout: [String], stderr: [String], random: inout SeededBytes
    ) throws -> (stdout: [String], stderr: [String]) {
        var rest = (stdout: stdout.map { Array($0.utf8) }[...], stderr: stderr.map { Array($0.utf8) }[...])
        var file: [UInt8] = []
        while !(rest.stdout.isEmpty && rest.stderr.isEmpty) {
            let isErr = rest.stdout.isEmpty || (!rest.stderr.isEmpty && random.next() % 2 == 0)
            var line = (isErr ? rest.stderr.removeFirst() : rest.stdout.removeFirst())[...]
            while true {
                let isCut = random.next() % 4 == 0 && line.count > 1
                let piece = isCut ? line.prefix(1 + Int(random.next() % UInt64(line.count - 1))) : line
                line = line.dropFirst(piece.count)
                file += "2026-01-01T00:00:00.123456789Z \(isErr ? "stderr" : "stdout") \(isCut ? "P" : "F") ".utf8
                file += piece + [UInt8(ascii: "\n")]
                guard isCut else { break }
            }
        }
        var assembler = Assembler(
            AssemblyRules(joining: JoinRules(languages: .all, limits: JoinLimits()), maxLineBytes: 1 << 20),
            format: .cri, resume: ResumeOffsets(0))
        var batch = Batch(limit: BatchLimit(bytes: 64 << 20, documents: .max))
        batch.use(
            DocumentTemplate(
                index: "i", fileID: FileID(high: 1, low: 2), path: "/p", staticFields: StaticFields(),
                isContainerFormat: true), created: Timestamp(nanoseconds: 0))
        let now = Moment(nanoseconds: 0)
        assembler.consume(file.span, readAt: Timestamp(nanoseconds: 0), now: now, into: &batch)
        let none: [UInt8] = []
        assembler.finish(
            none.span, end: UInt64(file.count), readAt: Timestamp(nanoseconds: 0), now: now, into: &batch)
        var records: (stdout: [String], stderr: [String]) = ([], [])
        for (number, line) in Array(batch.body.span).split(separator: UInt8(ascii: "\n")).enumerated()
        where number % 2 == 1 {
            let document = try #require(JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            let text = try #require(document["message"] as? String)
            if document["stream"] as? String == "stderr" {
                records.stderr.append(text)
            } else {
                records.stdout.append(text)
            }
        }
        return records
    }
}
