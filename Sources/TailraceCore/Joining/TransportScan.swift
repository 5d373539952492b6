/// The parts of a ``TransportPrefix``.
extension PrefixScan {
    private func isLowerCase(_ places: Range<Int>) -> Bool {
        for place in places where byte(place) &- UInt8(ascii: "a") > 25 { return false }
        return true
    }

    private func areDigits(_ places: Range<Int>) -> Bool {
        for place in places where !isDigit(byte(place)) { return false }
        return true
    }

    /// - Returns: the place behind a blank at `end`, which somebody may have taken off the end of the line; `nil` when
    ///   something else stands there.
    private func behindBlank(at end: Int) -> Int? {
        if byte(end) == 0x20 { return end + 1 }
        return end == line.count ? end : nil
    }

    // MARK: Times

    /// - Returns: the place behind `2024-05-01T12:34:56.789012345Z`, and how many digits are behind the point.
    private func endOfDate(at start: Int) -> (end: Int, digits: Int)? {
        guard byte(start + 10) == UInt8(ascii: "T"), byte(start + 4) == UInt8(ascii: "-"),
            byte(start + 7) == UInt8(ascii: "-"), areDigits(start..<start + 4), line.isClock(at: start + 11)
        else { return nil }
        let point = start + 19
        var end = point
        if byte(point) == UInt8(ascii: ".") {
            end += 1
            while isDigit(byte(end)) { end += 1 }
        }
        let digits = max(0, end - point - 1)
        switch byte(end) {
        case UInt8(ascii: "Z"): return (end + 1, digits)
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            let zone = end + 1
            end = zone
            while isDigit(byte(end)) || byte(end) == UInt8(ascii: ":") { end += 1 }
            return end - zone == 4 || end - zone == 5 ? (end, digits) : nil
        default: return nil
        }
    }

    /// `2024-05-01T12:34:56.789012345Z `
    mutating func exactTime() -> Bool {
        // Go leaves out noughts at the end.
        guard let date = endOfDate(at: index), date.digits >= 7, let end = behindBlank(at: date.end) else {
            return false
        }
        pass(to: end, as: UInt8(ascii: "T"))
        return true
    }

    /// `12:34:56 web.1  | `, `2024-05-01T12:34:56.789012345Z web.1.8f3c2a@node-1    | `
    mutating func timedName() -> Bool {
        let before = self
        let isExact = !line.isClock(at: index) || byte(index + 8) != 0x20
        if isExact {
            guard exactTime() else { return false }
        } else {
            pass(to: index + 9, as: UInt8(ascii: ":"))
        }
        let name = index
        // PowerShell has lines that begin with `Line |`; Docker's names of tasks have dots.
        if containerName(), !isExact || line.firstIndex(of: UInt8(ascii: "."), from: name).map({ $0 < index }) ?? false
        {
            return true
        }
        self = before
        return false
    }

    // MARK: Syslog

    /// The header of a line of syslog, up to the text.
    mutating func syslog() -> Bool {
        let before = self
        let isFormal = priority()
        if isFormal ? structuredHeader() : timeAndTag() { return true }
        self = before
        return false
    }

    /// `<13>`, `<13>1 `
    ///
    /// - Returns: whether the version of the protocol is there.
    private mutating func priority() -> Bool {
        guard byte(index) == UInt8(ascii: "<") else { return false }
        var end = index + 1
        while isDigit(byte(end)) { end += 1 }
        guard byte(end) == UInt8(ascii: ">"), end - index < 5 else { return false }
        let isFormal = isDigit(byte(end + 1)) && byte(end + 2) == 0x20
        pass(to: isFormal ? end + 3 : end + 1, as: UInt8(ascii: "<"))
        return isFormal
    }

    /// `2024-05-01T12:34:56.789Z host app 17 - - `, `… host app 17 id [origin ip="10.0.0.1"] `
    ///
    /// - SeeAlso: RFC 5424, 6.2 and 6.3.
    private mutating func structuredHeader() -> Bool {
        guard let date = endOfDate(at: index), byte(date.end) == 0x20 else { return false }
        pass(to: date.end + 1, as: UInt8(ascii: "T"))
        var start = index
        for _ in 0..<3 {
            guard let blank = line.firstIndex(of: 0x20, from: start), blank > start else { return false }
            start = blank + 1
        }
        pass(to: start)
        guard let data = line.firstIndex(of: 0x20, from: index), data > index else { return false }
        var end = data + 1
        if byte(end) == UInt8(ascii: "[") {
            guard let close = line.firstIndex(of: "] ", from: end) else { return false }
            end = close + 1
        } else {
            guard byte(end) == UInt8(ascii: "-") else { return false }
            end += 1
        }
        guard let text = behindBlank(at: end) else { return false }
        pass(to: text, as: UInt8(ascii: "-"))
        return true
    }

