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

/// Entries of MySQL's slow query log.
///
///     # Time: 2024-05-01T12:34:56.789012Z
///     # User@Host: app[app] @ localhost []  Id:    17
///     # Query_time: 3.000123  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 0
///     SET timestamp=1714566896;
///     SELECT number
///     FROM account;
///
/// - SeeAlso: MySQL reference manual, "The Slow Query Log"; `sql/log.cc` (`File_query_log::write_slow`).
enum MySQLSlowLog {
    private static let comment = TracePlaces.own(0)
    private static let statement = TracePlaces.own(1)

    static let grammar = TraceGrammar(
        language: .mysql,
        rules: [
            TraceRule(.first, .starts("# Time: "), .joins(comment)),
            TraceRule(.first, .starts("# User@Host: "), .joins(comment)),
            TraceRule(comment, .starts("# "), .joins(comment)),
            TraceRule([comment, statement], statementLine, .joins(statement)),
        ])

    private static let statementLine = LinePattern.shape("a line of a statement", .all, indented: .any) { line in
        line.firstByte != UInt8(ascii: "#") && !line.isRecord
    }
}
