/// Judges line by line whether an event goes on, for all languages at once.
///
/// Every language that still fits has a place in its table. What it answers about a line depends on nothing but the
/// lines since ``open(_:)``, so that an event does not depend on where reading began.
struct TraceMachine: ~Copyable {
    /// What the first line of an event is.
    enum Opening {
        /// An event of its own; nothing can follow.
        case alone
        /// May turn out to be the head of a trace.
        case head
        /// The first line of a trace.
        case trace
        /// A frame or the like: what carries on a trace that was cut.
        case resumed
    }

    /// What a further line is to the event.
    enum Judgement {
        case joins
        case waits
        case ends
        /// Ends it, and the lines held behind it belong to it.
        case closes
    }

    /// So many lines of a text may be held behind a head that announces more.
    private static let candidatesMax = 16

    let rules: JoinRules
    /// The languages that still fit.
    var places: ActiveLanguages
    /// Only a head has been read, and candidates behind it.
    var isBehindHead = false
    var headHeader = RecordHeader.none
    /// What the head admits; found out when a line comes after it that may belong to it.
    var headPlaces: TracePlaces?
    /// Lines held behind the head that may turn out to be the text of an exception, when a frame follows.
    var candidateCount = 0
    /// The head ends in a colon.
    var isAnnounced = false
    /// All lines held behind the head are indented.
    var isTextIndented = false
    /// The head names an exception, whose text may have more lines.
    var isTold = false
    /// The head ends in a colon, and all lines held behind it have blanks in front.
    var holdsList = false
    /// One of the lines held begins like a record.
    var holdsRecord = false
    /// Where in a line the text of an error may begin that reads like a record; `nil` when the head admits none.
    var errorStart: Int?
    /// Of the prefix that the first line has; 0 when it has none.
    var prefixShape: UInt64 = 0
    /// The first line was not looked at for a prefix yet.
    var isPrefixUnknown = false
    /// Of the name at the front of that prefix.
    var nameShape: UInt64 = 0
    /// No rule for the first line of a trace, or for the one behind a head, applies to the line at hand.
    private(set) var isOrdinary = false
    /// A line behind the first has the same prefix.
    var hasCommonPrefix = false
    /// What a logger writes in front of every line of this trace.
    var loggerPrefix: LoggerPrefix?
    /// Lines behind the first have it, too.
    var hasLoggerPrefix = false
    /// The line that opened the trace: its length and FNV-1a. It starts another trace when it comes again.
    var firstLine: (count: Int, hash: UInt64) = (0, 0)
    /// The line behind the head, of an alarm, that names the exception. It starts the same trace once more when it comes
    /// again: many a logger has it in its text as well.
    var namingLine: (count: Int, hash: UInt64) = (0, 0)
    /// Lines without the prefix that the first line has belong to the event.
    var isPrefixMissing = false
    /// Whose rules the lines so far have followed; empty as long as no line has joined.
    var language: TraceLanguages = []
    /// The line before the one at hand belongs to the event for certain.
    var hasJoined = true
    /// A frame of Java has put all other languages aside: see ``carriesOn(_:)``.
    var isSettled = false
    /// The rule that decided last, in the table; for explanations.
    var decidingRule: Int?

    init(_ rules: JoinRules) {
        self.rules = rules
        places = ActiveLanguages(count: rules.ranges.count)
    }

    /// True when nothing but a head has been read, so that only a piece of a trace can join it.
    var isBehindNewHead: Bool { isBehindHead && headPlaces == nil }

    /// True when no language has a rule for another line.
    var isComplete: Bool {
        !isBehindHead && !rules.joinsIndented && places.isEmpty && loggerPrefix?.isShared != true
            && loggerPrefix?.isOfMoment != true
    }

    /// True when the lines held belong to the event if a record comes now: between the record that announced a trace and the
    /// next one stands what the exception had to say further, or a list behind a colon. A single line behind a trace may be
    /// anybody's.
    ///
    /// - Parameter heldCount: how many are held.
    func holdsText(_ heldCount: Int) -> Bool {
        guard heldCount > 0, !holdsRecord else { return false }
        guard !isBehindHead else { return holdsList && headHeader == .alarm }
        guard headHeader != .none, heldCount > 1 || language.isEmpty else { return false }
        var rest = places.indices
        while rest != 0 {
            if places[rest.trailingZeroBitCount].contains(.closingText) { return true }
            rest &= rest - 1
        }
        return false
    }

    /// Takes a quick look at a line before it is judged, which spares most lines the rest.
    mutating func look(at line: borrowing LineView) {
        isOrdinary = line.header == .none && rules.quickRules.isOrdinary(line)
    }

