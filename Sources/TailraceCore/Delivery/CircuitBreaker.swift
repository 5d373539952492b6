/// Whether a host is asked at all: one that has failed again and again is left alone, and tried by one request at a time
/// until it answers.
///
///     closed ──failures──▶ open ──pause over──▶ half-open ──answered──▶ closed
///                           ▲                       │
///                           └────────failed─────────┘  the pause doubles, up to the most
///
/// Pauses have full jitter, so that Pods that lost a host together do not come back together.
package struct CircuitBreaker: Sendable {
    /// While a trial is under way, others ask again so much later.
    package static let trialCheck = Duration.seconds(1)

    private enum State {
        case closed(failures: Int)
        case open(until: Moment)
        case halfOpen
    }

    private let failuresMax: Int
    private var pause: Backoff
    private var state = State.closed(failures: 0)

    /// - Parameters:
    ///   - failuresMax: failures in a row before a host is left alone, at least 1.
    ///   - pauseMax: the longest pause between two trials.
    package init(failuresMax: Int, pauseMax: Duration) {
        precondition(failuresMax > 0)
        self.failuresMax = failuresMax
        pause = Backoff(first: .seconds(1), most: pauseMax)
    }

    package enum Permission: Sendable, Equatable {
        case go
        /// A trial: the host's only request until its end is told.
        case trial
        case wait(Duration)
    }

    package func permission(at now: Moment) -> Permission {
        switch state {
        case .closed: .go
        case .open(let until): now >= until ? .trial : .wait(until - now)
        case .halfOpen: .wait(Self.trialCheck)
        }
    }

    /// The trial that was permitted is on its way.
    package mutating func beginTrial() { state = .halfOpen }

    package mutating func succeeded() {
        state = .closed(failures: 0)
        pause.reset()
    }

    /// - Parameter random: 64 evenly distributed bits.
    package mutating func failed(at now: Moment, random: UInt64) {
        switch state {
        case .closed(let failures) where failures + 1 < failuresMax: state = .closed(failures: failures + 1)
        case .closed, .halfOpen: state = .open(until: now + pause.delay(random: random))
        // It was sent before the host was given up, and says nothing new.
        case .open: break
        }
    }

    /// A request was given up before anything could be learnt from it.
    package mutating func abandoned(at now: Moment) {
        if case .halfOpen = state { state = .open(until: now) }
    }
}
