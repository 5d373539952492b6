/// What frames of stacks look like in whatever language.
///
/// | Shape | Frames |
/// |---|---|
/// | a number, then a call, an address or a place | `#0 pay(17)`, `  3: bank::pay`, `1. pay @ 0x55d0`, `[ 2] libc.so(+0x4)` |
/// | an address | `0x00007f3c1a2b pay`, `    @ 0x7f3c1a2b pay` |
/// | an offset in a function | `pay+0x1b/0x350`, `./bank(pay+0x14) [0x55d0]`, `/lib/libpay.so+0x3cf25` |
/// | a place in a source, then a call or nothing | `/app/bank.rb:3:in 'pay'`, `(bank 0.1.0) lib/bank.ex:12: Bank.pay/1` |
/// | a call, then a place in a source | `at pay (bank.js:3:5)`, `pay at bank.cc:12`, `acme.Bank.pay(acme/Bank.java:12)` |
/// | a function and how many arguments it has | `gen_server:init_it/2` |
///
/// What a compiler or a person says of a place, `bank.c:3:5: error: text`, is no frame.
enum FrameShape {
    /// True of any of the shapes, and of what announces a stack.
    static func isLikely(_ line: borrowing LineView) -> Bool {
        isAddressed(line) || isNumbered(line) || hasPlace(line) || hasOffset(line)
            || (line.indent > 0 && hasArity(line))
            || announcesStack(line.bytes)
    }

    static func isNumbered(_ line: borrowing LineView) -> Bool {
        let start = endOfNumber(line)
        guard start > line.indent, start < line.count else { return isOfMac(line) }
        return isAddress(line, at: start, minDigits: 4) || isCall(line, from: start)
            || SourcePlace(in: line, from: start) != nil || hasAddress(line, from: start)
    }

    /// `15   bank                               0x00007f83289f0ea0 pay + 50`, as macOS and Swift write it
    static func isOfMac(_ line: borrowing LineView) -> Bool {
        let end = line.endOfDigits(from: line.indent)
        guard end > line.indent, end - line.indent <= 3, line.has("  ", at: end),
            let address = line.index(of: " 0x", from: end)
        else { return false }
        return line.endOfHexDigits(from: address + 3) == address + 19 && line.has(" ", at: address + 19)
    }

    /// - Returns: the place behind `#12 `, `#12: `, `12: `, `12. `, `12# `, `[12] `, `(12) `, `frame #12: `; the start of the
    ///   text when there is no such number.
    private static func endOfNumber(_ line: borrowing LineView) -> Int {
        var index = line.indent
        // MXNet and XGBoost: `[bt] (3) `. Envoy: `thr<6> #0 `.
        if line.has("[bt] ", at: index) { index += 5 }
        if line.has("thr<", at: index), let end = line.index(of: "> ", from: index) { index = end + 2 }
        if line.has("frame #", at: index) { index += 6 }
        let mark = index < line.count ? line.bytes[index] : 0
        if mark == UInt8(ascii: "#") || mark == UInt8(ascii: "[") || mark == UInt8(ascii: "(") { index += 1 }
        if mark == UInt8(ascii: "["), line.has(" ", at: index) { index += 1 }
        var end = line.endOfDigits(from: index)
        // `[8327] error …` begins with the number of a process.
        guard end > index, end - index <= (mark == UInt8(ascii: "[") ? 3 : 4), end < line.count else {
            return line.indent
        }
        switch (mark, line.bytes[end]) {
        case (UInt8(ascii: "#"), 0x20): break
        case (UInt8(ascii: "["), UInt8(ascii: "]")), (UInt8(ascii: "("), UInt8(ascii: ")")): end += 1
        case (UInt8(ascii: "["), _), (UInt8(ascii: "("), _): return line.indent
        case (_, UInt8(ascii: ":")), (_, UInt8(ascii: ".")), (_, UInt8(ascii: "#")): end += 1
        default: return line.indent
        }
        guard end < line.count, isBlank(line.bytes[end]) else { return line.indent }
        while end < line.count, isBlank(line.bytes[end]) { end += 1 }
        return end
    }

