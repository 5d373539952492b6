/// What Python's `warnings` print: a place, a text, and the line of the source that warned.
///
///     /app/main.py:3: DeprecationWarning: use pay() instead
///       warnings.warn(
///     ResourceWarning: Enable tracemalloc to get the object allocation traceback
///
///     2024-05-01 12:34:56 WARNING py.warnings: /app/main.py:3: UserWarning: text     (as `logging` captures them)
///       pay_old(17)
///
/// The text may have several lines; then only a source that calls `warn`, or goes on, tells them from others.
///
/// - SeeAlso: `Lib/warnings.py` (`_formatwarnmsg_impl`), `Lib/logging/__init__.py` (`captureWarnings`).
enum PythonWarnings {
    private static let warning = TracePlaces.own(0)
    private static let text = TracePlaces.own(1)
    private static let source = TracePlaces.own(2)
    private static let allocation = TracePlaces.own(3)

    static let grammar = TraceGrammar(
        language: .python,
        rules: [
            TraceRule(.first, warningLine, .waits(warning)),
            TraceRule(warning, sourceLine, .joins(source)),
            TraceRule(.warningHead, call, .joins(source)),
            TraceRule(text, callOfWarn, .joins(source)),
            TraceRule([warning, text], .unrecorded, .waits(text)),
            TraceRule(text, .blank, .waits(text)),
            TraceRule(source, .starts("ResourceWarning: Enable tracemalloc "), .joins(.end)),
            TraceRule(source, .equals("Object allocated at (most recent call last):"), .joins(allocation)),
            TraceRule(allocation, .indented, .joins(allocation)),
        ])

    /// True of a record of the logger `py.warnings`.
    static func isLogged(_ record: Span<UInt8>) -> Bool {
        record.firstIndex(of: "Warning: ") != nil && record.firstIndex(of: "py.warnings") != nil
    }

    /// `/app/main.py:3: DeprecationWarning: text`
    private static let warningLine = LinePattern.shape(
        "a warning", .letters.union(ByteSet(of: "/<_.")), needs: [.colon, .dot, .digit]
    ) { line in
        guard let name = line.index(of: "Warning: ", from: 0), let source = line.index(of: ".py:", from: 0),
            source < name, line.index(of: 0x20, from: 0).map({ $0 > source }) ?? false
        else { return false }
        return line.has(": ", at: line.endOfDigits(from: source + 4))
    }

    /// `warnings` puts two blanks before it, however it is indented in its file.
    private static let sourceLine = LinePattern.shape("the source of a warning", .all, indented: .some) { line in
        line.indent == 2 && line.has("  ", at: 0) && !line.isRecord
    }

    private static let call = LinePattern.shape(
        "the source of a warning", .letters.union(ByteSet(of: "_")), indented: .some, needs: .roundBracket
    ) { $0.indent == 2 }

    private static let callOfWarn = LinePattern.shape(
        "the source of a warning", .letters.union(ByteSet(of: "_")), indented: .some, needs: .roundBracket
    ) { line in
        line.indent == 2 && (line.index(of: "warn(", from: 2) != nil || line.ends(with: "("))
    }
}
