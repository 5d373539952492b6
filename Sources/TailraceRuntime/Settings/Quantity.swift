/// Sizes and durations as people write them.
enum Quantity {
    private static let sizes: [(suffix: String, factor: Int)] = [
        ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30), ("ki", 1 << 10), ("mi", 1 << 20), ("gi", 1 << 30),
        ("kb", 1000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("b", 1),
    ]
    private static let times: [(suffix: String, unit: Duration)] = [
        ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600)),
    ]

    /// A bare number is bytes; `KiB` is 1024, `KB` 1000. Letters of either case.
    static func parseBytes(_ text: String) -> Int? {
        let text = text.lowercased().trimmingBlanks
        if let number = Int(text) { return number }
        for (suffix, factor) in sizes where text.hasSuffix(suffix) {
            guard let number = Int(text.dropLast(suffix.count).trimmingBlanks) else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: factor)
            return overflow ? nil : product
        }
        return nil
    }

    /// A whole number with its unit; there is no bare form, since tools disagree on what it means.
    static func parseDuration(_ text: String) -> Duration? {
        let text = text.lowercased().trimmingBlanks
        // Nothing is as long in every unit.
        if text == "0" { return .zero }
        for (suffix, unit) in times where text.hasSuffix(suffix) {
            // A day's worth of milliseconds times a thousand: beyond it nothing is meant seriously.
            guard let number = Int(text.dropLast(suffix.count).trimmingBlanks), abs(number) < 100_000_000_000 else {
                return nil
            }
            return unit * number
        }
        return nil
    }

    /// In the largest unit that divides it.
    static func bytes(_ count: Int) -> String {
        for (suffix, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] where count > 0 && count % (1 << shift) == 0 {
            return "\(count >> shift)\(suffix)"
        }
        return "\(count)B"
    }

    /// In the largest unit that divides it.
    static func time(_ duration: Duration) -> String {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        for (suffix, unit) in [("h", Int64(3_600_000)), ("m", 60_000), ("s", 1000)]
        where milliseconds > 0 && milliseconds % unit == 0 {
            return "\(milliseconds / unit)\(suffix)"
        }
        return "\(milliseconds)ms"
    }
}

extension StringProtocol {
    /// Without spaces and tabs at both ends.
    var trimmingBlanks: String {
        var rest = self[...]
        while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
        return String(rest)
    }
}

extension String {
    /// With `%41` as `A` (RFC 3986 §2.1); `nil` when a percent sign has no two hexadecimal digits behind it.
    var percentDecoded: String? {
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