    /// `0x7f3c1a2b pay`, `0x55d0c2a1 0x55d0c2b7`, `@     0x7f3c1a2b  pay`, `PC: @ 0x7f3c1a2b pay`
    static func isAddressed(_ line: borrowing LineView) -> Bool {
        var start = line.has("PC: @", at: line.indent) ? line.indent + 4 : line.indent
        if line.has("@ ", at: start) {
            start += 1
            while line.has(" ", at: start) { start += 1 }
        }
        return isAddress(line, at: start, minDigits: 6)
    }

    /// `0x55d0c2`, not followed by a letter.
    private static func isAddress(_ line: borrowing LineView, at start: Int, minDigits: Int) -> Bool {
        guard line.has("0x", at: start) else { return false }
        let end = line.endOfHexDigits(from: start + 2)
        return end >= start + 2 + minDigits && (end == line.count || !isWordByte(line.bytes[end]))
    }

    /// `libbank.so  0x00007f3c1a2b pay + 50`, `[0x55d0c2a1]`
    private static func hasAddress(_ line: borrowing LineView, from start: Int) -> Bool {
        var index = start
        while let place = line.index(of: "0x", from: index) {
            if isAddress(line, at: place, minDigits: 6) { return true }
            index = place + 2
        }
        return false
    }

    /// `bank::pay`, `pay(17)`, `└─base::pay()`, `App\Bank->pay()`, `{main}`: a name without blanks that ends in a bracket or has a
    /// path.
    private static func isCall(_ line: borrowing LineView, from start: Int) -> Bool {
        if line.bytes[start] == UInt8(ascii: "{") || line.has("[internal function]", at: start) { return true }
        // rlang
        let start = line.has("global ", at: start) ? start + 7 : start
        for index in start..<line.count {
            switch line.bytes[index] {
            case 0x20, 0x09, UInt8(ascii: "\""), UInt8(ascii: "'"): return false
            case UInt8(ascii: "("): return index > start
            case UInt8(ascii: ":"): if index > start, line.has("::", at: index) { return true }
            default: continue
            }
        }
        return false
    }

    /// `pay+0x1b/0x350`, `./bank(pay+0x14) [0x55d0]`, `libbank.so(+0x3cf25)[0x7f3c]`
    static func hasOffset(_ line: borrowing LineView) -> Bool {
        if line.ends(with: "]"), line.index(of: "[0x", from: line.indent) != nil { return true }
        var index = line.indent
        while let place = line.index(of: "+0x", from: index) {
            index = line.endOfHexDigits(from: place + 3)
            if index > place + 3,
                line.has(")", at: index) || line.has("/0x", at: index)
                    || index == line.count && line.marks.contains(.oneWord)
            {
                return true
            }
        }
        return false
    }

    /// `  gen_server:init_it/2`, `  (stdlib 4.2) gen_server.pay/6`
    static func hasArity(_ line: borrowing LineView) -> Bool {
        let start = endOfApplication(line)
        var slash = line.count
        while slash > start, isDigit(line.bytes[slash - 1]) { slash -= 1 }
        guard slash < line.count, line.count - slash <= 2, slash > start + 3,
            line.bytes[slash - 1] == UInt8(ascii: "/"),
            line.index(of: 0x20, from: start) == nil
        else { return false }
        // No path and no fraction: one module, one function.
        guard line.index(of: UInt8(ascii: "/"), from: start) == slash - 1 else { return false }
        return line.index(of: UInt8(ascii: "."), from: start + 1) != nil
            || line.index(of: UInt8(ascii: ":"), from: start + 1) != nil
    }

