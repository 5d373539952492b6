/// How long a server asks to be left alone: `Retry-After`, in seconds or as a date (RFC 9110 §10.2.3, §5.6.7).
package enum RetryAfter {
    /// A server that asks for more has made a mistake.
    private static let most = Duration.seconds(3600)
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// - Returns: at most an hour; `nil` for what is neither form. The obsolete forms of dates are not read.
    package static func parse(_ text: String, now: Timestamp) -> Duration? {
        if let seconds = Int64(text) { return seconds < 0 ? nil : min(.seconds(seconds), most) }
        let words = text.split(whereSeparator: { $0 == " " || $0 == ":" })
        guard words.count == 8, words[7] == "GMT", let day = Int(words[1]),
            let month = months.firstIndex(of: "\(words[2])"),
            let year = Int(words[3]), let hour = Int64(words[4]), let minute = Int64(words[5]),
            let second = Int64(words[6]), (0...9999).contains(year), (0...23).contains(hour),
            (0...59).contains(minute), (0...60).contains(second),
            let date = CivilDate(year: year, month: month + 1, day: day)
        else { return nil }
        let moment = Int64(date.daysSinceEpoch) * 86_400 + hour * 3600 + minute * 60 + second
        let wait = moment - now.nanoseconds / 1_000_000_000
        return min(.seconds(max(0, wait)), most)
    }
}
