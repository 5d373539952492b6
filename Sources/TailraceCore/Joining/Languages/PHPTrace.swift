/// Exceptions of PHP.
///
///     PHP Fatal error:  Uncaught Overdrawn: account 17 in /app/bank.php:3     (the text may have several lines)
///     Stack trace:
///     #0 /app/main.php(7): pay(17)
///     #1 {main}
///                                                                             (a blank line before what it led to)
///     Next LogicException: text in /app/main.php:9
///     Stack trace:
///     #0 {main}
///       thrown in /app/main.php on line 9
///
/// Monolog, and so Laravel and Symfony, write `[stacktrace]` and `[previous exception]` into the JSON behind a record.
/// Symfony's console draws a box of blanks below `In Bank.php line 3:`, then `Exception trace:` or how to call the command.
/// Laravel's draws one below the name of the exception. nginx quotes what PHP-FPM says, several messages in one record. Xdebug numbers frames with a period: `PHP   1. {main}() /app/main.php:0`. SimpleSAMLphp counts down:
///
///     3 [6810ea4612] Backtrace:
///     3 [6810ea4612] 1 /app/bank.php:3 (pay)
///     3 [6810ea4612] 0 [builtin] (N/A)
///
/// CakePHP writes `Stack Trace:`, frames as `- /app/bank.php:3`, and `Request URL: /pay` behind a blank line; CakePHP 3
/// the request first, then `Trace:` and frames as `pay() - APP/Bank.php, line 3`. Slim's
/// `Slim Application Error` has `Type: …`, `Message: …` and `Trace: #0 …` below.
///
/// CodeIgniter puts ` 1 APPPATH/Bank.php(3): pay(17)` below a record. WordPress says behind a statement who made it. Guzzle
/// puts the body of a response into its text, which may be an object.
///
/// PHPUnit lists failures as `1) App\Tests\BankTest::testPay`, what was expected, and `/app/tests/BankTest.php:31`.
///
/// - SeeAlso: `Zend/zend_exceptions.c` (`zend_exception_error`, `__toString`), `main/main.c` (`php_error_cb`);
///   `Monolog\Formatter\LineFormatter`; Xdebug's `develop/stack.c`; `SimpleSAML\Error\Exception::formatBacktrace`;
///   `Cake\Error\ErrorLogger`; `Slim\Error\Renderers\PlainTextErrorRenderer`; `NunoMaduro\Collision\Writer`; `wpdb::print_error`;
///   `GuzzleHttp\Exception\RequestException::create`.
enum PHPTrace {
    private static let message = TracePlaces.own(0)
    private static let frames = TracePlaces.own(1)
    private static let gap = TracePlaces.own(2)
    private static let xdebug = TracePlaces.own(3)
    private static let thrown = TracePlaces.own(4)
    private static let callStack = TracePlaces.own(5)
    private static let countdown = TracePlaces.own(6)
    private static let fastCGI = TracePlaces.own(7)
    private static let box = TracePlaces.own(8)
    private static let calls = TracePlaces.own(9)
    private static let tested = TracePlaces.own(10)
    private static let request = TracePlaces.own(11)
    private static let slim = TracePlaces.own(12)
    private static let requested = TracePlaces.own(16)
    private static let collision = TracePlaces.own(13)
    private static let statement = TracePlaces.own(14)
    private static let call = TracePlaces.own(15)
    private static let reported = TracePlaces.own(17)
    private static let boxText = TracePlaces.own(18)

