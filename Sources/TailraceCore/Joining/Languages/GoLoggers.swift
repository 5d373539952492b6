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
///     *                                                              (CockroachDB)
///     * ERROR: a panic has occurred!
///     *
///
///     E240501 12:34:56.789012 17 bank.go:12 ⋮ [n1] 42  pay failed: (1) no such account
///     E240501 12:34:56.789012 17 bank.go:12 ⋮ [n1] 42 +Wraps: (2) disk      (`+` goes on with the text, `!` is the stack)
///
/// - SeeAlso: CockroachDB's `pkg/util/log/format_crdb_v2.go`, `event_log.go`; `gorm.io/gorm/logger`; `github.com/rotisserie/eris`, `format.go`; `github.com/charmbracelet/log`, `text.go`;
///   Terraform's `internal/command/format/diagnostic.go`.
enum GoLoggers {
    private static let erisFrames = TracePlaces.own(0)
    private static let erisText = TracePlaces.own(1)
    private static let value = TracePlaces.own(2)
    private static let box = TracePlaces.own(3)
    private static let stars = TracePlaces.own(4)
    private static let cockroach = TracePlaces.own(5)

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

            TraceRule(.first, .equals("*"), .waits(stars)),
            TraceRule(stars, .equals("*"), .joins(stars)),
            TraceRule(stars, .starts("* "), .joins(stars)),
            TraceRule(.first, record, .waits(cockroach)),
            TraceRule(cockroach, restOfRecord, .joins(cockroach)),
        ])

    /// `E240501 12:34:56.789012 17 bank.go:12 ⋮ [n1] 42  pay failed`
    static func startsRecord(_ line: borrowing LineView) -> Bool {
        line.indent == 0 && line.endOfDigits(from: 1) == 7 && line.has(" ", at: 7) && line.has(":", at: 10)
    }

    private static let record = LinePattern.shape(
        "a record of CockroachDB", ByteSet(of: "IWEF"), needs: [.colon, .digit, .dot], admitsRecords: true
    ) {
        startsRecord($0)
    }

    /// `E240501 12:34:56.789012 17 bank.go:12 ⋮ [n1] 42 !goroutine 17 [running]:`
    private static let restOfRecord = LinePattern.shape(
        "the rest of a record", ByteSet(of: "IWEF"), admitsRecords: true
    ) { line in
        guard startsRecord(line), let tags = line.index(of: "⋮ ", from: 22),
            let close = line.index(of: "] ", from: tags)
        else { return false }
        let counter = line.endOfDigits(from: close + 2)
        guard counter > close + 2, line.has(" ", at: counter), counter + 1 < line.count else { return false }
        switch line.bytes[counter + 1] {
        case UInt8(ascii: "+"), UInt8(ascii: "!"), UInt8(ascii: "="), UInt8(ascii: "|"): return true
        default: return false
        }
    }

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
