/// Objects and arrays of JSON that are printed over several lines. Whatever prints them indents what is inside.
///
///     {
///       "account": 17
///     }
///
/// The opening bracket may also be the end of a record: `INFO answer: {`.
enum PrettyJSON {
    private static let inside = TracePlaces.own(0)

    static let grammar = TraceGrammar(
        language: .json,
        rules: [
            TraceRule(.first, .equals("{"), .joins(inside)),
            TraceRule(.first, .equals("["), .joins(inside)),
            TraceRule([inside, .bracketHead], .indented, .joins(inside)),
            TraceRule([inside, .bracketHead], close, .joins(.end)),
            TraceRule(inside, .blank, .waits(inside)),
        ])

    private static let close = LinePattern.shape("a closing bracket", ByteSet(of: "]}")) { line in
        line.count <= 3
    }
}

/// Elements of XML that are printed over several lines.
///
///     <?xml version="1.0"?>
///     <account>
///       <number>17</number>
///     </account>
///
/// - SeeAlso: XML 1.0, 2.8 (prolog), 3.1 (tags).
enum PrettyXML {
    private static let prolog = TracePlaces.own(0)
    private static let inside = TracePlaces.own(1)

    static let grammar = TraceGrammar(
        language: .xml,
        rules: [
            TraceRule(.first, .starts("<?xml "), .waits(prolog)),
            TraceRule(.first, startTag, .waits(inside)),
            TraceRule(prolog, startTag, .joins(inside)),
            TraceRule(prolog, .starts("<!"), .joins(prolog)),
            TraceRule(inside, .indented, .joins(inside)),
            TraceRule(inside, .starts("</"), .joins(.end)),
            TraceRule(inside, .blank, .waits(inside)),
        ])

    /// A start tag whose element does not end in the same line.
    private static let startTag = LinePattern.shape("a start tag", ByteSet(of: "<")) { line in
        guard line.count > 2, isLetter(line.bytes[1]) else { return false }
        return line.index(of: "</", from: 1) == nil && !line.ends(with: "/>")
    }
}
