import TailraceCore
import Testing

@testable import TailraceRuntime

@Suite struct ClockWatchTests {
    private func earliest(_ readings: [(now: Int64, wallClock: Int64)]) -> Int64? {
        var watch = ClockWatch()
        for reading in readings {
            watch.note(
                Moment(nanoseconds: reading.now * 1_000_000_000),
                Timestamp(nanoseconds: reading.wallClock * 1_000_000_000), tolerance: .milliseconds(20))
        }
        return watch.earliest.map { $0.nanoseconds / 1_000_000_000 }
    }

    @Test func `a clock that runs, or is set forward, tells nothing`() {
        #expect(earliest([(1, 1000), (2, 1001), (10, 1009)]) == nil)
        #expect(earliest([(1, 1000), (2, 4600), (3, 4601)]) == nil)
    }

    @Test func `what was written since a clock was set back is later than this`() throws {
        // An hour back, at some time in the ten seconds between.
        let time = try #require(earliest([(1, 5000), (11, 1410)]))
        #expect((1399...1400).contains(time))
        // Once more, and forward again.
        #expect(try #require(earliest([(1, 5000), (11, 1410), (12, 500), (13, 9000)])) <= 499)
    }
}
