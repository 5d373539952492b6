/// What the rules see of a line: its bytes without colours and without the carriage return at the end, and what was
/// found out about its beginning.
///
/// Only a view: the bytes that go out are the ones that were written.
struct LineView: ~Escapable {
    /// Without the quote that PHP-FPM puts behind what a program said.
    let bytes: Span<UInt8>
    /// Blanks and tabs at the front. All of the line when it is blank.
    let indent: Int
    /// A blank line that is not empty: it only ends a colour, as Gin does behind a trace.
    let isCodes: Bool
    /// The first byte behind the indentation; 0 when the line is blank.
    let firstByte: UInt8
    let header: RecordHeader
    /// The line is a record by ``RecordHeader/behindClock(_:)``.
    let isByClock: Bool
    /// Of a line that may be a piece of a trace; none of one whose header says what it is. Of a record without a level,
    /// they are those of what stands behind its prefix.
    let marks: LineMarks
    /// What somebody put in front of the line, if anything. Not looked for in a record with a level: see
    /// ``TraceMachine/asksForPrefix(_:)``.
    let prefix: LinePrefix?
    /// The line may have been sent with something in front; it is still part of ``bytes``.
    let maybeSent: Bool

    /// - Parameters:
    ///   - plain: a line from which ``ANSICodes`` has removed the codes, if there were any.
    ///   - known: its header, if somebody knows it; then no ``TransportPrefix`` stands before a record.
    @_lifetime(copy plain)
    init(_ plain: Span<UInt8>, header known: RecordHeader? = nil) {
        var count = plain.count
        if count > 0, plain[unchecked: count - 1] == 0x0D { count -= 1 }
        isCodes = count == 1 && plain[unchecked: 0] == ANSICodes.escape
        if isCodes { count = 0 }
        let isQuoted = count > 0 && plain[unchecked: count - 1] == UInt8(ascii: "\"") && Self.isQuoted(plain)
        if isQuoted { count -= 1 }
        bytes = plain.extracting(first: count)
        var indent = 0
        while indent < count {
            if isBlank(bytes[unchecked: indent]) {
                indent += 1
            } else if bytes[unchecked: indent] == UInt8(ascii: "#"), bytes.has("#011", at: indent) {
                // rsyslog writes tabs so.
                indent += 4
            } else {
                break
            }
        }
        self.indent = indent
        firstByte = indent < count ? bytes[unchecked: indent] : 0
        // Of a line that is no record, only that is known.
        let isUnknown = known == nil || known == RecordHeader.none
        var header = isQuoted ? .unrated : known ?? RecordHeader(of: bytes, indent: indent)
        var marks: LineMarks = []
        var prefix: LinePrefix?
        var isByClock = false
        if header == .none {
            marks = LineMarks(of: bytes, from: indent)
            if firstByte == UInt8(ascii: "[") || firstByte == UInt8(ascii: "(")
                || indent + 1 < count && bytes[unchecked: indent + 1] == UInt8(ascii: "/")
                || firstByte == UInt8(ascii: "f") && bytes.has("flutter:", at: 0)
                || firstByte == UInt8(ascii: "k") && bytes.has("kern  :", at: 0)
                || marks.isSuperset(of: [.squareBracket, .colon, .digit]) && Self.beginsWithTag(bytes)
            {
                prefix = LinePrefix(of: bytes)
                // A name in front does not make less of a record.
                if let name = prefix?.nameEnd, name > 0 {
                    header = RecordHeader(
                        of: bytes.extracting(name..<count), indent: Self.indent(of: bytes, from: name))
                    // Its `WARNING: CPU: 0 …` is no level but the first words of a report.
                    if header == .alarm,
                        bytes.has("kern  :", at: 0) || bytes.has("WARNING: ThreadSanitizer: ", at: name)
                    {
                        header = .unrated
                    }
                }
            }
            if header == .none, known == nil, indent == 0, prefix == nil, marks.isSuperset(of: [.colon, .digit]),
                let found = RecordHeader.behindClock(bytes),
                !TransportPrefix.mayBegin(bytes, marks, isRecord: false) || TransportPrefix(of: bytes) == nil
            {
                (header, isByClock) = (found, true)
            }
        }
        switch header {
        case .none: break
        case .unrated:
            prefix = prefix ?? LinePrefix(of: bytes)
            marks = LineMarks(of: bytes, from: prefix?.end ?? indent)
        case .alarm, .calm, .object, .access:
            marks = []
            prefix = nil
        }
        (self.header, self.marks, self.prefix, self.isByClock) = (header, marks, prefix, isByClock)
        maybeSent =
            isUnknown && indent == 0 && TransportPrefix.mayBegin(bytes, marks, isRecord: header != .none)
    }

