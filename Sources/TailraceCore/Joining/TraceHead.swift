/// What the first line of an event admits behind it, when it is no trace itself. Lines behind such a line are rare, so it
/// is looked at only when one comes.
extension TraceMachine {
    /// True when ``next(_:)`` needs to know the prefix of the first line, which is to be given to ``learn(_:)``.
    func asksForPrefix(_ line: borrowing LineView) -> Bool { isPrefixUnknown && line.prefix != nil }

    /// What is known of a line behind a head before the head is read.
    private enum HeadQuestion {
        /// The head is of no interest.
        case none
        case whatIsAdmitted
        /// As `whatIsAdmitted`, and both lines have a prefix of a logger.
        case whatIsAdmittedBehind(LoggerPrefix)
    }

    /// Whether ``next(_:)`` needs to know what the first line admits behind it.
    ///
    /// - Parameter head: the first line of the event, without codes for terminals.
    private func question(about line: borrowing LineView, behind head: Span<UInt8>) -> HeadQuestion {
        guard isBehindNewHead || isMaybeHead else { return .none }
        guard headHeader == .alarm, line.header == .alarm else {
            return asksForHead(line, head: head) ? .whatIsAdmitted : .none
        }
        let carriesOn = asksForHead(line, head: head)
        let mayBeShared = carriesOn || LoggerPrefix.mayBeShared(by: head, and: line.bytes)
        let shared = mayBeShared ? LoggerPrefix(sharedBy: head, and: line) : nil
        if let shared, shared.isOfFatal { return .whatIsAdmittedBehind(shared) }
        if let prefix = LoggerPrefix(ofMoment: head, and: line.bytes) ?? shared { return .whatIsAdmittedBehind(prefix) }
        return carriesOn ? .whatIsAdmitted : .none
    }

    private func asksForHead(_ line: borrowing LineView, head: Span<UInt8>) -> Bool {
        switch line.header {
        case .none:
            if line.isBlankLine {
                return headHeader == .alarm || isTelling(head)
                    || headHeader == .none && ExceptionText.beginsWithFailure(head)
            }
            // What follows an alarm may be the text of an exception.
            if headHeader == .alarm || headHeader == .unrated || isAssertion(head) { return true }
            if !isOrdinary, matchesBehindHead(line) { return true }
            if isTelling(head) || head.has(":", at: head.count - 1) && ExceptionText.isFailure(head) { return true }
            if rules.languages.contains(.json), endsWithBracket(head) { return true }
            if line.indent > 0 { return opensValue(head) || isHeadAtMargin }
            if mayCarryOn(line, behind: head) { return true }
        case .unrated: if mayCarryOn(line, behind: head) || isGuessed(line, behind: head) { return true }
        case .calm, .alarm:
            if line.header == .alarm, !isLetter(head[0]), Self.isError(line.bytes) { return true }
            if mayCarryOn(line.bytes) || isGuessed(line, behind: head) { return true }
            return headHeader == .alarm && line.lastByte == UInt8(ascii: ":") && LoggerPrefix(of: line) != nil
        case .object: return headHeader == .alarm && head[head.count - 1] == UInt8(ascii: ":")
        case .access: return false
        }
        guard let end = endOfCommonPrefix(of: line) else { return false }
        if headHeader == .alarm, end == line.count { return true }
        if rules.joinsBehindPrefix, line.behind(end).indent > 0 { return true }
        if head.has(":", at: head.count - 1), end < line.count, isBlank(line.bytes[end]) { return true }
        guard line.mayMatch(rules.headRules, behind: end) else { return isTelling(head) }
        let text = line.behind(end)
        return !text.isRecord && (matchesBehindHead(text) || isTelling(head))
    }

    /// True when the line may be a frame behind a prefix that the head has, too.
    private func mayCarryOn(_ line: borrowing LineView, behind head: Span<UInt8>) -> Bool {
        LoggerPrefix.beginAlike(head, line.bytes) && LoggerPrefix.endsInFrame(line.bytes)
    }

    /// True when the line may carry on the text of an exception that is named in the record before it.
    private func isGuessed(_ line: borrowing LineView, behind head: Span<UInt8>) -> Bool {
        headHeader == .alarm && line.header != .calm && LoggerPrefix.beginAlike(head, line.bytes)
            && line.bytes.firstIndex(of: UInt8(ascii: "E"), from: 8) != nil && ExceptionText.isTold(in: line.bytes)
            && LoggerPrefix(of: head, like: line.bytes) != nil
    }

