/// Which of several hosts gets the next request: of those that are well, the one with the fewest requests under way. A
/// host that fails is left alone for a while, and tried again by one request; see ``CircuitBreaker``.
package struct HostPool: Sendable {
    package enum Choice: Sendable, Equatable {
        case host(Int)
        /// All are left alone; the first is tried again so much later.
        case none(host: Int, retryIn: Duration)
    }

    private struct Host {
        var breaker: CircuitBreaker
        var underWay = 0
    }

    private var hosts: [Host]

    /// - Parameters:
    ///   - count: of hosts, at least 1.
    ///   - pauseMax: the longest a host is left alone.
    package init(count: Int, pauseMax: Duration) {
        precondition(count > 0)
        // Where another one can stand in, the first failure is enough.
        let breaker = CircuitBreaker(failuresMax: count == 1 ? 5 : 1, pauseMax: pauseMax)
        hosts = Array(repeating: Host(breaker: breaker), count: count)
    }

    /// Picks a host for a request, and counts it as under way there.
    ///
    /// - Parameter random: 64 evenly distributed bits, for hosts with equally many.
    package mutating func choose(at now: Moment, random: UInt64) -> Choice {
        var best: Int?
        var soonest: (host: Int, wait: Duration)?
        let first = Int(random % UInt64(hosts.count))
        for place in hosts.indices {
            let host = (first + place) % hosts.count
            switch hosts[host].breaker.permission(at: now) {
            case .trial:
                hosts[host].breaker.beginTrial()
                hosts[host].underWay += 1
                return .host(host)
            case .go:
                if best.map({ hosts[host].underWay < hosts[$0].underWay }) ?? true { best = host }
            case .wait(let wait):
                if soonest.map({ wait < $0.wait }) ?? true { soonest = (host, wait) }
            }
        }
        if let best {
            hosts[best].underWay += 1
            return .host(best)
        }
        guard let soonest else { preconditionFailure("no hosts") }
        return .none(host: soonest.host, retryIn: soonest.wait)
    }

    package enum End: Sendable {
        case well
        case unwell
        case abandoned
    }

    /// What became of a request that ``choose(at:random:)`` gave a host for.
    package mutating func finish(_ host: Int, _ end: End, at now: Moment, random: UInt64) {
        precondition(hosts[host].underWay > 0, "a request ended that had not begun")
        hosts[host].underWay -= 1
        switch end {
        case .well: hosts[host].breaker.succeeded()
        case .unwell: hosts[host].breaker.failed(at: now, random: random)
        case .abandoned: hosts[host].breaker.abandoned(at: now)
        }
    }
}
