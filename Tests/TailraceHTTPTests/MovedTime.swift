import Synchronization
import TailraceCore
import TailraceRuntime

/// The machine's clocks, which can be moved on.
final class MovedTime: Timebase {
    private let real = LinuxTimebase()
    private let seconds = Mutex<Int64>(0)

    func move(by count: Int64) { seconds.withLock { $0 += count } }
    private var moved: Int64 { seconds.withLock { $0 } * 1_000_000_000 }
    var now: Moment { Moment(nanoseconds: real.now.nanoseconds + moved) }
    var wallClock: Timestamp { Timestamp(nanoseconds: real.wallClock.nanoseconds + moved) }
    func sleep(until moment: Moment) async throws {
        try await real.sleep(until: Moment(nanoseconds: moment.nanoseconds - moved))
    }
    func random() -> UInt64 { real.random() }
}
