/// What a program that logs in records says between the record of an error and the next record, in whatever form: the tools
/// that print it are more than anybody knows, but hardly anything else stands there.
///
///     2024-05-01 12:34:56 ERROR scoring: step failed
///     <callr_error/rlib_error_3_0/rlib_error/error>
///     Error:
///     ! 'data' must be of a vector type, was 'NULL'
///     2024-05-01 12:34:57 INFO  scoring: step skipped
///
/// Two lines or more are held until a record follows; then they belong to the error, unless all of them may be plain prose.
/// A single line may be what somebody printed, unless it is indented. Where nothing follows in time they are events of their
/// own.
extension TraceMachine {
    /// So many lines make a text.
    private static let linesMin = 2
    /// So many may be held, of which so many begin with a letter at the margin, as what is printed does.
    private static let (linesMax, plainLinesMax) = (512, 24)

    var heldLinesMax: Int { isReport ? Self.linesMax : Self.heldLinesMax }

    /// True when the lines held are the text of the error in the record before them, if a record comes now.
    var holdsReportText: Bool {
        isReport && !holdsForeign
            && (heldTextCount >= Self.linesMin && isHeldTextShaped || heldTextCount > 0 && isHeldTextIndented)
    }

    /// False of what another logger wrote, in a form that is not known as a record's.
    private func isNobodyElses(_ line: borrowing LineView) -> Bool {
        line.header == .none && (line.prefix.map { line.has("= ", at: $0.end) } ?? true)
            && !HeaderWord(in: line.bytes, at: 0).isRequestMethod && !RecordHeader.namesCalmLevel(line.bytes)
    }

    /// Notes that the line is held.
    mutating func hold(_ line: borrowing LineView) {
        if line.isRecord { holdsRecord = true }
        guard isReport, !line.isBlankLine else { return }
        let isIndented = line.indent > 0 || Self.closes(line)
        isHeldTextIndented = isIndented && (heldTextCount == 0 || isHeldTextIndented)
        isHeldTextShaped = Self.isShaped(line) || heldTextCount > 0 && isHeldTextShaped
        holdsForeign = !isNobodyElses(line) || heldTextCount > 0 && holdsForeign
        heldTextCount += 1
        if line.indent == 0, isLetter(line.firstByte) { heldPlainCount += 1 }
    }

    /// True when a line that no rule admits may be part of the text.
    func mayBeReportText(_ line: borrowing LineView) -> Bool {
        guard isReport, heldPlainCount < Self.plainLinesMax, loggerPrefix == nil, !hasCommonPrefix, isNobodyElses(line)
        else { return false }
        guard opens(line) else { return true }
        // Behind a trace, the name of an exception begins another.
        return (isBehindHead || language.isEmpty)
            && (ExceptionText.endOfName(in: line, from: 0) != nil || line.has("Error:", at: 0)
                || line.has("Backtrace:", at: 0))
    }

    /// True of a bracket or a quote that closes what was opened before.
    private static func closes(_ line: borrowing LineView) -> Bool {
        guard line.count <= 3 else { return false }
        for index in line.bytes.indices where isWordByte(line.bytes[index]) { return false }
        return true
    }

    /// False of what may be plain prose.
    private static func isShaped(_ line: borrowing LineView) -> Bool {
        line.indent > 0 || !isLetter(line.firstByte) || line.marks.contains(.colon)
            || line.marks.contains(.roundBracket)
    }

    /// True of a record that has a time and tells of an error or worse.
    static func isReport(_ head: Span<UInt8>) -> Bool {
        let front = head.extracting(first: min(head.count, 128))
        return (hasClock(front) || isDigit(head[0])) && !isWarning(front)
    }

    /// `12:34`
    private static func hasClock(_ front: Span<UInt8>) -> Bool {
        var start = 2
        while let colon = front.firstIndex(of: UInt8(ascii: ":"), from: start) {
            if colon + 2 < front.count, isDigit(front[colon - 2]), isDigit(front[colon - 1]), isDigit(front[colon + 1]),
                isDigit(front[colon + 2])
            {
                return true
            }
            start = colon + 1
        }
        return false
    }

    private static func isWarning(_ front: Span<UInt8>) -> Bool {
        // klog, Tornado, TensorFlow
        if front.has("W", at: 0), front.count > 1, isDigit(front[1]) { return true }
        for word in ["[W", " W ", "W/", "WARN", "Warn", "warn"] as [StaticString]
        where front.firstIndex(of: word) != nil { return true }
        return false
    }
}
