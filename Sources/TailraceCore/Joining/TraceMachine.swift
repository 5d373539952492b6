/// Judges line by line whether an event goes on, for all languages at once.
///
/// Every language that still fits has a place in its table. What it answers about a line depends on nothing but the
/// lines since ``open(_:)``, so that an event does not depend on where reading began.
struct TraceMachine: ~Copyable {
    /// So many lines behind a piece of a trace may be read before a frame has to confirm that they belong to it.
    static let heldLinesMax = 48

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

    let rules: JoinRules
    /// The languages that still fit.
    var places: ActiveLanguages
    /// Only a head has been read, and candidates behind it.
    var isBehindHead = false
    /// The first line may be a trace's, and just as well a head.
    var isMaybeHead = false
    var headHeader = RecordHeader.none
    /// The head begins with a bracket, as records of many loggers do.
    var isHeadBracketed = false
    /// The head is a record by the time among its words: see ``RecordHeader/behindClock(_:)``.
    var isHeadByClock = false
    /// As ``LineView/marks`` of the head; all of a record's.
    var headMarks: LineMarks = []
    /// What the head admits; found out when a line comes after it that may belong to it.
    var headPlaces: TracePlaces?
    /// Lines held behind the head that may turn out to be the text of an exception, when a frame follows.
    var candidateCount = 0
    /// The head ends in a colon.
    var isAnnounced = false
    /// The head has no blanks in front.
    var isHeadAtMargin = false
    /// All lines held behind the head are indented.
    var isTextIndented = false
    /// The head names an exception, whose text may have more lines.
    var isTold = false
    /// The head ends in a colon, and all lines held behind it have blanks in front.
    var holdsList = false
    /// One of the lines held begins like a record.
    var holdsRecord = false
    /// Behind the head, the text of an error may read like a record.
    var admitsError = false
    /// What the head is a record of: see ``mayBeReportText(_:)``.
    var report = ReportKind.none
    /// The lines held behind such a head.
    var heldText = HeldText()
    /// The lines of the event are judged without their ``TransportPrefix``.
    var isBehindTransport = false
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
    /// The record behind the head begins a trace, which belongs to the head only if its other lines have the prefix as well.
    var isPrefixAwaited = false
    /// The line that opened the trace: its length and FNV-1a. It starts another trace when it comes again.
    var firstLine: (count: Int, hash: UInt64) = (0, 0)
    /// That line only says which thread it was; the next one counts.
    var isFirstLineBelow = false
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
        if holdsReportText || holdsAnnounced { return true }
        guard !isBehindHead else { return holdsList && headHeader == .alarm }
        var wanted = TracePlaces.announcedText
        if headHeader != .none {
            wanted.formUnion(heldCount > 1 || language.isEmpty ? [.closingText, .closingLine] : .closingLine)
        }
        var rest = places.indices
        while rest != 0 {
            if !places[rest.trailingZeroBitCount].isDisjoint(with: wanted) { return true }
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
        (isAnnounced, holdsList, admitsError) = (facts.isAnnouncing, facts.isAnnouncing, facts.admitsError)
        isTold = facts.places.contains(.tellingAlarm)
        report = facts.report
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
        let joinsIndented = rules.joinsIndented || isBehindTransport && rules.joinsBehindPrefix
        if isUndecided, joinsIndented, line.indent > 0, !line.isBlankLine { judgement = .joins }
        // Behind what only a record that follows can confirm, a frame decides nothing.
        let isText = judgement == .ends ? mayBeReportText(line) : judgement == .joins && heldText.isGuess
        if isText { judgement = .waits }
        hasJoined = judgement == .joins
        if judgement == .waits {
            hold(line, isText: isText)
        } else {
            (holdsRecord, heldText) = (false, HeldText())
        }
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
                guard !isBehindHead else {
                    return line.header == .alarm
                        ? judge(recordBehindHead: text) : judge(insidePrefix: text, isRecord: true)
                }
                (hasLoggerPrefix, isPrefixAwaited) = (true, false)
                guard line.header == .alarm, loggerPrefix.isOfSameRecord(line.bytes, endingAt: end),
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
            guard !isPrefixAwaited else { return .ends }
            // A record that ends in the first line of a trace, whose other lines stand alone.
            self.loggerPrefix = nil
        }
        if let end = endOfCommonPrefix(of: line) {
            // Behind text without it, prose with it is the next who speaks.
            let isNext = !hasCommonPrefix && candidateCount > 0 && line.isRecord
            hasCommonPrefix = true
            let judgement = judge(insidePrefix: line.behind(end), isRecord: line.isRecord)
            return (isPrefixMissing && line.isRecord || isNext) && judgement != .joins ? .ends : judgement
        }
        // Where others had the prefix, this goes on from the last of them at most.
        if hasCommonPrefix, holdsRecord, language.isEmpty, !line.isBlankLine { return .ends }
        // Some traces have lines in them that look like records.
        guard line.isRecord, isBehindHead, !isBody(line) else {
            let judgement = advance(line, isRecord: false)
            if judgement == .joins { isPrefixMissing = true }
            return judgement
        }
        // `error: text` and `ERROR: text` are names of errors, too: those of PostgreSQL in Node.js, and in Odoo.
        guard line.header == .alarm, admitsError, Self.isError(line.bytes) else { return .ends }
        return advance(LineView(line.bytes, header: RecordHeader.none), isRecord: false)
    }

    static func isError(_ line: Span<UInt8>) -> Bool {
        line.has("error: ", at: 0) || line.has("ERROR: ", at: 0)
    }

    /// True of an object behind a head that announces it: the body of a response, in the text of an exception.
    private func isBody(_ line: borrowing LineView) -> Bool {
        line.header == .object && headPlaces?.contains(.announcingHead) == true
    }

    mutating func advanceTrace(_ line: borrowing LineView) -> Judgement {
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
        if isFirstLineBelow { (firstLine, isFirstLineBelow) = ((line.count, line.bytes.fnv1a), false) }
        return judgement
    }

    /// Notes what a rule says. One that is certain puts an end to the languages that only wait.
    mutating func take(_ rule: Int, of index: Int, into judgement: inout Judgement) {
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
            if case .settles = verdict { isSettled = language == .java && loggerPrefix == nil && !isBehindTransport }
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
