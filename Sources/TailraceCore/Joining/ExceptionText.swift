import CScan

/// What lines say about exceptions without the help of a language's rules.
enum ExceptionText {
    /// The place behind the name of a class at the front of the line, when the line reads like the first line of an
    /// exception: the name, then the end of the line, a colon, or a code in brackets.
    ///
    /// A name counts when it ends like exceptions do (`TimeoutError`), or when it has a package in front
    /// (`com.acme.Overdrawn`): classes need not end in `Exception`.
    static func endOfName(in text: Span<UInt8>, from start: Int) -> Int? {
        let end = endOfIdentifier(in: text, from: start)
        guard end - start >= 5, isName(text.extracting(start..<end)) else { return nil }
        guard end < text.count else { return end }
        switch text[end] {
        case UInt8(ascii: ":"):
            // `Error:x` is a setting or an address.
            return end + 1 == text.count || isBlank(text[end + 1]) ? end : nil
        case 0x20:
            // .NET: `Npgsql.PostgresException (0x80004005): text`, `System.Net.Sockets.SocketException (111): text`.
            if text.has("(", at: end + 1), end + 2 < text.count, isDigit(text[end + 2]) {
                return text.firstIndex(of: "): ", from: end) == nil ? nil : end
            }
            // Node: `TypeError [ERR_INVALID_ARG_TYPE]: text`.
            guard text.has("[", at: end + 1) else { return nil }
            return text.firstIndex(of: UInt8(ascii: "]"), from: end) == nil ? nil : end
        default: return nil
        }
    }

    /// The place behind `Bank::Overdrawn` at the front of the line, when a colon follows.
    static func endOfScopedName(in line: borrowing LineView) -> Int? {
        var index = 0
        var start = 0
        var isScoped = false
        while index < line.count {
            let byte = line.bytes[unchecked: index]
            if byte == UInt8(ascii: ":") {
                guard index > start, isUpper(line.bytes[unchecked: start]) else { return nil }
                guard line.has("::", at: index) else { return isScoped && line.has(": ", at: index) ? index : nil }
                isScoped = true
                index += 2
                start = index
            } else {
                guard isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_") else { return nil }
                index += 1
            }
        }
        return nil
    }

    /// True when an exception is named anywhere in the text: a word ending in `Exception`, `Error` or `Throwable`, and
    /// a colon, a bracket or the end behind it. What is no more than that word needs the colon.
    static func isTold(in text: Span<UInt8>) -> Bool {
        endOfName(in: text) { endsName(text, from: $0, at: $1) } != nil
    }

    /// - Parameter ends: told where `Exception`, `Error` or `Throwable` begins, and where it ends, says whether that counts.
    /// - Returns: where the first that counts ends.
    @inline(__always)
    static func endOfName(in text: Span<UInt8>, where ends: (Int, Int) -> Bool) -> Int? {
        var rest = 0
        while let place = startOfWord(in: text, from: rest) {
            for word in ["Exception", "Error", "Throwable"] as [StaticString] where text.has(word, at: place) {
                let end = place + word.utf8CodeUnitCount
                if ends(place, end) { return end }
            }
            rest = place + 1
        }
        return nil
    }

