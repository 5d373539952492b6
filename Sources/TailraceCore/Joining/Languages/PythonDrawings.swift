/// What libraries print in place of a traceback, with the source around each place.
///
///     ---------------------------------------------------------------------------
///     ValueError                                Traceback (most recent call last)
///     Cell In[3], line 1
///     ----> 1 pay(account)
///
///     ╭───────────────── Traceback (most recent call last) ─────────────────╮
///     │ /app/main.py:12 in pay                                               │
///     ╰──────────────────────────────────────────────────────────────────────╯
///
///     File /app/main.py, line 12, in pay
///     --> 12       raise Overdrawn(account)
///         ..................................................
///          account = 17
///         ..................................................
///
/// - SeeAlso: `IPython/core/ultratb.py`; `rich/traceback.py`; `stackprinter/formatting.py`.
enum PythonDrawings {
    /// `──────────── Traceback (most recent call last) ────────────`
    static let topOfBox = LinePattern.shape("the top of a box", ByteSet(of: "─"), needs: .roundBracket) {
        line in
        line.has("──", at: 0) && line.index(of: " Traceback (most recent call last) ", from: 6) != nil
    }

    /// What `RichHandler` writes behind the box, but not its next record in the same second: `           INFO     text`.
    static let textBehindBox = LinePattern.shape("text behind a box", .all, indented: .some) { line in
        !line.isRecord && HeaderWord(in: line.bytes, at: line.indent).level == nil
    }

    static let notebookRuler = LinePattern.shape("a ruler", ByteSet(of: "-")) { line in
        // `socketserver` draws one of 40.
        (line.count >= 70 || line.count == 40) && line.isRuler(of: UInt8(ascii: "-"))
    }

    /// `ValueError                                Traceback (most recent call last)`
    static let notebookStart = LinePattern.shape(
        "a traceback of IPython", .letters.union(ByteSet(of: "_")), needs: [.roundBracket, .endsInRoundBracket]
    ) { line in
        line.ends(with: "  Traceback (most recent call last)") && line.has("  ", at: PythonTrace.endOfName(line))
    }

    /// `File /app/main.py:12, in pay(account)`, `Cell In[3], line 1`, `/app/main.py in pay(account)`, `---> 12 raise`
    static let notebookLine = LinePattern.shape(
        "a line of a traceback of IPython", ByteSet(of: "FCI~/<-0123456789")
    ) { line in
        switch line.firstByte {
        case UInt8(ascii: "F"): line.has("File ", at: 0) && line.startOfLineNumber(endingAt: endOfPlace(line)) != nil
        case UInt8(ascii: "C"): line.has("Cell In[", at: 0) || line.has("Cell In [", at: 0)
        case UInt8(ascii: "I"): line.has("Input In ", at: 0)
        case UInt8(ascii: "-"): line.has("--", at: 0) && line.index(of: "> ", from: 2) != nil
        case UInt8(ascii: "<"), UInt8(ascii: "~"), UInt8(ascii: "/"): line.index(of: " in ", from: 0) != nil
        default: line.has(" ", at: line.endOfDigits(from: 0))
        }
    }

    /// `File /app/main.py, line 12, in pay`
    static let frameOfPrinter = LinePattern.shape("a frame of stackprinter", ByteSet(of: "F"), needs: .digit) {
        line in
        guard line.has("File ", at: 0), let number = line.index(of: ", line ", from: 6) else { return false }
        return line.has(", in ", at: line.endOfDigits(from: number + 7))
    }

    private static func endOfPlace(_ line: borrowing LineView) -> Int {
        line.index(of: ", in ", from: 5) ?? line.count
    }
}
