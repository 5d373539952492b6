/// What a logger put in front of every line of a trace, as it writes the lines of a text one by one, each as a record:
///
///     ERROR 05-01 12:34:56 [core.py:702] Traceback (most recent call last):           (vLLM)
///     ERROR 05-01 12:34:56 [core.py:702]   File "/app/main.py", line 12, in pay
///     2024-05-01T12:34:56,789 [INFO ] W-9000-bank-stdout MODEL_LOG - Traceback …      (TorchServe)
///     12:34:56,789 ERROR [stderr] (main) java.io.IOException: disk                    (WildFly)
///     12:34:56,789 ERROR [stderr] (main) ⇥at com.acme.Bank.pay(Bank.java:12)
///     05-01 12:34:56.789  17  17 E AndroidRuntime: FATAL EXCEPTION: main              (Android)
///     2024-05-01 12:34:56.789+00:00 [erro] <0.273.0>   crasher:                       (RabbitMQ)
///     2024-05-01 12:34:56.789+00:00 [erro] <0.273.0>     pid: <0.273.0>
///
///     api:dev:     at pay (/app/bank.js:3:11)                                         (Turborepo)
///
/// Records of the very same microsecond are lines of one text.
///
/// Where it ends can be seen only of a line whose text is known, or where two lines begin to differ. The other lines have
/// the same but for their digits.
/// Where two records begin alike and an exception is named, it can be guessed:
///
///     [error] (run-main-0) java.io.IOException: disk                                  (sbt)
///     [error] java.io.IOException: disk
///     [error] ⇥at com.acme.Bank.pay(Bank.scala:12)
struct LoggerPrefix {
    /// How many bytes it has, numbers counted as one.
    private let count: Int
    /// FNV-1a of these bytes.
    private let hash: UInt64
    /// The bytes of the prefix of the first line as they are, when a place in a source is in it; 0 otherwise.
    private let exactHash: UInt64
    /// How the head of the trace begins behind the prefix, up to eight bytes without digits; 0 when it has none.
    private var headStart: UInt64 = 0
    /// Two records have it in common, and no more is known: every line of the trace must have it.
    let isGuess: Bool
    /// Text that is further in than the head's belongs to it: its prefix was found where the lines begin to differ.
    private(set) var isShared = false
    /// The head tells of the end of the program, of which more is said line by line.
    private(set) var isOfFatal = false
    /// A line behind the head had it, and reads as if it carried on.
    var isConfirmed = false
    /// The microsecond is part of it: all that have it are of one text.
    private(set) var isOfMoment = false

    private static let opening: StaticString = "Traceback (most recent call last):"
    private static let fatal: StaticString = "FATAL EXCEPTION: "

    /// - Parameter record: a line that begins like a record; `nil` comes of one that ends neither in the first line of a
    ///   traceback nor in a frame.
    init?(of record: borrowing LineView) {
        guard let end = Self.end(of: record), end >= 2 else { return nil }
        let prefix = record.bytes.extracting(first: end)
        self.init(prefix, exactHash: prefix.firstIndex(of: ".py:") == nil ? 0 : prefix.fnv1a)
    }

    /// What two lines have in common at their front, up to a word, if the first names an exception behind it, or the second
    /// begins with the name of one.
    ///
    /// - Parameters:
    ///   - head: the record before the trace.
    ///   - line: the one behind it.
    init?(of head: Span<UInt8>, like line: Span<UInt8>) {
        guard let (end, endInLine) = Self.ends(head, line, at: .anyBlank), end >= 6,
            ExceptionText.isTold(in: head.extracting(end..<head.count))
                || ExceptionText.endOfName(in: line, from: endInLine) != nil
        else { return nil }
        self.init(head.extracting(first: end), isGuess: true)
    }

    /// - Parameter front: what all lines have at their front, whatever it is.
    init(front: Span<UInt8>) { self.init(front, exactHash: 0) }