    /// - Returns: where `Er`, `Ex` or `Th` stands first, at or behind `start`.
    private static func startOfWord(in text: Span<UInt8>, from start: Int) -> Int? {
        guard start < text.count else { return nil }
        let found = text.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { scan_start_of_error($0 + start, bytes.count - start) } ?? 0
        }
        return start + found < text.count ? start + found : nil
    }

    private static func endsName(_ text: Span<UInt8>, from start: Int, at end: Int) -> Bool {
        let isWhole = start > 0 && isBlank(text[start - 1])
        guard end < text.count else { return !isWhole }
        switch text[end] {
        case UInt8(ascii: ":"): return true
        case UInt8(ascii: ";"), UInt8(ascii: "]"), UInt8(ascii: "["), UInt8(ascii: "("), 0x0D: return !isWhole
        case 0x20:
            // .NET: `Npgsql.PostgresException (0x80004005): text`
            let isNumbered = text.has("(", at: end + 1) && end + 2 < text.count && isDigit(text[end + 2])
            // Sinatra: `2024-05-01 12:34:56 - ArgumentError - text`
            return text.has("[", at: end + 1) || !isWhole && (isNumbered || isBetweenDashes(text, from: start, to: end))
        default: return false
        }
    }

    private static func isBetweenDashes(_ text: Span<UInt8>, from start: Int, to end: Int) -> Bool {
        guard text.has("- ", at: end + 1) else { return false }
        var first = start
        while first > 0, !isBlank(text[unchecked: first - 1]) { first -= 1 }
        return first > 2 && text.has(" - ", at: first - 3)
    }

    /// True when a word that exceptions are called ends at `end`.
    static func endsLikeName(_ text: Span<UInt8>, at end: Int) -> Bool {
        text.has("Error", at: end - 5) || text.has("Exception", at: end - 9) || text.has("Throwable", at: end - 9)
    }

    /// True when the text tells of a panic as Go and its libraries do, not as people: `panic: x`, `panic recovered:`.
    static func isPanic(_ text: Span<UInt8>) -> Bool {
        var index = 0
        while let place = text.firstIndex(of: "anic", from: index + 1).map({ $0 - 1 }) {
            guard text[place] | 0x20 == UInt8(ascii: "p") else {
                index = place + 4
                continue
            }
            let end = place + 5
            if end == text.count { return true }
            for next in [":", " serving ", " recovered", "ked", "="] as [StaticString] where text.has(next, at: end) {
                return true
            }
            index = end
        }
        return false
    }

    /// True when a line that does not say its level announces a failure.
    ///
    /// People write of failures also when there is none. Therefore a noun counts only before a colon, a bracket or a
    /// few words, as the last word, or in a line that ends in a colon; a verb counts anywhere.
    static func isFailure(_ text: Span<UInt8>) -> Bool {
        let front = text.extracting(first: min(text.count, 1024))
        let isAnnouncing = text.count > 0 && text[text.count - 1] == UInt8(ascii: ":")
        for index in front.indices {
            let length =
                switch front[unchecked: index] | 0x20 {
                case UInt8(ascii: "e"):
                    max(front.lengthOf("error", inAnyCaseAt: index), front.lengthOf("exception", inAnyCaseAt: index))
                case UInt8(ascii: "f"):
                    max(front.lengthOf("failure", inAnyCaseAt: index), front.lengthOf("fatal", inAnyCaseAt: index))
                case UInt8(ascii: "p"): front.lengthOf("panic", inAnyCaseAt: index)
                default: 0
                }
            if length > 0, isAnnouncing || endsFailure(front, at: index + length) { return true }
            switch front[unchecked: index] | 0x20 {
            case UInt8(ascii: "f"): if front.lengthOf("failed", inAnyCaseAt: index) > 0 { return true }
            case UInt8(ascii: "c"): if front.lengthOf("crashed", inAnyCaseAt: index) > 0 { return true }
            case UInt8(ascii: "p"):
                // What net/http says of a handler.
                if front.has("panic serving ", at: index) || front.has("panicked", at: index) { return true }
            case UInt8(ascii: "e"): if front.has("exception caught on ", at: index) { return true }
            case UInt8(ascii: "u"):
                if front.lengthOf("unhandled", inAnyCaseAt: index) + front.lengthOf("uncaught", inAnyCaseAt: index) > 0
                {
                    return true
                }
            default: continue
            }
        }
        return false
    }

    /// True when a line announces a failure with its first word, as people write before they print a trace: `Error handling
    /// request`, `!!! Exception during processing`, `Failed to pay`.
    static func beginsWithFailure(_ text: Span<UInt8>) -> Bool {
        var start = 0
        while start < min(text.count, 8), !isLetter(text[unchecked: start]) { start += 1 }
        // What a program of Go says of a panic that it has caught.
        if isFailure(text, at: start) || text.lengthOf("recovered: ", inAnyCaseAt: start) > 0 { return true }
        // A program may say its name first: `bundler: failed to load command`.
        while start < min(text.count, 40), isWordByte(text[unchecked: start]) { start += 1 }
        return text.has(": ", at: start) && isFailure(text, at: start + 2)
    }

    private static func isFailure(_ text: Span<UInt8>, at start: Int) -> Bool {
        for word in [
            "error", "exception", "failed", "failure", "fatal", "unhandled", "uncaught", "unexpected", "segmentation",
            "panic", "assert", "assertion", "aborting",
        ] as [StaticString] {
            let end = start + text.lengthOf(word, inAnyCaseAt: start)
            if end > start { return end == text.count || !isWordByte(text[unchecked: end]) }
        }
        return false
    }

    /// True when the last word announces an exception: `Job "pay" raised an exception`, which Python's `logging` writes without
    /// a header when nobody configured it.
    static func endsWithFailure(_ text: Span<UInt8>) -> Bool {
        text.has(" raised an exception", at: text.count - 20) || text.has(" threw an exception", at: text.count - 19)
    }

    /// True when a record of Go's `log` tells of an error and its causes: `2024/05/01 12:34:56 pay: open db: refused`.
    static func isChain(_ record: Span<UInt8>) -> Bool {
        guard record.count > 20, record[4] == UInt8(ascii: "/"), record[7] == UInt8(ascii: "/"), record[19] == 0x20,
            let first = record.firstIndex(of: ": ", from: 20)
        else { return false }
        return record.firstIndex(of: ": ", from: first + 2) != nil
    }

    private static func endsFailure(_ text: Span<UInt8>, at end: Int) -> Bool {
        guard end < text.count else { return true }
        switch text[end] {
        case UInt8(ascii: ":"), UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "."), 0x0D:
            return true
        case 0x20:
            for next in [
                "(", "[", "in ", "while ", "during ", "when ", "raised ", "occurred", "calling ", "handling request",
            ] as [StaticString]
            where text.has(next, at: end + 1) {
                return true
            }
            return false
        default: return false
        }
    }

    private static func endOfIdentifier(in text: Span<UInt8>, from start: Int) -> Int {
        guard start < text.count else { return start }
        let length = text.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { scan_end_of_name($0 + start, bytes.count - start) } ?? 0
        }
        return start + length
    }

    private static func isName(_ name: Span<UInt8>) -> Bool {
        guard !isDigit(name[0]), name[0] != UInt8(ascii: "."), name[name.count - 1] != UInt8(ascii: ".") else {
            return false
        }
        if ends(name, "Exception") || ends(name, "Error") || ends(name, "Throwable") || ends(name, "Failure") {
            return true
        }
        // `com.acme.Overdrawn`: a package in lower case, a class in upper case.
        guard !isUpper(name[0]) else { return false }
        var index = name.count - 1
        while index > 0, name[index] != UInt8(ascii: "."), name[index] != UInt8(ascii: "$") { index -= 1 }
        guard index > 0, index + 1 < name.count else { return false }
        if isUpper(name[index + 1]) { return true }
        // Scala: `play.api.http.Exceptions$$anon$1`.
        guard isDigit(name[index + 1]), name[index] == UInt8(ascii: "$") else { return false }
        while index > 0, name[index] != UInt8(ascii: ".") { index -= 1 }
        return index > 0 && isUpper(name[index + 1])
    }

    private static func ends(_ name: Span<UInt8>, _ suffix: StaticString) -> Bool {
        name.has(suffix, at: name.count - suffix.utf8CodeUnitCount)
    }
}
