/// Errors of Node.js and other programs on V8.
///
///     /app/bank.js:3                                                 (an error nobody caught: place, source, caret)
///         throw new TypeError('account 17');
///         ^
///
///     TypeError [ERR_CODE]: account 17                               (the text may have several lines)
///         at Bank.pay (/app/bank.js:3:11)
///         at async /app/main.js:7:3 {                                (own properties follow in braces)
///       code: 'ERR_CODE',
///       [cause]: Error: no
///           at connect (/app/db.js:9:2)
///     }
///                                                                    (a blank line)
///     Node.js v20.20.2
///     info: … / hint: …                                              (Deno, behind four blanks)
///
///     {                                                              (an object printed with an error in it)
///       error: Error: account 17
///           at Bank.pay (/app/bank.js:3:11)
///     }
///
///       39 |                                                         (Next.js: a piece of the source behind the frames;
///     > 41 |   throw new Error('account 17')                           Bun: before the error)
///          |         ^
///
/// - SeeAlso: V8's stack trace API (`v8.dev/docs/stack-trace-api`); Node's `lib/internal/util/inspect.js`
///   (`formatError`), `src/node_errors.cc` (`GetErrorSource`, `TriggerUncaughtException`).
enum NodeTrace {
    private static let source = TracePlaces.own(0)
    private static let caret = TracePlaces.own(1)
    private static let underCaret = TracePlaces.own(2)
    private static let thrown = TracePlaces.own(3)
    private static let message = TracePlaces.own(4)
    private static let frames = TracePlaces.own(5)
    private static let block = TracePlaces.own(6)
    private static let gap = TracePlaces.own(7)
    private static let bareBlock = TracePlaces.own(8)
    private static let warning = TracePlaces.own(9)
    private static let pretty = TracePlaces.own(10)
    private static let object = TracePlaces.own(11)
    private static let excerpt = TracePlaces.own(12)
    private static let bun = TracePlaces.own(13)
    private static let excerptOfBrace = TracePlaces.own(14)
    private static let hints = TracePlaces.own(15)
    private static let hopeful = TracePlaces.own(16)
    private static let solutions = TracePlaces.own(17)
    private static let inBraces = TracePlaces.own(18)
    private static let framesInBraces = TracePlaces.own(19)
    private static let jest = TracePlaces.own(20)
    private static let metadata = TracePlaces.own(21)
    private static let fuzzed = TracePlaces.own(22)
    private static let query = TracePlaces.own(23)
    private static let queryText = TracePlaces.own(24)
    private static let drawing = TracePlaces.own(25)
    private static let rejection = TracePlaces.own(26)
    private static let parsed = TracePlaces.own(27)
    private static let withoutCaret = TracePlaces.own(28)
    private static let shown = TracePlaces.own(29)
    private static let showing = TracePlaces.own(30)

