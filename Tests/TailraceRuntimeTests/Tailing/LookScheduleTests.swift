import TailraceCore
import Testing

@testable import TailraceRuntime

@Suite struct LookScheduleTests {
    private let start = Moment(nanoseconds: 1_000_000_000_000)

    /// A schedule right after a first look and a first poll, which took so long.
    private func schedule(
        look: Duration, poll: Duration, isUntold: Bool = false, isComplete: Bool = true
    ) -> LookSchedule {
        var schedule = LookSchedule()
        #expect(schedule.isLookDue(start) && schedule.isPollDue(start))
        schedule.haveLooked(
            from: Moment(nanoseconds: start.nanoseconds - look.nanoseconds), to: start, isComplete: isComplete)
        schedule.havePolled(
            from: Moment(nanoseconds: start.nanoseconds - poll.nanoseconds), to: start, isUntold: isUntold)
        return schedule
    }

    @Test func `a change in a folder is looked at within 20 ms`() {
        var schedule = schedule(look: .milliseconds(1), poll: .milliseconds(1))
        #expect(!schedule.isLookDue(start + .milliseconds(20)))
        schedule.isListingStale = true
        #expect(schedule.isLookDue(start + .milliseconds(20)))
        #expect(schedule.next <= start + .milliseconds(20))
    }

    @Test func `a look that was cut short goes on soon`() {
        let schedule = schedule(look: .milliseconds(1), poll: .milliseconds(1), isComplete: false)
        #expect(schedule.isLookDue(start + .milliseconds(20)))
    }

    @Test func `where changes are not told, files are looked at five times a second`() {
        let schedule = schedule(look: .milliseconds(1), poll: .milliseconds(1), isUntold: true)
        #expect(schedule.isPollDue(start + .milliseconds(250)))
        #expect(schedule.next <= start + .milliseconds(250))
    }

    @Test func `where all changes are told, they are looked at once a second`() {
        let schedule = schedule(look: .milliseconds(1), poll: .milliseconds(1))
        #expect(!schedule.isPollDue(start + .milliseconds(999)))
        #expect(schedule.isPollDue(start + .seconds(1)))
        #expect(schedule.isLookDue(start + .seconds(1)))
    }

    @Test func `looks and polls together take at most a hundredth of the time`() {
        let schedule = schedule(look: .milliseconds(100), poll: .milliseconds(100), isUntold: true)
        #expect(!schedule.isLookDue(start + .milliseconds(19_999)))
        #expect(!schedule.isPollDue(start + .milliseconds(19_999)))
    }

    @Test func `a look or a poll that hung for minutes puts off the next by half a minute at most`() {
        var schedule = schedule(look: .seconds(300), poll: .seconds(300))
        #expect(schedule.isLookDue(start + .seconds(30)) && schedule.isPollDue(start + .seconds(30)))
        schedule.isListingStale = true
        #expect(schedule.isLookDue(start + .seconds(2)))
    }
}
