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
        /// Of each sender whose batch has to wait.
        var troubles: [Int: Complaint] = [:]
        var deadLetterTrouble: Complaint?
        var troubleSince = Moment(nanoseconds: 0)
        var told: [Complaint.Kind: Moment] = [:]
        var lastAnswer: Moment?
        var lastMove: Moment
        var refusalTold: Moment?
        var refusalsUntold = 0

        /// What a person has to mend comes first.
        var trouble: Complaint? {
            deadLetterTrouble ?? troubles.values.first(where: \.needsOperator) ?? troubles.values.first
        }
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

    /// What a request has brought.
    ///
    /// - Parameter sender: number of the sender: the trouble of one is over when its next request brings none.
    package func note(
        _ outcome: PostOutcome, _ step: Delivery.Step, of sender: Int, at now: Moment, _ logger: Logger
    ) {
        let (isNews, over): (Bool, Duration?) = state.withLock { state in
            if outcome.isReply { state.lastAnswer = now }
            let wasTroubled = !state.troubles.isEmpty
            guard let complaint = step.complaint else {
                state.troubles[sender] = nil
                guard wasTroubled, state.troubles.isEmpty else { return (false, nil) }
                state.told = [:]
                return (false, now - state.troubleSince)
            }
            if !wasTroubled { state.troubleSince = now }
            state.troubles[sender] = complaint
            if let told = state.told[complaint.kind], now - told < Self.interval { return (false, nil) }
            state.told[complaint.kind] = now
            return (true, nil)
        }
        if isNews, let complaint = step.complaint { tell(complaint, logger) }
        if let over { logger.notice("The endpoint takes documents again, after \(over.components.seconds) s.") }
    }

    /// The batch of a sender is settled, or was given up.
    package func isOver(of sender: Int) { state.withLock { $0.troubles[sender] = nil } }

    /// Dead letters can't be kept.
    package func noteDeadLetters(_ complaint: Complaint, at now: Moment, _ logger: Logger) {
        let isNews = state.withLock { state in
            state.deadLetterTrouble = complaint
            if let told = state.told[complaint.kind], now - told < Self.interval { return false }
            state.told[complaint.kind] = now
            return true
        }
        if isNews { tell(complaint, logger) }
    }

    package func deadLettersAreKept(_ logger: Logger) {
        let wasTroubled = state.withLock { state in
            defer { state.deadLetterTrouble = nil }
            state.told[.deadLetter] = nil
            return state.deadLetterTrouble != nil
        }
        if wasTroubled { logger.notice("Records that the endpoint refuses can be kept again.") }
    }

    /// Tells of documents that the endpoint will never take: at most one a second, with the number of those untold.
    package func note(_ refusal: Refusal, at now: Moment, _ logger: Logger) {
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

    private func tell(_ complaint: Complaint, _ logger: Logger) {
        logger.log(
            level: complaint.needsOperator ? .error : .warning, "\(complaint.sentence)",
            metadata: ["kind": "\(complaint.kind.rawValue)"])
    }
}
