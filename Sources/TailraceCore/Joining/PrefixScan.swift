/// Reads what stands in front of a line part by part: here those of a ``LinePrefix``, elsewhere those of a
/// ``TransportPrefix``. What passes a part answers whether it stood there, and leaves everything as it was when it did not.
struct PrefixScan: ~Escapable {
    let line: Span<UInt8>
    var index = 0
    private var hash = FNV1a()

    @_lifetime(copy line)
    init(_ line: Span<UInt8>) {
        self.line = line
    }

    /// Of what was passed.
    var shape: UInt64 { hash.value }

    func byte(_ place: Int) -> UInt8 { place < line.count ? line[unchecked: place] : 0 }

    mutating func pass(to end: Int) {
        for place in index..<end { hash.add(line[place]) }
        index = end
    }

    /// - Parameter mark: what stands for all that is passed.
    mutating func pass(to end: Int, as mark: UInt8) {
        hash.add(mark)
        index = end
    }

    /// As ``pass(to:)``, where digits and letters count only as such.
    private mutating func passLoosely(to end: Int) {
        var last: UInt8 = 0
        while index < end {
            let byte = line[unchecked: index]
            let kind = isDigit(byte) ? 0x30 : isLetter(byte) ? 0x61 : byte
            if kind != last { hash.add(kind) }
            last = kind
            index += 1
        }
    }

    // MARK: Times

    /// Passes a time and what syslog adds, if that stands here.
    mutating func time() -> Bool {
        let first = byte(index)
        let isBracketed = first == UInt8(ascii: "[")
        guard isDigit(first) || isBracketed || RecordHeader.timeFirst(line, at: index),
            !isBracketed || isDigit(byte(index + 1)) || RecordHeader.timeFirst(line, at: index + 1)
        else { return false }
        let before = self
        if passTime(isBracketed: isBracketed) { return true }
        self = before
        return false
    }

    /// Passes the seconds since the kernel started, however many they are.
    mutating func uptime() -> Bool {
        guard let end = RecordHeader.endOfUptime(line, at: index) else { return false }
        pass(to: end < line.count ? end + 1 : end, as: UInt8(ascii: "["))
        return true
    }

    private mutating func passTime(isBracketed: Bool) -> Bool {
        if isBracketed { index += 1 }
        var hasClock = false
        var nameAge = 3
        for number in 0..<6 {
            let end = endOfTimeToken(isFirst: number == 0, nameAge: nameAge, hasClock: &hasClock)
            guard end > index else { break }
            if isLetter(byte(index)), !hasClock {
                nameAge = 0
            } else {
                nameAge += 1
            }
            passLoosely(to: end)
            if isBracketed, byte(index) == UInt8(ascii: "]") { break }
            let next = byte(index + 1) == 0x20 ? index + 2 : index + 1
            guard byte(index) == 0x20, isTimeToken(at: next, nameAge: nameAge, hasClock: hasClock) else { break }
            index = next
        }
        guard hasClock else { return false }
        if isBracketed {
            guard byte(index) == UInt8(ascii: "]") else { return false }
            index += 1
        }
        if byte(index) == UInt8(ascii: ":") { index += 1 }
        // Somebody may have taken off the blank at the end of the line.
        guard isBlank(byte(index)) || index == line.count else { return false }
        pass(to: min(index + 1, line.count), as: 0x20)
        if line.has("| ", at: index) {
            pass(to: index + 2)
        } else if byte(index) == 0x20, isBehindNanoseconds {
            pass(to: index + 1)
        }
        if let end = endOfTag() { pass(to: end) }
        return true
    }

    /// True behind ` 12:34:56.123456789 `, behind which s6 writes another blank.
    private var isBehindNanoseconds: Bool {
        guard index >= 20, line[index - 11] == UInt8(ascii: "."), line[index - 20] == 0x20 else { return false }
        for place in index - 10..<index - 1 where !isDigit(line[place]) { return false }
        return true
    }

    private func isTimeToken(at place: Int, nameAge: Int, hasClock: Bool) -> Bool {
        var scan = self
        scan.index = place
        var clock = hasClock
        return scan.endOfTimeToken(isFirst: false, nameAge: nameAge, hasClock: &clock) > place
    }

