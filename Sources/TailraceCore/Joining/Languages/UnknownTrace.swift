/// Stacks of whatever language, by what frames have in common: see ``FrameShape``.
///
///     ERROR bank: payment failed
///                                                                    (blank lines and text)
///     Call stack:
///        1. pay @ 0x55d0c2a1 in /app/bank
///        2. main (bank.cr:17:3)
///     ----- END BACKTRACE -----
///
/// A frame joins only what is a warning or worse, names an exception, announces a stack, or is a frame; but what is indented
/// below `Stack trace:` is a stack, whatever it looks like. A language that knows the trace decides before; this one carries on
/// where its rules end.
enum UnknownTrace {
    private static let frames = TracePlaces.own(0)
    private static let announced = TracePlaces.own(1)
    private static let gap = TracePlaces.own(2)
    private static let titled = TracePlaces.own(3)
    private static let listed = TracePlaces.own(4)

    private static let behindAlarm: TracePlaces = [.alarmHead, .tellingHead, .alarmText, gap]

    static let grammar = TraceGrammar(
        language: .unknown,
        rules: [
            TraceRule([behindAlarm, announced, frames], numbered, .joins(frames)),
            TraceRule([behindAlarm, announced, frames], place, .joins(frames)),
            TraceRule([behindAlarm, announced, frames], offset, .joins(frames)),
            TraceRule([behindAlarm, announced, frames], offsetInBrackets, .joins(frames)),
            TraceRule([behindAlarm, announced, frames], arity, .joins(frames)),
            TraceRule([announced, frames], registers, .joins(frames)),
            // MongoDB.
            TraceRule([announced, frames], .starts("{\"backtrace\":"), .joins(frames)),
            TraceRule(.announcingHead, textAtPlace, .joins(frames)),

            // ClickHouse.
            TraceRule(frames, .starts("(version ", indented: .some), .joins(.end)),
            TraceRule(gap, .starts("***aborting after "), .joins(.end)),

            TraceRule([.alarmHead, .alarmText, gap, frames], title, .waits([announced, titled])),
            TraceRule([gap, announced, frames], announcement, .waits(announced)),
            TraceRule([.alarmHead, .alarmText], announcementAlone, .waits(announced)),
            TraceRule([behindAlarm, announced], ruler, .waits(announced)),
            TraceRule(frames, ruler, .joins(frames)),
            TraceRule(frames, end, .joins(frames)),
            TraceRule(frames, CPPTrace.aborted, .joins(.end)),
            TraceRule([titled, listed], .indented, .joins([frames, listed])),
            TraceRule([announced, frames], .indented, .waits(frames)),
            TraceRule([announced, frames], .blank, .waits(frames)),

            // The text of what failed.
            TraceRule([.alarmHead, gap], .blank, .waits(gap)),
            TraceRule(gap, .free, .waits(gap)),
            TraceRule(.first, .exceptionName, .waits(gap)),
            TraceRule(.first, .starts("Error: "), .waits(gap)),
            TraceRule(.first, .equals("Backtrace:"), .waits([announced, titled])),
            TraceRule(.first, announcementInStars, .waits([announced, titled])),
        ])

    private static let numbered = LinePattern.shape(
        "a frame with a number or an address", ByteSet.digits.union(ByteSet(of: "#[(ft@P")), indented: .any,
        needs: .digit
    ) { line in
        FrameShape.isAddressed(line) || FrameShape.isNumbered(line)
    }

    private static let place = LinePattern.shape(
        "a frame with a place in a source", .letters.union(ByteSet(of: "/._<(")), indented: .any,
        needs: [.dot, .colon, .digit]
    ) { FrameShape.hasPlace($0) }

    private static let offset = LinePattern.shape(
        "a frame with an offset", .letters.union(ByteSet(of: "/._?")), indented: .any, needs: [.slash, .digit]
    ) { FrameShape.hasOffset($0) }

    private static let offsetInBrackets = LinePattern.shape(
        "a frame with an offset", .letters.union(ByteSet(of: "/._")), indented: .any, needs: [.roundBracket, .digit]
    ) { FrameShape.hasOffset($0) }

    private static let arity = LinePattern.shape(
        "a frame with a number of arguments", .letters.union(ByteSet(of: "(:")), indented: .some,
        needs: [.slash, .endsInDigit]
    ) { FrameShape.hasArity($0) }

    private static let registers = LinePattern.shape("registers", .letters, indented: .any, needs: [.colon, .digit]) {
        FrameShape.hasRegisters($0)
    }

    private static let textAtPlace = LinePattern.shape(
        "an error at a place in a source", .letters.union(ByteSet(of: "/._")), indented: .any,
        needs: [.dot, .colon, .digit]
    ) { FrameShape.isText(atPlace: $0) }

    /// What Python and Ruby begin with is theirs.
    static let announcement = LinePattern.shape(
        "the announcement of a stack", .letters, indented: .any, needs: .endsInColon
    ) { line in
        FrameShape.announcesStack(line.bytes) && !line.ends(with: "Traceback (most recent call last):")
    }

    /// `Backtrace:`, not `payment failed. Stacktrace follows:`
    private static let announcementAlone = LinePattern.shape(
        "the announcement of a stack", ByteSet(of: "BbSsCcTt"), indented: .any, needs: .endsInColon
    ) { line in
        FrameShape.announcesStack(line.bytes.extracting(line.indent..<min(line.indent + 12, line.count)))
            && !line.ends(with: "Traceback (most recent call last):")
    }

    /// `Backtrace:`, and nothing more
    private static let title = LinePattern.shape(
        "the announcement of a stack", ByteSet(of: "BbSsCcTt"), indented: .any, needs: .endsInColon
    ) { line in
        for words in ["backtrace", "stack trace", "stacktrace", "call stack", "callstack", "traceback"]
            as [StaticString]
        where line.bytes.lengthOf(words, inAnyCaseAt: line.indent) > 0 {
            return line.bytes.endOfText(before: line.count) == line.indent + words.utf8CodeUnitCount + 1
        }
        return false
    }

    /// `*** caught SIGFPE, stack trace:`
    private static let announcementInStars = LinePattern.shape(
        "the announcement of a stack", ByteSet(of: "*"), needs: .endsInColon
    ) { line in
        line.has("*** ", at: 0) && FrameShape.announcesStack(line.bytes)
    }

    /// `end backtrace thread 6`, `End of stack trace`, `*** end of backtrace`
    private static let end = LinePattern.shape("the end of a stack", ByteSet(of: "eE-=*#<")) { line in
        var start = 0
        while start < line.count, !isLetter(line.bytes[start]) { start += 1 }
        if start == 0 {
            return (line.has("end ", at: 0) || line.has("End ", at: 0)) && FrameShape.announcesStack(line.bytes)
        }
        return line.count < 40 && line.bytes.lengthOf("end of ", inAnyCaseAt: start) > 0
            && FrameShape.announcesStack(line.bytes)
    }

    /// `----- BEGIN BACKTRACE -----`
    private static let ruler = LinePattern.shape("a ruler", ByteSet(of: "-=*#<")) { line in
        line.count > 12 && line.bytes[1] == line.firstByte && line.lastByte == line.firstByte
            && FrameShape.announcesStack(line.bytes)
    }
}
