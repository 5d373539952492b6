import TailraceCore

/// A fleet of shippers, an outage, and the endpoint that comes back: does it drown in those who have waited?
///
/// The shippers are made of the real controllers (`Delivery`, `ConcurrencyLimit`, `RetryBudget`, `HostPool`) and nothing
/// else. Time is simulated; events are handled one after the other.
package struct Fleet {
    package enum Controller: Sendable {
        case real
        /// What many shippers do: two requests at once, and again after a second.
        case everySecond
    }

    package struct Rules: Sendable {
        package var sidecars = 1000
        package var controller = Controller.real
        /// Until then the endpoint refuses connections, in seconds.
        package var outage = 600
        package var duration = 900
        /// A batch of each, in seconds.
        package var batchInterval = 10
        /// Requests that the endpoint works on at once, each for `service`.
        package var servers = 20
        package var service = Duration.milliseconds(50)
        /// Requests that wait; more are answered with 429.
        package var queueMax = 200

        package init() {}

        /// Requests a second that it can take.
        package var capacity: Int { Int(Double(servers) * 1e9 / Double(service.nanoseconds)) }
    }

    /// What arrived at the endpoint within one second.
    package struct Second: Sendable, Equatable {
        /// Connections that were refused.
        package var refused = 0
        package var busy = 0
        package var taken = 0
        /// Sidecars with something to deliver, at its end.
        package var behind = 0

        package var requests: Int { refused + busy + taken }
    }

    private enum Event {
        case batch(sidecar: Int)
        case act(sidecar: Int, sender: Int)
        case reply(sidecar: Int, sender: Int, PostOutcome, begin: Moment)
        case served
    }

    private struct Sender {
        var delivery: Delivery?
        var isRetry = false
    }

    private struct Sidecar {
        var backlog = 0
        var concurrency = ConcurrencyLimit(most: 2)
        var retries = RetryBudget()
        var hosts = HostPool(count: 1, pauseMax: .seconds(30))
        var senders = Array(repeating: Sender(), count: 3)
        /// Without work, and without a place.
        var idle: [Int] = [0, 1, 2]
        var waiting: [Int] = []
    }

    private static let batchBytes = 256 << 10
    private static let payload = Payload(
        number: BatchNumber(0), body: Array("{}\n{}\n".utf8), isCompressed: false, documentCount: 1, rawSize: 6)

    private let rules: Rules
    private let random: SeededRandom
    private var now = Moment(nanoseconds: 0)
    private var events = EventQueue<Event>()
    private var sidecars: [Sidecar]
    private var seconds: [Second]
    private var working = 0
    private var queue: [(sidecar: Int, sender: Int, begin: Moment)] = []

    package init(_ rules: Rules, seed: UInt64 = 1) {
        self.rules = rules
        random = SeededRandom(seed)
        var sidecar = Sidecar()
        if rules.controller == .everySecond { (sidecar.senders, sidecar.idle) = ([Sender(), Sender()], [0, 1]) }
        sidecars = Array(repeating: sidecar, count: rules.sidecars)
        seconds = Array(repeating: Second(), count: rules.duration)
        for sidecar in sidecars.indices {
            let first = random.below(rules.batchInterval * 1000)
            events.add(.batch(sidecar: sidecar), at: now + .milliseconds(first))
        }
    }

    package mutating func run() -> [Second] {
        let end = now + .seconds(rules.duration)
        var second = 0
        while let (moment, event) = events.removeFirst(), moment < end {
            while moment >= Moment(nanoseconds: 0) + .seconds(second + 1) {
                seconds[second].behind = behind
                second += 1
            }
            now = moment
            handle(event)
        }
        for rest in second..<rules.duration { seconds[rest].behind = behind }
        return seconds
    }

    private var behind: Int { sidecars.count { $0.backlog > 0 || $0.idle.count < $0.senders.count } }
    private var place: Int { Int(now.nanoseconds / 1_000_000_000) }
    private var isAway: Bool { place < rules.outage }

    private mutating func handle(_ event: Event) {
        switch event {
        case .batch(let sidecar):
            sidecars[sidecar].backlog += 1
            events.add(event, at: now + .seconds(rules.batchInterval))
            begin(sidecar)
        case .act(let sidecar, let sender): act(sidecar, sender)
        case .reply(let sidecar, let sender, let outcome, let begin): take(sidecar, sender, outcome, begin)
        case .served:
            working -= 1
            guard !queue.isEmpty else { return }
            let (sidecar, sender, begin) = queue.removeFirst()
            serve(sidecar, sender, begin)
        }
    }

    /// Gives batches to senders that have none.
    private mutating func begin(_ sidecar: Int) {
        while sidecars[sidecar].backlog > 0, let sender = sidecars[sidecar].idle.popLast() {
            sidecars[sidecar].backlog -= 1
            sidecars[sidecar].senders[sender] = Sender(
                delivery: Delivery(of: Self.payload, backoff: Backoff(most: .seconds(30))))
            act(sidecar, sender)
        }
    }

    private mutating func act(_ sidecar: Int, _ sender: Int) {
        if rules.controller == .real, sidecars[sidecar].senders[sender].isRetry {
            if let moment = sidecars[sidecar].retries.spend(at: now) {
                return events.add(.act(sidecar: sidecar, sender: sender), at: moment)
            }
            sidecars[sidecar].senders[sender].isRetry = false
        }
        let mayBegin = rules.controller == .everySecond || sidecars[sidecar].concurrency.begin()
        guard mayBegin else { return sidecars[sidecar].waiting.append(sender) }
        if rules.controller == .real,
            case .none(_, let retryIn) = sidecars[sidecar].hosts.choose(at: now, random: random.next())
        {
            return take(sidecar, sender, away(retryIn: retryIn), now)
        }
        arrive(sidecar, sender)
    }

    private func away(retryIn: Duration? = nil) -> PostOutcome {
        .failed(TransportFailure(.unreachable, "refused", retryIn: retryIn))
    }

    private mutating func arrive(_ sidecar: Int, _ sender: Int) {
        if isAway {
            seconds[place].refused += 1
            answer(sidecar, sender, away(), after: .milliseconds(1))
        } else if working < rules.servers {
            serve(sidecar, sender, now)
        } else if queue.count < rules.queueMax {
            queue.append((sidecar, sender, now))
        } else {
            seconds[place].busy += 1
            answer(sidecar, sender, .reply(HTTPReply(status: 429)), after: .milliseconds(2))
        }
    }

    private mutating func answer(_ sidecar: Int, _ sender: Int, _ outcome: PostOutcome, after time: Duration) {
        events.add(.reply(sidecar: sidecar, sender: sender, outcome, begin: now), at: now + time)
    }

    private mutating func serve(_ sidecar: Int, _ sender: Int, _ begin: Moment) {
        working += 1
        seconds[place].taken += 1
        events.add(.served, at: now + rules.service)
        events.add(.reply(sidecar: sidecar, sender: sender, .taken, begin: begin), at: now + rules.service)
    }

    private mutating func take(_ sidecar: Int, _ sender: Int, _ outcome: PostOutcome, _ begin: Moment) {
        guard var delivery = sidecars[sidecar].senders[sender].delivery else { return }
        let step = delivery.take(outcome, random: random.next())
        sidecars[sidecar].senders[sender].delivery = delivery
        if rules.controller == .real {
            if outcome.retryIn == nil {
                let isAbout = step.complaint?.kind == .unreachable
                sidecars[sidecar].hosts.finish(0, isAbout ? .unwell : .well, at: now, random: random.next())
            }
            if step.accepted.total > 0 { sidecars[sidecar].retries.succeeded() }
            sidecars[sidecar].concurrency.end(
                step.complaint == nil ? .answered : .pressed, took: now - begin, bytes: Self.batchBytes, at: now)
        }
        if delivery.next == nil {
            sidecars[sidecar].senders[sender] = Sender()
            sidecars[sidecar].idle.append(sender)
            self.begin(sidecar)
        } else {
            sidecars[sidecar].senders[sender].isRetry = outcome.retryIn == nil
            let wait = rules.controller == .real ? step.wait : .seconds(1)
            events.add(.act(sidecar: sidecar, sender: sender), at: now + wait)
        }
        let waiting = sidecars[sidecar].waiting
        sidecars[sidecar].waiting = []
        for sender in waiting { act(sidecar, sender) }
    }
}