    private mutating func timeAndTag() -> Bool {
        if let date = endOfDate(at: index) {
            guard byte(date.end) == 0x20 else { return false }
            // One in UTC is a program's own, unless Fly wrote it.
            if byte(date.end - 1) == UInt8(ascii: "Z") { return flyTag(behind: date.end) }
            // A time that is more exact is a runtime's, and what follows the program's.
            guard date.digits < 7 else { return false }
            pass(to: date.end + 1, as: UInt8(ascii: "T"))
            return tag(isBare: false)
        }
        // May  1 12:34:56
        guard RecordHeader.isDateName(line, at: index), byte(index + 3) == 0x20, byte(index + 6) == 0x20,
            line.isClock(at: index + 7)
        else { return false }
        var end = index + 15
        if byte(end) == UInt8(ascii: ".") {
            end += 1
            while isDigit(byte(end)) { end += 1 }
        }
        guard byte(end) == 0x20 else { return false }
        pass(to: end + 1, as: UInt8(ascii: "M"))
        return tag(isBare: true)
    }

    /// `host app[17]: `, `app[web.1]: `, `host kernel: `
    ///
    /// - Parameters:
    ///   - isBare: behind a host, the tag may be without a number.
    ///   - wordsMax: 1 where no host stands before it.
    private mutating func tag(isBare: Bool, wordsMax: Int = 2) -> Bool {
        var start = index
        for word in 0..<wordsMax {
            let blank = line.firstIndex(of: 0x20, from: start) ?? line.count
            guard blank > start + 1, blank - start < 80 else { return false }
            guard line[blank - 1] == UInt8(ascii: ":") else {
                guard isWordByte(line[start]) else { return false }
                start = blank + 1
                continue
            }
            let isNumbered = isNumbered(start..<blank - 1)
            let isNamed = word == 1 && isWordByte(line[start]) && (isBare || line.has("kernel:", at: start))
            guard isNumbered || isNamed, let end = behindBlank(at: blank) else { return false }
            pass(to: end == line.count && byte(end - 1) == UInt8(ascii: ":") ? end : end - 1)
            index = end
            return true
        }
        return false
    }

    /// `app[web.1]: `, behind a time that is exact
    mutating func processTag() -> Bool { tag(isBare: false, wordsMax: 1) }

    /// `app[17]`, `app[web.1]`
    private func isNumbered(_ tag: Range<Int>) -> Bool {
        guard isLetter(byte(tag.lowerBound)), byte(tag.upperBound - 1) == UInt8(ascii: "]"),
            let open = line.firstIndex(of: UInt8(ascii: "["), from: tag.lowerBound), open < tag.upperBound - 2
        else { return false }
        for place in open + 1..<tag.upperBound - 1 where !isWordByte(line[place]) { return false }
        return true
    }

    // MARK: Names

    /// ` app[3d8d9] ams [info]`, with or without a blank before the text
    ///
    /// - Parameter time: the place behind `2024-05-01T12:34:56Z`.
    private mutating func flyTag(behind time: Int) -> Bool {
        var end = time + 1
        while isLetter(byte(end)) { end += 1 }
        guard byte(end) == UInt8(ascii: "["), end > time + 1,
            let close = line.firstIndex(of: "] ", from: end), isNumbered(time + 1..<close + 1)
        else { return false }
        end = close + 1
        while byte(end) == 0x20 { end += 1 }
        // The region, and Fly's own word for the level.
        guard isLowerCase(end..<end + 3), line.has(" [", at: end + 3),
            let text = line.firstIndex(of: UInt8(ascii: "]"), from: end + 5), text - end < 12,
            isLowerCase(end + 5..<text)
        else { return false }
        pass(to: time, as: UInt8(ascii: "T"))
        pass(to: text + 1)
        if byte(index) == 0x20, byte(index + 1) != 0x20 { index += 1 }
        return true
    }

    /// `web-1  | `, `0|web  | `
    mutating func containerName() -> Bool {
        var end = index
        while isDigit(byte(end)) { end += 1 }
        if byte(end) == UInt8(ascii: "|"), end > index { end += 1 } else { end = index }
        let name = end
        var hasLetter = false
        while isWordByte(byte(end)) || byte(end) == UInt8(ascii: "@"), end - index < 96 {
            hasLetter = hasLetter || isLetter(byte(end))
            end += 1
        }
        guard end > name + 1 || name > index, hasLetter else { return false }
        while byte(end) == 0x20 { end += 1 }
        guard byte(end) == UInt8(ascii: "|"), byte(end - 1) == 0x20, let text = behindBlank(at: end + 1) else {
            return false
        }
        pass(to: end + 1)
        index = text
        return true
    }

    /// `[pod/name/container] `
    mutating func podName() -> Bool {
        guard line.has("[pod/", at: index), let close = line.firstIndex(of: UInt8(ascii: "]"), from: index + 5),
            let text = behindBlank(at: close + 1)
        else { return false }
        for place in index..<close where isBlank(byte(place)) { return false }
        pass(to: close + 1)
        index = text
        return true
    }
}
