import TailraceCore
import TailraceRuntime

/// A clock that only moves when nothing else can.
// Sendable without a check: nothing but the thread of the simulation ever touches it.
final class VirtualTime: Timebase, @unchecked Sendable {
    private struct Sleeper {
        var id: Int
        var until: Moment
        var continuation: CheckedContinuation<Void, Never>
    }

    private(set) var now = Moment(nanoseconds: 1_000_000_000)
    private let seeds: SeededRandom
    private var sleepers: [Sleeper] = []
    private var lastID = 0
    /// Of processes that died. A continuation must not be dropped.
    private var dead: [Sleeper] = []

    init(_ random: SeededRandom) { seeds = SeededRandom(random.next()) }

    /// How much the time of day was set forward, in nanoseconds, or back.
    var shift: Int64 = 0

    var wallClock: Timestamp { Timestamp(nanoseconds: 1_767_225_600_000_000_000 + now.nanoseconds + shift) }

    func random() -> UInt64 { seeds.next() }

    func sleep(until moment: Moment) async throws {
        let id = newID()
        await withTaskCancellationHandler {
            await park(id, until: moment)
        } onCancel: {
            unpark(id)
        }
        try Task.checkCancellation()
    }

    func newID() -> Int {
        lastID += 1
        return lastID
    }

    /// Returns at `moment`, or when it is called back.
    func park(_ id: Int, until moment: Moment) async {
        guard moment > now, !Task.isCancelled else { return }
        await withCheckedContinuation { sleepers.append(Sleeper(id: id, until: moment, continuation: $0)) }
    }

    func unpark(_ id: Int) {
        guard let place = sleepers.firstIndex(where: { $0.id == id }) else { return }
        sleepers.remove(at: place).continuation.resume()
    }

    /// When the next sleeper is due.
    var nextAlarm: Moment { sleepers.map(\.until).min() ?? .distantFuture }

    /// Moves on, and wakes who is due.
    func advance(to moment: Moment) {
        now = max(now, moment)
        for sleeper in sleepers.filter({ $0.until <= now }) { unpark(sleeper.id) }
    }

    /// The process has died.
    func forgetSleepers() {
        dead += sleepers
        sleepers = []
    }

    /// For the end, when nothing that they do counts.
    func wakeTheDead() {
        for sleeper in dead { sleeper.continuation.resume() }
        dead = []
    }
}

/// The same clock, with random bits that repeat: the ids of files are not their own.
final class RepetitiveTime: Timebase, @unchecked Sendable {
    private let time: VirtualTime
    private var count: UInt64 = 0

    init(_ time: VirtualTime) { self.time = time }

    var now: Moment { time.now }
    var wallClock: Timestamp { time.wallClock }
    func sleep(until moment: Moment) async throws { try await time.sleep(until: moment) }

    func random() -> UInt64 {
        count += 1
        return count / 16
    }
}
