import TailraceCore

/// When to look at folders and files although nobody has told of a change.
///
/// A look takes at most a hundredth of the time, and comes once a second if it is quick enough for that. A change that a
/// watcher tells of hurries the look, but not beyond a tenth of the time.
struct LookSchedule {
    private static let interval = Duration.seconds(1)
    private static let hurry = Duration.milliseconds(20)

    /// A folder has changed.
    var isListingStale = true
    /// Counts looks.
    private(set) var sight = 1

    private var nextLook = Moment(nanoseconds: .min)
    private var nextHurriedLook = Moment(nanoseconds: .min)
    private var nextPoll = Moment(nanoseconds: .min)

    func isLookDue(_ now: Moment) -> Bool { now >= (isListingStale ? nextHurriedLook : nextLook) }
    func isPollDue(_ now: Moment) -> Bool { now >= nextPoll }

    var next: Moment { min(isListingStale ? nextHurriedLook : nextLook, nextPoll) }

    mutating func haveLooked(from start: Moment, to end: Moment) {
        let cost = end - start
        isListingStale = false
        sight += 1
        nextLook = end + max(Self.interval, cost * 100)
        nextHurriedLook = end + max(Self.hurry, cost * 10)
    }

    mutating func havePolled(from start: Moment, to end: Moment) {
        nextPoll = end + max(Self.interval, (end - start) * 100)
    }
}
