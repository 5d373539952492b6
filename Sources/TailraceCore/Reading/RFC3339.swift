/// Reads time stamps of container runtimes: `2026-11-23T17:52:39.123456789Z`.
///
/// | part | accepted |
/// |---|---|
/// | date | a day that exists; the result must fit in ``Timestamp``: from September 1677 to April 2262 |
/// | between | `T` or `t` |
/// | time | 00:00:00 to 23:59:59; a leap second `:60` is the last nanosecond of `:59` |
/// | fraction | none, or a dot and any number of digits; those behind the ninth are dropped |
/// | zone | `Z`, `z`, `+hh:mm` or `-hh:mm` |
///
/// Neighbouring lines mostly share their second, so the parser remembers the last one it worked out: an equal start
/// costs three comparisons of machine words.
///
/// - SeeAlso: RFC 3339, section 5.6.
package struct RFC3339Parser: Sendable {
    // Some second has to be known from the start; this one is right.
    private var known = SecondText(Array("1970-01-01T00:00:00".utf8).span)
    /// Nanoseconds since 1970 of `known`, read as UTC, without a fraction.
    private var knownNanoseconds: Int64 = 0
    /// A leap second has no fraction of its own: it is the last nanosecond of the second before.
    private var knownIsLeap = false

    package init() {}

    /// The time that `text` is, from its first to its last byte.
    package mutating func parse(_ text: Span<UInt8>) -> Timestamp? {
        guard let (time, length) = parsePrefix(of: text), length == text.count else { return nil }
        return time
    }

    /// The time that `text` begins with, and how many bytes it takes.
    package mutating func parsePrefix(of text: Span<UInt8>) -> (time: Timestamp, length: Int)? {
        guard text.count > SecondText.length else { return nil }
        let second = SecondText(text)
        if second == known, !knownIsLeap, let nanoseconds = Self.nineDigits(of: text) {
            let (utc, overflow) = knownNanoseconds.addingReportingOverflow(nanoseconds)
            return overflow ? nil : (Timestamp(nanoseconds: utc), 30)
        }
        if second != known {
            guard let (nanoseconds, isLeap) = Self.nanoseconds(of: text) else { return nil }
            (known, knownNanoseconds, knownIsLeap) = (second, nanoseconds, isLeap)
        }
        var index = SecondText.length
        var fraction: Int64 = 0
        if text[index] == UInt8(ascii: ".") {
            guard let digits = Self.fraction(of: text, from: index + 1) else { return nil }
            (fraction, index) = digits
        }
        if knownIsLeap { fraction = 999_999_999 }
        guard let (zone, end) = Self.zone(of: text, from: index) else { return nil }
        let (utc, overflow) = knownNanoseconds.addingReportingOverflow(fraction - zone)
        return overflow ? nil : (Timestamp(nanoseconds: utc), end)
    }

    /// The fraction of what nearly all time stamps of runtimes are: 30 bytes that end in nine digits and `Z`.
    @inline(__always)
    private static func nineDigits(of text: Span<UInt8>) -> Int64? {
        guard text.count >= 30, text[unchecked: 19] == UInt8(ascii: "."), text[unchecked: 29] == UInt8(ascii: "Z"),
            let digits = text.word(at: 20).eightDigits
        else { return nil }
        let last = text[unchecked: 28] &- UInt8(ascii: "0")
        return last <= 9 ? digits &* 10 &+ Int64(last) : nil
    }

    private static func nanoseconds(of text: Span<UInt8>) -> (Int64, isLeap: Bool)? {
        guard text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"), text[10] | 0x20 == UInt8(ascii: "t"),
            text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
            let century = pair(text, 0), let yearOfCentury = pair(text, 2), let month = pair(text, 5),
            let day = pair(text, 8), let hour = pair(text, 11), let minute = pair(text, 14),
            let second = pair(text, 17), hour <= 23, minute <= 59, second <= 60,
            let date = CivilDate(year: century * 100 + yearOfCentury, month: month, day: day)
        else { return nil }
        let seconds = ((date.daysSinceEpoch * 24 + hour) * 60 + minute) * 60 + min(second, 59)
        let (nanoseconds, overflow) = Int64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? nil : (nanoseconds, second == 60)
    }

    /// - Returns: nanoseconds, and the index behind the last digit; `nil` when there is none.
    @inline(__always)
    private static func fraction(of text: Span<UInt8>, from start: Int) -> (Int64, end: Int)? {
        var index = start
        var value: Int64 = 0
        // Runtimes write nine digits nearly always: eight at once, then the ninth.
        if text.count - start >= 8, let digits = text.word(at: start).eightDigits {
            (value, index) = (digits, start + 8)
        }
        while index < text.count {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { break }
            if index - start < 9 { value = value * 10 + Int64(digit) }
            index += 1
        }
        guard index > start else { return nil }
        for _ in min(index - start, 9)..<9 { value *= 10 }
        return (value, index)
    }

    /// - Returns: how many nanoseconds the zone is ahead of UTC, and the index behind it.
    @inline(__always)
    private static func zone(of text: Span<UInt8>, from start: Int) -> (Int64, end: Int)? {
        guard start < text.count else { return nil }
        let sign = text[start]
        if sign | 0x20 == UInt8(ascii: "z") { return (0, start + 1) }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), text.count - start >= 6,
            text[start + 3] == UInt8(ascii: ":"),
            let hours = pair(text, start + 1), let minutes = pair(text, start + 4), hours <= 23, minutes <= 59
        else { return nil }
        let ahead = Int64(hours * 60 + minutes) * 60_000_000_000
        return (sign == UInt8(ascii: "-") ? -ahead : ahead, start + 6)
    }

    private static func pair(_ text: Span<UInt8>, _ index: Int) -> Int? {
        let tens = text[index] &- UInt8(ascii: "0")
        let ones = text[index + 1] &- UInt8(ascii: "0")
        return tens <= 9 && ones <= 9 ? Int(tens) * 10 + Int(ones) : nil
    }
}

