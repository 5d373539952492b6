/// Errors of Python, Ruby, PHP, Perl and R, which begin with more than a name and a colon.
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

    /// `Error in pay(17) : account 17`, where long texts stand in the next line; `Error: account 17`
    mutating func findR(_ text: Span<UInt8>) {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            let bytes = text.extracting(line)
            // Shiny says `Warning: Error in pay: account 17`.
            let error = bytes.has("Warning: Error in ", at: 0) ? 9 : 0
            guard bytes.has("Error", at: error) else { continue }
            stack = line.lowerBound..<text.count
            let colon =
                bytes.firstIndex(of: " : ", from: error) ?? bytes.firstIndex(of: ": ", from: error) ?? bytes.count
            var start = line.lowerBound + min(colon + 1, bytes.count)
            while start < line.upperBound, text[start] == UInt8(ascii: ":") || isBlank(text[start]) { start += 1 }
            if start < line.upperBound { return setMessage(text, from: start, line, &lines) }
            guard let next = lines.next(text), !next.isEmpty else { return }
            let bullet = text.has("! ", at: next.lowerBound) ? 2 : 0
            setMessage(text, from: next.lowerBound + bullet, next, &lines)
            return
        }
    }
}