    /// `[01-May-2024 12:34:56] WARNING: [pool www] child 17 said into stderr: "text"`
    private static func isQuoted(_ bytes: Span<UInt8>) -> Bool {
        bytes.has("[", at: 0) && bytes.has("] WARNING: [pool ", at: 21)
            && bytes.firstIndex(of: " said into stderr: \"", from: 38) != nil
    }

    /// `app[17`: the name of a program and a number in brackets, or what looks so.
    private static func beginsWithTag(_ bytes: Span<UInt8>) -> Bool {
        var index = 0
        while index < bytes.count, isWordByte(bytes[unchecked: index]) { index += 1 }
        return index > 0 && index + 1 < bytes.count && bytes[unchecked: index] == UInt8(ascii: "[")
            && isDigit(bytes[unchecked: index + 1])
    }

    private static func indent(of bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, TailraceCore.isBlank(bytes[unchecked: index]) { index += 1 }
        return index - start
    }

    /// False when none of the rules can apply to what stands behind the prefix.
    func mayMatch(_ rules: RuleIndex, behind end: Int) -> Bool {
        rules.mayApply(behind: end, of: bytes, header == .unrated ? marks : LineMarks(of: bytes, from: end))
    }

    /// The line without its prefix, judged as if it stood alone.
    @_lifetime(copy self)
    func behind(_ prefix: LinePrefix) -> LineView { behind(prefix.end) }

    @_lifetime(copy self)
    func behind(_ end: Int) -> LineView {
        LineView(bytes.extracting(end..<bytes.count))
    }

    /// What the line was sent with, if anything.
    var transport: TransportPrefix? { maybeSent ? TransportPrefix(of: bytes) : nil }

    /// The byte behind ``firstByte``; 0 when there is none.
    @inline(__always)
    var secondByte: UInt8 { indent + 1 < bytes.count ? bytes[unchecked: indent + 1] : 0 }

    var count: Int { bytes.count }
    /// `nil` when the line is empty.
    var lastByte: UInt8? { bytes.count > 0 ? bytes[unchecked: bytes.count - 1] : nil }
    var isBlankLine: Bool { indent == bytes.count }
    /// True when the line begins with a time, a level or a JSON object: it starts a record and carries on none.
    var isRecord: Bool { header != .none }

    /// True when every byte of the line is `mark`.
    func isRuler(of mark: UInt8) -> Bool {
        for index in bytes.indices where bytes[unchecked: index] != mark { return false }
        return true
    }

    /// True when `literal` stands at `index`.
    func has(_ literal: StaticString, at index: Int) -> Bool {
        bytes.has(literal, at: index)
    }

    /// True when `literal` is the end of the line.
    func ends(with literal: StaticString) -> Bool {
        bytes.has(literal, at: bytes.count - literal.utf8CodeUnitCount)
    }

    /// - Returns: the first place of `byte` at or behind `start`.
    func index(of byte: UInt8, from start: Int) -> Int? {
        bytes.firstIndex(of: byte, from: start)
    }

    /// - Returns: the first place of `literal` at or behind `start`.
    func index(of literal: StaticString, from start: Int) -> Int? {
        bytes.firstIndex(of: literal, from: start)
    }

    /// - Returns: the place behind the decimal digits at `start`; `start` itself when there are none.
    func endOfDigits(from start: Int) -> Int {
        var index = start
        while index < count, isDigit(bytes[unchecked: index]) { index += 1 }
        return index
    }

    /// True of `#0` and `#1`. A stack that begins further on has lost its head: the line before it is none of its own.
    var startsStack: Bool {
        (secondByte == UInt8(ascii: "0") || secondByte == UInt8(ascii: "1"))
            && endOfDigits(from: indent + 1) == indent + 2
    }

    /// - Returns: the place behind the hexadecimal digits at `start`; `start` itself when there are none.
    func endOfHexDigits(from start: Int) -> Int {
        var index = start
        while index < count, isHexDigit(bytes[unchecked: index]) { index += 1 }
        return index
    }

    /// As ``Span/startOfLineNumber(endingAt:)``.
    func startOfLineNumber(endingAt end: Int) -> Int? { bytes.startOfLineNumber(endingAt: end) }
}

@inline(__always) func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
@inline(__always) func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
@inline(__always) func isUpper(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 }
@inline(__always) func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
