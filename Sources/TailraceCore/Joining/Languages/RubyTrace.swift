/// Exceptions of Ruby.
///
///     /app/bank.rb:3:in `pay': account 17 (Overdrawn)                (3.4: 'Bank#pay'; the text may have several lines)
///     ⇥from /app/main.rb:7:in `<main>'
///     /app/bank.rb:2:in `take': no (IOError)                         (the cause)
///     ⇥from /app/bank.rb:3:in `pay'
///
/// On a terminal, 2.5 to 2.7 print the oldest frame first:
///
///     Traceback (most recent call last):
///     ⇥1: from /app/main.rb:7:in `<main>'
///     /app/bank.rb:3:in `pay': account 17 (Overdrawn)
///
/// Loggers and Rails print frames without `from`, and often without blanks in front. Rails names the exception first:
/// `NoMethodError (undefined method …):`.
///
/// - SeeAlso: `error.c`, `eval_error.c` (`rb_error_write`), `Exception#full_message`, `error_highlight`,
///   `did_you_mean`; `ActionDispatch::DebugExceptions#log_error`.
enum RubyTrace {
    private static let message = TracePlaces.own(0)
    private static let frames = TracePlaces.own(1)
    private static let reverse = TracePlaces.own(2)
    private static let snippet = TracePlaces.own(3)

    static let grammar = TraceGrammar(
        language: .ruby,
        rules: [
            TraceRule([.anyHead, message, frames, snippet], fromLine, .joins(frames)),
            TraceRule([.anyHead, message, frames, snippet], frame, .joins(frames)),
            TraceRule(frames, .starts("... ", indented: .some), .joins(frames)),
            TraceRule(frames, headLine, .joins(message)),

            // The error last. Its first line reads like an error of Rails.
            TraceRule([.first, .alarmHead], .starts("Traceback (most recent call last):"), .joins(reverse)),

            // The error first.
            TraceRule([.first, .alarmHead], headLine, .waits(message)),
            TraceRule([.first, .alarmHead], railsName, .waits(message)),
            TraceRule(message, caret, .joins(snippet)),
            TraceRule(message, .starts("Did you mean?  "), .joins(snippet)),
            TraceRule(snippet, .starts("Did you mean?  "), .joins(snippet)),
            TraceRule(snippet, .blank, .waits(snippet)),
            TraceRule([.first, .alarmHead], .exceptionName, .waits(message)),
            TraceRule([.tellingHead, message], .free, .waits(message)),
            TraceRule([.tellingHead, message], .blank, .waits(message)),

            TraceRule(reverse, numberedFrom, .joins(reverse)),
            TraceRule(reverse, .starts("... ", indented: .some), .joins(reverse)),
            TraceRule(reverse, headLine, .joins(message)),

            // The rest of a trace whose beginning is missing.
            TraceRule(.first, fromLine, .resumes(frames)),
            TraceRule(.first, numberedFrom, .resumes(reverse)),
            TraceRule(.first, bareFrame, .resumes(frames)),
        ])

    /// `⇥from /app/main.rb:7:in `<main>'`, `⇥from main.rb:7`
    private static let fromLine = LinePattern.shape("a frame of Ruby", ByteSet(of: "f"), indented: .some) { line in
        guard line.has("from ", at: line.indent) else { return false }
        return endOfPlace(line, from: line.indent + 5) != nil || line.startOfLineNumber(endingAt: line.count) != nil
    }

    /// `⇥ 1: from main.rb:7:in `<main>'`
    private static let numberedFrom = LinePattern.shape("a frame of Ruby", .digits, indented: .some, needs: .colon) {
        line in
        line.has(": from ", at: line.endOfDigits(from: line.indent))
    }

    /// `/app/bank.rb:3:in `pay'`, `actionpack (5.1.4) lib/call.rb:63:in `call'`
    private static let frame = LinePattern.shape(
        "a frame of Ruby", frameBytes, indented: .any, needs: [.endsInQuote, .colon, .digit]
    ) { line in
        isFrame(line)
    }

    private static let bareFrame = LinePattern.shape(
        "a frame of Ruby", frameBytes, indented: .any, needs: [.endsInQuote, .colon, .digit]
    ) { line in
        isFrame(line) && line.index(of: ".rb:", from: 0) != nil
    }

    private static func isFrame(_ line: borrowing LineView) -> Bool {
        guard !line.isRecord, let quote = endOfPlace(line, from: line.indent) else { return false }
        return line.ends(with: "'") && line.count > quote + 1 && line.index(of: "': ", from: quote) == nil
    }

    /// `/app/bank.rb:3:in `pay': text`
    private static let headLine = LinePattern.shape("an error of Ruby", frameBytes, needs: [.colon, .digit]) { line in
        guard !line.isRecord else { return false }
        if let quote = endOfPlace(line, from: 0) { return line.index(of: "': ", from: quote) != nil }
        // `bank.rb:3: syntax error, unexpected end-of-input (SyntaxError)`
        return line.ends(with: "(SyntaxError)") && line.index(of: ".rb:", from: 0) != nil
    }

    private static let frameBytes = ByteSet.letters.union(ByteSet(of: "/<(._-"))

    /// - Returns: the place of the quote in `:3:in `pay'`.
    private static func endOfPlace(_ line: borrowing LineView, from start: Int) -> Int? {
        guard let word = line.index(of: ":in ", from: start), line.startOfLineNumber(endingAt: word) != nil,
            word + 4 < line.count
        else { return nil }
        let quote = line.bytes[word + 4]
        return quote == UInt8(ascii: "`") || quote == UInt8(ascii: "'") ? word + 4 : nil
    }

    /// `NoMethodError (undefined method `pay' for nil):`, `ActionController::RoutingError (No route matches …):`
    private static let railsName = LinePattern.shape(
        "an error of Rails", .letters, indented: .any, needs: [.endsInColon, .roundBracket]
    ) { line in
        guard line.indent <= 1, line.ends(with: "):"), let bracket = line.index(of: " (", from: line.indent) else {
            return false
        }
        guard isUpper(line.firstByte) else { return false }
        for index in line.indent..<bracket {
            let byte = line.bytes[index]
            guard isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "_") else {
                return false
            }
        }
        return true
    }

    private static let caret = LinePattern.shape("a caret", ByteSet(of: "^"), indented: .any) { line in
        for index in line.indent..<line.count where line.bytes[index] != UInt8(ascii: "^") { return false }
        return true
    }
}