    static func hasPlace(_ line: borrowing LineView) -> Bool {
        guard let place = SourcePlace(in: line, from: line.indent) else { return false }
        let start = endOfApplication(line)
        if place.start == start {
            return start > line.indent || isFrame(line, behindPlace: place.end)
        }
        let isLed = startsWithPreposition(line)
        guard line.indent > 0 || isLed || line.marks.contains(.oneWord) else { return false }
        if place.end == line.count {
            return isLed || line.has(" at ", at: place.start - 4) || line.has(" in ", at: place.start - 4)
        }
        let isBracketed = place.start > 0 && line.bytes[place.start - 1] == UInt8(ascii: "(")
        // Haskell names the module behind it.
        if isBracketed, line.has(" in ", at: place.end) { return line.ends(with: ")") }
        return isBracketed && line.has(")", at: place.end)
            && (place.end + 1 == line.count || isLed && line.has(" ", at: place.end + 1))
    }

    /// The place behind `(bank 0.1.0) ` of Elixir.
    private static func endOfApplication(_ line: borrowing LineView) -> Int {
        guard line.firstByte == UInt8(ascii: "("), let close = line.index(of: ") ", from: line.indent),
            let blank = line.index(of: 0x20, from: line.indent), blank < close, isDigit(line.bytes[close - 1])
        else { return line.indent }
        return close + 2
    }

    private static func startsWithPreposition(_ line: borrowing LineView) -> Bool {
        for word in ["at ", "in ", "by ", "from ", "called from "] as [StaticString]
        where line.has(word, at: line.indent) {
            return true
        }
        return false
    }

    /// Nothing, `:in 'pay'`, ` in pay()`, `: in function 'pay'`, `  pay`
    private static func isFrame(_ line: borrowing LineView, behindPlace end: Int) -> Bool {
        if end == line.count { return true }
        // Ruby's first line has a text behind.
        if line.has(":in ", at: end) { return line.index(of: "': ", from: end) == nil }
        for next in [" in ", ": in ", "  ", "\t"] as [StaticString] where line.has(next, at: end) { return true }
        return end + 1 == line.count && line.lastByte == UInt8(ascii: ":")
    }

    /// `bank.lua:3: text`, behind a line that announces it.
    static func isText(atPlace line: borrowing LineView) -> Bool {
        guard let place = SourcePlace(in: line, from: line.indent), place.start == line.indent else { return false }
        return line.has(": ", at: place.end)
    }

    /// `  rax: 0x0000000000008903  rbx: 0x8000000000000040`
    static func hasRegisters(_ line: borrowing LineView) -> Bool {
        var index = line.indent
        for _ in 0..<2 {
            let name = index
            while index < line.count, isLetter(line.bytes[index]) || isDigit(line.bytes[index]) { index += 1 }
            guard index - name >= 2, index - name <= 6, line.has(":", at: index) || line.has("=", at: index) else {
                return false
            }
            index += 1
            while line.has(" ", at: index) { index += 1 }
            if line.has("0x", at: index) { index += 2 }
            let end = line.endOfHexDigits(from: index)
            guard end - index >= 8 else { return false }
            index = end
            while line.has(" ", at: index) { index += 1 }
        }
        return true
    }

    /// `Stack trace:`, `Call Stack (most recent call first):`, `Backtrace of thread 17:`; between rulers without the colon.
    static func announcesStack(_ line: Span<UInt8>) -> Bool {
        for index in 0..<min(line.count, 160) {
            let length =
                switch line[unchecked: index] | 0x20 {
                case UInt8(ascii: "b"): line.lengthOf("backtrace", inAnyCaseAt: index)
                case UInt8(ascii: "s"):
                    max(
                        line.lengthOf("stack trace", inAnyCaseAt: index),
                        line.lengthOf("stacktrace", inAnyCaseAt: index))
                case UInt8(ascii: "c"):
                    max(
                        line.lengthOf("call stack", inAnyCaseAt: index), line.lengthOf("callstack", inAnyCaseAt: index),
                        line.lengthOf("call trace", inAnyCaseAt: index))
                case UInt8(ascii: "t"): line.lengthOf("traceback", inAnyCaseAt: index)
                default: 0
                }
            if length > 0 { return true }
        }
        return false
    }
}
