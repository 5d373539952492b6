/// Exceptions of Ruby.
///
///     /app/bank.rb:3:in `pay': account 17 (Overdrawn)                (3.4: 'Bank#pay'; the text may have several lines)
///     ⇥from /app/main.rb:7:in `<main>'
///     /app/bank.rb:2:in `take': no (IOError)                         (the cause)
///     ⇥from /app/bank.rb:3:in `pay'
///
/// An error has a cause when it was raised while another was rescued, and then a frame often is a `rescue in` or
/// `ensure in`. What follows the last frame at once is taken for the cause also without it: a program that goes on, or is
/// started again, says something in between, or the same again.
///
/// A thread's error stands below `#<Thread:… terminated with exception`; the thread that waits for it says it again, which is a
/// trace of its own.
///
/// On a terminal, 2.5 to 2.7 print the oldest frame first, and so does `full_message(order: :bottom)`; the cause comes
/// before what it led to:
///
///     Traceback (most recent call last):
///     ⇥1: from /app/main.rb:7:in `<main>'
///     /app/bank.rb:3:in `pay': account 17 (Overdrawn)
///     ⇥1: from /app/main.rb:7:in `<main>'
///     /app/bank.rb:5:in `rescue in take': payment failed (BankProblem)
///
/// Loggers and Rails print frames without `from`, and often without blanks in front. Rails names the exception first:
/// `NoMethodError (undefined method …):`, where the text in brackets may have several lines.
///
/// Rails also names the causes, and says more about the error:
///
///     NoMethodError (undefined method …):
///                                                                    (a blank line)
///     Causes:
///     PG::ConnectionBad (connection refused)
///                                                                    (a blank line)
///     Information for: NoMethodError (undefined method …):
///
/// Rake says `rake aborted!` before, and `Tasks: TOP => …` behind, each separated by blank lines.
///
/// - SeeAlso: `error.c`, `eval_error.c` (`rb_error_write`), `Exception#full_message`, `error_highlight`,
///   `did_you_mean`; `ActionDispatch::DebugExceptions#log_error`.
enum RubyTrace {
    private static let message = TracePlaces.own(0)
    private static let frames = TracePlaces.own(1)
    private static let reverse = TracePlaces.own(2)
    private static let snippet = TracePlaces.own(3)
    private static let rescuing = TracePlaces.own(4)
    private static let rescued = TracePlaces.own(5)
    private static let railsText = TracePlaces.own(6)
    private static let error = TracePlaces.own(7)
    private static let suggestions = TracePlaces.own(8)
    private static let task = TracePlaces.own(9)
    private static let cause = TracePlaces.own(10)
    private static let causes = TracePlaces.own(11)
    private static let thread = TracePlaces.own(12)
    private static let called = TracePlaces.own(13)
    private static let source = TracePlaces.own(14)
    private static let scheduler = TracePlaces.own(15)
    private static let console = TracePlaces.own(16)

