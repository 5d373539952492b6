package import Logging
import Synchronization
package import TailraceCore

/// Whether the endpoint takes what it is sent, for probes and for the log.
///
/// The same trouble is told once when it begins, once a minute while it lasts, and once when it is over.
package final class Health: Sendable {
    /// Data waits and the endpoint answers, yet nothing has moved for so long: only a restart can help.
    package static let patience = Duration.seconds(300)
    private static let interval = Duration.seconds(60)

    private struct State {
        var trouble: Complaint?
        var troubleSince = Moment(nanoseconds: 0)
        var troubleTold = Moment(nanoseconds: 0)
        var lastAnswer: Moment?
        var lastMove: Moment
        var refusalTold: Moment?
        var refusalsUntold = 0
    }

    private let state: Mutex<State>

    package init(now: Moment) { state = Mutex(State(lastMove: now)) }

    /// What keeps documents from being stored now, if anything does.
    package var trouble: Complaint? { state.withLock(\.trouble) }

    /// False when the process should be restarted.
    package func isAlive(pending: Int, now: Moment) -> Bool {
        state.withLock { state in
            guard pending > 0, let answer = state.lastAnswer, now - answer < Self.patience else { return true }
            // Who was told to wait does wait.
            guard state.trouble == nil else { return true }
            return now - state.lastMove < Self.patience
        }
    }

    package func somethingMoved(at now: Moment) { state.withLock { $0.lastMove = now } }

    package func note(_ outcome: PostOutcome, _ step: Delivery.Step, at now: Moment, _ logger: Logger) {
        enum News {
            case begun(Complaint)
            case over(Duration)
            case none
        }
        let news: News = state.withLock { state in
            if outcome.isReply { state.lastAnswer = now }
            guard let complaint = step.complaint else {
                guard state.trouble != nil, step.accepted.total > 0 else { return .none }
                state.trouble = nil
                return .over(now - state.troubleSince)
            }
            let isNew = state.trouble?.kind != complaint.kind
            if state.trouble == nil { state.troubleSince = now }
            state.trouble = complaint
            guard isNew || now - state.troubleTold >= Self.interval else { return .none }
            state.troubleTold = now
            return .begun(complaint)
        }
        switch news {
        case .begun(let complaint):
            logger.log(
                level: complaint.needsOperator ? .error : .warning, "\(complaint.sentence)",
                metadata: ["kind": "\(complaint.kind.rawValue)"])
        case .over(let duration):
            logger.notice("The endpoint takes documents again, after \(duration.components.seconds) s.")
        case .none: break
        }
    }

    /// Tells of documents that the endpoint will never take: at most one a second, with the number of those untold.
    func note(_ refusal: Refusal, at now: Moment, _ logger: Logger) {
        let untold: Int? = state.withLock { state in
            if let told = state.refusalTold, now - told < .seconds(1) {
                state.refusalsUntold += 1
                return nil
            }
            state.refusalTold = now
            defer { state.refusalsUntold = 0 }
            return state.refusalsUntold
        }
        guard let untold else { return }
        let others = untold == 0 ? "" : " So were \(untold) others since this was last said."
        logger.warning(
            "A record was rejected for good: \(refusal.status) \(refusal.type): \(refusal.reason).\(others)",
            metadata: ["status": "\(refusal.status)"])
    }
}
