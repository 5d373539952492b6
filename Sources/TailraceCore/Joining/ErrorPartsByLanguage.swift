/// Languages whose errors don't begin with a name and a colon.
extension ErrorParts {
    /// The last exception; of a group of exceptions the group itself, not its branches.
    ///
    ///     Traceback (most recent call last):
    ///       File "/app/main.py", line 12, in pay
    ///     acme.Overdrawn: account 17
    ///
    /// Everything may stand behind the same prefix, or the margin of a group.
    mutating func findPython(_ text: Span<UInt8>) {
        var lines = LineWalk()
        var isInside = false
        var isFound = false
        var isFirst = false
        var column = 0
        var groupColumn = Int.max
        while let line = lines.next(text) {
            let bytes = text.extracting(line)
            if let place = bytes.firstIndex(of: "Traceback (most recent call last):") {
                let start = bytes.firstIndex(of: "+ Exception Group ").map { $0 + 2 } ?? place
                guard start <= groupColumn else { continue }
                if !isFound { stack = line.lowerBound..<text.count }
                (isInside, isFound, isFirst, column) = (true, true, true, start)
                groupColumn = start < place ? start : .max
                continue
            }
            guard isInside else { continue }
            if isFirst, !bytes.has("  File \"", at: column) { column = 0 }
            isFirst = false
            let name = line.lowerBound + column
            guard name < line.upperBound, !isBlank(text[name]), text[name] != UInt8(ascii: ">") else { continue }
            isInside = false
            let colon = text.extracting(line).firstIndex(of: UInt8(ascii: ":"), from: column) ?? bytes.count
            type = name..<line.lowerBound + colon
            message =
                line.lowerBound + colon + 2 < line.upperBound ? line.lowerBound + colon + 2..<line.upperBound : nil
            if column == 0, let start = message?.lowerBound {
                message = start..<endOfPythonText(text, behind: line.upperBound, lines)
            }
        }
        if !isFound { findName(text) }
    }

    /// Details of the exception go on up to a blank line.
    private func endOfPythonText(_ text: Span<UInt8>, behind end: Int, _ walk: LineWalk) -> Int {
        var lines = walk
        var last = end
        while let line = lines.next(text), !line.isEmpty, !Self.isFrame(text, line) {
            if text.extracting(line).firstIndex(of: "Traceback (most recent") != nil { break }
            last = line.upperBound
        }
        return last
    }

    /// `panic: account 17 [recovered]`, `http: panic serving 10.0.0.1:5000: account 17`, `WARNING: DATA RACE`
    mutating func findGo(_ text: Span<UInt8>) {
        findWords(text, ["panic: ", "fatal error: ", "panic serving ", "WARNING: DATA RACE"])
        guard let words = type else { return findName(text) }
        if text.has("panic serving", at: words.lowerBound) {
            type = words.lowerBound..<words.lowerBound + 5
            if let range = message, let colon = text.extracting(range).firstIndex(of: ": ") {
                message = range.lowerBound + colon + 2..<range.upperBound
            }
        }
        if text.has("WARNING: DATA RACE", at: words.lowerBound) {
            (type, message) = (words.lowerBound + 9..<words.lowerBound + 18, nil)
        }
        for mark in [" [recovered]", " [recovered, repanicked]"] as [StaticString] {
            guard let range = message, range.count >= mark.utf8CodeUnitCount,
                text.has(mark, at: range.upperBound - mark.utf8CodeUnitCount)
            else { continue }
            message = range.lowerBound..<range.upperBound - mark.utf8CodeUnitCount
        }
    }

