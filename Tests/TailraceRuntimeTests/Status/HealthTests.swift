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
        health.note(.reply(HTTPReply(status: 200)), step(stored: 1), of: 1, at: after(1), logger)
        health.somethingMoved(at: after(1))
        #expect(health.isAlive(pending: 10, now: after(5)))
        health.note(.reply(HTTPReply(status: 200)), step(stored: 1), of: 1, at: after(6), logger)
        #expect(!health.isAlive(pending: 10, now: after(7)))
        #expect(health.isAlive(pending: 0, now: after(7)), "nothing waits")
    }

    @Test func `an endpoint that is away is no reason for a restart, and is told of until it is back`() {
        let health = Health(now: after(0))
        let away = PostOutcome.failed(TransportFailure(.unreachable, "away"))
        health.note(away, step(Complaint(.unreachable, "away")), of: 1, at: after(1), logger)
        #expect(health.trouble?.kind == .unreachable)
        #expect(health.isAlive(pending: 10, now: after(600)))
        health.note(.reply(HTTPReply(status: 200)), step(stored: 1), of: 1, at: after(601), logger)
        #expect(health.trouble == nil)
    }

    @Test func `one batch that has to wait is told of while others are stored`() {
        let health = Health(now: after(0))
        let reply = PostOutcome.reply(HTTPReply(status: 200))
        health.note(reply, step(Complaint(.index, "no such index")), of: 1, at: after(1), logger)
        health.note(reply, step(stored: 1), of: 2, at: after(1), logger)
        #expect(health.trouble?.kind == .index)
        health.note(reply, step(Complaint(.busy, "busy")), of: 3, at: after(1), logger)
        #expect(health.trouble?.kind == .index, "what a person has to mend comes first")
        health.isOver(of: 1)
        #expect(health.trouble?.kind == .busy)
        health.note(reply, step(stored: 1), of: 3, at: after(2), logger)
        #expect(health.trouble == nil)
    }
}
