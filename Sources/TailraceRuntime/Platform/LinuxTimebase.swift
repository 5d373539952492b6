import Glibc
package import TailraceCore

/// The clocks and the random numbers of the machine.
package struct LinuxTimebase: Timebase {
    package init() {}

    package var now: Moment { Moment(nanoseconds: Self.read(CLOCK_MONOTONIC)) }
    package var wallClock: Timestamp { Timestamp(nanoseconds: Self.read(CLOCK_REALTIME)) }

    package func sleep(until moment: Moment) async throws {
        let duration = moment - now
        guard duration > .zero else { return try Task.checkCancellation() }
        // A century is as good as for ever, and does not overflow the clock.
        try await Task.sleep(for: min(duration, Duration.seconds(3_000_000_000)), clock: .continuous)
    }

    package func random() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