    static let grammar = TraceGrammar(
        language: .php,
        rules: [
            TraceRule([frames, message], frame, .joins(frames)),
            // The last one is cut off where a record may be no longer.
            TraceRule(frames, numbered, .joins(frames)),
            TraceRule(.anyHead, firstFrame, .joins(frames)),
            TraceRule([message, .anyHead], stackStart, .joins(frames)),
            // A text that has a stack of its own.
            TraceRule(frames, .starts("[stacktrace]"), .joins(frames)),
            TraceRule([message, frames], .starts("thrown in ", indented: .some), .joins(thrown)),
            // In Monolog's JSON another trace follows.
            TraceRule(frames, .starts("thrown ", indented: .some), .joins([thrown, message])),
            TraceRule([frames, gap], .starts("Next "), .joins(message)),
            TraceRule(frames, .namedCause, .joins(message)),
            TraceRule([frames, gap], .starts("[previous exception] "), .joins(message)),
            TraceRule([frames, gap], .starts("\"}"), .joins(.end)),
            TraceRule([frames, gap], .starts("\",\""), .joins(.end)),
            TraceRule(frames, .blank, .waits(gap)),

            // CakePHP.
            TraceRule(frames, placeBehindDash, .joins(frames)),
            TraceRule([frames, gap], .starts("Request URL: "), .joins(request)),
            TraceRule(request, .starts("Referer URL: "), .joins(request)),
            TraceRule(request, .starts("Client IP: "), .joins(request)),
            TraceRule([frames, gap], .starts("Caused by: ["), .joins(message)),

            // CakePHP 3 puts the request first.
            TraceRule([.anyHead, message], .starts("Request URL: "), .waits(requested)),
            TraceRule(requested, .starts("Referer URL: "), .waits(requested)),
            TraceRule(requested, .starts("Client IP: "), .waits(requested)),
            TraceRule([.anyHead, message, requested], .equals("Trace:"), .waits(frames)),
            TraceRule(requested, stackStart, .joins(frames)),
            TraceRule(frames, lineOfCake, .joins(frames)),

            // CodeIgniter.
            TraceRule([.alarmHead, .alarmText, message, frames], numberedCall, .joins(frames)),

            // WordPress.
            TraceRule(.first, .starts("WordPress database error "), .waits(statement)),
            TraceRule(statement, callers, .joins(.end)),
            TraceRule(statement, .unrecorded, .waits(statement)),

            // A record of Monolog whose text has several lines.
            TraceRule([.alarmHead, .alarmText], contextOfMonolog, .waits(message)),

            // Guzzle.
            TraceRule([.announcingHead, message], body, .waits(message)),

            // Yii 1 says of which request it speaks.
            TraceRule(frames, .starts("REQUEST_URI="), .joins(frames)),
            TraceRule(frames, .starts("HTTP_REFERER="), .joins(frames)),
            TraceRule(frames, .equals("---"), .joins(.end)),

            // Slim.
            TraceRule(.first, .equals("Slim Application Error"), .waits(slim)),
            TraceRule(frames, .equals("Previous error:"), .waits(slim)),
            TraceRule([.anyHead, slim], slimType, .joins(message)),
            TraceRule(frames, .starts("Tips: "), .joins(.end)),
            TraceRule(frames, .starts("View in rendered output by enabling the "), .joins(.end)),

            // What names itself.
            TraceRule(.first, uncaught, .waits(message)),
            // It is complete: nothing but a stack may follow.
            TraceRule(.first, report, .waits(reported)),
            TraceRule(reported, frame, .joins(frames)),
            TraceRule(reported, stackStart, .joins(frames)),
            TraceRule(reported, .blank, .waits(reported)),
            TraceRule([.first, .alarmHead], .starts("exception '"), .waits(message)),
            TraceRule([.first, .alarmHead], .exceptionName, .waits(message)),
            TraceRule([.tellingHead, message], .free, .waits(message)),
            TraceRule([.tellingHead, message], .blank, .waits(message)),

            // Xdebug.
            TraceRule([.first, .alarmHead, message, reported, thrown], .equals("PHP Stack trace:"), .joins(xdebug)),
            TraceRule(xdebug, xdebugFrame, .joins(xdebug)),
            TraceRule([.first, .anyHead, thrown, message, reported], .equals("Call Stack:"), .waits(callStack)),
            TraceRule(message, .exceptionName, .waits(message)),
            TraceRule(thrown, .blank, .waits(thrown)),
            TraceRule(callStack, timedFrame, .joins(callStack)),

            // SimpleSAMLphp.
            TraceRule([.first, .anyHead], countdownStart, .waits(countdown)),
            TraceRule(countdown, countdownFrame, .joins(countdown)),

            // PHPUnit.
            TraceRule(.first, test, .waits(tested)),
            TraceRule(tested, placeInTest, .joins(tested)),
            TraceRule(tested, .free, .waits(tested)),
            TraceRule(tested, .blank, .waits(tested)),

            // nginx and PHP-FPM: one record holds several messages.
            TraceRule(.alarmHead, .starts("PHP message: "), .joins(fastCGI)),
            TraceRule(fastCGI, .starts("PHP message: "), .joins(fastCGI)),

            // Symfony.
            TraceRule([.first, box, boxText], boxStart, .waits(box)),
            TraceRule([box, boxText], .indented, .joins(boxText)),
            // Its lower edge is made of blanks.
            TraceRule(boxText, .blank, .joins(box)),
            TraceRule([box, boxText], .starts("Exception trace:"), .joins(calls)),
            TraceRule(calls, .indented, .joins(calls)),
            TraceRule([box, calls], .blank, .waits([box, calls])),
            TraceRule([box, boxText], synopsis, .joins(.end)),

            // Laravel's console.
            TraceRule(.first, exceptionAlone, .waits(collision)),
            TraceRule(collision, frameOfCollision, .joins([collision, call])),
            TraceRule(collision, partOfExcerpt, .joins(collision)),
            TraceRule(call, .indented, .joins(collision)),
            TraceRule(collision, .indented, .waits(collision)),
            TraceRule(collision, .blank, .waits(collision)),

            // The rest of a trace whose beginning is missing.
            TraceRule(.first, frame, .resumes(frames)),
        ])