    static let grammar = TraceGrammar(
        language: .ruby,
        rules: [
            TraceRule(
                [.anyHead, message, error, frames, snippet], fromLineInRescue,
                .joins(rescued)),
            TraceRule([rescuing, rescued], fromLine, .joins(rescued)),
            TraceRule([rescuing, rescued], frame, .joins(rescued)),
            TraceRule([.anyHead, message, error, frames, snippet], fromLine, .joins([frames, called])),
            TraceRule([.anyHead, message, error, frames, snippet, source], frame, .joins(frames)),
            TraceRule([.anyHead, message, error, frames, snippet, source], unquotedFrame, .joins(frames)),
            TraceRule([.alarmHead, frames], frameOfFluentd, .joins(frames)),
            TraceRule(frames, .starts("... ", indented: .some), .joins(frames)),
            TraceRule(rescued, .starts("... ", indented: .some), .joins(rescued)),
            TraceRule(rescued, headLineInRescue, .joins(rescuing)),
            TraceRule([rescued, called], headLine, .joins(error)),

            // The error last. Its first line reads like an error of Rails.
            TraceRule([.first, .alarmHead], .starts("Traceback (most recent call last):"), .joins(reverse)),

            // Rake and Capistrano.
            TraceRule(.first, abortion, .waits(cause)),
            TraceRule([frames, rescued, task], .blank, .waits(task)),
            TraceRule(task, .equals("Caused by:"), .joins(cause)),
            TraceRule(cause, .unrecorded, .waits(message)),
            TraceRule([message, frames, rescued, task], .starts("Tasks: TOP => "), .joins(task)),
            TraceRule([message, task], .starts("(See full trace by running task with --trace)"), .joins(.end)),

            // rufus-scheduler, with all that it knows.
            TraceRule(.first, schedulerError, .joins(scheduler)),
            TraceRule(scheduler, .indented, .joins(scheduler)),
            TraceRule(scheduler, .starts("} "), .joins(.end)),

            // The console of Async and Falcon.
            TraceRule(.first, consoleRecord, .joins(console)),
            TraceRule(console, consoleLine, .joins(console)),

            // The error first.
            TraceRule([.first, .alarmHead], headLineInRescue, .waits(rescuing)),
            TraceRule([.first, .alarmHead], headLine, .waits(error)),
            // Rails 2, with a piece of the template and its place.
            TraceRule([.first, .alarmHead], errorInTemplate, .waits(message)),
            TraceRule([message, frames], placeInTemplate, .joins(frames)),
            TraceRule(frames, placeInScript, .joins(frames)),
            TraceRule(message, lineOfTemplate, .waits(message)),
            TraceRule(.first, .starts("/!\\ FAILSAFE /!\\"), .waits(message)),
            TraceRule(message, syntaxError, .joins(frames)),
            TraceRule([.first, .alarmHead], railsName, .waits(message)),
            TraceRule([.first, .alarmHead], railsNameOfLines, .waits(railsText)),
            TraceRule([frames, rescued], .starts("Caused by "), .joins(message)),
            TraceRule(message, .equals("Causes:"), .waits(causes)),
            TraceRule(causes, railsNameOfLines, .waits(railsText)),
            TraceRule([message, causes], .starts("Information for: "), .waits([message, railsText])),
            TraceRule([message, causes, frames], .starts("Information for cause: "), .waits([message, railsText])),
            TraceRule(causes, railsCause, .waits([message, causes])),
            TraceRule(.first, railsError, .waits(message)),
            TraceRule(message, .starts("Caused by: "), .joins(message)),
            TraceRule(railsText, endOfRailsText, .waits(message)),
            TraceRule(railsText, .equals(")"), .waits([message, causes])),
            TraceRule(railsText, NodeTrace.numberedSource, .waits(railsText)),
            TraceRule(railsText, .free, .waits(railsText)),
            TraceRule(railsText, .blank, .waits(railsText)),
            TraceRule([error, rescuing], caret, .joins(snippet)),
            TraceRule(
                [error, rescuing, message, snippet], .starts("Did you mean?  "),
                .joins([snippet, suggestions])),
            TraceRule(.alarmHead, .blank, .waits(source)),
            TraceRule(source, caret, .joins(snippet)),
            TraceRule(source, .free, .waits(source)),
            TraceRule(suggestions, suggestion, .joins([snippet, suggestions])),
            TraceRule(snippet, .indented, .waits(snippet)),
            TraceRule(snippet, .blank, .waits(snippet)),
            TraceRule([.first, .alarmHead], .exceptionName, .waits(message)),
            TraceRule([.first, .alarmHead], .scopedName, .waits(message)),
            TraceRule(.first, threadEnd, .waits(thread)),
            TraceRule(thread, headLineInRescue, .joins(rescuing)),
            TraceRule(thread, headLine, .joins(error)),
            TraceRule([message, error, rescuing], numberedFrom, .joins(reverse)),
            TraceRule([.tellingHead, message], .free, .waits(message)),
            TraceRule([.tellingHead, message], .blank, .waits(message)),
            TraceRule([error, rescuing], restOfText, .joins(frames)),
            TraceRule(error, .free, .waits(error)),
            TraceRule(error, .blank, .waits(error)),
            TraceRule(rescuing, .free, .waits(rescuing)),
            TraceRule(rescuing, .blank, .waits(rescuing)),

            TraceRule(reverse, numberedFrom, .joins(reverse)),
            TraceRule(reverse, .starts("... ", indented: .some), .joins(reverse)),
            TraceRule(reverse, headLine, .joins(error)),

            // The rest of a trace whose beginning is missing.
            TraceRule(.first, fromLine, .resumes(frames)),
            TraceRule(.first, numberedFrom, .resumes(reverse)),
            TraceRule(.first, bareFrame, .resumes(frames)),
            TraceRule(.first, unquotedFrame, .resumes(frames)),
        ])

    /// `ActionView::TemplateError (text) on line #80 of app/views/pay.html.erb:`
    private static let errorInTemplate = LinePattern.shape(
        "an error in a template", .letters, needs: [.endsInColon, .roundBracket]
    ) { $0.index(of: ") on line #", from: 0) != nil }

