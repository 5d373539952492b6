/// Where the name and the text of an exception, and its stack, stand in the text of an event.
///
/// The exception that reached the top is meant: Java and most others print it first, Python last.
struct ErrorParts {
    private(set) var type: Range<Int>?
    private(set) var message: Range<Int>?
    /// From the exception's first line, or Python's `Traceback`, to the end.
    private(set) var stack: Range<Int>

    /// An exception is looked for in so many lines.
    private static let linesMax = 200

    init(of text: Span<UInt8>, _ language: TraceLanguages) {
        stack = 0..<text.count
        switch language {
        case .python: findPython(text)
        case .go: findWords(text, ["panic: ", "fatal error: ", "http: panic serving "])
        case .rust: findWords(text, ["panicked at "])
        case .swift: findWords(text, ["Fatal error: "])
        case .cpp: findCPP(text)
        case .erlang: findElixir(text)
        case .ruby: findRuby(text)
        default: findName(text)
        }
    }

    // MARK: The exception first

    /// `com.acme.Overdrawn: account 17`, alone or behind other words.
    private mutating func findName(_ text: Span<UInt8>) {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            guard let name = Self.name(in: text, line) else { continue }
            type = name
            stack = line.lowerBound..<text.count
            setMessage(text, from: name.upperBound, line, &lines)
            return
        }
    }

    private static func name(in text: Span<UInt8>, _ line: Range<Int>) -> Range<Int>? {
        let view = LineView(text.extracting(line))
        if !view.isRecord, let end = ExceptionText.endOfName(in: view, from: view.indent) {
            return line.lowerBound + view.indent..<line.lowerBound + end
        }
        for place in line {
            let byte = text[place]
            let isMark = byte == UInt8(ascii: ":") || byte == UInt8(ascii: "(") || byte == UInt8(ascii: "'")
            if isMark, ExceptionText.endsLikeName(text, at: place) { return nameEnding(at: place, text, line) }
        }
        guard ExceptionText.endsLikeName(text, at: line.upperBound) else { return nil }
        return nameEnding(at: line.upperBound, text, line)
    }

    private static func nameEnding(at end: Int, _ text: Span<UInt8>, _ line: Range<Int>) -> Range<Int> {
        var start = end
        while start > line.lowerBound {
            let byte = text[start - 1]
            guard
                isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
                    || byte == UInt8(ascii: "$") || byte == UInt8(ascii: "\\") || byte >= 0x80
            else { break }
            start -= 1
        }
        return start..<end
    }

    /// The text behind a name, and further lines of it up to the first frame.
    private mutating func setMessage(
        _ text: Span<UInt8>, from end: Int, _ line: Range<Int>, _ lines: inout LineWalk
    ) {
        var start = end
        while start < line.upperBound, text[start] == UInt8(ascii: ":") || isBlank(text[start]) { start += 1 }
        var last = line.upperBound
        while let next = lines.next(text), lines.count <= Self.linesMax, !Self.isFrame(text, next) {
            if !next.isEmpty { last = next.upperBound }
        }
        if start < last { message = start..<last }
    }

    private static func isFrame(_ text: Span<UInt8>, _ line: Range<Int>) -> Bool {
        var start = line.lowerBound
        while start < line.upperBound, isBlank(text[start]) { start += 1 }
        for opening in [
            "at ", "... ", "from ", "#", "---", "Caused by:", "Suppressed:", "Stack trace:", "stack ", "goroutine ",
            "note: ", "[signal ", "File ", "Traceback", "CallStack", "HasCallStack", "{", "}", "*** ",
        ] as [StaticString] where text.has(opening, at: start) { return start < line.upperBound }
        // `/app/bank.rb:3:in …`
        return text.extracting(line).firstIndex(of: ":in ") != nil
    }

    // MARK: Other forms

    /// What went wrong stands behind fixed words, which are also the type.
    private mutating func findWords(_ text: Span<UInt8>, _ words: [StaticString]) {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            for word in words {
                guard let place = text.extracting(line).firstIndex(of: word) else { continue }
                let start = line.lowerBound + place
                let end = start + word.utf8CodeUnitCount
                type = start..<(text[end - 2] == UInt8(ascii: ":") ? end - 2 : end - 1)
                stack = line.lowerBound..<text.count
                setMessage(text, from: end, line, &lines)
                return
            }
        }
    }

    private mutating func findPython(_ text: Span<UInt8>) {
        var lines = LineWalk()
        var isInside = false
        var isFound = false
        while let line = lines.next(text) {
            let bytes = text.extracting(line)
            if bytes.firstIndex(of: "Traceback (most recent call last):") != nil {
                if !isFound { stack = line.lowerBound..<text.count }
                (isInside, isFound) = (true, true)
            } else if isInside, !bytes.isEmpty, !isBlank(bytes[0]), bytes[0] != UInt8(ascii: ">") {
                isInside = false
                let colon = line.lowerBound + (bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.count)
                type = line.lowerBound..<colon
                message = colon + 2 < line.upperBound ? colon + 2..<line.upperBound : nil
            }
        }
        if !isFound { findName(text) }
    }

    /// `terminate called after throwing an instance of 'std::runtime_error'`,
    /// `ERROR: AddressSanitizer: heap-use-after-free on …`
    private mutating func findCPP(_ text: Span<UInt8>) {
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
                let end = bytes.firstIndex(of: 0x20, from: name + 11) ?? bytes.count
                type = line.lowerBound + name + 11..<line.lowerBound + end
                message = line.lowerBound + name + 11..<line.upperBound
                return
            }
        }
    }

    /// `** (RuntimeError) account 17`
    private mutating func findElixir(_ text: Span<UInt8>) {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            guard text.has("** (", at: line.lowerBound),
                let close = text.firstIndex(of: UInt8(ascii: ")"), from: line.lowerBound), close < line.upperBound
            else { continue }
            type = line.lowerBound + 4..<close
            stack = line.lowerBound..<text.count
            if close + 2 < line.upperBound { message = close + 2..<line.upperBound }
            return
        }
    }

    /// `/app/bank.rb:3:in 'pay': account 17 (Overdrawn)`
    private mutating func findRuby(_ text: Span<UInt8>) {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            let bytes = text.extracting(line)
            guard let place = bytes.firstIndex(of: ":in "), let quote = bytes.firstIndex(of: "': ", from: place) else {
                continue
            }
            stack = line.lowerBound..<text.count
            let start = line.lowerBound + quote + 3
            var bracket = line.upperBound
            while bracket > start, text[bracket - 1] != UInt8(ascii: "(") { bracket -= 1 }
            guard bracket > start + 1, text[line.upperBound - 1] == UInt8(ascii: ")") else {
                message = start..<line.upperBound
                return
            }
            type = bracket..<line.upperBound - 1
            message = start..<bracket - 2
            return
        }
        findName(text)
    }
}

/// The lines of a text, one after the other.
private struct LineWalk {
    private var start: Int? = 0
    private(set) var count = 0

    /// - Returns: the next line, without a carriage return at its end.
    mutating func next(_ text: Span<UInt8>) -> Range<Int>? {
        guard let start else { return nil }
        let newline = text.firstIndex(of: UInt8(ascii: "\n"), from: start)
        self.start = newline.map { $0 + 1 }
        count += 1
        var end = newline ?? text.count
        if end > start, text[end - 1] == 0x0D { end -= 1 }
        return start..<end
    }
}