    /// `#0 /app/main.php(7): pay(17)`, `#1 [internal function]: {closure}()`, `#2 {main}`
    private static let frame = LinePattern.shape("a frame of PHP", ByteSet(of: "#"), needs: .digit) { isFrame($0) }

    private static let firstFrame = LinePattern.shape("a frame of PHP", ByteSet(of: "#"), needs: .digit) { line in
        line.startsStack && isFrame(line)
    }

    /// `#7 /app/vend in /app/bank.php on line 3`
    private static let numbered = LinePattern.shape("a frame of PHP", ByteSet(of: "#"), needs: .digit) { line in
        let number = line.endOfDigits(from: 1)
        return number > 1 && line.has(" ", at: number)
    }

    private static func isFrame(_ line: borrowing LineView) -> Bool {
        let number = line.endOfDigits(from: 1)
        guard number > 1, line.has(" ", at: number) else { return false }
        if line.has("{main}", at: number + 1) || line.has("[internal function]: ", at: number + 1) { return true }
        return line.index(of: "): ", from: number) != nil && line.index(of: ".php(", from: number) != nil
            || line.index(of: "): ", from: number).map { isPlace(line, endingAt: $0) } ?? false
    }

    /// `phar:///app/tool(12`: digits behind a bracket.
    private static func isPlace(_ line: borrowing LineView, endingAt end: Int) -> Bool {
        var index = end
        while index > 0, isDigit(line.bytes[index - 1]) { index -= 1 }
        return index < end && index > 0 && line.bytes[index - 1] == UInt8(ascii: "(")
    }

    /// `PHP Warning:  Undefined variable $a in /app/bank.php on line 3`, which Xdebug may put a stack behind.
    private static let report = LinePattern.shape("a report of PHP", ByteSet(of: "P"), needs: [.colon, .digit]) {
        line in
        line.has("PHP ", at: 0) && line.index(of: ":  ", from: 4) != nil
            && line.index(of: " on line ", from: 4) != nil
    }

    /// `PHP   1. {main}() /app/main.php:0`
    private static let xdebugFrame = LinePattern.shape("a frame of Xdebug", ByteSet(of: "P"), needs: .digit) { line in
        guard line.has("PHP  ", at: 0) else { return false }
        var number = 5
        while number < line.count, line.bytes[number] == 0x20 { number += 1 }
        return line.has(". ", at: line.endOfDigits(from: number))
    }

