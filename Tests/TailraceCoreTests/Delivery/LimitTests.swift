import TailraceCore
import Testing

@Suite struct SizeLimitTests {
    @Test func `what was too large is halved, and what was taken before is not forgotten`() {
        var limit = SizeLimit()
        #expect(limit.bytes == nil)
        limit.taken(700_000)
        limit.tooLarge(1_000_000)
        #expect(limit.bytes == 700_000)
        limit.tooLarge(600_000)
        #expect(limit.bytes == 599_999, "a smaller one that was refused outweighs what was taken")
    }

    @Test func `one large document does not make all requests tiny`() {
        var limit = SizeLimit()
        limit.tooLarge(10_000)
        #expect(limit.bytes == SizeLimit.least)
    }

    /// Against an endpoint with a hard limit: found at once, and asked for more less and less often.
    @Test(arguments: [150_000, 333_333, 1_000_000, 4_999_999])
    func `the limit of the endpoint is found, and hardly ever overstepped again`(_ hard: Int) {
        var limit = SizeLimit()
        let wanted = 5_000_000
        var refused: [Int] = []
        for request in 0..<20_000 {
            let size = min(wanted, limit.bytes ?? wanted)
            if size > hard {
                limit.tooLarge(size)
                refused.append(request)
            } else {
                limit.taken(size)
            }
        }
        #expect(refused.filter { $0 < 100 }.count <= 6)
        #expect(refused.filter { $0 >= 10_000 }.count <= 1, "\(refused)")
        #expect((limit.bytes ?? wanted) >= hard / 2)
    }
}

@Suite struct ConcurrencyLimitTests {
    /// Requests at an endpoint that serves `servers` at once, each in 100 ms; others wait. One that would wait for longer
    /// than `queue` others is told 429.
    private func simulate(_ limit: inout ConcurrencyLimit, servers: Int, queue: Int = .max, for seconds: Int) -> Int {
        var now = Moment(nanoseconds: 0)
        var ends: [(at: Moment, begin: Moment, isBusy: Bool)] = []
        var served = 0
        let end = now + .seconds(seconds)
        while now < end {
            while limit.begin() {
                let busy = ends.filter { !$0.isBusy }.count
                if busy >= servers, busy - servers >= queue {
                    ends.append((now + .milliseconds(5), now, true))
                } else {
                    let last = ends.filter { !$0.isBusy }.map(\.at).sorted().suffix(servers)
                    let start = last.count < servers ? now : last.first ?? now
                    ends.append((start + .milliseconds(100), now, false))
                }
            }
            guard let place = ends.indices.min(by: { ends[$0].at < ends[$1].at }) else { break }
            let (at, begin, isBusy) = ends.remove(at: place)
            now = at
            limit.end(isBusy ? .pressed : .answered, took: at - begin, bytes: 1 << 20, at: at)
            if !isBusy { served += 1 }
        }
        return served
    }

    @Test func `it begins with one request and grows to what the endpoint serves`() {
        var limit = ConcurrencyLimit(most: 32)
        #expect(limit.limit == 1)
        let served = simulate(&limit, servers: 8, for: 60)
        #expect((7...17).contains(limit.limit), "\(limit.limit)")
        #expect(served > 60 * 80 * 8 / 10, "\(served) of 4800")
    }

    @Test func `full batches after small ones are no sign of trouble`() {
        var limit = ConcurrencyLimit(most: 4)
        var now = Moment(nanoseconds: 0)
        for number in 0..<100 {
            while limit.begin() {}
            now = now + .milliseconds(100)
            // 4 ms and 100 ms, for 1 KiB and 2 MiB.
            let isSmall = number < 50
            while limit.underWay > 0 {
                limit.end(
                    .answered, took: .milliseconds(isSmall ? 4 : 100), bytes: isSmall ? 1024 : 2 << 20, at: now)
            }
            if number > 5 { #expect(limit.limit == 4, "\(number)") }
        }
    }

    @Test func `it never goes beyond the setting`() {
        var limit = ConcurrencyLimit(most: 2)
        _ = simulate(&limit, servers: 100, for: 10)
        #expect(limit.limit == 2)
        while limit.begin() {}
        #expect(limit.underWay == 2)
    }

    @Test func `429 halves it, once for all that were sent together`() {
        var limit = ConcurrencyLimit(most: 16)
        _ = simulate(&limit, servers: 100, for: 30)
        // What is under way ends.
        while limit.underWay > 0 { limit.end(.other, took: .zero, bytes: 0, at: Moment(nanoseconds: 0) + .seconds(31)) }
        #expect(limit.limit == 16)
        while limit.begin() {}
        #expect(limit.underWay == 16)
        for _ in 0..<16 {
            limit.end(.pressed, took: .milliseconds(5), bytes: 0, at: Moment(nanoseconds: 0) + .seconds(31))
        }
        #expect(limit.limit == 8)
    }

    @Test func `an endpoint that says 429 is left room, and still used`() {
        var limit = ConcurrencyLimit(most: 32)
        let served = simulate(&limit, servers: 4, queue: 0, for: 60)
        #expect(limit.limit <= 8, "\(limit.limit)")
        #expect(served > 60 * 40 / 2, "\(served) of 2400")
    }

    @Test func `an outage ends with one request at a time`() {
        var limit = ConcurrencyLimit(most: 32)
        _ = simulate(&limit, servers: 100, for: 30)
        while limit.underWay > 0 { limit.end(.other, took: .zero, bytes: 0, at: Moment(nanoseconds: 0) + .seconds(31)) }
        for second in 31..<60 {
            _ = limit.begin()
            limit.end(.pressed, took: .seconds(1), bytes: 0, at: Moment(nanoseconds: 0) + .seconds(second))
        }
        #expect(limit.limit == 1)
    }
}

@Suite struct RetryBudgetTests {
    private func at(_ seconds: Int) -> Moment { Moment(nanoseconds: 0) + .seconds(seconds) }

    @Test func `without any success a few are sent again, then one every five seconds`() {
        var budget = RetryBudget()
        var sent = 0
        var now = at(0)
        while now < at(100) {
            if let next = budget.spend(at: now) {
                #expect(next > now)
                now = next
            } else {
                sent += 1
            }
        }
        #expect((29...31).contains(sent), "\(sent)")
    }

    @Test func `each success pays for one more`() {
        var budget = RetryBudget()
        for _ in 0..<10 { _ = budget.spend(at: at(0)) }
        let none = budget.spend(at: at(0))
        budget.succeeded()
        let paid = budget.spend(at: at(0))
        let noneAgain = budget.spend(at: at(0))
        #expect(none != nil && paid == nil && noneAgain != nil)
    }
}
