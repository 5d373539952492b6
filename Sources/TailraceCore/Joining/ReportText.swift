/// What the record before a text says, as far as it decides whether the text belongs to it.
enum ReportKind {
    case none
    /// A warning, or a record without a level that tells of a failure: one of the lines has to be a frame, or all have to name
    /// causes.
    case doubtful
    /// An error without a time: the first line has to tell of a failure, or one to be a frame, which it has to be if a trace has
    /// ended before them.
    case untimed
    /// A record with a time that tells of an error or worse.
    case certain
}

/// What is known of the lines that are held behind such a record.
struct HeldText {
    /// Lines that are not blank.
    var count = 0
    /// Those that begin with a letter at the margin.
    var plainCount = 0
    /// One of them may be another logger's.
    var holdsForeign = false
    /// One of them is no plain prose.
    var isShaped = false
    /// One of them is likely to be a frame.
    var hasFrame = false
    /// The first of them tells of a failure; known behind an error without a time.
    var tellsFailure = false
    /// The first of them says what caused it; behind a warning, all.
    var namesCause = false
    /// The first of them may be plain prose.
    var beginsAsProse = false
    /// A trace has ended before them.
    var isBehindTrace = false
    /// A blank line stands before them.
    var isBehindBlank = false
    /// None of them is indented.
    var isAtMargin = true
    /// One of them is held for no other reason than a record that may follow, and the one before them is not certain.
    var isGuess = false
    /// All of them are indented, or only close a bracket or a quote.
    var isIndented = true

    /// `slow at bank.pl line 3.`, and frames
    var isAnotherTrace: Bool { isBehindTrace && beginsAsProse && hasFrame }
}

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
/// own, unless there is a frame among them, and no prose before it.
extension TraceMachine {
    /// So many lines make a text.
    private static let linesMin = 2
    /// So many may be held, of which so many begin with a letter at the margin, as what is printed does.
    private static let (linesMax, plainLinesMax) = (512, 24)

    var heldLinesMax: Int { report == .none ? Self.heldLinesMax : Self.linesMax }

    /// True when the lines held are the text of the error in the record before them, if a record comes now.
    var holdsReportText: Bool {
        report != .none && heldText.count > 0 && !heldText.holdsForeign && (isPlausible || heldText.hasFrame)
            && (heldText.isIndented || heldText.isShaped && heldText.count >= Self.linesMin || heldText.namesCause)
            // Behind a trace, that is the next one who speaks.
            && (isBehindHead || language.isEmpty
                || !heldText.beginsAsProse && !heldText.isBehindBlank
                || !heldText.isAtMargin && !heldText.isAnotherTrace)
    }

    /// True when they are a single line that the record announces: it ends in a colon, or says nothing.
    var holdsAnnounced: Bool {
        isAnnounced && language.isEmpty && report == .certain && heldText.count == 1 && !heldText.holdsForeign
    }

    /// True when they are, although no record comes in time: a program that ends with an error says nothing more.
    var holdsReportFrames: Bool { heldText.hasFrame && !heldText.beginsAsProse && holdsReportText }

    /// Of the held lines, none needs to be a frame.
    private var isPlausible: Bool {
        switch report {
        case .certain: true
        case .untimed: (isBehindHead || language.isEmpty) && (heldText.tellsFailure || heldText.isIndented)
        case .doubtful: heldText.namesCause
        case .none: false
        }
    }

    /// False of what another logger wrote, in a form that is not known as a record's. What names an exception behind a
    /// warning may be an error of its own.
    private func isOwn(_ line: borrowing LineView) -> Bool {
        if report != .certain, ExceptionText.isTold(in: line.bytes) || opens(line) { return false }
        // `[core] [error] text`, then `[net] text`.
        if report == .untimed, isHeadBracketed, line.has("[", at: 0) { return false }
        return line.header == .none && (line.prefix.map { line.has("= ", at: $0.end) } ?? true)
            && !HeaderWord(in: line.bytes, at: 0).isRequestMethod && !RecordHeader.isAccess(line.bytes)
            && !RecordHeader.namesCalmLevel(line.bytes)
    }

