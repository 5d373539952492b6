import Synchronization
package import TailraceCore

/// What all senders know together of how much the endpoint can take: requests at once, requests sent again, and bytes in
/// one request.
package final class Throttle: Sendable {
    private struct State {
        var concurrency: ConcurrencyLimit
        var retries = RetryBudget()
        var size = SizeLimit()
        /// In the order in which they came.
        var waiting: [(id: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var lastID = 0
    }

    private let state: Mutex<State>
    private let time: any Timebase
    private let counters: Counters

    /// - Parameter most: requests at once, at least 1.
    package init(most: Int, time: any Timebase, counters: Counters) {
        state = Mutex(State(concurrency: ConcurrencyLimit(most: most)))
        self.time = time
        self.counters = counters
        counters.concurrencyLimit.set(1)
    }

    /// Bytes before compression that a request may have, as far as anybody knows.
    package var sizeMax: Int? { state.withLock(\.size.bytes) }

    /// Returns when a request may be sent; ``leave(_:sent:took:)`` has to follow.
    ///
    /// - Parameter isRetry: the same documents were sent before, and have to wait their turn.
    /// - Returns: false when the task was cancelled.
    package func enter(isRetry: Bool) async -> Bool {
        if isRetry {
            while let moment = state.withLock({ $0.retries.spend(at: time.now) }) {
                guard (try? await time.sleep(until: moment)) != nil else { return false }
            }
        }
        while !Task.isCancelled {
            if state.withLock({ $0.concurrency.begin() }) { return true }
            await waitForPlace()
        }
        return false
    }

    /// - Parameters:
    ///   - step: what the request brought; `nil` when it was given up.
    ///   - bytes: of the request before compression.
    package func leave(_ step: Delivery.Step?, sent bytes: Int, took: Duration) {
        let now = time.now
        let (next, limit) = state.withLock { state in
            if let step {
                if step.isTooLarge {
                    state.size.tooLarge(bytes)
                } else if step.accepted.total > 0 {
                    state.size.taken(bytes)
                    state.retries.succeeded()
                }
            }
            state.concurrency.end(step?.end ?? .other, took: took, bytes: bytes, at: now)
            let free = max(0, state.concurrency.limit - state.concurrency.underWay)
            let next = state.waiting.prefix(free)
            state.waiting.removeFirst(next.count)
            return (next.map(\.continuation), state.concurrency.limit)
        }
        counters.concurrencyLimit.set(limit)
        counters.sizeLimit.set(sizeMax ?? 0)
        for continuation in next { continuation.resume() }
    }

    private func waitForPlace() async {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isFree = state.withLock { state in
                    // It may have become free, or the task may have been cancelled, in the meantime.
                    guard state.concurrency.underWay >= state.concurrency.limit, !Task.isCancelled else { return true }
                    state.waiting.append((id, continuation))
                    return false
                }
                if isFree { continuation.resume() }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0).continuation }
            }
            continuation?.resume()
        }
    }
}

extension Delivery.Step {
    fileprivate var end: ConcurrencyLimit.End {
        switch complaint?.kind {
        case nil: isTooLarge ? .other : .answered
        case .busy, .unwell, .full, .unreachable, .unanswered: .pressed
        default: .other
        }
    }
}