    static let grammar = TraceGrammar(
        language: .node,
        rules: [
            // Frames. In braces everything is indented; the brace that closes them is not.
            TraceRule([.anyHead, thrown, message, frames, warning, query, queryText], frameAndBrace, .joins(block)),
            TraceRule(
                [.anyHead, thrown, message, frames, warning, gap, excerpt, hopeful, query, queryText, drawing], frame,
                .joins(frames)),
            TraceRule([.anyHead, message, frames], frameAndObject, .joins(frames)),
            TraceRule([.anyHead, frames], .starts("eval at ", indented: .some), .joins(frames)),
            TraceRule(frames, .starts("at ", indented: .some), .joins(frames)),
            TraceRule(frames, .starts("... ", indented: .some), .joins(frames)),
            // mysql, before the frames of who asked.
            TraceRule(frames, .equals("--------------------", indented: .some), .joins(frames)),
            TraceRule([block, bareBlock], .indented, .joins(block)),
            TraceRule(block, .blank, .waits(block)),
            TraceRule([block, bareBlock], .equals("}"), .joins(gap)),
            // The end of an error in the text of another one.
            TraceRule(block, .equals("}]"), .joins(frames)),
            TraceRule([frames, excerpt, excerptOfBrace], excerptAndBrace, .joins(excerptOfBrace)),
            TraceRule([frames, gap, excerpt, excerptOfBrace], excerptLine, .joins(excerpt)),
            TraceRule(excerptOfBrace, .indented, .joins(block)),
            TraceRule([frames, gap, excerpt, excerptOfBrace], .blank, .waits(gap)),
            TraceRule([thrown, gap], .starts("Node.js v"), .joins(.end)),
            TraceRule([gap, hints], hintOfDeno, .joins(hints)),
            TraceRule(hints, textOfHint, .joins(hints)),
            TraceRule([message, gap], .starts("Bun v"), .joins(.end)),
            TraceRule([thrown, gap], .starts("Thrown at:"), .joins(frames)),
            TraceRule([thrown, message, frames, gap], .starts("Caused by: ", indented: .any), .joins(message)),
            TraceRule(frames, .namedCause, .joins(message)),
            TraceRule(frames, .starts("From previous event:"), .joins(frames)),
            TraceRule(frames, .starts("Emitted 'error' event "), .joins(frames)),
            TraceRule(frames, .starts("digest: \""), .joins(frames)),
            // consola.
            TraceRule([frames, gap], .starts("[cause]: ", indented: .some), .joins(hopeful)),

            TraceRule(.alarmHead, .starts("[cause]: ", indented: .some), .joins(block)),
            TraceRule(.alarmHead, .starts("[errors]: [", indented: .some), .joins(block)),

            // An error that stands alone, or behind the record that announces it.
            TraceRule([.first, .alarmHead], braceAfterError, .waits(bareBlock)),
            TraceRule([.first, .alarmHead], .exceptionName, .waits(message)),
            // hapi and others indent what belongs to the line before, whatever that is.
            TraceRule(.anyHead, .indentedExceptionName, .waits(message)),
            // What node-postgres throws is called so.
            TraceRule(.alarmHead, .starts("error: "), .waits(message)),
            // Before Node.js 12 the braces began before the error.
            TraceRule([.first, .alarmHead], errorInBraces, .waits(inBraces)),
            TraceRule(inBraces, frame, .joins(framesInBraces)),
            TraceRule(inBraces, .free, .waits(inBraces)),
            TraceRule(framesInBraces, lastProperty, .joins(.end)),
            TraceRule(framesInBraces, .indented, .joins(framesInBraces)),
            TraceRule(.first, .starts("(node:"), .joins(warning)),
            TraceRule([warning, frames], .starts("(Use `"), .joins(.end)),
            TraceRule(warning, .free, .waits(warning)),
            TraceRule(.first, uncaught, .waits(message)),
            // Meteor.
            TraceRule(.first, .starts("Exception in callback of "), .waits(message)),
            TraceRule(.first, uncaughtInFuzzer, .waits(fuzzed)),
            TraceRule(fuzzed, .exceptionName, .waits(message)),
            // Prisma shows the place in its text, which Nest prints before the error; there may be no frames.
            TraceRule([.first, .alarmHead, .announcingHead, message], startOfQuery, .waits(query)),
            TraceRule(.first, .equals("prisma:error"), .waits(query)),
            TraceRule([message, query], endOfQuery, .joins(queryText)),
            TraceRule(query, .exceptionName, .waits(message)),
            TraceRule(query, .unrecorded, .waits(query)),
            TraceRule(query, .blank, .waits(query)),
            TraceRule(message, sourcePlace, .waits(message)),
            // Puppeteer has the log of the browser in its text.
            TraceRule(message, lineOfChromium, .waits(message)),
            TraceRule([.tellingHead, message], .free, .waits(message)),
            TraceRule([.tellingHead, message], lineOfYAML, .waits(message)),
            TraceRule([.tellingHead, message], .blank, .waits(message)),

            // Nest says what to try, in the record and in the error; Ghost and consola leave lines blank.
            TraceRule([.alarmHead, hopeful], .blank, .waits(hopeful)),
            TraceRule(hopeful, .equals("Potential solutions:"), .joins(solutions)),
            TraceRule(solutions, .starts("- "), .joins(solutions)),
            TraceRule(solutions, .indented, .joins(solutions)),
            TraceRule(solutions, .blank, .waits(solutions)),
            TraceRule([solutions, hopeful], .exceptionName, .waits(message)),
            TraceRule(hopeful, .unrecorded, .waits(hopeful)),

            // Playwright draws a box before the frames.
            TraceRule([.anyHead, drawing], .starts("╔", indented: .any), .waits(drawing)),
            TraceRule(drawing, .starts("║", indented: .any), .waits(drawing)),
            TraceRule(drawing, .starts("╚", indented: .any), .waits(drawing)),

            // An error nobody caught.
            TraceRule(.first, sourcePlace, .waits(source)),
            TraceRule(.alarmHead, sourcePlace, .joins(source)),
            TraceRule([.first, .alarmHead], relativePlace, .waits(source)),
            TraceRule(.first, .starts("<anonymous_script>:"), .waits(parsed)),
            TraceRule(parsed, .parsedText, .waits([caret, withoutCaret])),
            TraceRule(.first, .starts("wasm://wasm/"), .waits(withoutCaret)),
            TraceRule(withoutCaret, .blank, .waits(underCaret)),
            TraceRule(source, .unrecorded, .waits(caret)),
            TraceRule(source, .blank, .waits(caret)),
            TraceRule(caret, caretLine, .joins(underCaret)),
            TraceRule(underCaret, .blank, .waits(underCaret)),
            // What a worker threw is thrown again by Node.js.
            TraceRule(underCaret, sourcePlace, .joins(source)),
            TraceRule(underCaret, braceAfterError, .joins(bareBlock)),
            TraceRule(underCaret, .unrecorded, .joins(thrown)),
            TraceRule(underCaret, .starts("error: "), .joins(thrown)),
            TraceRule(thrown, .starts("(Use `"), .joins(thrown)),
            TraceRule(thrown, .unrecorded, .waits(thrown)),
            TraceRule(thrown, .blank, .waits(thrown)),

            // `console.error('Unhandled Rejection at:', promise, 'reason:', error)`, as many write it.
            TraceRule(.first, promise, .joins(rejection)),
            TraceRule(rejection, .indented, .joins(rejection)),
            TraceRule(rejection, .blank, .waits(rejection)),
            TraceRule(rejection, .starts("}"), .joins(message)),

            // An error in an object, and Bun, which prints the source first.
            TraceRule([.first, .alarmHead], .equals("{"), .waits(object)),
            TraceRule(object, frame, .joins(block)),
            TraceRule(object, frameAndBrace, .joins(block)),
            TraceRule(object, .indented, .waits(object)),
            TraceRule([.first, .alarmHead], numberedSource, .waits(bun)),
            TraceRule(bun, numberedSource, .waits(bun)),
            TraceRule(bun, caretLine, .waits(bun)),
            TraceRule(bun, .starts("error: "), .waits(message)),
            TraceRule(bun, .exceptionName, .waits(message)),

            // Vite shows the source.
            TraceRule(.first, errorOfVite, .waits([shown, showing])),
            TraceRule(showing, .exceptionName, .waits(message)),
            TraceRule(shown, frame, .joins(frames)),
            TraceRule(shown, .indented, .waits(shown)),
            TraceRule(shown, .starts("> "), .waits(shown)),
            TraceRule(shown, .blank, .waits(shown)),

            // pino-pretty indents what it knows of a record.
            TraceRule(.first, prettyRecord, .joins(pretty)),
            TraceRule(pretty, prettyDetail, .joins(pretty)),
            TraceRule(.first, bareRecord, .waits(metadata)),
            TraceRule([metadata, .alarmHead], prettyMetadata, .joins(pretty)),
            // Bunyan puts more behind the frames.
            TraceRule(frames, .equals("--", indented: .some), .joins(pretty)),

            // Jest, of an error and of what was printed in a test.
            TraceRule(.first, startOfJest, .waits(jest)),
            TraceRule(jest, frame, .joins(block)),
            TraceRule(jest, .indented, .waits(jest)),
            TraceRule(jest, .blank, .waits(jest)),

            // The rest of a trace whose beginning is missing.
            TraceRule(.first, frameAndBrace, .resumes(block)),
            TraceRule(.first, frame, .resumes(frames)),
        ])

