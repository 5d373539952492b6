/// The first line of an event.
extension TraceMachine {
    /// Judges the first line of an event and forgets everything before.
    mutating func open(_ line: borrowing LineView) -> Opening {
        language = []
        hasJoined = true
        isSettled = false
        (isMaybeHead, isFirstLineBelow) = (false, false)
        (prefixShape, nameShape, isPrefixUnknown) = (0, 0, false)
        (loggerPrefix, hasLoggerPrefix, isPrefixAwaited) = (nil, false, false)
        (candidateCount, firstLine, namingLine, isPrefixMissing, isTextIndented) = (0, (0, 0), (0, 0), false, false)
        (hasCommonPrefix, holdsRecord, admitsError) = (false, false, false)
        (report, heldText) = (.none, HeldText())
        headHeader = line.header
        (isHeadAtMargin, isHeadBracketed) = (line.indent == 0, line.firstByte == UInt8(ascii: "["))
        isHeadByClock = line.isByClock
        headMarks = line.header == .none || line.header == .unrated ? line.marks : .all
        if line.isBlankLine { return .alone }
        switch line.header {
        case .none:
            if !isOrdinary, let opening = openTrace(line) {
                // What only may be the first line of a trace may also be what was said before one.
                isMaybeHead = language.isEmpty && opening == .trace
                return opening
            }
            if let prefix = line.prefix, let opening = openTrace(line, behind: prefix) { return opening }
            if line.marks.contains(.endsInColon), let opening = openTraceBehindLogger(line) { return opening }
        case .unrated:
            if isOfSeveralLines(line), let opening = openTrace(line) {
                take(line.prefix)
                return opening
            }
            if let prefix = line.prefix, let opening = openTrace(line, behind: prefix) { return opening }
            if let opening = openTraceBehindLogger(line) { return opening }
        case .alarm:
            if isOfSeveralLines(line), let opening = openTrace(line) { return opening }
            if let opening = openTraceBehindLogger(line) { return opening }
        case .calm:
            if isOfSeveralLines(line), let opening = openTrace(line) { return opening }
            if let opening = openTraceBehindLogger(line) { return opening }
            guard admitsLinesBehindCalm(line) else { return .alone }
        case .object:
            guard rules.joinsIndented || isUnfinished(line.bytes) else { return .alone }
        case .access: guard rules.joinsIndented else { return .alone }
        }
        isBehindHead = true
        headPlaces = nil
        take(line.prefix)
        isPrefixUnknown = line.header == .alarm || line.header == .calm
        return .head
    }

    /// True when a record below a warning, as ``HeaderMemo`` knows it, is certain to be an event of its own. Most lines of a
    /// healthy program are; they are looked at no further.
    ///
    /// - Parameter record: as it was written.
    func passes(_ record: Span<UInt8>) -> Bool {
        guard rules.passesRecords else { return false }
        let last = record[record.count - 1]
        // The text may be the first line of a traceback, or stand in brackets below.
        guard last != UInt8(ascii: ":"), last != 0x0D, last != UInt8(ascii: "[") else { return false }
        if last == UInt8(ascii: "]"), DotNetTrace.startsConsoleRecord(record) { return false }
        return !ExceptionText.isTold(in: record) && !ErlangTrace.tellsMore(record)
    }

    /// True when the record may be a frame that its logger wrote behind the head.
    @inline(__always)
    func mayCarryOn(_ record: Span<UInt8>) -> Bool {
        guard headHeader == .alarm || headHeader == .calm else { return false }
        return LoggerPrefix.endsInFrame(record)
    }

    /// True when ``open(_:)`` may find a rule for the line although it is a record.
    private func isOfSeveralLines(_ line: borrowing LineView) -> Bool {
        // Two of them may begin with a digit.
        guard line.indent > 0 || !isDigit(line.firstByte) else {
            return DotNetTrace.startsConsoleRecord(line)
                || line.header == .unrated && NodeTrace.startsErrorOfVite(line)
        }
        return line.header == .unrated && JavaTrace.startsTwoLineHeader(line) || JavaTrace.startsBrackets(line)
            || DotNetTrace.startsConsoleRecord(line)
            || NodeTrace.startsPrettyRecord(line) || NodeTrace.startsBareRecord(line)
            || RustTrace.startsPrettyRecord(line) || PythonLoggers.startsRecord(line)
            || SanitizerReport.startsReport(line) || KernelOops.startsReport(line)
            || line.has("FATAL EXCEPTION: ", at: 0) || GoLoggers.startsRecord(line)
    }

