/// Bounds how much more an endpoint gets to do because of us when it is not well: at most as many requests are sent again
/// as were successful, and a few for a beginning. Without successes, one in ``interval``, whatever the number of batches.
///
/// Nothing is dropped for want of it; a batch waits longer.
///
/// - SeeAlso: Google SRE book, "Addressing Cascading Failures", retries.
package struct RetryBudget: Sendable {
    package static let most = 10.0
    /// Without any success, a request is sent again so often.
    package static let interval = Duration.seconds(5)

    private var tokens = most
    private var refilledAt: Moment?

    package init() {}

    /// A request was answered, and documents were stored.
    package mutating func succeeded() { tokens = min(Self.most, tokens + 1) }

    /// Pays for sending something again.
    ///
    /// - Returns: `nil` when it may be sent now, else when to ask again.
    package mutating func spend(at now: Moment) -> Moment? {
        let elapsed = refilledAt.map { now - $0 } ?? .zero
        refilledAt = now
        tokens = min(Self.most, tokens + Double(elapsed.nanoseconds) / Double(Self.interval.nanoseconds))
        guard tokens < 1 else {
            tokens -= 1
            return nil
        }
        let missing = (1 - tokens) * Double(Self.interval.nanoseconds)
        return now + .nanoseconds(Int64(missing.rounded(.up)) + 1)
    }
}