    /// `    0.0001     393720   1. {main}() /app/main.php:0`
    private static let timedFrame = LinePattern.shape(
        "a frame of Xdebug", .digits, indented: .some, needs: [.dot, .endsInDigit]
    ) { line in
        guard let call = line.index(of: ") ", from: line.indent) else { return false }
        return line.startOfLineNumber(endingAt: line.count).map { $0 > call } ?? false
    }

    /// The place behind `3 [6810ea4612] `: the level of syslog and the number of the request.
    private static func startOfText(_ line: borrowing LineView) -> Int {
        let digits = line.endOfDigits(from: 0)
        guard digits > 0, line.has(" [", at: digits), let close = line.index(of: "] ", from: digits),
            close - digits <= 14
        else { return 0 }
        return close + 2
    }

    private static let countdownStart = LinePattern.shape(
        "the start of a stack", ByteSet.digits.union(ByteSet(of: "B")), needs: .endsInColon
    ) { line in
        let start = startOfText(line)
        return line.has("Backtrace:", at: start) && line.count == start + 10
    }

    /// `2 /app/bank.php:3 (pay)`, `0 [builtin] (N/A)`
    private static let countdownFrame = LinePattern.shape("a frame of PHP", .digits, needs: .endsInRoundBracket) {
        line in
        guard line.ends(with: ")"), let name = line.index(of: " (", from: 0) else { return false }
        let number = startOfText(line)
        let place = line.endOfDigits(from: number)
        guard place > number, line.has(" ", at: place) else { return false }
        return line.has("[builtin]", at: place + 1) || line.startOfLineNumber(endingAt: name) != nil
    }

    /// `In Bank.php line 3:`
    private static let boxStart = LinePattern.shape("an error of Symfony", ByteSet(of: "I"), needs: .endsInColon) {
        line in
        guard line.has("In ", at: 0), let file = line.index(of: ".php line ", from: 3) else { return false }
        return line.endOfDigits(from: file + 10) == line.count - 1
    }

    /// `1) App\Tests\BankTest::testPay`
    private static let test = LinePattern.shape("a test that failed", .digits, needs: [.colon, .roundBracket]) { line in
        let end = line.endOfDigits(from: 0)
        guard line.has(") ", at: end), let method = line.index(of: "::test", from: end) else { return false }
        return line.index(of: 0x20, from: end + 2).map { $0 > method } ?? true
    }

    /// `/app/tests/BankTest.php:31`
    private static let placeInTest = LinePattern.shape(
        "a place in a test", ByteSet(of: "/"), needs: [.oneWord, .colon, .endsInDigit]
    ) { line in
        line.startOfLineNumber(endingAt: line.count) != nil
    }

    /// ` 1 APPPATH/Bank.php(3): pay(17)`
    private static let numberedCall = LinePattern.shape(
        "a frame of PHP", .digits, indented: .any, needs: [.dot, .colon, .roundBracket]
    ) { line in
        let end = line.endOfDigits(from: line.indent)
        guard line.has(" ", at: end), let file = line.index(of: ".php(", from: end) else { return false }
        return line.has("): ", at: line.endOfDigits(from: file + 5))
    }

    /// `	ADD KEY account (number) made by do_action('init'), WP_Hook->do_action`
    private static let callers = LinePattern.shape("who made a statement", .all, indented: .any) { line in
        line.index(of: " made by ", from: 0) != nil
    }

    /// `LINE 1: SELECT 17 {"exception":"[object] (PDOException(code: 42601): …`
    private static let contextOfMonolog = LinePattern.shape(
        "an exception in the context", .all, indented: .any, needs: [.squareBracket, .roundBracket, .colon]
    ) { line in
        line.index(of: "{\"exception\":\"[object] (", from: 0) != nil
    }

    /// `{"error":"invalid_token"}`: the body of a response in the text of an exception
    private static let body = LinePattern.shape("a body", ByteSet(of: "{"), admitsRecords: true) { line in
        line.header == .object
    }

