/// What loggers and libraries of Go write on several lines, apart from stacks.
///
///     2024/05/01 12:34:56 /app/bank.go:12 record not found           (GORM: the statement behind it)
///     [1.234ms] [rows:0] SELECT * FROM "account"
///
///     2024/05/01 12:34:56 pay failed                                 (eris: frames, then what was wrapped)
///     ⇥main.pay:/app/bank.go:12
///     disk
///     ⇥main.read:/app/disk.go:3
///
///     12:34:56 ERRO pay failed                                       (charm's log: values of several lines)
///       err=
///       │ disk
///
///     ╷                                                              (Terraform: a diagnostic)
///     │ Error: no such bank
///     ╵
///
/// - SeeAlso: `gorm.io/gorm/logger`; `github.com/rotisserie/eris`, `format.go`; `github.com/charmbracelet/log`, `text.go`;
///   Terraform's `internal/command/format/diagnostic.go`.
enum GoLoggers {
    private static let erisFrames = TracePlaces.own(0)
    private static let erisText = TracePlaces.own(1)
    private static let value = TracePlaces.own(2)
    private static let box = TracePlaces.own(3)

    static let grammar = TraceGrammar(
        language: .go,
        rules: [
            TraceRule(.anyHead, statementOfGorm, .joins(.end)),

            TraceRule([.anyHead, erisFrames, erisText], frameOfEris, .joins(erisFrames)),
            TraceRule(erisFrames, .free, .waits(erisText)),

            TraceRule([.anyHead, value], keyOfCharm, .waits(value)),
            TraceRule(value, .starts("│", indented: .some), .joins(value)),

            TraceRule(.first, .equals("╷"), .waits(box)),
            TraceRule(box, .starts("│"), .waits(box)),
            TraceRule(box, .equals("╵"), .joins(.end)),
        ])

    /// `[1.234ms] [rows:0] SELECT * FROM "account"`
    private static let statementOfGorm = LinePattern.shape(
        "a statement of GORM", ByteSet(of: "["), needs: [.squareBracket, .colon]
    ) { line in
        guard isDigit(line.secondByte), let close = line.index(of: "ms] [rows:", from: 2) else { return false }
        return close < 20
    }

    /// `⇥main.pay:/app/bank.go:12`
    private static let frameOfEris = LinePattern.shape(
        "a frame of eris", .letters, indented: .some, needs: [.oneWord, .endsInDigit, .colon]
    ) { line in
        guard line.bytes[0] == 0x09, let number = line.startOfLineNumber(endingAt: line.count) else { return false }
        return line.has(".go", at: number - 3) && line.index(of: UInt8(ascii: ":"), from: line.indent) != number
    }

    /// `  err=`
    private static let keyOfCharm = LinePattern.shape("a key", .letters, indented: .some, needs: .oneWord) { line in
        line.indent == 2 && line.lastByte == UInt8(ascii: "=")
    }
}