    /// - Parameter nameAge: how many tokens ago a month or a weekday was read.
    /// - Returns: ``index`` when no part of a time stands there.
    private func endOfTimeToken(isFirst: Bool, nameAge: Int, hasClock: inout Bool) -> Int {
        let first = byte(index)
        var end = index
        guard isDigit(first) else {
            if hasClock { return endOfZone() }
            guard isUpper(first), RecordHeader.isDateName(line, at: index) else { return index }
            return byte(index + 3) == UInt8(ascii: ",") ? index + 4 : index + 3
        }
        var colons = 0
        var marks = 0
        var dots = 0
        scan: while end < line.count {
            let byte = line[unchecked: end]
            switch byte {
            case UInt8(ascii: ":"): colons += 1
            case UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "+"): marks += 1
            case UInt8(ascii: "."): dots += 1
            case UInt8(ascii: ","), UInt8(ascii: "T"), UInt8(ascii: "Z"): break
            default:
                if isDigit(byte) { break }
                // 01/May/2024
                guard isLetter(byte), marks == 1, end - index < 8 else { break scan }
            }
            end += 1
        }
        // A colon behind the time belongs to nobody.
        if byte(end - 1) == UInt8(ascii: ":") {
            colons -= 1
            end -= 1
        }
        // Fri May  1 12:34:56 2026
        if hasClock, end - index == 4, byte(end) == UInt8(ascii: "]") { return end }
        if colons > 0 {
            if hasClock { return index }
            hasClock = true
            return end
        }
        if marks == 2 || (dots == 2 && end - index >= 8) { return end }
        if nameAge < 2, end - index <= 4 { return end }
        if isFirst, end - index >= 10 {
            hasClock = true
            return end
        }
        return index
    }

    private func endOfZone() -> Int {
        let first = byte(index)
        if first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
            var end = index + 1
            while isDigit(byte(end)) || byte(end) == UInt8(ascii: ":") { end += 1 }
            return end - index >= 5 ? end : index
        }
        for zone in ["UTC", "GMT", "AM", "PM", "am", "pm", "CET", "CEST", "EST", "EDT", "PST", "PDT"] as [StaticString]
        where line.has(zone, at: index) {
            let end = index + zone.utf8CodeUnitCount
            if isBlank(byte(end)) || byte(end) == UInt8(ascii: "]") { return end }
        }
        return index
    }

    /// `host app[17]: `, `app[web.1]: `
    private func endOfTag() -> Int? {
        var start = index
        for _ in 0..<2 {
            guard let blank = line.firstIndex(of: 0x20, from: start), blank > start, blank - start < 80 else {
                return nil
            }
            if line[blank - 1] == UInt8(ascii: ":") {
                let isTag = blank > start + 3 && line[blank - 2] == UInt8(ascii: "]") && isLetter(line[start])
                return isTag ? blank + 1 : nil
            }
            start = blank + 1
        }
        return nil
    }

    // MARK: Names

    /// Passes the name of the program, if a line begins with one.
    mutating func name() -> Bool {
        switch byte(index) {
        case UInt8(ascii: "["): bracketedName()
        case UInt8(ascii: "("): processName()
        default: kernelTag() || logcatTag() || flutterTag() || programTag()
        }
    }

    /// `kern  :warn  : `
    private mutating func kernelTag() -> Bool {
        guard line.has("kern  :", at: index), line.has(": ", at: index + 13) else { return false }
        pass(to: index + 7)
        // Lines of one report may be of several levels.
        index += 8
        return true
    }

    /// `I/flutter ( 17): `
    mutating func logcatTag() -> Bool {
        guard byte(index + 1) == UInt8(ascii: "/"), "VDIWEFA".utf8.contains(byte(index)),
            let bracket = line.firstIndex(of: UInt8(ascii: "("), from: index + 2),
            let close = line.firstIndex(of: "): ", from: bracket), close - index < 64, isDigit(byte(close - 1))
        else { return false }
        pass(to: close + 3)
        return true
    }

    /// `flutter: `, without the blank where nothing follows.
    private mutating func flutterTag() -> Bool {
        guard line.has("flutter:", at: index) else { return false }
        pass(to: index + 8)
        if byte(index) == 0x20 { index += 1 }
        return true
    }

    /// `WARNING: [pool www] child 17 said into stderr: "`
    mutating func childOfFPM() -> Bool {
        guard line.has("WARNING: [pool ", at: index),
            let said = line.firstIndex(of: " said into stderr: \"", from: index)
        else { return false }
        passLoosely(to: said + 20)
        return true
    }

    /// `app[17]: `
    private mutating func programTag() -> Bool {
        var end = index
        while isWordByte(byte(end)), end - index < 64 { end += 1 }
        guard end > index, byte(end) == UInt8(ascii: "[") else { return false }
        end += 1
        let start = end
        while isDigit(byte(end)) { end += 1 }
        guard end > start, line.has("]: ", at: end) else { return false }
        pass(to: end + 3)
        return true
    }

    /// `[web-1] `, `[rank0]: `, `[default0]:`, `[1,0]<stderr>:`
    private mutating func bracketedName() -> Bool {
        guard let close = line.firstIndex(of: UInt8(ascii: "]"), from: 1), close > 1 else { return false }
        for place in 1..<close where isBlank(byte(place)) { return false }
        var end = close + 1
        if line.has("<stdout>", at: end) || line.has("<stderr>", at: end) { end += 8 }
        if byte(end) == UInt8(ascii: ":") {
            end += 1
            if line.has("rank", at: 1), byte(end) == 0x20 { end += 1 }
        } else {
            guard close > 3, byte(end) == 0x20 else { return false }
            end += 1
        }
        pass(to: end)
        return true
    }

    /// `(EngineCore_0 pid=17) `, `(EngineCore_0 pid=17) (VllmWorker TP0 pid=18) `
    mutating func processName() -> Bool {
        var start = index
        while byte(start) == UInt8(ascii: "("), let close = line.firstIndex(of: UInt8(ascii: ")"), from: start),
            close - start < 120, byte(close + 1) == 0x20
        {
            let process =
                line.firstIndex(of: "pid=", from: start) ?? (line.has("(raylet)", at: start) ? start : close)
            guard process < close else { break }
            start = close + 2
        }
        guard start > index else { return false }
        pass(to: start)
        return true
    }
}
