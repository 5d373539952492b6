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
/// Xdebug numbers frames with a period: `PHP   1. {main}() /app/main.php:0`.
///
/// - SeeAlso: `Zend/zend_exceptions.c` (`zend_exception_error`, `__toString`), `main/main.c` (`php_error_cb`);
///   `Monolog\Formatter\LineFormatter`; Xdebug's `develop/stack.c`.
enum PHPTrace {
    private static let message = TracePlaces.own(0)
    private static let frames = TracePlaces.own(1)
    private static let gap = TracePlaces.own(2)
    private static let xdebug = TracePlaces.own(3)

    static let grammar = TraceGrammar(
        language: .php,
        rules: [
            TraceRule([frames, message, .anyHead], frame, .joins(frames)),
            TraceRule([message, .anyHead], stackStart, .joins(frames)),
            TraceRule([message, frames], .starts("thrown in ", indented: .some), .joins(.end)),
            TraceRule([frames, gap], .starts("Next "), .joins(message)),
            TraceRule([frames, gap], .starts("[previous exception] "), .joins(message)),
            TraceRule([frames, gap], .starts("\"}"), .joins(.end)),
            TraceRule(frames, .blank, .waits(gap)),

            // What names itself.
            TraceRule(.first, uncaught, .waits(message)),
            TraceRule([.first, .alarmHead], .starts("exception '"), .waits(message)),
            TraceRule([.first, .alarmHead], .exceptionName, .waits(message)),
            TraceRule([.tellingHead, message], .free, .waits(message)),
            TraceRule([.tellingHead, message], .blank, .waits(message)),

            // Xdebug.
            TraceRule(.anyHead, .starts("PHP Stack trace:"), .joins(xdebug)),
            TraceRule(xdebug, .starts("PHP  "), .joins(xdebug)),

            // The rest of a trace whose beginning is missing.
            TraceRule(.first, frame, .resumes(frames)),
        ])

    /// `#0 /app/main.php(7): pay(17)`, `#1 [internal function]: {closure}()`, `#2 {main}`
    private static let frame = LinePattern.shape("a frame of PHP", ByteSet(of: "#"), needs: .digit) { line in
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

    private static let stackStart = LinePattern.shape("the start of a stack", ByteSet(of: "S[")) { line in
        line.has("Stack trace:", at: 0) && line.count <= 13 || line.has("[stacktrace]", at: 0)
    }

    /// `PHP Fatal error:  Uncaught Overdrawn: account 17`, `Fatal error: Uncaught …`
    private static let uncaught = LinePattern.shape("an uncaught exception", ByteSet(of: "PF")) { line in
        guard line.has("PHP Fatal error:  ", at: 0) || line.has("Fatal error: ", at: 0) else { return false }
        return line.index(of: "Uncaught ", from: 13) != nil
    }
}