    /// `  passenger (4.0.53) helper-scripts/preloader.rb:187`, as the last frame
    private static let placeInScript = LinePattern.shape(
        "a place in a script", frameBytes, indented: .some, needs: [.colon, .endsInDigit]
    ) { line in
        line.startOfLineNumber(endingAt: line.count).map {
            line.has(".rb", at: $0 - 3) || line.has("script/", at: line.indent)
        } ?? false
    }

    /// `app/models/bank.rb:3: syntax error found`, in place of a frame
    private static let syntaxError = LinePattern.shape("an error of syntax", frameBytes, needs: [.dot, .colon, .digit])
    {
        line in
        line.index(of: ".rb:", from: 0).map { line.has(": syntax error", at: line.endOfDigits(from: $0 + 4)) } ?? false
    }

    private static let frameOfFluentd = LinePattern.shape(
        "a frame of Ruby behind a time", .digits, indented: .some, needs: [.colon, .squareBracket]
    ) { isFrameOfFluentd($0.bytes) }

    /// `  2024-05-01 12:34:56 +0000 [warn]: #0 /app/bank.rb:3:in 'pay'`: Fluentd puts two blanks, and what begins its records,
    /// before every frame.
    static func isFrameOfFluentd(_ line: Span<UInt8>) -> Bool {
        guard line.has("  20", at: 0), let level = line.firstIndex(of: "]: ", from: 28), level < 40 else {
            return false
        }
        return line.firstIndex(of: ":in ", from: level) != nil
    }

    /// `{ 180 rufus-scheduler intercepted an error:`
    private static let schedulerError = LinePattern.shape(
        "an error in a scheduler", ByteSet(of: "{"), needs: .endsInColon
    ) { $0.ends(with: " rufus-scheduler intercepted an error:") }

    /// `80:   <li><%= pay %></li>`
    private static let lineOfTemplate = LinePattern.shape("a line of a template", .digits, needs: .colon) { line in
        line.has(": ", at: line.endOfDigits(from: 0))
    }

    /// `    app/views/pay.html.erb:80`
    private static let placeInTemplate = LinePattern.shape(
        "a place in a template", .letters, indented: .some, needs: [.oneWord, .colon, .endsInDigit]
    ) { line in
        line.startOfLineNumber(endingAt: line.count).map {
            line.has(".erb", at: $0 - 4) || line.has(".haml", at: $0 - 5) || line.has(".rb", at: $0 - 3)
        } ?? false
    }

    /// `⇥from /app/main.rb:7:in `<main>'`, `⇥from main.rb:7`
    private static let fromLine = LinePattern.shape("a frame of Ruby", ByteSet(of: "f"), indented: .some) { line in
        guard line.has("from ", at: line.indent) else { return false }
        return endOfPlace(line, from: line.indent + 5) != nil || line.startOfLineNumber(endingAt: line.count) != nil
            || line.has("config.ru:in `", at: line.indent + 5)
    }

    /// `⇥from /app/main.rb:7:in `rescue in take'`
    private static let fromLineInRescue = LinePattern.shape(
        "a frame of Ruby that rescues", ByteSet(of: "f"), indented: .some
    ) { line in
        guard line.has("from ", at: line.indent), let quote = endOfPlace(line, from: line.indent + 5) else {
            return false
        }
        return isInRescue(line, quote)
    }