    /// `thread 'main' panicked at src/main.rs:4:5:` and the text behind it; before 1.73 `panicked at 'text', src/…`; of
    /// anyhow and eyre `Error: text`.
    mutating func findRust(_ text: Span<UInt8>) {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            guard let place = text.extracting(line).firstIndex(of: "panicked at ") else { continue }
            let start = line.lowerBound + place
            type = start..<start + 5
            stack = line.lowerBound..<text.count
            guard text[line.upperBound - 1] == UInt8(ascii: ":") else {
                let quote = text.extracting(line).firstIndex(of: "', ", from: place) ?? 0
                if quote > place + 13 { message = start + 13..<line.lowerBound + quote }
                return
            }
            guard let next = lines.next(text), !next.isEmpty else { return }
            setMessage(text, from: next.lowerBound, next, &lines)
            return
        }
        findWords(text, ["Error: "])
        if type == nil { findName(text) }
    }

    /// `terminate called after throwing an instance of 'std::runtime_error'` and `what():`, the first line of a
    /// sanitizer, of glibc or of a crash handler.
    mutating func findCPP(_ text: Span<UInt8>) {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            let bytes = text.extracting(line)
            if let quote = bytes.firstIndex(of: "an instance of '"), bytes.count > quote + 17 {
                type = line.lowerBound + quote + 16..<line.upperBound - 1
                stack = line.lowerBound..<text.count
            } else if let what = bytes.firstIndex(of: "what():  ") {
                message = line.lowerBound + what + 9..<line.upperBound
                return
            } else if let name = bytes.firstIndex(of: "Sanitizer: ") {
                let start = line.lowerBound + name + 11
                type = start..<endOfFinding(text, start, line)
                message = start..<line.upperBound
                return
            } else if let name = bytes.firstIndex(of: ": runtime error: ") {
                type = line.lowerBound + name + 2..<line.lowerBound + name + 15
                message = line.lowerBound + name + 17..<line.upperBound
                stack = line.lowerBound..<text.count
                return
            }
        }
        guard type == nil else { return }
        var first = LineWalk()
        guard let line = first.next(text), !line.isEmpty else { return }
        message = line
    }

    /// `heap-use-after-free` in `heap-use-after-free on address 0x6020`, `data race` in `data race (pid=17)`
    private func endOfFinding(_ text: Span<UInt8>, _ start: Int, _ line: Range<Int>) -> Int {
        let bytes = text.extracting(line)
        let end =
            bytes.firstIndex(of: 0x20, from: start - line.lowerBound).map { line.lowerBound + $0 } ?? line.upperBound
        let hasDash = text.extracting(start..<end).firstIndex(of: UInt8(ascii: "-")) != nil
        if hasDash || (start < end && isUpper(text[start])) { return end }
        return bytes.firstIndex(of: " (", from: start - line.lowerBound).map { line.lowerBound + $0 } ?? line.upperBound
    }

    /// `** (RuntimeError) account 17`, `exception error: bad argument`, and the line behind `** Reason for termination`.
    mutating func findErlang(_ text: Span<UInt8>) {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            let bytes = text.extracting(line)
            if bytes.has("** (", at: 0), let close = bytes.firstIndex(of: UInt8(ascii: ")")) {
                type = line.lowerBound + 4..<line.lowerBound + close
                stack = line.lowerBound..<text.count
                let start = line.lowerBound + close + 2
                guard start < line.upperBound else { return }
                var last = line.upperBound
                while let next = lines.next(text), !next.isEmpty, !isBlank(text[next.lowerBound]),
                    lines.count <= Self.linesMax, !isDetailOfProcess(text, next)
                {
                    last = next.upperBound
                }
                message = start..<last
                return
            }
            if let word = bytes.firstIndex(of: "exception ") {
                let colon = bytes.firstIndex(of: ": ", from: word) ?? bytes.count
                guard colon < bytes.count, colon - word < 18 else { continue }
                type = line.lowerBound + word + 10..<line.lowerBound + colon
                message = line.lowerBound + colon + 2..<line.upperBound
                return
            }
            if bytes.has("** Reason for ", at: 0), let next = lines.next(text), text.has("** ", at: next.lowerBound) {
                message = next.lowerBound + 3..<next.upperBound
                return
            }
        }
    }

    private func isDetailOfProcess(_ text: Span<UInt8>, _ line: Range<Int>) -> Bool {
        text.has("Last message", at: line.lowerBound) || text.has("State: ", at: line.lowerBound)
            || text.has("Function: ", at: line.lowerBound)
    }

    /// `/app/bank.rb:3:in 'pay': account 17 (Overdrawn)`; the last of them when the oldest frame comes first.
    /// `NoMethodError (undefined method …):` of Rails.
    mutating func findRuby(_ text: Span<UInt8>) {
        var lines = LineWalk()
        var isReverse = false
        while let line = lines.next(text) {
            let bytes = text.extracting(line)
            if bytes.has("Traceback (most recent call last):", at: 0) {
                isReverse = true
                stack = line.lowerBound..<text.count
            }
            guard let place = bytes.firstIndex(of: ":in "), let quote = bytes.firstIndex(of: "': ", from: place) else {
                continue
            }
            setRubyText(text, line, from: line.lowerBound + quote + 3)
            guard isReverse else {
                stack = line.lowerBound..<text.count
                return
            }
        }
        if message == nil, !findRails(text) { findName(text) }
    }

    private mutating func setRubyText(_ text: Span<UInt8>, _ line: Range<Int>, from start: Int) {
        (type, message) = (nil, start < line.upperBound ? start..<line.upperBound : nil)
        guard text[line.upperBound - 1] == UInt8(ascii: ")") else { return }
        var bracket = line.upperBound
        while bracket > start, text[bracket - 1] != UInt8(ascii: "(") { bracket -= 1 }
        guard bracket > start + 1 else { return }
        type = bracket..<line.upperBound - 1
        message = start..<bracket - 2
    }

    private mutating func findRails(_ text: Span<UInt8>) -> Bool {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            guard text.has("):", at: line.upperBound - 2),
                let bracket = text.extracting(line).firstIndex(of: " ("), bracket > 3
            else { continue }
            var start = line.lowerBound + bracket
            while start > line.lowerBound, text[start - 1] != 0x20 { start -= 1 }
            type = start..<line.lowerBound + bracket
            message = line.lowerBound + bracket + 2..<line.upperBound - 2
            stack = line.lowerBound..<text.count
            return true
        }
        return false
    }

    /// `PHP Fatal error:  Uncaught Acme\Overdrawn: account 17 in /app/bank.php:3`, and what `echo` prints of it:
    /// `Acme\Overdrawn: account 17 in /app/bank.php:3`
    mutating func findPHP(_ text: Span<UInt8>) {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            guard let word = text.extracting(line).firstIndex(of: "Uncaught ") else { continue }
            let start = line.lowerBound + word + 9
            let end = Self.endOfName(text, from: start)
            guard end > start else { continue }
            type = start..<end
            stack = line.lowerBound..<text.count
            setMessage(text, from: end, line, &lines)
            break
        }
        if type == nil { findName(text) }
        guard let range = message, let place = lastPlace(text, range) else { return }
        message = place > range.lowerBound ? range.lowerBound..<place : nil
    }

    /// Where ` in /app/bank.php:3` at the end of a text starts.
    private func lastPlace(_ text: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var end = range.upperBound
        while end > range.lowerBound, isDigit(text[end - 1]) { end -= 1 }
        guard end < range.upperBound, end > range.lowerBound, text[end - 1] == UInt8(ascii: ":") else { return nil }
        var start = end
        while start > range.lowerBound, !text.has("in ", at: start) || text[start - 1] != 0x20 { start -= 1 }
        return text.has("in ", at: start) ? max(range.lowerBound, start - 1) : nil
    }

    /// `account 17 at /app/bank.pl line 3.`
    mutating func findPerl(_ text: Span<UInt8>) {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            let bytes = text.extracting(line)
            guard bytes.firstIndex(of: " called at ") == nil, let place = bytes.firstIndex(of: " at "),
                bytes.firstIndex(of: " line ", from: place) != nil, place > 0
            else { continue }
            message = line.lowerBound..<line.lowerBound + place
            stack = line.lowerBound..<text.count
            return
        }
    }

    /// `bank: account 17`, `bank: Uncaught exception …ErrorCall:` and the text behind it
    mutating func findHaskell(_ text: Span<UInt8>) {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            let bytes = text.extracting(line)
            if let word = bytes.firstIndex(of: "Uncaught exception ") {
                type = line.lowerBound + word + 19..<max(line.lowerBound + word + 19, line.upperBound - 1)
                stack = line.lowerBound..<text.count
                while let next = lines.next(text), lines.count <= Self.linesMax {
                    guard !next.isEmpty else { continue }
                    setMessage(text, from: next.lowerBound, next, &lines)
                    return
                }
                return
            }
            guard let colon = bytes.firstIndex(of: ": "), colon > 0, !LineView(bytes).isRecord else { continue }
            stack = line.lowerBound..<text.count
            setMessage(text, from: line.lowerBound + colon + 2, line, &lines)
            return
        }
    }

    /// `Error in pay(17) : account 17`, where long texts stand in the next line; `Error: account 17`
    mutating func findR(_ text: Span<UInt8>) {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            let bytes = text.extracting(line)
            guard bytes.has("Error", at: 0) else { continue }
            stack = line.lowerBound..<text.count
            let colon = bytes.firstIndex(of: " : ") ?? bytes.firstIndex(of: ": ") ?? bytes.count
            var start = line.lowerBound + min(colon + 1, bytes.count)
            while start < line.upperBound, text[start] == UInt8(ascii: ":") || isBlank(text[start]) { start += 1 }
            if start < line.upperBound { return setMessage(text, from: start, line, &lines) }
            guard let next = lines.next(text), !next.isEmpty else { return }
            let bullet = text.has("! ", at: next.lowerBound) ? 2 : 0
            setMessage(text, from: next.lowerBound + bullet, next, &lines)
            return
        }
    }

    /// `Execution error (ExceptionInfo) at bank/pay (bank.clj:3).`, the text in the next line; `:cause "account 17"`
    mutating func findClojure(_ text: Span<UInt8>) {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            let bytes = text.extracting(line)
            if bytes.has("Execution error (", at: 0) || bytes.has("Syntax error (", at: 0),
                let open = bytes.firstIndex(of: "("), let close = bytes.firstIndex(of: ")", from: open)
            {
                type = line.lowerBound + open + 1..<line.lowerBound + close
                stack = line.lowerBound..<text.count
                if let next = lines.next(text), !next.isEmpty { message = next }
                return
            }
            if let cause = bytes.firstIndex(of: ":cause \""),
                let quote = bytes.firstIndex(of: UInt8(ascii: "\""), from: cause + 8)
            {
                message = line.lowerBound + cause + 8..<line.lowerBound + quote
                return
            }
        }
        if message == nil { findName(text) }
    }
}