    private static let frame = LinePattern.shape("a frame of Node.js", ByteSet(of: "a"), indented: .any) { line in
        isFrame(line, endingAt: line.count)
    }

    /// ` 12 |   host: mx`, in the text of js-yaml
    private static let lineOfYAML = LinePattern.shape("a line of YAML", .digits, indented: .any, needs: .bar) { line in
        line.has(" | ", at: line.endOfDigits(from: line.indent))
    }

    private static let frameAndBrace = LinePattern.shape("a frame with properties", ByteSet(of: "a"), indented: .any) {
        line in
        line.ends(with: " {") && isFrame(line, endingAt: line.count - 2)
    }

    /// `at f (/a.js:1:2)`, `at async /a.js:1:2`, `at new Bank (<anonymous>)`, `at Promise.all (index 0)`
    private static func isFrame(_ line: borrowing LineView, endingAt last: Int) -> Bool {
        let end = line.bytes.endOfText(before: last, from: line.indent)
        guard line.has("at ", at: line.indent), end > line.indent + 4 else { return false }
        let isBracketed = line.bytes[end - 1] == UInt8(ascii: ")")
        if let column = line.startOfLineNumber(endingAt: isBracketed ? end - 1 : end) {
            // Monolog says where the exception was thrown.
            guard !line.has(".php", at: column - 4) else { return false }
            return line.indent > 0 || line.startOfLineNumber(endingAt: column) != nil
        }
        guard line.indent > 0 else { return false }
        return line.bytes.has("<anonymous>", at: end - 11)
            || (isBracketed && line.index(of: " (", from: line.indent) != nil)
    }

