/// How many requests may be under way at once: as many as the endpoint serves without getting slower.
///
/// | seen within a window of about one round trip | the limit |
/// |---|---|
/// | all places taken, and no slower than twice the usual | one more |
/// | slower than that: requests wait for each other at the endpoint | nine tenths |
/// | 429, 503, no answer | half, at once, but once a window: what was sent together fails together |
///
/// What is usual is the time of a request that is under way alone. Once a minute one is sent like that, since whatever
/// is measured beside others has their waiting in it, and would creep up with the limit. A round trip is measured for
/// what was sent: a batch of a few records takes less time than a full one, and neither is a sign of anything.
///
/// It begins at 1, and with 1 after an outage, so that an endpoint that comes back is not met by all at once.
///
/// - SeeAlso: Vector, "Adaptive Request Concurrency"; Chiu and Jain, *Analysis of the increase and decrease algorithms
///   for congestion avoidance*; Cardwell and others, *BBR*, for measuring alone.
package struct ConcurrencyLimit: Sendable {
    package enum End: Sendable {
        case answered
        /// The endpoint, or the way to it, has too much to do or is not well.
        case pressed
        /// Says nothing about how busy anybody is.
        case other
    }

    private static let tolerance = 2.0
    private static let measureInterval = Duration.seconds(60)
    private static let leastWindow = 0.05
    /// Bytes that take as long as what a request costs however small it is. A guess.
    private static let overhead = 64 << 10

    package let most: Int
    /// Whole numbers count; the rest is remembered.
    private var exact = 1.0
    package private(set) var underWay = 0

    /// Seconds for each byte, counting `overhead`.
    private var usual: Double?
    private var measuredAt: Moment?
    private var measuring = Measuring.no
    private var window = Window()

    private enum Measuring {
        case no
        /// Those that are under way end first.
        case draining
        case alone
    }

    private struct Window {
        var end: Moment?
        var seconds = 0.0
        var bytes = 0
        var count = 0
        var wasFull = false
        var wasPressed = false
    }

    /// - Parameter most: at least 1.
    package init(most: Int) {
        precondition(most >= 1, "\(most) requests at once")
        self.most = most
    }

    package var limit: Int { measuring == .no ? Int(exact) : 1 }

    /// Takes a place for a request.
    ///
    /// - Returns: false when all are taken.
    package mutating func begin() -> Bool {
        guard underWay < limit else { return false }
        if measuring == .draining { measuring = .alone }
        underWay += 1
        if underWay >= limit { window.wasFull = true }
        return true
    }

    /// Gives the place back.
    ///
    /// - Parameter bytes: that were sent, before compression.
    package mutating func end(_ end: End, took: Duration, bytes: Int, at now: Moment) {
        precondition(underWay > 0, "a request ended that had not begun")
        underWay -= 1
        switch end {
        case .answered:
            window.seconds += Double(took.nanoseconds) / 1e9
            window.bytes += bytes + Self.overhead
            window.count += 1
        case .pressed:
            if !window.wasPressed { exact = max(1, exact / 2) }
            window.wasPressed = true
        case .other: break
        }
        if measuring == .alone {
            measured(end, took, bytes, now)
        } else if let due = window.end, now >= due {
            closeWindow(now)
        }
        if window.end == nil { window.end = now + .seconds(max(Self.leastWindow, Double(took.nanoseconds) / 1e9)) }
    }

    private mutating func measured(_ end: End, _ took: Duration, _ bytes: Int, _ now: Moment) {
        measuring = .no
        measuredAt = now
        window = Window()
        guard case .answered = end else { return }
        usual = Double(took.nanoseconds) / 1e9 / Double(bytes + Self.overhead)
    }

    private mutating func closeWindow(_ now: Moment) {
        defer { window = Window() }
        guard window.count > 0 else { return }
        let pace = window.seconds / Double(window.bytes)
        // As long as there is one place, every request is alone.
        if Int(exact) == 1 { (usual, measuredAt) = (min(pace, usual ?? pace), now) }
        let usual = min(pace, self.usual ?? pace)
        self.usual = usual
        if pace > usual * Self.tolerance {
            exact = max(1, exact * 0.9)
        } else if window.wasFull, !window.wasPressed {
            exact = min(Double(most), exact.rounded(.down) + 1)
        }
        if Int(exact) > 1, let last = measuredAt, now - last >= Self.measureInterval { measuring = .draining }
    }
}