    /// `bank:pay [--account ACCOUNT] [--] <number>`
    private static let synopsis = LinePattern.shape("how to call a command", .letters) { line in
        // A command without options.
        guard let option = line.index(of: " [-", from: 1) else { return line.marks.isSuperset(of: [.oneWord, .colon]) }
        return line.index(of: 0x20, from: 0) == option
    }

    /// `   Acme\Overdrawn `, with nothing else in its line
    private static let exceptionAlone = LinePattern.shape(
        "the name of an exception", .letters, indented: .some, needs: .oneWord
    ) { line in
        guard line.indent <= 4, isUpper(line.firstByte), line.lastByte == 0x20 else { return false }
        let end = line.bytes.endOfText(before: line.count)
        for index in line.indent..<end {
            let byte = line.bytes[index]
            guard isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "_") else {
                return false
            }
        }
        return ExceptionText.endsLikeName(line.bytes, at: end) || line.index(of: "\\", from: line.indent) != nil
    }

    /// `  40  artisan:35`, with the call in the next line
    private static let frameOfCollision = LinePattern.shape(
        "a frame of PHP", .digits, indented: .some, needs: [.colon, .endsInDigit]
    ) { line in
        line.has("  ", at: line.endOfDigits(from: line.indent)) && line.startOfLineNumber(endingAt: line.count) != nil
    }

    /// `  at app/Bank.php:12`, `    825▕   throw new Overdrawn();`, `  ➜ 829▕ …`, `      +39 vendor frames`
    private static let partOfExcerpt = LinePattern.shape(
        "a part of an excerpt", ByteSet.digits.union(ByteSet(of: "a+➜")), indented: .some
    ) { line in
        let start = line.indent
        if line.firstByte == UInt8(ascii: "a") {
            return line.has("at ", at: start) && line.startOfLineNumber(endingAt: line.count) != nil
        }
        if line.firstByte == UInt8(ascii: "+") { return line.ends(with: " frames ") || line.ends(with: " frame ") }
        let end = line.endOfDigits(from: line.has("➜ ", at: start) ? start + 4 : start)
        return line.has("▕", at: end)
    }

    /// `- /app/bank.php:3`, `- [internal], line ??`
    private static let placeBehindDash = LinePattern.shape("a frame of CakePHP", ByteSet(of: "-")) { line in
        guard line.has("- ", at: 0) else { return false }
        return line.has("[internal]", at: 2) || line.has("[main]", at: 2)
            || line.startOfLineNumber(endingAt: line.count) != nil
    }

    /// `App\Bank::pay() - APP/Bank.php, line 3`, `[main] - ROOT/webroot/index.php, line 40`, `pay - [internal], line ??`
    private static let lineOfCake = LinePattern.shape(
        "a frame of CakePHP", .letters.union(ByteSet(of: "[_{"))
    ) { line in
        guard let dash = line.index(of: " - ", from: 0), line.index(of: 0x20, from: 0) == dash else { return false }
        return line.index(of: ", line ", from: dash) != nil
    }

    /// `Type: Slim\Exception\HttpNotFoundException`
    private static let slimType = LinePattern.shape("an error of Slim", ByteSet(of: "T")) { line in
        line.has("Type: ", at: 0) && line.index(of: 0x20, from: 6) == nil
            && (line.index(of: "\\", from: 6) != nil || ExceptionText.endsLikeName(line.bytes, at: line.count))
    }

    private static let stackStart = LinePattern.shape("the start of a stack", ByteSet(of: "S[")) { line in
        (line.has("Stack trace:", at: 0) || line.has("Stack Trace:", at: 0)) && line.count <= 13
            || line.has("[stacktrace]", at: 0)
    }

    /// `PHP Fatal error:  Uncaught Overdrawn: account 17`, `Fatal error: Uncaught …`
    private static let uncaught = LinePattern.shape("an uncaught exception", ByteSet(of: "PF")) { line in
        guard line.has("PHP Fatal error: ", at: 0) || line.has("Fatal error: ", at: 0) else { return false }
        return line.index(of: "Uncaught ", from: 13) != nil
    }
}