    /// `at connect (/app/db.js:3:11) {"file":"db.js"}` of winston
    private static let frameAndObject = LinePattern.shape(
        "a frame with an object", ByteSet(of: "a"), indented: .some, needs: .colon
    ) { line in
        guard line.lastByte == UInt8(ascii: "}"), let object = line.index(of: " {\"", from: line.indent) else {
            return false
        }
        return isFrame(line, endingAt: object)
    }

    /// `Invalid `prisma.user.findMany()` invocation:`, or ` invocation in` with a place behind it
    private static let startOfQuery = LinePattern.shape("a query of Prisma", ByteSet(of: "I"), needs: .quote) { line in
        line.has("Invalid `", at: 0) && line.index(of: "` invocation", from: 9) != nil
    }

    private static let endOfQuery = LinePattern.shape("the end of a query of Prisma", ByteSet(of: "P"), needs: .quote) {
        line in
        line.has("Please make sure your database server is running at ", at: 0)
    }

    /// `[0501/123456.789012:ERROR:zygote_host.cc(90)] text`
    private static let lineOfChromium = LinePattern.shape(
        "a line of Chromium", ByteSet(of: "["), admitsRecords: true
    ) { line in
        line.endOfDigits(from: 1) == 5 && line.has("/", at: 5) && line.index(of: ".cc(", from: 12) != nil
    }

    /// `[Error: ENOENT: no such file] {`: errors without frames have their properties behind them, too.
    private static let braceAfterError = LinePattern.shape(
        "an error with properties", .letters.union(ByteSet(of: "[")), needs: .endsInBrace
    ) { line in
        guard line.ends(with: " {") else { return false }
        if line.firstByte == UInt8(ascii: "[") {
            return line.ends(with: "] {") && !line.isRecord
                && (line.index(of: "Error", from: 1) ?? line.index(of: "Rejection", from: 1)) != nil
        }
        return !line.isRecord && ExceptionText.endOfName(in: line.bytes, from: 0) != nil
    }