    /// - Returns: the places behind what two lines have in common at their front, up to a blank; `nil` when there is none.
    static func endsOfFront(_ head: Span<UInt8>, _ line: Span<UInt8>) -> (inHead: Int, inLine: Int)? {
        guard beginAlike(head, line, most: 4), let ends = ends(head, line, at: .lastBlankInHead), ends.inHead >= 4
        else {
            return nil
        }
        return ends
    }

    private init(_ prefix: Span<UInt8>, exactHash: UInt64 = 0, isGuess: Bool = false) {
        var (hash, count, last) = (FNV1a(), 0, UInt8(0))
        for index in prefix.indices { Self.take(prefix[index], &hash, &count, &last) }
        (self.count, self.hash, self.exactHash, self.isGuess) = (count, hash.value, exactHash, isGuess)
    }

    private static func end(of record: borrowing LineView) -> Int? {
        if record.ends(with: opening) {
            let end = record.count - opening.utf8CodeUnitCount
            return record.has("  + Exception Group ", at: end - 20) ? end - 20 : end
        }
        return endBeforeFrame(record.bytes) ?? record.index(of: fatal, from: 0)
    }

    /// True when the record has a frame behind its prefix. Most do not end as frames do, and are looked at no further.
    @inline(__always)
    static func endsInFrame(_ record: Span<UInt8>) -> Bool {
        let last = record[unchecked: record.count - 1]
        return (last == UInt8(ascii: ")") || last == UInt8(ascii: "]") || isDigit(last))
            && endBeforeFrame(record) != nil
    }

    /// - Returns: the place of the indentation of `at com.acme.Bank.pay(Bank.java:12)` behind a prefix, less the blank that
    ///   belongs to the prefix; `nil` when there is no such frame.
    private static func endBeforeFrame(_ record: Span<UInt8>) -> Int? {
        guard let at = record.firstIndex(of: "\tat ") ?? record.firstIndex(of: "  at ") else {
            return endBeforeBareFrame(record)
        }
        guard at > 0 else { return nil }
        guard record.firstIndex(of: UInt8(ascii: "("), from: at) != nil || endsInColumn(record) else { return nil }
        var start = at
        while start > 0, isBlank(record[start - 1]) { start -= 1 }
        return record[start] == 0x20 ? start + 1 : start
    }

    /// `at async /app/main.js:7:3`
    private static func endsInColumn(_ record: Span<UInt8>) -> Bool {
        guard let column = record.startOfLineNumber(endingAt: record.count) else { return false }
        return record.startOfLineNumber(endingAt: column) != nil
    }

    /// `[ERROR] at com.acme.Bank.pay(Bank.java:12)`
    private static func endBeforeBareFrame(_ record: Span<UInt8>) -> Int? {
        guard record[record.count - 1] == UInt8(ascii: ")"), let bracket = record.firstIndex(of: "] at "),
            let open = record.firstIndex(of: UInt8(ascii: "("), from: bracket + 5)
        else { return nil }
        for index in (bracket + 5)..<open where isBlank(record[index]) { return nil }
        return bracket + 2
    }

    /// - Parameters:
    ///   - head: a warning or worse.
    ///   - line: the record behind it; `nil` comes of one that does not read as if it carried on with the head, behind the
    ///     same prefix.
    init?(sharedBy head: Span<UInt8>, and line: borrowing LineView) {
        let text = line.bytes.extracting(line.indent..<line.count)
        guard let (headEnd, length) = Self.ends(head, text, at: .blankBehindMark), length >= 8 else { return nil }
        let end = line.indent + length
        let isOfFatal = Self.saysFatal(head)
        guard isOfFatal || Self.carriesOn(line.behind(end), behind: head, at: headEnd) else { return nil }
        self.init(line.bytes.extracting(first: end))
        (isShared, self.isOfFatal) = (true, isOfFatal)
    }

    /// - Parameters:
    ///   - head: a warning or worse.
    ///   - line: the record behind it; `nil` comes of one of another microsecond or from somebody else.
    init?(ofMoment head: Span<UInt8>, and line: Span<UInt8>) {
        guard let length = Self.endOfMoment(head, line) else { return nil }
        let start = length < head.count ? Self.start(of: head, from: length) : 0
        // One that begins alike is another of its kind.
        guard start == 0 || start != Self.start(of: line, from: length) else { return nil }
        let prefix = line.extracting(first: length)
        self.init(prefix, exactHash: prefix.extracting(first: prefix.endOfText(before: length)).fnv1a)
        (isOfMoment, headStart) = (true, start)
    }

