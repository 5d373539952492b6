/// What the interpreter of Ruby reports of its own crash.
///
///     /app/bank.rb:3: [BUG] Segmentation fault at 0x0000000000000018
///     ruby 3.2.2 (2023-03-30 revision e51014f9c0) [x86_64-linux]
///                                                                    (a blank line between the parts)
///     -- Control frame information -----------------------------------------------
///     c:0002 p:0259 s:0037 e:000036 METHOD /app/bank.rb:3
///     -- Ruby level backtrace information ----------------------------------------
///     /app/main.rb:7:in `<main>'
///     -- C level backtrace information -------------------------------------------
///     /usr/lib/libruby.so.3.2(rb_vm_bugreport+0x4ae) [0x7a62f0e7580e]
///     -- Other runtime information -----------------------------------------------
///     * Loaded features:
///         0 enumerator.so
///     [NOTE]
///     You may have encountered a bug in the Ruby interpreter or extension libraries.
///     For details: https://www.ruby-lang.org/bugreport.html
///
/// - SeeAlso: `error.c` (`bug_report_begin`, `bug_report_end`), `vm_dump.c` (`rb_vm_bugreport`).
enum RubyCrash {
    private static let report = TracePlaces.own(0)
    private static let ended = TracePlaces.own(1)

    static let grammar = TraceGrammar(
        language: .ruby,
        rules: [
            TraceRule(.first, bug, .joins(report)),
            TraceRule(report, part, .joins(report)),
            TraceRule(report, .starts("[NOTE]"), .joins(report)),
            TraceRule(report, .starts("[IMPORTANT]"), .joins(report)),
            TraceRule(report, .starts("For details: http"), .joins(ended)),
            TraceRule(ended, CPPTrace.aborted, .joins(.end)),
            TraceRule(report, .unrecorded, .waits(report)),
            TraceRule([report, ended], .blank, .waits([report, ended])),

            // The rest of a report whose beginning is missing.
            TraceRule(.first, .starts("-- C level backtrace information -"), .resumes(report)),
            TraceRule(.first, .starts("-- Ruby level backtrace information -"), .resumes(report)),
            TraceRule(.first, .starts("-- Control frame information -"), .resumes(report)),
        ])

    private static let bug = LinePattern.shape(
        "a bug of Ruby", .letters.union(ByteSet(of: "/[<.")), needs: [.squareBracket]
    ) { line in
        guard let word = line.index(of: "[BUG] ", from: 0) else { return false }
        return word == 0 || line.index(of: 0x20, from: 0) == word - 1
    }

    private static let part = LinePattern.shape("a part of the report", .all, indented: .any) { line in
        let start = line.indent
        switch line.firstByte {
        case UInt8(ascii: "-"): return line.has("-- ", at: start)
        case UInt8(ascii: "*"): return line.has("* ", at: start)
        case UInt8(ascii: "c"): if line.has(" p:", at: line.endOfDigits(from: start + 2)) { return true }
        case UInt8(ascii: "["): return line.has("[0x", at: start)
        default: break
        }
        // `    0 enumerator.so`; `55d0c2a1b000-55d0c2a1c000 r-xp …`
        let digits = line.endOfDigits(from: start)
        if digits > start, start > 0, line.has(" ", at: digits) { return true }
        let address = line.endOfHexDigits(from: start)
        if address - start >= 8, line.has("-", at: address) { return true }
        return line.index(of: "[0x", from: start) != nil || line.index(of: ":in ", from: start) != nil
    }
}