    // MARK: Further lines

    /// Takes what the first line of the event admits behind it.
    mutating func learn(_ facts: HeadFacts) {
        headPlaces = facts.places
        loggerPrefix = facts.loggerPrefix
        (isAnnounced, holdsList, errorStart) = (facts.isAnnouncing, facts.isAnnouncing, facts.errorStart)
        isTold = facts.places.contains(.tellingAlarm)
        if let line = facts.namingLine { namingLine = line }
        if let shape = facts.tagShape { (prefixShape, nameShape) = (shape, 0) }
    }

    /// Takes the prefix of the first line of the event.
    mutating func learn(_ prefix: LinePrefix?) {
        take(prefix)
        isPrefixUnknown = false
    }

    /// True when ``next(_:)`` would say that the line joins, and nothing would change by it. Most lines of a log with stack
    /// traces are frames behind frames.
    ///
    /// - Parameter line: as it was written, without codes for terminals.
    @inline(__always)
    func carriesOn(_ line: Span<UInt8>) -> Bool {
        // Of the same length as the first, it might be the same line, and start another trace.
        isSettled && line.count != firstLine.count && JavaTrace.isPlainFrame(line)
    }

    /// Judges a line behind the first.
    @inline(__always)
    mutating func next(_ line: borrowing LineView) -> Judgement {
        isSettled = false
        if line.isCodes, hasJoined, !isBehindHead {
            decidingRule = nil
            return .joins
        }
        var judgement = judge(line)
        let isUndecided = judgement == .ends || (judgement == .waits && isBehindHead)
        if isUndecided, rules.joinsIndented, line.indent > 0, !line.isBlankLine { judgement = .joins }
        hasJoined = judgement == .joins
        if judgement != .waits { holdsRecord = false } else if line.isRecord { holdsRecord = true }
        return judgement
    }

    private mutating func judge(_ line: borrowing LineView) -> Judgement {
        decidingRule = nil
        if isBehindNewHead { return .ends }
        if let loggerPrefix {
            if let end = loggerPrefix.end(in: line.bytes) {
                let text = line.behind(end)
                if loggerPrefix.isGuess { return judge(behindGuess: text) }
                if loggerPrefix.isOfMoment {
                    return loggerPrefix.isOfSameRecord(line.bytes, endingAt: end) ? join(ofSameMoment: text) : .ends
                }
                if !isBehindHead { hasLoggerPrefix = true }
                guard !isBehindHead, line.header == .alarm, loggerPrefix.isOfSameRecord(line.bytes, endingAt: end),
                    !opens(text)
                else {
                    return judge(insidePrefix: text, isRecord: true)
                }
                let before = places.indices
                if judge(behindPrefix: text, isRecord: true) == .ends { places.putBack(before) }
                return .joins
            }
            guard !line.isRecord, !loggerPrefix.isGuess, !loggerPrefix.isShared, !loggerPrefix.isOfMoment else {
                return .ends
            }
            // Celery puts its prefix before the first line of each frame only.
            guard !hasLoggerPrefix else {
                let text = line.behind(line.prefix?.end ?? 0)
                return text.indent > 0 ? advance(text, isRecord: false) : .ends
            }
            // A record that ends in the first line of a trace, whose other lines stand alone.
            self.loggerPrefix = nil
        }
        if let end = endOfCommonPrefix(of: line) {
            hasCommonPrefix = true
            let judgement = judge(insidePrefix: line.behind(end), isRecord: line.isRecord)
            return isPrefixMissing && line.isRecord && judgement != .joins ? .ends : judgement
        }
        // Where others had the prefix, this goes on from the last of them at most.
        if hasCommonPrefix, holdsRecord, language.isEmpty, !line.isBlankLine { return .ends }
        // Some traces have lines in them that look like records.
        guard line.isRecord, isBehindHead, !isBody(line) else {
            let judgement = advance(line, isRecord: false)
            if judgement == .joins { isPrefixMissing = true }
            return judgement
        }
        guard let start = startOfError(line) else { return .ends }
        return advance(LineView(line.bytes.extracting(start..<line.count), header: RecordHeader.none), isRecord: false)
    }

    /// `error: text` and `ERROR: text` are names of errors, too: those of PostgreSQL in Node.js, and in Odoo.
    private func startOfError(_ line: borrowing LineView) -> Int? {
        guard line.header == .alarm, let start = errorStart, Self.isError(line.bytes, at: start) else { return nil }
        return start
    }

    static func isError(_ line: Span<UInt8>, at start: Int) -> Bool {
        line.has("error: ", at: start) || line.has("ERROR: ", at: start)
    }