    /// - Returns: the place behind what both lines have at their front, if a time down to the microsecond is in it.
    private static func endOfMoment(_ head: Span<UInt8>, _ line: Span<UInt8>) -> Int? {
        // Of a time behind a date, the last digits differ as a rule.
        if head.count > 22, line.count > 22, head[unchecked: 4] == UInt8(ascii: "-") {
            for index in 17...22 where head[unchecked: index] != line[unchecked: index] { return nil }
        }
        var index = 0
        var end = 0
        var digits = 0
        var hasMoment = false
        while index < min(head.count, line.count), head[index] == line[index] {
            let byte = head[index]
            if isDigit(byte) {
                digits += 1
            } else {
                // What ends in noughts is no more exact than that.
                let isExact = digits >= 6 && index > digits && !line.has("000", at: index - 3)
                if isExact, head[index - digits - 1] == UInt8(ascii: ".") { hasMoment = true }
                digits = 0
            }
            index += 1
            if hasMoment, isBlank(byte), isMark(head[index - 2]) { end = index }
        }
        // The head may say nothing.
        if hasMoment, index == head.count, index < line.count, isBlank(line[index]), isMark(head[index - 1]) {
            end = index + 1
        }
        return end > 0 ? end : nil
    }

    private static func carriesOn(_ text: borrowing LineView, behind head: Span<UInt8>, at headEnd: Int) -> Bool {
        if text.isBlankLine { return false }
        var indent = 0
        while headEnd + indent < head.count, isBlank(head[headEnd + indent]) { indent += 1 }
        return text.indent > indent || (!text.isRecord && FrameShape.isLikely(text))
    }

    /// Where a prefix may end.
    private enum End {
        case anyBlank
        case blankBehindMark
        /// Blanks that both lines have are of the prefix, as far as the head has them.
        case lastBlankInHead
    }

    /// - Parameter kind: where it may end.
    /// - Returns: the places behind the last blank that both lines have, as they have everything before it but for digits;
    ///   `nil` when there is none.
    private static func ends(
        _ head: Span<UInt8>, _ line: Span<UInt8>, at kind: End
    ) -> (inHead: Int, inLine: Int)? {
        var (index, other) = (0, 0)
        var ends: (Int, Int)?
        while index < head.count, other < line.count {
            let byte = head[unchecked: index]
            if isDigit(byte), isDigit(line[unchecked: other]) {
                while index < head.count, isDigit(head[unchecked: index]) { index += 1 }
                while other < line.count, isDigit(line[unchecked: other]) { other += 1 }
                continue
            }
            guard byte == line[unchecked: other] else { break }
            (index, other) = (index + 1, other + 1)
            guard isBlank(byte) else { continue }
            let isEnd =
                switch kind {
                case .anyBlank: true
                case .blankBehindMark: byte == 0x09 || index > 1 && isMark(head[index - 2])
                case .lastBlankInHead: index == head.count || !isBlank(head[index])
                }
            if isEnd { ends = (index, other) }
        }
        return ends
    }

