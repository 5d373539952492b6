/// Lines that have something in front which the first line has, too, and which may yet be a part of their text.
extension TraceMachine {
    /// Lets the languages see a line that is certain to belong to the event.
    mutating func join(ofSameMoment line: borrowing LineView) -> Judgement {
        let before = isBehindHead ? 0 : places.indices
        if judge(behindPrefix: line, isRecord: true) == .ends { places.putBack(before) }
        isBehindHead = false
        return .joins
    }

    /// Judges the text of the record behind a head that is one of the same logger. It may be the first line of a trace that
    /// somebody logged on its own.
    mutating func judge(recordBehindHead text: borrowing LineView) -> Judgement {
        let judgement = judge(insidePrefix: text, isRecord: true)
        guard judgement == .joins, loggerPrefix?.isShared == false, text.lastByte == UInt8(ascii: ":") else {
            return judgement
        }
        isPrefixAwaited = true
        return .waits
    }

    /// Judges what stands behind a prefix of which nothing is certain but that the head has it, too: a frame must confirm
    /// it soon.
    mutating func judge(behindGuess line: borrowing LineView) -> Judgement {
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
    mutating func judge(insidePrefix line: borrowing LineView, isRecord: Bool) -> Judgement {
        guard line.isBlankLine, hasJoined, !isBehindHead else { return judge(behindPrefix: line, isRecord: isRecord) }
        let before = places.indices
        if judge(behindPrefix: line, isRecord: isRecord) == .ends { places.putBack(before) }
        return .joins
    }

    mutating func judge(behindPrefix line: borrowing LineView, isRecord: Bool) -> Judgement {
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
}
