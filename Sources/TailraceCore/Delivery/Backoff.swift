/// How long to wait before the same bytes are sent again.
///
/// | | |
/// |---|---|
/// | ceiling | doubles with every failure, from `first` to `most` |
/// | jitter | full: evenly between nothing and the ceiling, so that Pods that failed together come back apart |
/// | `Retry-After` | waited for in any case, at most `retryAfterMax`; the jitter comes on top |
package struct Backoff: Sendable, Equatable {
    /// The longest wait a server may ask for. Beyond it, a mistaken header would look like a dead shipper.
    package static let retryAfterMax = Duration.seconds(300)

    private let first: Duration
    private let most: Duration
    private var ceiling: Duration

    package init(first: Duration = .milliseconds(500), most: Duration = .seconds(30)) {
        precondition(first > .zero && most > .zero, "back-off from \(first) to \(most)")
        self.first = min(first, most)
        self.most = most
        ceiling = self.first
    }

    /// Something was taken: the next failure begins from the start.
    package mutating func reset() { ceiling = first }

    /// The wait after one more failure.
    ///
    /// - Parameters:
    ///   - random: 64 evenly distributed bits.
    ///   - atLeast: what the server asked for, if it did.
    package mutating func delay(random: UInt64, atLeast: Duration? = nil) -> Duration {
        let jitter = UInt64(ceiling.nanoseconds).multipliedFullWidth(by: random).high
        ceiling = min(ceiling * 2, most)
        let floor = min(max(atLeast ?? .zero, .zero), Backoff.retryAfterMax)
        return floor + .nanoseconds(Int64(jitter))
    }

    /// The wait after an attempt that was not made, since the host is left alone for `atLeast`: nothing was learnt.
    package func delayWithoutTrial(random: UInt64, atLeast: Duration) -> Duration {
        let jitter = UInt64(first.nanoseconds).multipliedFullWidth(by: random).high
        return max(atLeast, .zero) + .nanoseconds(Int64(jitter))
    }
}
