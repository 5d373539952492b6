/// Records of a PostgreSQL server: further lines of a message or a statement have a tab in front.
///
///     2024-05-01 12:34:56.789 UTC [17] LOG:  statement: SELECT number
///     ⇥FROM account
///
/// - SeeAlso: `src/backend/utils/error/elog.c` (`append_with_tabs`).
enum PostgreSQLLog {
    private static let text = TracePlaces.own(0)

    static let grammar = TraceGrammar(
        language: .postgresql,
        rules: [TraceRule([.anyHead, text], tabbed, .joins(text))])

    private static let tabbed = LinePattern.shape("a line with a tab in front", .all, indented: .some) { line in
        line.bytes[0] == 0x09
    }
}

/// Entries of MySQL's slow query log, and statements of its general query log.
///
///     # Time: 2024-05-01T12:34:56.789012Z
///     # User@Host: app[app] @ localhost []  Id:    17
///     # Query_time: 3.000123  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 0
///     SET timestamp=1714566896;
///     SELECT number
///     FROM account;
///
///     2024-05-01T12:34:56.789012Z⇥   17 Query⇥SELECT number          (MariaDB leaves a time out that is the same as before)
///     FROM account
///
/// - SeeAlso: MySQL reference manual, "The Slow Query Log", "The General Query Log"; `sql/log.cc`
///   (`File_query_log::write_slow`, `write_general`).
enum MySQLLog {
    private static let comment = TracePlaces.own(0)
    private static let statement = TracePlaces.own(1)
    private static let query = TracePlaces.own(2)

    static let grammar = TraceGrammar(
        language: .mysql,
        rules: [
            TraceRule(.first, .starts("# Time: "), .joins(comment)),
            TraceRule(.first, .starts("# User@Host: "), .joins(comment)),
            TraceRule(comment, .starts("# "), .joins(comment)),
            TraceRule([comment, statement], statementLine, .joins(statement)),
            TraceRule(.first, queryLine, .joins(query)),
            TraceRule(query, restOfQuery, .joins(query)),
            TraceRule(query, .blank, .waits(query)),
        ])

    private static let statementLine = LinePattern.shape("a line of a statement", .all, indented: .any) { line in
        line.firstByte != UInt8(ascii: "#") && !line.isRecord
    }

    /// `   17 Query⇥SELECT number`
    private static let queryLine = LinePattern.shape("a statement", .digits, indented: .any) { line in
        let end = line.endOfDigits(from: line.indent)
        return line.has(" Query\t", at: end) || line.has(" Execute\t", at: end) || line.has(" Prepare\t", at: end)
    }

    /// Not another entry, `   17 Quit⇥`, and not what a server that starts writes.
    private static let restOfQuery = LinePattern.shape("a line of a statement", .all, indented: .any) { line in
        guard !line.isRecord, line.index(of: ", Version: ", from: 0) == nil else { return false }
        let end = line.endOfDigits(from: line.indent)
        guard end > line.indent, line.has(" ", at: end), let tab = line.index(of: 0x09, from: end) else { return true }
        return tab - end > 16 || !isLetter(line.bytes[end + 1])
    }
}
