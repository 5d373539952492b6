import Logging
import TailraceCore
import TailraceRuntime
import Testing

@Suite struct HealthTests {
    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func after(_ minutes: Int) -> Moment { Moment(nanoseconds: 0) + .seconds(minutes * 60) }

    private func step(_ complaint: Complaint? = nil, stored: Int = 0) -> Delivery.Step {
        var step = Delivery.Step()
        step.complaint = complaint
        step.accepted.stored = stored
        return step
    }

    @Test func `data that waits while the endpoint answers and nothing moves ends in a restart`() {
        let health = Health(now: after(0))
        health.note(.reply(HTTPReply(status: 200)), step(stored: 1), at: after(1), logger)
        health.somethingMoved(at: after(1))
        #expect(health.isAlive(pending: 10, now: after(5)))
        health.note(.reply(HTTPReply(status: 200)), step(stored: 1), at: after(6), logger)
        #expect(!health.isAlive(pending: 10, now: after(7)))
        #expect(health.isAlive(pending: 0, now: after(7)), "nothing waits")
    }

    @Test func `an endpoint that is away is no reason for a restart, and is told of until it is back`() {
        let health = Health(now: after(0))
        let away = PostOutcome.failed(TransportFailure(.unreachable, "away"))
        health.note(away, step(Complaint(.unreachable, "away")), at: after(1), logger)
        #expect(health.trouble?.kind == .unreachable)
        #expect(health.isAlive(pending: 10, now: after(600)))
        health.note(.reply(HTTPReply(status: 200)), step(stored: 1), at: after(601), logger)
        #expect(health.trouble == nil)
    }
}
