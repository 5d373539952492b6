import TailraceCore
import Testing

@Suite struct HostPoolTests {
    private func at(_ seconds: Double) -> Moment { Moment(nanoseconds: Int64(seconds * 1e9)) }

    private func host(_ choice: HostPool.Choice) -> Int? { if case .host(let host) = choice { host } else { nil } }

    @Test func `requests go to the host with the fewest under way`() {
        var pool = HostPool(count: 3, pauseMax: .seconds(30))
        let chosen = (0..<9).map { host(pool.choose(at: at(0), random: UInt64($0) &* 7919)) }
        for place in 0..<3 { #expect(chosen.filter { $0 == place }.count == 3) }
        // A slow one keeps its three, and gets nothing more.
        for place in [0, 1, 0, 1, 0, 1] { pool.finish(place, .well, at: at(1), random: 0) }
        let next = (0..<6).map { host(pool.choose(at: at(1), random: UInt64($0))) }
        #expect(!next.contains(2))
    }

    @Test func `equal hosts get equally much`() {
        var pool = HostPool(count: 2, pauseMax: .seconds(30))
        var count = 0
        for number in 0..<100 {
            guard let chosen = host(pool.choose(at: at(0), random: UInt64(number))) else { continue }
            count += chosen
            pool.finish(chosen, .well, at: at(0), random: 0)
        }
        #expect(count == 50)
    }

    @Test func `one that fails is left at once, and tried again by one request`() {
        var pool = HostPool(count: 2, pauseMax: .seconds(30))
        let first = host(pool.choose(at: at(0), random: 0))
        #expect(first == 0)
        pool.finish(0, .unwell, at: at(0), random: .max)
        // Full jitter with the highest random number: just less than a second.
        let meanwhile = (0..<5).map { _ in host(pool.choose(at: at(0.5), random: 0)) }
        #expect(meanwhile == [1, 1, 1, 1, 1])
        let trial = host(pool.choose(at: at(1), random: 0))
        let beside = host(pool.choose(at: at(1), random: 0))
        #expect(trial == 0 && beside == 1)
        pool.finish(0, .well, at: at(2), random: 0)
        let after = host(pool.choose(at: at(2), random: 0))
        #expect(after == 0)
    }

    @Test func `a single host is given up after five failures, and asked less and less often`() {
        var pool = HostPool(count: 1, pauseMax: .seconds(30))
        var now = at(0)
        var requests: [Moment] = []
        while now < at(600) {
            switch pool.choose(at: now, random: 0) {
            case .host(let host):
                requests.append(now)
                pool.finish(host, .unwell, at: now, random: 1 << 63)
                now = now + .milliseconds(1)
            case .none(let host, let retryIn):
                #expect(host == 0)
                #expect(retryIn > .zero && retryIn <= .seconds(30))
                now = now + retryIn
            }
        }
        #expect(requests.filter { $0 < at(0.1) }.count == 5)
        // Every 15 s on average, with the middle of the jitter.
        #expect((40...50).contains(requests.count), "\(requests.count)")
        let trial = host(pool.choose(at: now + .seconds(30), random: 0))
        #expect(trial == 0)
        pool.finish(0, .well, at: now, random: 0)
        let after = (0..<20).map { _ in host(pool.choose(at: now, random: 0)) }
        #expect(after == Array(repeating: 0, count: 20))
    }

    @Test func `a trial that was given up is followed by another one`() {
        var pool = HostPool(count: 1, pauseMax: .seconds(30))
        for _ in 0..<5 {
            _ = pool.choose(at: at(0), random: 0)
            pool.finish(0, .unwell, at: at(0), random: .max)
        }
        let trial = pool.choose(at: at(1), random: 0)
        let beside = pool.choose(at: at(1), random: 0)
        #expect(trial == .host(0))
        #expect(beside == .none(host: 0, retryIn: CircuitBreaker.trialCheck))
        pool.finish(0, .abandoned, at: at(2), random: 0)
        let next = pool.choose(at: at(2), random: 0)
        #expect(next == .host(0))
    }
}
