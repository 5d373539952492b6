/// What a line has to look like for a rule.
///
/// Every pattern knows the bytes it can begin with, so that most of them are refused by one look.
struct LinePattern: Sendable {
    enum Indentation: Sendable, Equatable {
        case none
        case some
        case any
    }

    enum Kind: Sendable {
        /// The literal stands behind the indentation.
        case starts(StaticString)
        /// The line is the literal, apart from blanks around it.
        case equals(StaticString)
        /// A language's own test.
        case shape(@Sendable (borrowing LineView) -> Bool)
        /// Any line that is not blank and starts neither a record nor, for certain, a trace, with the indentation.
        case text
        /// Any line that is not blank, starts no record and may open no trace: a piece of a message.
        case free
        /// Any line that is not blank and starts neither a record nor, for certain, a trace.
        case unrecorded
        case blank
    }

    /// For `tailrace join --explain`: "a frame".
    let name: StaticString
    let indentation: Indentation
    let firstBytes: ByteSet
    /// What has to be in the line.
    let needs: LineMarks
    /// A line may look like that although it begins like a record.
    let admitsRecords: Bool
    let kind: Kind

    private init(
        _ name: StaticString, _ indentation: Indentation, _ firstBytes: ByteSet, _ kind: Kind, needs: LineMarks = [],
        admitsRecords: Bool = false
    ) {
        self.name = name
        self.needs = needs
        self.admitsRecords = admitsRecords
        self.indentation = indentation
        self.firstBytes = firstBytes
        self.kind = kind
    }

    /// The line begins with `literal`, behind the given indentation.
    static func starts(_ literal: StaticString, indented: Indentation = .none) -> LinePattern {
        LinePattern(
            literal, indented, firstByte(of: literal), .starts(literal), needs: LineMarks(of: literal),
            admitsRecords: true)
    }

    /// The line is `literal`, behind the given indentation and with any blanks at its end.
    static func equals(_ literal: StaticString, indented: Indentation = .none) -> LinePattern {
        LinePattern(
            literal, indented, firstByte(of: literal), .equals(literal), needs: LineMarks(of: literal),
            admitsRecords: true)
    }

    /// - Parameters:
    ///   - name: completes "the line is …".
    ///   - bytes: what the line can begin with behind the indentation.
    ///   - needs: what has to be in it. Records are not looked through for it.
    ///   - admitsRecords: also lines that begin like a record, as a header of several lines does.
    static func shape(
        _ name: StaticString, _ bytes: ByteSet, indented: Indentation = .none, needs: LineMarks = [],
        admitsRecords: Bool = false, _ test: @escaping @Sendable (borrowing LineView) -> Bool
    ) -> LinePattern {
        LinePattern(name, indented, bytes, .shape(test), needs: needs, admitsRecords: admitsRecords)
    }

    /// Any line with blanks or tabs in front.
    static let indented = LinePattern("an indented line", .some, .all, .text)
    static let free = LinePattern("text that starts nothing of its own", .any, .all, .free)
    /// As ``free``, of text that begins with a letter, a digit or one of some marks: not like frames that were left out.
    static let freeBehindFrames = LinePattern(
        "text that starts nothing of its own", .any, .letters.union(ByteSet(of: "0123456789\"'([{<|-*#=:/")), .free)
    static let unrecorded = LinePattern("text", .any, .all, .unrecorded)
    static let blank = LinePattern("a blank line", .any, .all, .blank)
    /// Any line: what could not be parsed may read like a record.
    static let parsedText = shape("text that was parsed", .all, indented: .any, admitsRecords: true) { _ in true }

    /// The first line of an exception, whatever the language: `com.acme.Overdrawn: text`, `TypeError: text`.
    static let exceptionName = shape("the name of an exception", .letters, needs: .name) { line in
        ExceptionText.endOfName(in: line.bytes, from: 0) != nil
    }

    /// A cause as people introduce it: `previous: RuntimeException: text`, `caused by: VError: text`.
    static let namedCause = shape("a cause", .letters, indented: .any, needs: .colon) { line in
        guard let colon = line.index(of: ": ", from: line.indent), colon - line.indent <= 20 else { return false }
        for word in [
            "cause", "caused by", "root cause", "previous", "previous exception", "previous error", "inner exception",
            "inner error", "original exception", "original error",
        ] as [StaticString]
        where line.bytes.lengthOf(word, inAnyCaseAt: line.indent) == colon - line.indent {
            return ExceptionText.endOfName(in: line.bytes, from: colon + 2) != nil
        }
        return false
    }

    /// As `exceptionName`, and loggers may have indented it.
    static let indentedExceptionName = shape(
        "the name of an exception", .letters, indented: .some, needs: .name
    ) { line in
        ExceptionText.endOfName(in: line.bytes, from: line.indent) != nil
    }

    /// The first line of an error of Ruby or Perl: `Bank::Overdrawn: text`.
    static let scopedName = shape("the name of an error", .letters, needs: .name) { line in
        ExceptionText.endOfScopedName(in: line) != nil
    }

    private static func firstByte(of literal: StaticString) -> ByteSet {
        var set = ByteSet()
        set.insert(literal.utf8Start[0])
        return set
    }
}
