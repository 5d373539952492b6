/// Where the name and the text of an exception, and its stack, stand in the text of an event.
///
/// The exception that reached the top is meant: Java and most others print it first, Python last. Languages whose errors
/// have no names have no ``type``.
struct ErrorParts {
    var type: Range<Int>?
    var message: Range<Int>?
    /// From the exception's first line, or Python's `Traceback`, to the end.
    var stack: Range<Int>

    /// An exception is looked for in so many lines.
    static let linesMax = 200

    init(of text: Span<UInt8>, _ language: TraceLanguages) {
        stack = 0..<text.count
        switch language {
        case .python: findPython(text)
        case .go: findGo(text)
        case .rust: findRust(text)
        case .swift: findWords(text, ["Fatal error: ", "Program crashed: "])
        case .cpp: findCPP(text)
        case .erlang: findErlang(text)
        case .ruby: findRuby(text)
        case .php: findPHP(text)
        case .perl: findPerl(text)
        case .lua: findBefore("stack traceback:", text, ["lua: ", "lua5.4: ", "lua5.3: ", "luajit: "])
        case .haskell: findHaskell(text)
        case .r: findR(text)
        case .ocaml: findOCaml(text)
        case .clojure: findClojure(text)
        default: findName(text)
        }
    }

    // MARK: The exception first

    /// `com.acme.Overdrawn: account 17`, alone or behind other words.
    mutating func findName(_ text: Span<UInt8>) {
        // Classes may have any name; then it begins the line.
        if !findName(text, isPlain: false) { _ = findName(text, isPlain: true) }
    }

    private mutating func findName(_ text: Span<UInt8>, isPlain: Bool) -> Bool {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            guard let name = isPlain ? Self.plainName(in: text, line) : Self.name(in: text, line) else { continue }
            type = name
            stack = line.lowerBound..<text.count
            setMessage(text, from: name.upperBound, line, &lines)
            return true
        }
        return false
    }

    private static func name(in text: Span<UInt8>, _ line: Range<Int>) -> Range<Int>? {
        let view = LineView(text.extracting(line))
        if !view.isRecord, let end = ExceptionText.endOfName(in: view.bytes, from: view.indent) {
            return line.lowerBound + view.indent..<line.lowerBound + end
        }
        let bytes = text.extracting(line)
        let end = ExceptionText.endOfName(in: bytes) { _, end in
            end == bytes.count || bytes[end] == UInt8(ascii: ":") || bytes[end] == UInt8(ascii: "(")
                || bytes[end] == UInt8(ascii: "'")
        }
        return end.map { nameEnding(at: line.lowerBound + $0, text, line) }
    }

    private static func nameEnding(at end: Int, _ text: Span<UInt8>, _ line: Range<Int>) -> Range<Int> {
        var start = end
        while start > line.lowerBound, isInName(text[start - 1]) { start -= 1 }
        return start..<end
    }

    /// `Overdrawn: account 17`, `Acme.Overdrawn: account 17`
    private static func plainName(in text: Span<UInt8>, _ line: Range<Int>) -> Range<Int>? {
        guard !isFrame(text, line), !LineView(text.extracting(line)).isRecord else { return nil }
        let end = endOfName(text, from: line.lowerBound)
        return end > line.lowerBound + 1 && text.has(": ", at: end) ? line.lowerBound..<end : nil
    }

    static func endOfName(_ text: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < text.count, isInName(text[end]) { end += 1 }
        return end
    }

    private static func isInName(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "$") || byte == UInt8(ascii: "\\") || byte >= 0x80
    }

    /// The text behind a name, and further lines of it up to the first frame.
    mutating func setMessage(_ text: Span<UInt8>, from end: Int, _ line: Range<Int>, _ lines: inout LineWalk) {
        var start = end
        while start < line.upperBound, text[start] == UInt8(ascii: ":") || isBlank(text[start]) { start += 1 }
        var last = line.upperBound
        while let next = lines.next(text), lines.count <= Self.linesMax, !Self.isFrame(text, next) {
            if !next.isEmpty { last = next.upperBound }
        }
        if start < last { message = start..<last }
    }

    static func isFrame(_ text: Span<UInt8>, _ line: Range<Int>) -> Bool {
        var start = line.lowerBound
        while start < line.upperBound, isBlank(text[start]) { start += 1 }
        for opening in [
            "at ", "... ", "from ", "#", "---", "Caused by:", "Suppressed:", "Stack trace:", "stack ", "goroutine ",
            "note: ", "[signal ", "File ", "Traceback", "CallStack", "HasCallStack", "{", "}", "*** ", "Wrapped by:",
            "[stacktrace]", "thread caused ", "exit status ", "Calls: ", "Backtrace:",
        ] as [StaticString] where text.has(opening, at: start) { return start < line.upperBound }
        // `/app/bank.rb:3:in …`
        return text.extracting(line).firstIndex(of: ":in ") != nil
    }

    // MARK: Fixed words

    /// What went wrong stands behind fixed words, which are also the type.
    mutating func findWords(_ text: Span<UInt8>, _ words: [StaticString]) {
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

    /// What went wrong is the line before `mark`, without the name of the program.
    mutating func findBefore(_ mark: StaticString, _ text: Span<UInt8>, _ programs: [StaticString]) {
        var lines = LineWalk()
        var previous: Range<Int>?
        while let line = lines.next(text), lines.count <= Self.linesMax {
            if text.has(mark, at: line.lowerBound), let previous {
                stack = previous.lowerBound..<text.count
                message = previous
                for program in programs where text.has(program, at: previous.lowerBound) {
                    message = previous.lowerBound + program.utf8CodeUnitCount..<previous.upperBound
                }
                return
            }
            previous = line
        }
    }
}

/// The lines of a text, one after the other.
struct LineWalk {
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