/// The first 19 bytes of a time stamp, down to the second, in three words of which two overlap.
private struct SecondText: Equatable {
    static let length = 19
    let date: UInt64
    let hour: UInt64
    let second: UInt64

    @inline(__always)
    init(_ text: Span<UInt8>) {
        date = text.word(at: 0)
        hour = text.word(at: 8)
        second = text.word(at: 11)
    }
}

/// Writes time stamps in UTC: `2026-11-23T17:52:39.123456789Z`, with three, six or nine digits, whichever is the fewest
/// that loses nothing.
///
/// Remembers the text of the last second, as neighbouring events mostly share it.
package struct RFC3339Printer: Sendable {
    private var knownSecond = Int64.min
    /// `YYYY-MM-DDTHH:MM:SS.` as it lies in memory.
    private var known: (UInt64, UInt64, UInt32) = (0, 0, 0)

    package init() {}

    /// Appends at most 30 bytes.
    package mutating func append(_ time: Timestamp, to output: inout OwnedBytes) {
        output.append(written: write(time, to: output.room(for: Self.lengthMax)))
    }

    static let lengthMax = 30

    /// Writes at most ``lengthMax`` bytes.
    ///
    /// - Returns: how many.
    @inline(__always)
    mutating func write(_ time: Timestamp, to target: UnsafeMutablePointer<UInt8>) -> Int {
        var (second, fraction) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        if fraction < 0 { (second, fraction) = (second - 1, fraction + 1_000_000_000) }
        if second != knownSecond { remember(second) }
        let known = known
        // Unaligned stores of three words, as copying a tuple by its fields would be twenty stores.
        let raw = UnsafeMutableRawPointer(target)
        raw.storeBytes(of: known.0, as: UInt64.self)
        raw.storeBytes(of: known.1, toByteOffset: 8, as: UInt64.self)
        raw.storeBytes(of: known.2, toByteOffset: 16, as: UInt32.self)
        // All nine digits in any case; the Z overwrites those that say nothing.
        let (eight, ninth) = UInt32(truncatingIfNeeded: fraction).quotientAndRemainder(dividingBy: 10)
        let digits: UInt64 = ByteWriter.decimal(eight) | ByteWord.filled(with: UInt8(ascii: "0"))
        raw.storeBytes(of: digits.littleEndian, toByteOffset: 20, as: UInt64.self)
        target[28] = UInt8(truncatingIfNeeded: ninth) + UInt8(ascii: "0")
        let end = fraction % 1000 != 0 ? 29 : fraction % 1_000_000 != 0 ? 26 : 23
        target[end] = UInt8(ascii: "Z")
        return end + 1
    }

    private mutating func remember(_ second: Int64) {
        let days = (second >= 0 ? Int(second) : Int(second) - 86_399) / 86_400
        let date = CivilDate(daysSinceEpoch: days)
        let time = Int(second) - days * 86_400
        var text: [UInt8] = []
        func put(_ value: Int, then separator: Character) {
            text += [UInt8(value / 10 % 10) + UInt8(ascii: "0"), UInt8(value % 10) + UInt8(ascii: "0")]
            text += separator.utf8
        }
        text += [UInt8(date.year / 1000) + UInt8(ascii: "0"), UInt8(date.year / 100 % 10) + UInt8(ascii: "0")]
        put(date.year, then: "-")
        put(date.month, then: "-")
        put(date.day, then: "T")
        put(time / 3600, then: ":")
        put(time / 60 % 60, then: ":")
        put(time % 60, then: ".")
        text.withUnsafeBytes { bytes in
            known.0 = bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
            known.1 = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            known.2 = bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self)
        }
        knownSecond = second
    }
}