    /// True of an object behind a head that announces it: the body of a response, in the text of an exception.
    private func isBody(_ line: borrowing LineView) -> Bool {
        line.header == .object && headPlaces?.contains(.announcingHead) == true
    }

    /// Lets the languages see a line that is certain to belong to the event.
    private mutating func join(ofSameMoment line: borrowing LineView) -> Judgement {
        let before = isBehindHead ? 0 : places.indices
        if judge(behindPrefix: line, isRecord: true) == .ends { places.putBack(before) }
        isBehindHead = false
        return .joins
    }

    /// Judges what stands behind a prefix of which nothing is certain but that the head has it, too: a frame must confirm
    /// it soon.
    private mutating func judge(behindGuess line: borrowing LineView) -> Judgement {
        let wasBehindHead = isBehindHead
        let judgement = judge(behindPrefix: line, isRecord: true)
        if judgement == .joins, !wasBehindHead, line.indent > 0 { hasLoggerPrefix = true }
        guard !hasLoggerPrefix else { return judgement }
        candidateCount += 1
        return judgement == .ends || candidateCount > 8 ? .ends : .waits
    }

    /// The place behind the prefix of the line, if the first line of the event has the same, or behind the name in it.
    func endOfCommonPrefix(of line: borrowing LineView) -> Int? {
        guard prefixShape != 0, line.header == .none || line.header == .unrated, let prefix = line.prefix else {
            return nil
        }
        if prefix.shape == prefixShape { return prefix.end }
        guard nameShape != 0 else { return nil }
        if prefix.shape == nameShape { return prefix.end }
        // What follows the name may only look like a time.
        return prefix.nameShape == nameShape ? prefix.nameEnd : nil
    }

    /// Judges what stands behind a prefix that is certain. A blank line was printed with the text before it, which may end in
    /// a newline.
    private mutating func judge(insidePrefix line: borrowing LineView, isRecord: Bool) -> Judgement {
        guard line.isBlankLine, hasJoined, !isBehindHead else { return judge(behindPrefix: line, isRecord: isRecord) }
        let before = places.indices
        if judge(behindPrefix: line, isRecord: isRecord) == .ends { places.putBack(before) }
        return .joins
    }

    private mutating func judge(behindPrefix line: borrowing LineView, isRecord: Bool) -> Judgement {
        guard !line.isRecord || !isBehindHead else { return .ends }
        let judgement = advance(line, isRecord: isRecord)
        if let prefix = loggerPrefix, prefix.isShared {
            return confirm(judgement, line, isConfirmed: prefix.isConfirmed)
        }
        guard judgement == .ends, rules.joinsBehindPrefix, line.indent > 0, !line.isBlankLine else { return judgement }
        return .joins
    }

    /// What `judgement` comes to behind a prefix that was found where two records begin to differ. One that reads like a
    /// frame may have another text of its own behind; two are a trace.
    private mutating func confirm(_ judgement: Judgement, _ line: borrowing LineView, isConfirmed: Bool) -> Judgement {
        if line.isBlankLine { return isConfirmed ? .joins : judgement }
        // What else is said of the end of the program is part of it.
        if isConfirmed, loggerPrefix?.isOfFatal == true, judgement == .ends { return .joins }
        guard line.indent > 0 || judgement == .joins || (judgement == .waits && FrameShape.isLikely(line)) else {
            return judgement == .waits ? .waits : .ends
        }
        loggerPrefix?.isConfirmed = true
        return isConfirmed ? .joins : .waits
    }

    /// - Parameter isRecord: whether it has a time or a level in front, which is not looked at any more.
    private mutating func advance(_ line: borrowing LineView, isRecord: Bool) -> Judgement {
        guard let headPlaces, isBehindHead || repeatsName(line) else {
            return isBehindHead ? .ends : advanceTrace(line)
        }
        let judgement = advanceHead(line, headPlaces)
        guard isBehindHead else { return judgement == .ends ? .ends : .joins }
        if judgement != .ends {
            isBehindHead = false
            if headHeader == .alarm, namingLine.count == 0, ExceptionText.endOfName(in: line, from: line.indent) != nil
            {
                namingLine = (line.count, line.bytes.fnv1a)
            }
            return judgement
        }
        if headPlaces.contains(.openAlarm), let judgement = advanceBlock(line) { return judgement }
        // Grails leaves a line blank behind a text of several lines.
        if line.isBlankLine, candidateCount > 0, candidateCount < Self.candidatesMax {
            candidateCount = Self.candidatesMax
            self.headPlaces = [.anyHead, .alarmHead]
            return .waits
        }
        // What announces more may have a long text behind it.
        let isOfFatal = loggerPrefix?.isOfFatal == true
        let isOfAlarm = !headPlaces.isDisjoint(with: [.alarmHead, .alarmText])
        guard candidateCount < (isAnnounced || isTold || isOfFatal || isTextIndented ? Self.candidatesMax : 2),
            isOfAlarm || (isAnnounced && headHeader == .none && line.indent > 0),
            isOfFatal || !isRecord, !line.isRecord, !line.isBlankLine, !opens(line)
        else { return .ends }
        candidateCount += 1
        if line.indent == 0 { holdsList = false }
        // A text that is indented is the record's own; the exception may be behind it.
        isTextIndented = line.indent > 0 && (candidateCount == 1 || isTextIndented)
        let isOpen = isAnnounced || line.indent > 0
        let rest = isOpen ? headPlaces.intersection([.anyHead, .alarmHead]) : .anyHead
        self.headPlaces = isOfAlarm ? rest.union(.alarmText) : .anyHead
        return .waits
    }