    /// `rescue in take'` or `ensure in take'` behind the quote.
    private static func isInRescue(_ line: borrowing LineView, _ quote: Int) -> Bool {
        line.has("rescue in ", at: quote + 1) || line.has("ensure in ", at: quote + 1)
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

    /// `lib/bank.rb:3:in block in pay`, as reporters of errors clean it
    private static let unquotedFrame = LinePattern.shape(
        "a frame of Ruby", frameBytes, indented: .any, needs: [.colon, .digit]
    ) { line in
        guard !line.isRecord, let place = line.index(of: ".rb:", from: line.indent),
            line.has(":in ", at: line.endOfDigits(from: place + 4))
        else { return false }
        return line.index(of: 0x20, from: line.indent).map { $0 > place } ?? false
            && line.index(of: ": ", from: place) == nil
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

    /// `/app/bank.rb:3:in `rescue in pay': text`
    private static let headLineInRescue = LinePattern.shape(
        "an error of Ruby that has a cause", frameBytes, needs: [.colon, .digit]
    ) { line in
        guard !line.isRecord, let quote = endOfPlace(line, from: 0), isInRescue(line, quote) else { return false }
        return line.index(of: "': ", from: quote) != nil
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
        line.ends(with: "):") && startsLikeRails(line)
    }

    /// `ActionView::MissingTemplate (Missing template accounts/pay. Searched in:`, up to a line `):`.
    private static let railsNameOfLines = LinePattern.shape(
        "an error of Rails", .letters, indented: .any, needs: .roundBracket
    ) { line in
        guard !line.isRecord, startsLikeRails(line), let bracket = line.index(of: " (", from: line.indent),
            isOpen(line, from: bracket)
        else { return false }
        return ExceptionText.endsLikeName(line.bytes, at: bracket)
            || line.index(of: "::", from: line.indent).map { $0 < bracket } ?? false
    }

    /// True when a bracket is not closed in the line.
    private static func isOpen(_ line: borrowing LineView, from start: Int) -> Bool {
        var depth = 0
        for index in start..<line.count {
            if line.bytes[index] == UInt8(ascii: "(") { depth += 1 }
            if line.bytes[index] == UInt8(ascii: ")") { depth -= 1 }
        }
        return depth > 0
    }

    /// `PG::ConnectionBad (connection refused)`
    private static let railsCause = LinePattern.shape("a cause", .letters, needs: .endsInRoundBracket) { line in
        startsLikeRails(line)
    }

    /// `#<Thread:0x00007f8b /app/bank.rb:3 run> terminated with exception (report_on_exception is true):`
    private static let threadEnd = LinePattern.shape("the end of a thread", ByteSet(of: "#"), needs: .endsInColon) {
        line in
        line.has("#<Thread:", at: 0) && line.index(of: " terminated with exception (", from: 9) != nil
    }

    /// A class, then a text in brackets.
    /// `):`, or the last suggestion and that.
    private static let endOfRailsText = LinePattern.shape(
        "the end of the text", .all, indented: .any, needs: [.endsInColon, .roundBracket]
    ) { line in
        line.ends(with: "):")
    }

    /// `ActionView::Template::Error (no account)`, before its causes
    private static let railsError = LinePattern.shape(
        "an error of Rails", .letters, needs: [.colon, .endsInRoundBracket]
    ) { line in
        startsLikeRails(line) && line.index(of: "Error (", from: 0) != nil && line.index(of: "::", from: 0) != nil
    }

    private static func startsLikeRails(_ line: borrowing LineView) -> Bool {
        // Haskell's `CallStack (from HasCallStack):` looks alike.
        guard line.indent <= 1, isUpper(line.firstByte), !line.has("CallStack (", at: line.indent),
            let bracket = line.index(of: " (", from: line.indent)
        else {
            return false
        }
        for index in line.indent..<bracket {
            let byte = line.bytes[index]
            guard isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "_") else {
                return false
            }
        }
        return true
    }

    /// `rake aborted!`, `cap aborted!`
    private static let abortion = LinePattern.shape("an abortion", ByteSet(of: "rcb")) { line in
        line.has("rake aborted!", at: 0) || line.has("cap aborted!", at: 0) || line.has("bin/rails aborted!", at: 0)
            || line.has("rails aborted!", at: 0)
    }

    /// What stands below the first word behind `Did you mean?`.
    private static let suggestion = LinePattern.shape("a suggestion", .all, indented: .some, needs: .oneWord) { line in
        line.indent == 15
    }

    /// ` (NoMethodError)`, behind a text of several lines
    private static let restOfText = LinePattern.shape(
        "the class of an error", ByteSet(of: "("), indented: .any, needs: .endsInRoundBracket
    ) { line in
        line.indent <= 1 && ExceptionText.endsLikeName(line.bytes, at: line.count - 1)
    }

    private static let caret = LinePattern.shape("a caret", ByteSet(of: "^"), indented: .any) { line in
        for index in line.indent..<line.count where line.bytes[index] != UInt8(ascii: "^") { return false }
        return true
    }

    /// `               | text`, below the level
    private static let consoleLine = LinePattern.shape("a line of the console", ByteSet(of: "|"), indented: .some) {
        line in
        line.indent > 10
    }

    /// `  0.0s    error: Bank::Feed [oid=0x64] [pid=17] [2024-05-01 12:34:56 +0000]`
    private static let consoleRecord = LinePattern.shape(
        "a record of the console", .digits, indented: .some, needs: [.colon, .squareBracket]
    ) { line in
        var end = line.endOfDigits(from: line.indent)
        if line.has(".", at: end) { end = line.endOfDigits(from: end + 1) }
        guard line.indent < 6, end < line.count, isLetter(line.bytes[end]), line.has(" ", at: end + 1) else {
            return false
        }
        end += 1
        while end < line.count, line.bytes[end] == 0x20 { end += 1 }
        let level = HeaderWord(in: line.bytes, at: end)
        return level.lowerCaseLevel != nil && line.has(": ", at: level.end)
    }
}
