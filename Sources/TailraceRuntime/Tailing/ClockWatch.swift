import TailraceCore

/// Notices when the time of day is set back, since which the times of files can't be held against older ones.
struct ClockWatch {
    private var last: (now: Moment, wallClock: Timestamp)?
    /// The clock has shown this time, or an earlier one, since it was set back. `nil` as long as it was not.
    private(set) var earliest: Timestamp?

    /// - Parameters:
    ///   - now: by a clock that nobody sets.
    ///   - wallClock: the time of day at that moment.
    ///   - tolerance: by which the two may run apart between two calls.
    mutating func note(_ now: Moment, _ wallClock: Timestamp, tolerance: Duration) {
        defer { last = (now, wallClock) }
        guard let last else { return }
        let passed = (now - last.now).nanoseconds
        guard wallClock.nanoseconds - last.wallClock.nanoseconds < passed - tolerance.nanoseconds else { return }
        // It was set at some moment in between.
        let bound = Timestamp(nanoseconds: wallClock.nanoseconds - passed - tolerance.nanoseconds)
        earliest = min(earliest ?? bound, bound)
    }
}