/// Events in the order of their times; of those at one time, in the order in which they were added.
private struct EventQueue<Event> {
    private var heap: [(at: Moment, number: Int, event: Event)] = []
    private var lastNumber = 0

    mutating func add(_ event: Event, at moment: Moment) {
        lastNumber += 1
        heap.append((moment, lastNumber, event))
        var child = heap.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() -> (Moment, Event)? {
        guard let first = heap.first else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && isBefore(child, least) {
                least = child
            }
            if least == parent { return (first.at, first.event) }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].at, heap[left].number) < (heap[right].at, heap[right].number)
    }
}

extension Fleet {
    /// Before, at and after the return of the endpoint, a line each.
    package static func table(_ rules: Rules) -> String {
        func column(_ text: String, _ width: Int = 9) -> String {
            String(repeating: " ", count: max(0, width - text.utf8.count)) + text
        }
        var text =
            "\(rules.sidecars) sidecars, each with a batch every \(rules.batchInterval) s; the endpoint takes "
            + "\(rules.capacity) requests a second, and is away for \(rules.outage) s.\n"
        for (controller, name) in [(Controller.real, "Tailrace"), (.everySecond, "two at once, again after a second")] {
            var rules = rules
            rules.controller = controller
            var fleet = Fleet(rules)
            let seconds = fleet.run()
            text += "\n\(name)\n" + column("second") + column("requests") + column("taken") + column("429")
            text += column("behind") + "\n"
            for second in [-300, -60, -1, 0, 1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 299] {
                let place = rules.outage + second
                guard seconds.indices.contains(place) else { continue }
                let row = seconds[place]
                text += [second, row.requests, row.taken, row.busy, row.behind].map { column("\($0)") }.joined() + "\n"
            }
        }
        return text
    }
}
