/// Errors of Go, Rust, C++, Haskell and OCaml, which begin with other words than a name.
extension ErrorParts {
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

    /// `Fatal error: exception Failure("account 17")`, `Not_found` and `(Failure "account 17")` behind other words or alone: the
    /// name is a constructor, what stands behind it is the text.
    mutating func findOCaml(_ text: Span<UInt8>) {
        var lines = LineWalk()
        var last: Range<Int>?
        while let line = lines.next(text), lines.count <= Self.linesMax {
            let view = LineView(text.extracting(line))
            if OCamlTrace.isFrame(view) { break }
            if !view.isBlankLine { last = line }
        }
        guard let line = last else { return }
        let bytes = text.extracting(line)
        var start = 0
        while start < bytes.count, isBlank(bytes[start]) { start += 1 }
        stack = line.lowerBound + start..<text.count
        let margin = start
        for words in ["uncaught exception ", "Fatal error: exception "] as [StaticString] {
            if let place = bytes.firstIndex(of: words) { start = place + words.utf8CodeUnitCount }
        }
        if start == margin { while let colon = bytes.firstIndex(of: ": ", from: start) { start = colon + 2 } }
        while start < bytes.count, isBlank(bytes[start]) || bytes[start] == UInt8(ascii: "(") { start += 1 }
        let end = ErrorParts.endOfName(bytes, from: start)
        guard end > start, isUpper(bytes[start]) else { return }
        type = line.lowerBound + start..<line.lowerBound + end
        if end < bytes.count {
            message = line.lowerBound + (isBlank(bytes[end]) ? end + 1 : end)..<line.upperBound
        }
    }
}
