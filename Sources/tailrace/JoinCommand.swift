import Glibc
import TailraceCore
import TailraceRuntime

/// `tailrace join`: what becomes of the lines of a file, on standard output; for whoever wonders why a trace is torn.
enum JoinCommand {
    /// - Parameters:
    ///   - path: of a log; `-` is standard input.
    ///   - isExplaining: put in front of each line why it belongs where it is.
    /// - Returns: 0, or 1 when the file can't be read, or ``Startup/mistaken``.
    static func run(_ path: String, isExplaining: Bool) -> CInt {
        guard let startup = Startup() else { return Startup.mistaken }
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return fail(path, errno) }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        let rules = AssemblyRules(joining: startup.settings.joining, maxLineBytes: startup.settings.maxLineBytes)
        var log = LogText(rules, startup.settings.format)
        var printer = RecordPrinter(rules.joining, isExplaining: isExplaining)
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return fail(path, errno) }
            guard count > 0 else { break }
            log.take(chunk[..<count], into: &printer)
            printer.write()
        }
        log.finish(into: &printer)
        printer.write()
        return 0
    }

    private static func fail(_ path: String, _ code: CInt) -> CInt {
        Console.printError("tailrace join: \(path) can't be read: \(String(cString: strerror(code))).")
        return 1
    }
}

/// The bytes of a log that are not yet whole lines.
private struct LogText: ~Copyable {
    private let rules: AssemblyRules
    private let format: LogFormat?
    private var rest: [UInt8] = []
    private var assembler: Assembler?

    init(_ rules: AssemblyRules, _ format: LogFormat?) {
        (self.rules, self.format) = (rules, format)
    }

    mutating func take(_ bytes: ArraySlice<UInt8>, into printer: inout RecordPrinter) {
        rest += bytes
        if assembler == nil {
            guard let found = format ?? LogFormat.detect(rest.span) else { return }
            assembler = Assembler(rules, format: found, resume: ResumeOffsets(0))
        }
        guard let start = assembler?.position else { return }
        // Taken out of `self` for the time it is read from.
        var text: [UInt8] = []
        swap(&text, &rest)
        assembler?.consume(
            text.span, readAt: Timestamp(nanoseconds: 0), now: Moment(nanoseconds: 0), sink: &printer)
        text.removeFirst(Int((assembler?.position ?? start) - start))
        swap(&text, &rest)
    }

    mutating func finish(into printer: inout RecordPrinter) {
        if assembler == nil { assembler = Assembler(rules, format: format ?? .plain, resume: ResumeOffsets(0)) }
        guard let start = assembler?.position else { return }
        let text = rest
        let front = text.span.extracting(first: min(text.count, rules.maxLineBytes))
        assembler?.finish(
            front, end: start + UInt64(text.count),
            readAt: Timestamp(nanoseconds: 0), now: Moment(nanoseconds: 0), into: &printer)
    }
}

private struct RecordPrinter: EventSink, ~Copyable {
    private let isExplaining: Bool
    private var explanation: JoinExplanation
    private var previous: [LogStream: [UInt8]] = [:]
    private var output: [UInt8] = []
    private var isFirst = true

    var isFull: Bool { false }

    init(_ rules: JoinRules, isExplaining: Bool) {
        self.isExplaining = isExplaining
        explanation = JoinExplanation(rules)
    }

    mutating func receive(_ event: Event, text: Span<UInt8>) {
        if !isFirst { output += Array("-----\n".utf8) }
        isFirst = false
        guard isExplaining else {
            text.withUnsafeBufferPointer { output += $0 }
            output.append(UInt8(ascii: "\n"))
            return
        }
        let bytes = text.withUnsafeBufferPointer { Array($0) }
        let sentences = explanation.sentences(for: bytes, behind: previous[event.stream] ?? [])
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (line, sentence) in zip(lines, sentences) {
            let column = String(repeating: " ", count: max(0, 50 - sentence.count))
            output += Array("\(sentence)\(column) | ".utf8) + line + [UInt8(ascii: "\n")]
        }
        previous[event.stream] = bytes
    }

    mutating func write() {
        Console.print(bytes: output)
        output.removeAll(keepingCapacity: true)
    }
}