    /// `{ Error: account 17`
    private static let errorInBraces = LinePattern.shape("an error in braces", ByteSet(of: "{"), needs: .colon) {
        line in
        line.has("{ ", at: 0) && ExceptionText.endOfName(in: line.bytes, from: 2) != nil
    }

    /// `  code: 'ENOENT' }`
    private static let lastProperty = LinePattern.shape("the last property", .all, indented: .some) { line in
        line.ends(with: " }")
    }

    /// `Uncaught TypeError: text`
    private static let uncaught = LinePattern.shape("an uncaught error", ByteSet(of: "U")) { line in
        // `Uncaught Exception:` only announces one.
        line.has("Uncaught ", at: 0) && !line.has("Exception:", at: 9)
            && ExceptionText.endOfName(in: line.bytes, from: 9) != nil
    }

    /// `==17== Uncaught Exception: Jazzer.js: text`
    private static let uncaughtInFuzzer = LinePattern.shape("an uncaught error", ByteSet(of: "="), needs: .colon) {
        line in
        line.has("==", at: 0) && line.has("== Uncaught Exception: ", at: line.endOfDigits(from: 2))
    }

    /// `Unhandled Rejection at: Promise {`
    private static let promise = LinePattern.shape("a rejected promise", ByteSet(of: "Uu"), needs: .endsInBrace) {
        $0.ends(with: "Promise {") && $0.bytes.lengthOf("unhandled", inAnyCaseAt: 0) > 0
    }

    /// `/app/bank.js:3`, `file:///app/bank.mjs:3`, `node:internal/process/promises:288`, but not `/app/classes/home.fxml:77`
    private static let sourcePlace = LinePattern.shape(
        "a place in a source", ByteSet(of: "/fn[e"), needs: [.endsInDigit, .colon]
    ) { line in
        guard !line.isRecord, let colon = line.startOfLineNumber(endingAt: line.count) else { return false }
        if line.has("[worker eval]:", at: 0) { return true }
        return line.index(of: 0x20, from: 0) == nil && colon > 3 && !line.has("xml", at: colon - 3)
    }

    /// `bank.ts:3`, as `source-map-support` prints it; `C:\app\bank.cmd:1`
    private static let relativePlace = LinePattern.shape(
        "a place in a source", .letters.union(ByteSet(of: "_")), needs: [.oneWord, .endsInDigit, .colon, .dot]
    ) { line in
        guard let colon = line.startOfLineNumber(endingAt: line.count) else { return false }
        return line.has("js", at: colon - 2) || line.has("ts", at: colon - 2) || line.has(":\\", at: 1)
    }

    private static let hintOfDeno = LinePattern.shape("a hint from Deno", ByteSet(of: "ihd"), indented: .some) { line in
        line.has("info: ", at: line.indent) || line.has("hint: ", at: line.indent)
            || line.has("docs: ", at: line.indent)
    }

    private static let textOfHint = LinePattern.shape("a hint from Deno", .all, indented: .some) { line in
        line.indent == 10 && !line.isRecord
    }

    /// `    ^^^`
    private static let caretLine = LinePattern.shape("a caret", ByteSet(of: "^"), indented: .any) { line in
        for index in line.indent..<line.bytes.endOfText(before: line.count)
        where line.bytes[index] != UInt8(ascii: "^") { return false }
        return true
    }

    /// `  39 | const a = 1`, `> 41 |   throw error`, `     |   ^`
    private static let excerptLine = LinePattern.shape(
        "a line of source", ByteSet.digits.union(ByteSet(of: ">|")), indented: .any, needs: .bar
    ) { isExcerpt($0) }

    private static let excerptAndBrace = LinePattern.shape(
        "the last line of source", ByteSet.digits.union(ByteSet(of: ">|")), indented: .any,
        needs: [.bar, .endsInBrace]
    ) { line in
        line.ends(with: " {") && isExcerpt(line)
    }