    /// True when the text of an exception may go on behind the head.
    private func isTelling(_ head: Span<UInt8>) -> Bool {
        ExceptionText.isTold(in: head) || ExceptionText.isPanic(head)
    }

    private func matchesBehindHead(_ line: borrowing LineView) -> Bool {
        let key = RuleIndex.Key(line)
        for place in rules.headRules.places(for: line.firstByte) {
            let entry = rules.headRules[place]
            guard entry.mayApply(to: key) else { continue }
            let rule = Int(entry.rule)
            if rules.table.matches(rule, line, opensTrace: { self.opens($0, certainly: $1) }) { return true }
        }
        return false
    }

    private func matchesBehindPrefix(_ line: borrowing LineView) -> Bool {
        guard let end = endOfCommonPrefix(of: line) else { return false }
        return matchesBehindHead(line.behind(end))
    }

    /// What the first line of an event admits behind it.
    struct HeadFacts {
        var places: TracePlaces
        var loggerPrefix: LoggerPrefix?
        /// The head ends in a colon, or says nothing.
        var isAnnouncing = false
        /// Of a tag in the head that the further lines begin with, as Rails writes them.
        var tagShape: UInt64?
        /// The text at the end of the head that begins with the name of an exception: it may come again, as ``namingLine``.
        var namingLine: (count: Int, hash: UInt64)?
        /// The text of an error may read like a record.
        var admitsError = false
        var report = ReportKind.none
    }

    /// - Parameters:
    ///   - head: the first line of the event, without codes for terminals.
    ///   - line: the one behind it.
    /// - Returns: `nil` when ``next(_:)`` has no need to know.
    func facts(of head: Span<UInt8>, before line: borrowing LineView) -> HeadFacts? {
        guard head.count > 0 else { return nil }
        let question = question(about: line, behind: head)
        if case .none = question { return nil }
        var admitted: TracePlaces = .anyHead
        let isTold = isTelling(head)
        if isTold { admitted.insert(.tellingHead) }
        let end = head.endOfText(before: head.count)
        // CherryPy's text begins on the next line.
        let isOpen = headHeader == .unrated && end > 0 && end < head.count
        if isOpen || isAlarm(head.extracting(first: end), isTold: isTold) || repeats(head, line) {
            admitted.formUnion(isTold ? [.alarmHead, .tellingAlarm] : .alarmHead)
        }
        if opensValue(head) || rules.languages.contains(.json) && endsWithBracket(head) {
            admitted.insert(.bracketHead)
        }
        if admitted.contains(.alarmHead), endsWithBracket(head) || end > 0 && head[end - 1] == UInt8(ascii: "(") {
            admitted.insert(.openAlarm)
        }
        if headHeader == .unrated, RecordHeader.isOnlyTime(head) { admitted.insert(.timeHead) }
        if headHeader == .alarm, line.indent == 2, PythonWarnings.isLogged(head) { admitted.insert(.warningHead) }
        let isAnnouncing = end > 0 && head[end - 1] == UInt8(ascii: ":")
        if isAnnouncing, admitted.contains(.alarmHead) { admitted.insert(.announcingHead) }
        var facts = HeadFacts(places: admitted)
        facts.isAnnouncing = isAnnouncing
        if headHeader == .alarm, isTold { facts.namingLine = namingLine(of: head) }
        facts.admitsError = headHeader == .alarm && !isLetter(head[0])
        if headHeader == .alarm {
            facts.report = Self.kind(ofReport: head)
        } else if headHeader == .unrated, admitted.contains(.alarmHead) {
            facts.report = .doubtful
        }
        if headHeader == .alarm, line.header == .none, let prefix = line.prefix, prefix.end == prefix.nameEnd,
            contains(head, line.bytes.extracting(first: prefix.nameEnd))
        {
            facts.tagShape = prefix.shape
        }
        if line.isRecord || (line.indent == 0 && LoggerPrefix.beginAlike(head, line.bytes)),
            var prefix = LoggerPrefix(of: line)
        {
            if let end = prefix.end(in: head) {
                prefix.note(head: head, prefixEnd: end)
                facts.loggerPrefix = prefix
            } else if LoggerPrefix.isShared(by: head, and: line) {
                facts.loggerPrefix = prefix
            }
        } else if line.isRecord, headHeader == .alarm, !matchesBehindPrefix(line) {
            facts.loggerPrefix = LoggerPrefix(of: head, like: line.bytes)
        }
        if case .whatIsAdmittedBehind(let prefix) = question, prefix.isOfMoment || facts.loggerPrefix == nil {
            facts.loggerPrefix = prefix
        }
        return facts
    }