    /// Notes that the line is held.
    ///
    /// - Parameter isText: ``mayBeReportText(_:)`` has said so.
    mutating func hold(_ line: borrowing LineView, isText: Bool) {
        if line.isRecord { holdsRecord = true }
        guard report != .none else { return }
        guard !line.isBlankLine else {
            if heldText.count == 0 { heldText.isBehindBlank = true }
            return
        }
        let isShaped = Self.isShaped(line)
        if heldText.count == 0 {
            heldText.beginsAsProse = !isShaped
            heldText.isBehindTrace = !language.isEmpty
            heldText.tellsFailure = report == .untimed && Self.tellsFailure(line)
        }
        if heldText.count == 0 || report == .doubtful && heldText.namesCause {
            heldText.namesCause = Self.namesCause(line, behind: report)
        }
        heldText.count += 1
        if line.indent > 0 { heldText.isAtMargin = false }
        if line.indent == 0, isLetter(line.firstByte) { heldText.plainCount += 1 }
        if !isText, !isOwn(line) { heldText.holdsForeign = true }
        if isShaped { heldText.isShaped = true }
        if report != .certain, isText { heldText.isGuess = true }
        if !heldText.hasFrame { heldText.hasFrame = Self.isFrame(line) }
        if line.indent == 0, !Self.closes(line) { heldText.isIndented = false }
    }

    /// True when a line that no rule admits may be part of the text.
    func mayBeReportText(_ line: borrowing LineView) -> Bool {
        guard report != .none, heldText.plainCount < Self.plainLinesMax, loggerPrefix == nil, !hasCommonPrefix,
            isOwn(line)
        else { return false }
        guard report == .certain else { return !heldText.holdsForeign }
        guard opens(line) else { return true }
        // Behind a trace, the name of an exception begins another.
        return (isBehindHead || language.isEmpty)
            && (ExceptionText.endOfName(in: line.bytes, from: 0) != nil || line.has("Error:", at: 0)
                || line.has("Backtrace:", at: 0))
    }

    private static func namesCause(_ line: borrowing LineView, behind report: ReportKind) -> Bool {
        let length = line.bytes.lengthOf("caused by", inAnyCaseAt: line.indent)
        // Behind a warning, prose begins so, too.
        return length > 0 && (report != .doubtful || line.has(":", at: line.indent + length))
    }

    /// True of a bracket or a quote that closes what was opened before.
    private static func closes(_ line: borrowing LineView) -> Bool {
        guard line.count <= 3 else { return false }
        for index in line.bytes.indices where isWordByte(line.bytes[index]) { return false }
        return true
    }

    /// True of what names a failure anywhere, and of terms, tags and bullets as tools print them.
    private static func tellsFailure(_ line: borrowing LineView) -> Bool {
        switch line.firstByte {
        case UInt8(ascii: "{"), UInt8(ascii: "<"), UInt8(ascii: "!"): return true
        default: break
        }
        for index in line.bytes.indices where line.bytes[unchecked: index] | 0x20 == UInt8(ascii: "e") {
            if line.bytes.lengthOf("exception", inAnyCaseAt: index) > 0 { return true }
        }
        return ExceptionText.isFailure(line.bytes)
    }

    /// False of what may be plain prose.
    private static func isShaped(_ line: borrowing LineView) -> Bool {
        line.indent > 0 || !isLetter(line.firstByte) || line.marks.contains(.colon)
            || line.marks.contains(.roundBracket)
    }

    /// Also ` at bank.pl line 3` and `File "bank.py", line 3`.
    private static func isFrame(_ line: borrowing LineView) -> Bool {
        if FrameShape.isLikely(line) { return true }
        guard line.indent > 0, let word = line.index(of: " line ", from: line.indent), word + 6 < line.count else {
            return false
        }
        return isDigit(line.bytes[word + 6])
    }

    /// - Parameter head: a warning or worse.
    static func kind(ofReport head: Span<UInt8>) -> ReportKind {
        let front = head.extracting(first: min(head.count, 128))
        return isWarning(front) ? .doubtful : hasClock(front) || isDigit(head[0]) ? .certain : .untimed
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

    /// `WARN`, `warning`, also of klog, Tornado and TensorFlow: `W0501`, `[W `, ` W `, `W/`
    private static func isWarning(_ front: Span<UInt8>) -> Bool {
        for index in front.indices where front[unchecked: index] | 0x20 == UInt8(ascii: "w") {
            if front.lengthOf("warn", inAnyCaseAt: index) > 0 { return true }
            guard front[unchecked: index] == UInt8(ascii: "W") else { continue }
            if index == 0, front.count > 1, isDigit(front[1]) { return true }
            if front.has("[", at: index - 1) || front.has("/", at: index + 1) { return true }
            if front.has(" ", at: index - 1), front.has(" ", at: index + 1) { return true }
        }
        return false
    }
}