    private func repeatsName(_ line: borrowing LineView) -> Bool {
        line.count == namingLine.count && hasJoined && line.bytes.fnv1a == namingLine.hash
    }

    /// Judges a line behind an alarm that ends with an opening bracket.
    private mutating func advanceBlock(_ line: borrowing LineView) -> Judgement? {
        if line.indent > 0, !line.isBlankLine {
            candidateCount += 1
            isTextIndented = true
            return .waits
        }
        guard candidateCount > 0, line.count <= 3, let last = line.lastByte,
            last == UInt8(ascii: "}") || last == UInt8(ascii: ")") || last == UInt8(ascii: "]")
        else { return nil }
        isBehindHead = false
        places.removeAll()
        return .joins
    }

    private mutating func advanceHead(_ line: borrowing LineView, _ admitted: TracePlaces) -> Judgement {
        let isTelling = line.isBlankLine || !admitted.isDisjoint(with: [.tellingHead, .bracketHead])
        let candidates = (isTelling ? rules.tellingRules : rules.headRules).places(for: line.firstByte)
        let key = RuleIndex.Key(line)
        var judgement = Judgement.ends
        var decided = -1
        for candidate in candidates {
            let entry = isTelling ? rules.tellingRules[candidate] : rules.headRules[candidate]
            let rule = Int(entry.rule)
            guard entry.mayApply(to: key), decided != Int(entry.language),
                !rules.table.places(rule).isDisjoint(with: admitted),
                rules.table.matches(rule, line, opensTrace: { self.opens($0, certainly: $1) })
            else { continue }
            if judgement == .ends { places.removeAll() }
            decided = Int(entry.language)
            take(rule, of: decided, into: &judgement)
            if case .settles = rules.table.verdict(rule) { break }
        }
        return judgement
    }

    private mutating func advanceTrace(_ line: borrowing LineView) -> Judgement {
        var judgement = Judgement.ends
        let isRepeated = line.count == firstLine.count && line.bytes.fnv1a == firstLine.hash
        var rest = places.indices
        while rest != 0 {
            let index = rest.trailingZeroBitCount
            rest &= rest - 1
            // What is expected by name may be the same as before: rulers, `Traceback` behind a link.
            guard let rule = rule(of: index, at: places[index], for: line), !isRepeated || rules.table.isLiteral(rule)
            else {
                places.remove(index)
                continue
            }
            take(rule, of: index, into: &judgement)
            rest &= places.indices
        }
        return judgement
    }

    /// Notes what a rule says. One that is certain puts an end to the languages that only wait.
    private mutating func take(_ rule: Int, of index: Int, into judgement: inout Judgement) {
        let verdict = rules.table.verdict(rule)
        switch verdict {
        case .waits:
            guard judgement != .joins else {
                places.remove(index)
                return
            }
            if judgement == .ends { decidingRule = rule }
            judgement = .waits
        case .joins, .resumes, .settles:
            if case .settles = verdict { places.removeAll() }
            guard judgement != .joins else { break }
            judgement = .joins
            decidingRule = rule
            language = rules.owners[index]
            // What is sure only that this is a frame leaves those alone that may know more.
            if language != .unknown { places.removeAll(before: index) }
            if case .settles = verdict { isSettled = language == .java && loggerPrefix == nil }
        }
        places[index] = verdict.next
    }

    @inline(__always)
    private func rule(of index: Int, at place: TracePlaces, for line: borrowing LineView) -> Int? {
        for rule in rules.ranges[index] where !rules.table.places(rule).isDisjoint(with: place) {
            if rules.table.matches(rule, line, opensTrace: { self.opens($0, certainly: $1) }) { return rule }
        }
        return nil
    }
}