    /// True when a head without a level has the text of the exception behind it: Nest writes no level behind a pipe.
    private func repeats(_ head: Span<UInt8>, _ line: borrowing LineView) -> Bool {
        guard headHeader == .unrated || headHeader == .none, line.header == .none,
            let end = ExceptionText.endOfName(in: line.bytes, from: 0), line.count > end + 6
        else { return false }
        let text = line.bytes.extracting((end + 2)..<line.count)
        return text.count > 8 ? contains(head, text) : ends(head, with: text)
    }

    private func namingLine(of head: Span<UInt8>) -> (count: Int, hash: UInt64)? {
        var start = 0
        while let blank = head.firstIndex(of: 0x20, from: start) {
            start = blank + 1
            if start < head.count, ExceptionText.endOfName(in: head, from: start) != nil {
                return (head.count - start, head.extracting(start..<head.count).fnv1a)
            }
        }
        return nil
    }

    private func ends(_ text: Span<UInt8>, with tag: Span<UInt8>) -> Bool {
        guard text.count > tag.count else { return false }
        let start = text.count - tag.count
        for index in tag.indices where text[start + index] != tag[index] { return false }
        return true
    }

    private func contains(_ text: Span<UInt8>, _ tag: Span<UInt8>) -> Bool {
        var start = 0
        while let place = text.firstIndex(of: tag[0], from: start), text.count - place >= tag.count {
            var length = 0
            while length < tag.count, text[place + length] == tag[length] { length += 1 }
            if length == tag.count { return true }
            start = place + 1
        }
        return false
    }

    private func isAlarm(_ head: Span<UInt8>, isTold: Bool) -> Bool {
        switch headHeader {
        case .alarm: true
        case .unrated: ExceptionText.isFailure(head) || ExceptionText.isChain(head)
        // Prose tells of many failures; one that announces something ends in a colon.
        case .none:
            isTold || announcesStack(head) || ExceptionText.beginsWithFailure(head) || isAssertion(head)
                || ExceptionText.endsWithFailure(head)
                || (head.count > 0 && (head[0] == UInt8(ascii: "[") || head[head.count - 1] == UInt8(ascii: ":"))
                    && ExceptionText.isFailure(head))
        // Quartz has its say at INFO: `Job bank.pay threw a JobExecutionException: `
        case .calm: head.has("Exception:", at: head.count - 10) && head.firstIndex(of: " threw a ") != nil
        case .object, .access: false
        }
    }

    /// ``bank: bank.c:3: pay: Assertion `account' failed.``, `/app/bank.cu:71: CUDA error`
    private func isAssertion(_ head: Span<UInt8>) -> Bool {
        if head.has("' failed.", at: head.count - 9) { return head.firstIndex(of: ": Assertion `") != nil }
        guard head.has(" error", at: head.count - 6), let blank = head.firstIndex(of: 0x20), blank > 1 else {
            return false
        }
        return head.startOfLineNumber(endingAt: blank - 1) != nil
    }

    /// `Backtrace:`, `=== Stack trace ===`
    private func announcesStack(_ head: Span<UInt8>) -> Bool {
        guard head.count > 4, let last = Optional(head[head.count - 1]), last == UInt8(ascii: ":") || last == head[0]
        else {
            return false
        }
        return FrameShape.announcesStack(head)
    }

    /// klog: `err=<`; Solr: `text => org.apache.solr.common.SolrException: text`
    private func opensValue(_ head: Span<UInt8>) -> Bool {
        head.has("=<", at: head.count - 2) || (headHeader == .alarm && head.firstIndex(of: " => ") != nil)
    }

    func endsWithBracket(_ line: Span<UInt8>) -> Bool {
        guard let last = line.count > 0 ? line[line.count - 1] : nil else { return false }
        return last == UInt8(ascii: "{") || last == UInt8(ascii: "[")
    }
}