    private static func isMark(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "]"), UInt8(ascii: ":"), UInt8(ascii: ">"), UInt8(ascii: "-"), UInt8(ascii: "|"),
            UInt8(ascii: ")"):
            true
        default: false
        }
    }

    /// `[critical]`, `<Fatal>`, `FATAL`
    private static func saysFatal(_ head: Span<UInt8>) -> Bool {
        let front = head.extracting(first: min(head.count, 80))
        return says("FATAL", "Fatal", in: front) || says("CRITICAL", "Critical", in: front)
            || says("[fatal]", "[critical]", in: front) || says("\tfatal\t", "\tcritical\t", in: front)
    }

    /// - Parameter other: begins with the same byte as `word`.
    @inline(__always)
    private static func says(_ word: StaticString, _ other: StaticString, in text: Span<UInt8>) -> Bool {
        var start = 0
        while let place = text.firstIndex(of: word.utf8Start[0], from: start) {
            if text.has(word, at: place) || text.has(other, at: place) { return true }
            start = place + 1
        }
        return false
    }

    /// A quick look: false of most records that have nothing to do with each other.
    static func mayBeShared(by head: Span<UInt8>, and line: Span<UInt8>) -> Bool {
        switch line[line.count - 1] {
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "'"), UInt8(ascii: ":"), UInt8(ascii: ">"): true
        case let last: isDigit(last) || isBlank(line[0]) || saysFatal(head)
        }
    }

    /// True when two records begin alike, up to something in brackets that only one of them has, as of OpenStack:
    ///
    ///     2024-05-01 12:34:56.789 17 ERROR nova.compute [req-17] [instance: 3] Failed: KeyError: 'port'
    ///     2024-05-01 12:34:56.789 17 ERROR nova.compute [instance: 3] Traceback (most recent call last):
    static func isShared(by head: Span<UInt8>, and record: borrowing LineView) -> Bool {
        guard record.ends(with: opening) else { return false }
        let end = record.count - opening.utf8CodeUnitCount
        var index = 0
        while index < min(head.count, end),
            head[index] == record.bytes[index] || isDigit(head[index]) && isDigit(record.bytes[index])
        {
            index += 1
        }
        return index * 3 > end * 2 && record.bytes[index - 1] == UInt8(ascii: "[")
    }

    /// True when two lines begin alike but for their digits. Only a few bytes are looked at.
    @inline(__always)
    static func beginAlike(_ head: Span<UInt8>, _ line: Span<UInt8>, most: Int = 8) -> Bool {
        guard head.count > most, line.count > most else { return false }
        for index in 0..<2 {
            let (one, other) = (head[unchecked: index], line[unchecked: index])
            guard one == other || isDigit(one) && isDigit(other) else { return false }
        }
        return true
    }

    /// True when Android says in the record that a program died.
    static func isFatal(_ record: Span<UInt8>) -> Bool {
        record.extracting(first: min(record.count, 80)).firstIndex(of: fatal) != nil
    }

    /// - Parameters:
    ///   - head: the record before the trace.
    ///   - end: where the prefix ends in it.
    mutating func note(head: Span<UInt8>, prefixEnd end: Int) { headStart = Self.start(of: head, from: end) }

    /// True when the prefix is the same to the byte, down to the second and the line of the source that logged it: such
    /// lines are of one record. But one that begins like the head is that of another.
    func isOfSameRecord(_ line: Span<UInt8>, endingAt end: Int) -> Bool {
        exactHash != 0 && line.extracting(first: isOfMoment ? line.endOfText(before: end) : end).fnv1a == exactHash
            && (headStart == 0 || Self.start(of: line, from: end) != headStart)
    }

    private static func start(of line: Span<UInt8>, from start: Int) -> UInt64 {
        var bytes: UInt64 = 0
        for index in start..<min(start + 8, line.count) where !isDigit(line[index]) {
            bytes = bytes << 8 | UInt64(line[index])
        }
        return bytes
    }

    /// - Returns: the place behind the prefix; `nil` when the line has another. A blank at the end of the line may be
    ///   missing.
    func end(in line: Span<UInt8>) -> Int? {
        var (hash, count, last) = (FNV1a(), 0, UInt8(0))
        for index in line.indices {
            let byte = line[index]
            if count == self.count, !(isDigit(byte) && isDigit(last)) { return hash.value == self.hash ? index : nil }
            Self.take(byte, &hash, &count, &last)
        }
        if count == self.count - 1 { Self.take(0x20, &hash, &count, &last) }
        return count == self.count && hash.value == self.hash ? line.count : nil
    }

    @inline(__always)
    private static func take(_ byte: UInt8, _ hash: inout FNV1a, _ count: inout Int, _ last: inout UInt8) {
        let isSameNumber = isDigit(byte) && isDigit(last)
        last = byte
        guard !isSameNumber else { return }
        hash.add(isDigit(byte) ? 0x30 : byte)
        count += 1
    }
}