    private static func isExcerpt(_ line: borrowing LineView) -> Bool {
        var index = line.indent
        if line.has("> ", at: index) { index += 2 }
        while index < line.count, line.bytes[index] == 0x20 { index += 1 }
        let end = line.endOfDigits(from: index)
        guard end > index || line.indent > 1 else { return false }
        return line.has("|", at: end) || line.has(" |", at: end)
    }

    /// `12 | throw new Error("account 17");`
    static let numberedSource = LinePattern.shape("a line of source", .digits, indented: .any, needs: .bar) {
        line in
        line.has(" | ", at: line.endOfDigits(from: line.indent))
    }

    /// `4:44:44 PM [vite] Internal server error: text`
    static func startsErrorOfVite(_ line: borrowing LineView) -> Bool {
        guard line.has("M [vite] ", at: 9) || line.has("M [vite] ", at: 10) else { return false }
        return line.index(of: " error: ", from: 17).map { $0 < 60 } ?? false
    }

    private static let errorOfVite = LinePattern.shape("an error of Vite", .digits, admitsRecords: true) {
        startsErrorOfVite($0)
    }

    /// `[12:34:56.789] ERROR (1234): text`
    ///
    /// - SeeAlso: `pino-pretty`, `lib/utils/prettify-metadata.js`.
    static func startsPrettyRecord(_ line: borrowing LineView) -> Bool {
        guard line.firstByte == UInt8(ascii: "["), line.count > 20, isDigit(line.bytes[1]),
            let close = line.index(of: "] ", from: 9), close < 40, close + 2 < line.count,
            isUpper(line.bytes[close + 2])
        else { return false }
        guard let level = line.index(of: " (", from: close + 2), level - close <= 8,
            let colon = line.index(of: UInt8(ascii: ":"), from: level)
        else { return false }
        return line.bytes[colon - 1] == UInt8(ascii: ")")
            || line.has(" on ", at: line.index(of: UInt8(ascii: ")"), from: level).map { $0 + 1 } ?? 0)
    }

    private static let prettyRecord = LinePattern.shape(
        "a record of pino-pretty", ByteSet(of: "["), admitsRecords: true
    ) {
        startsPrettyRecord($0)
    }

    /// `[12:34:56.789] INFO: text`, without the number of the process, as `ignore: 'pid,hostname'` has it. A warning may
    /// announce any trace.
    static func startsBareRecord(_ line: borrowing LineView) -> Bool {
        guard line.firstByte == UInt8(ascii: "["), line.count > 16, isDigit(line.bytes[1]),
            let close = line.index(of: "] ", from: 9), close < 40, close + 2 < line.count
        else { return false }
        let word = HeaderWord(in: line.bytes, at: close + 2)
        return word.level == .calm && line.has(": ", at: word.end)
    }

    private static let bareRecord = LinePattern.shape(
        "a record of pino-pretty", ByteSet(of: "["), admitsRecords: true
    ) { line in
        startsBareRecord(line) && !startsPrettyRecord(line)
    }

    /// `    err: {`, `    reqId: "req-1"`
    private static let prettyMetadata = LinePattern.shape(
        "a detail from pino-pretty", .letters, indented: .some, needs: .colon
    ) { line in
        guard line.indent == 4, line.has("    ", at: 0) else { return false }
        let key = HeaderWord(in: line.bytes, at: 4)
        guard line.has(": ", at: key.end), key.end + 2 < line.count else { return false }
        let value = line.bytes[key.end + 2]
        return value == UInt8(ascii: "{") || value == UInt8(ascii: "[") || value == UInt8(ascii: "\"") || isDigit(value)
    }

    /// `  ● Bank › pays`, `  console.error`
    private static let startOfJest = LinePattern.shape(
        "a report of Jest", ByteSet(of: "c●"), indented: .some
    ) { line in
        guard line.indent == 2 else { return false }
        return line.has("● ", at: 2)
            || (line.has("console.", at: 2) && line.bytes.count < 16 && line.marks.contains(.oneWord))
    }

    private static let prettyDetail = LinePattern.shape("a detail from pino-pretty", .all, indented: .some) { line in
        line.indent >= 4 && line.has("    ", at: 0)
    }
}
