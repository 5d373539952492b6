/// The delivery of one payload: which bytes to post next, and how long to wait before.
///
/// It ends when the endpoint has said of every document that it has it or will not have it. Rare replies take a payload
/// apart; what remains keeps its order and its ids.
package struct Delivery: Sendable {
    /// What one reply brought.
    package struct Step: Sendable, Equatable {
        package var accepted = AcceptedTally()
        package var refused: [Refusal] = []
        /// Why the next request has to wait.
        package var complaint: Complaint?
        package var wait = Duration.zero

        package init() {}
    }

    /// Between two attempts while somebody has to put something right.
    package static let holdInterval = Duration.seconds(30)
    /// Replies without a word about each document, before the payload is halved.
    private static let unconfirmedMax = 3
    /// Rounds in which the same documents failed by a fault of the server while others were stored.
    private static let unwellMax = 10
    /// Documents in a row that the endpoint refused by failing the whole request.
    private static let poisonedMax = 3

    /// What is still to be delivered; the last one next.
    private var parts: [Payload]
    private var backoff: Backoff
    private var unconfirmed = 0
    private var unwell = 0
    /// Documents in a row that were refused with their whole request; the next delivery has to know.
    package private(set) var poisoned: Int
    private var hasStored = false

    /// - Parameter poisoned: of the delivery before.
    package init(of payload: Payload, backoff: Backoff, poisoned: Int = 0) {
        parts = [payload]
        self.backoff = backoff
        self.poisoned = poisoned
    }

    /// The next request; `nil` when everything is settled.
    package var next: Payload? { parts.last }

    /// Takes in what became of ``next``.
    ///
    /// - Parameter random: 64 evenly distributed bits.
    package mutating func take(_ outcome: PostOutcome, random: UInt64) -> Step {
        guard let part = parts.popLast() else { preconditionFailure("an outcome for no request") }
        var step = Step()
        let verdict = judge(outcome, documentCount: part.documentCount, givesUp: unwell >= Self.unwellMax && hasStored)
        if case .later(let complaint, _) = verdict, complaint.kind == .unconfirmed {
            unconfirmed += 1
        } else {
            unconfirmed = 0
        }
        switch verdict {
        case .accepted(let tally):
            step.accepted = tally
            haveStored(tally)
        case .partly(let tally, let retry, let refused, let complaint):
            step.accepted = tally
            step.refused = refused
            if tally.total > 0 { haveStored(tally) }
            takeRest(of: part, retry, complaint, random, &step)
        case .tooLarge: divide(part, because: "the request is too large for the endpoint", status: 413, &step)
        case .poisoned(let reason): takePoison(part, reason, &step)
        case .later(let complaint, let atLeast):
            step.complaint = complaint
            if unconfirmed < Self.unconfirmedMax {
                parts.append(part)
                step.wait = backoff.delay(random: random, atLeast: atLeast)
            } else if part.documentCount > 1 {
                halve(part)
                step.wait = backoff.delay(random: random, atLeast: atLeast)
            } else {
                parts.append(part)
                step.wait = Self.holdInterval
            }
        case .held(let complaint):
            parts.append(part)
            step.complaint = complaint
            step.wait = Self.holdInterval
        }
        return step
    }

    private mutating func haveStored(_ tally: AcceptedTally) {
        backoff.reset()
        hasStored = true
        poisoned = 0
        unwell = 0
    }

    private mutating func takeRest(
        of part: Payload, _ retry: [Int], _ complaint: Complaint?, _ random: UInt64, _ step: inout Step
    ) {
        guard !retry.isEmpty else { return }
        parts.append(own { try part.keeping(retry) })
        step.complaint = complaint
        if complaint?.kind == .unwell { unwell += 1 }
        step.wait = complaint?.needsOperator == true ? Self.holdInterval : backoff.delay(random: random)
    }

    private mutating func takePoison(_ part: Payload, _ reason: String, _ step: inout Step) {
        if part.documentCount == 1 { poisoned += 1 }
        guard poisoned < Self.poisonedMax else {
            // It is not the documents.
            parts.append(part)
            step.complaint = Complaint(.request, "The endpoint refuses every request: \(reason)")
            step.wait = Self.holdInterval
            return
        }
        divide(part, because: reason, status: 400, &step)
    }

    private mutating func divide(_ part: Payload, because reason: String, status: Int, _ step: inout Step) {
        if part.documentCount > 1 {
            halve(part)
        } else {
            step.refused = [Refusal(index: 0, status: status, type: "", reason: reason)]
        }
    }

    private mutating func halve(_ part: Payload) {
        let (front, back) = own { try part.halved() }
        parts.append(back)
        parts.append(front)
    }

    /// Payloads are our own work: one that does not inflate means broken memory, and no document may be skipped over it.
    /// The process starts again, and reads what is not acknowledged from the files.
    private func own<Result>(_ body: () throws -> Result) -> Result {
        do {
            return try body()
        } catch {
            preconditionFailure("a payload of our own can't be taken apart: \(error)")
        }
    }
}
