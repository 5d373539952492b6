import TailraceCore

/// When to look at folders and files although nobody has told of a change.
///
/// A look takes at most a two-hundredth of the time, and comes once a second if it is quick enough for that. A change
/// that a watcher tells of hurries the look, but not beyond a tenth of the time. However long one took (a file server may
/// hang, the process may be stopped), the next is not put off for longer than half a minute.
struct LookSchedule {
    private static let interval = Duration.seconds(1)
    private static let hurry = Duration.milliseconds(20)
    /// Between two looks at open files, when changes are not told of: a file server's, or beyond the limits of watching.
    private static let shortInterval = Duration.milliseconds(200)
    private static let suspicion = Duration.seconds(60)
    private static let longest = Duration.seconds(30)
    private static let longestHurry = Duration.seconds(2)

    /// A folder has changed.
    var isListingStale = true
    /// Counts looks.
    private(set) var sight = 1

    private var nextLook = Moment(nanoseconds: .min)
    private var nextHurriedLook = Moment(nanoseconds: .min)
    private var nextPoll = Moment(nanoseconds: .min)
    private var isDeafUntil = Moment(nanoseconds: .min)

    func isLookDue(_ now: Moment) -> Bool { now >= (isListingStale ? nextHurriedLook : nextLook) }
    func isPollDue(_ now: Moment) -> Bool { now >= nextPoll }

    var next: Moment { min(isListingStale ? nextHurriedLook : nextLook, nextPoll) }

    /// - Parameter isComplete: false when there was more than one look takes.
    mutating func haveLooked(from start: Moment, to end: Moment, isComplete: Bool) {
        let cost = end - start
        isListingStale = !isComplete
        sight += 1
        nextLook = end + min(max(Self.interval, cost * 200), Self.longest)
        nextHurriedLook = end + min(max(Self.hurry, cost * 10), Self.longestHurry)
    }

    /// - Parameter isUntold: a file had grown that nobody had told of.
    mutating func havePolled(from start: Moment, to end: Moment, isUntold: Bool) {
        if isUntold { isDeafUntil = end + Self.suspicion }
        let interval = end < isDeafUntil ? Self.shortInterval : Self.interval
        nextPoll = end + min(max(interval, (end - start) * 200), Self.longest)
    }
}