    /// `INFO … - java.io.IOException: text` may have frames behind it.
    private func admitsLinesBehindCalm(_ line: borrowing LineView) -> Bool {
        if ExceptionText.isTold(in: line.bytes) || ErlangTrace.tellsMore(line.bytes) || rules.joinsIndented {
            return true
        }
        guard !rules.languages.isDisjoint(with: .optional) else { return false }
        return rules.joinsBehindPrefix || rules.languages.contains(.postgresql) || endsWithBracket(line.bytes)
    }

    /// Elasticsearch 7 wrote the frames in its objects on lines of their own.
    private func isUnfinished(_ object: Span<UInt8>) -> Bool {
        object[object.count - 1] == UInt8(ascii: ",") || object.has(", ", at: object.count - 2)
    }

    private mutating func openTrace(_ line: borrowing LineView) -> Opening? {
        let candidates = rules.firstRules.places(for: line.firstByte)
        guard !candidates.isEmpty else { return nil }
        let key = RuleIndex.Key(line)
        var opening: Opening?
        var decided = -1
        for candidate in candidates {
            let entry = rules.firstRules[candidate]
            guard entry.mayApply(to: key), decided != Int(entry.language) else { continue }
            let rule = Int(entry.rule)
            guard rules.table.matches(rule, line, opensTrace: { self.opens($0, certainly: $1) }) else { continue }
            if opening == nil { places.removeAll() }
            decided = Int(entry.language)
            let verdict = rules.table.verdict(rule)
            places[decided] = verdict.next
            decidingRule = rule
            switch verdict {
            case .resumes: opening = opening ?? .resumed
            case .joins, .settles:
                opening = .trace
                language = rules.owners[decided]
            case .waits: opening = .trace
            }
        }
        if opening != nil {
            isBehindHead = false
            // Frames may be the same, of what calls itself.
            if opening == .trace {
                firstLine = (line.count, line.bytes.fnv1a)
                isFirstLineBelow = line.has("#<Thread:", at: 0)
            }
        }
        return opening
    }

    /// As ``openTrace(_:)``, with what stands behind the prefix.
    private mutating func openTrace(_ line: borrowing LineView, behind prefix: LinePrefix) -> Opening? {
        guard line.mayMatch(rules.firstRules, behind: prefix.end) else { return nil }
        guard let opening = openTrace(line.behind(prefix)) else { return nil }
        take(prefix)
        return opening
    }

    private mutating func openTraceBehindLogger(_ line: borrowing LineView) -> Opening? {
        guard
            line.bytes[line.count - 1] == UInt8(ascii: ":")
                || (line.header == .alarm && LoggerPrefix.isFatal(line.bytes)),
            let prefix = LoggerPrefix(of: line),
            let end = prefix.end(in: line.bytes),
            let opening = openTrace(line.behind(end))
        else { return nil }
        loggerPrefix = prefix
        return opening
    }

    mutating func take(_ prefix: LinePrefix?) {
        prefixShape = prefix?.shape ?? 0
        nameShape = prefix?.nameShape ?? 0
    }

    /// False of brackets and rulers, which are part of whatever stands around them.
    private func hasWord(_ line: borrowing LineView) -> Bool {
        for index in line.bytes.indices where isLetter(line.bytes[index]) || isDigit(line.bytes[index]) { return true }
        return false
    }

    /// True when the line would be the first of a trace, also in a language that no longer fits.
    ///
    /// - Parameter certainly: only when it could be nothing else.
    func opens(_ line: borrowing LineView, certainly: Bool = false) -> Bool {
        let key = RuleIndex.Key(line)
        for place in rules.firstRules.places(for: line.firstByte) {
            let entry = rules.firstRules[place]
            guard entry.mayApply(to: key) else { continue }
            let rule = Int(entry.rule)
            switch rules.table.verdict(rule) {
            case .joins, .settles: break
            case .waits: guard !certainly, hasWord(line) else { continue }
            // A frame in the text of an exception, or of a trace in a trace, is no beginning.
            case .resumes: continue
            }
            if rules.table.matches(rule, line, opensTrace: { _, _ in false }) { return true }
        }
        return false
    }
}
