/// The delivery of one payload: which bytes to post next, and how long to wait before.
///
/// It ends when the endpoint has said of every document that it has it or will not have it. Rare replies take a payload
/// apart; what remains keeps its order and its ids.
///
/// | what repeats | until | then |
/// |---|---|---|
/// | the connection ends, or no answer comes | 3 times in a row | halved, down to one document |
/// | the same, with one document | 3 times, and 3 times more after others were stored, 3 rounds long | refused |
/// | a reply that says nothing about each document | 3 times in a row | halved; one document alone is held |
/// | a fault of the server or of the index for the same documents | 10 rounds, others stored in each | refused |
/// | documents refused with their whole request | 3 in a row | held: it is not the documents |
package struct Delivery: Sendable {
    /// What one reply brought.
    package struct Step: Sendable, Equatable {
        package var accepted = AcceptedTally()
        package var refused: [Refusal] = []
        /// Why the next request has to wait.
        package var complaint: Complaint?
        package var wait = Duration.zero
        /// The endpoint found the request too large.
        package var isTooLarge = false

        package init() {}
    }

    /// Between two attempts while somebody has to put something right.
    package static let holdInterval = Duration.seconds(30)
    /// Replies without a word about each document, before the payload is halved.
    private static let unconfirmedMax = 3
    /// Requests in a row that no answer came to, before the payload is halved.
    private static let unansweredMax = 3
    /// How often one document has to fail `unansweredMax` times, with others stored in between, to be what is wrong.
    private static let suspicionsMax = 3
    /// Rounds in which the same documents failed while others were stored.
    private static let roundsMax = 10
    /// Documents in a row that the endpoint refused by failing the whole request.
    private static let poisonedMax = 3

    private struct Part: Sendable {
        var payload: Payload
        /// Of one document: how often it was found to fail alone.
        var suspicions = 0
        /// Documents that were stored when that was found last.
        var storedThen = 0
    }

    /// What is still to be delivered; the last one next.
    private var parts: [Part]
    private var backoff: Backoff
    private var unconfirmed = 0
    private var unanswered = 0
    private var failedRounds = 0
    private var storedAtRound: Int?
    /// Documents in a row that were refused with their whole request; the next delivery has to know.
    package private(set) var poisoned: Int
    private var stored = 0
    private let kind: EndpointKind

    /// - Parameters:
    ///   - kind: of the endpoint.
    ///   - sizeMax: bytes of a request before compression, as far as known; a larger payload is divided at once.
    ///   - poisoned: of the delivery before.
    package init(
        of payload: Payload, to kind: EndpointKind = .elasticsearch, backoff: Backoff, sizeMax: Int? = nil,
        poisoned: Int = 0
    ) {
        self.kind = kind
        parts = [Part(payload: payload)]
        self.backoff = backoff
        self.poisoned = poisoned
        if let sizeMax { divide(downTo: sizeMax) }
    }

    /// The next request; `nil` when everything is settled.
    package var next: Payload? { parts.last?.payload }

    /// Takes in what became of ``next``.
    ///
    /// - Parameters:
    ///   - random: 64 evenly distributed bits.
    ///   - storedElsewhere: documents that the endpoint has taken by other deliveries, ever. Tells a document that it
    ///     can't take from an endpoint that can't take any.
    package mutating func take(_ outcome: PostOutcome, random: UInt64, storedElsewhere: Int = 0) -> Step {
        guard let part = parts.popLast() else { preconditionFailure("an outcome for no request") }
        var step = Step()
        let verdict = judge(
            outcome, documentCount: part.payload.documentCount, by: kind, givesUp: failedRounds >= Self.roundsMax)
        if let retryIn = outcome.retryIn {
            parts.append(part)
            step.complaint = verdict.complaint
            step.wait = backoff.delayWithoutTrial(random: random, atLeast: retryIn)
            return step
        }
        count(verdict)
        switch verdict {
        case .accepted(let tally):
            step.accepted = tally
            haveStored(tally)
            failedRounds = 0
        case .partly(let tally, let retry, let refused, let complaint):
            step.accepted = tally
            step.refused = refused
            if tally.total > 0 { haveStored(tally) }
            guard !retry.isEmpty else {
                failedRounds = 0
                break
            }
            parts.append(Part(payload: own { try part.payload.keeping(retry) }))
            step.complaint = complaint
            if complaint?.kind == .unwell || complaint?.kind == .index { countRound(stored + storedElsewhere) }
            step.wait =
                complaint?.needsOperator == true
                ? Self.holdInterval : backoff.delay(random: random, atLeast: outcome.retryAfter)
        case .tooLarge:
            step.isTooLarge = true
            divide(part.payload, because: "the request is too large for the endpoint", status: 413, &step)
        case .poisoned(let reason): takePoison(part.payload, reason, &step)
        case .later(let complaint, let atLeast):
            step.complaint = complaint
            step.wait = backoff.delay(random: random, atLeast: atLeast)
            if unconfirmed >= Self.unconfirmedMax {
                if !halve(part.payload) {
                    parts.append(part)
                    step.wait = max(step.wait, Self.holdInterval)
                }
            } else if unanswered >= Self.unansweredMax {
                unanswered = 0
                if !halve(part.payload) { suspect(part, complaint, stored + storedElsewhere, &step) }
            } else {
                parts.append(part)
            }
        case .held(let complaint):
            parts.append(part)
            step.complaint = complaint
            step.wait = max(Self.holdInterval, min(outcome.retryAfter ?? .zero, Backoff.retryAfterMax))
            if complaint.kind == .index { countRound(stored + storedElsewhere) }
        }
        return step
    }

    /// - Parameter storedInAll: if it has not grown, it is not these documents that are at fault.
    private mutating func countRound(_ storedInAll: Int) {
        if let before = storedAtRound, storedInAll > before { failedRounds += 1 }
        storedAtRound = storedInAll
    }

    private mutating func count(_ verdict: Verdict) {
        let kind: Complaint.Kind? = if case .later(let complaint, _) = verdict { complaint.kind } else { nil }
        unconfirmed = kind == .unconfirmed ? unconfirmed + 1 : 0
        unanswered = kind == .unanswered ? unanswered + 1 : 0
    }

    private mutating func haveStored(_ tally: AcceptedTally) {
        backoff.reset()
        stored += tally.total
        poisoned = 0
    }

    /// One document that no answer comes to. Either the endpoint is away, or it stumbles over this one: then others are
    /// stored meanwhile, so those go first.
    private mutating func suspect(_ part: Part, _ complaint: Complaint, _ storedInAll: Int, _ step: inout Step) {
        var part = part
        if part.suspicions == 0 || storedInAll > part.storedThen {
            part.suspicions += 1
            part.storedThen = storedInAll
        }
        guard part.suspicions > Self.suspicionsMax else { return parts.insert(part, at: 0) }
        step.refused = [
            Refusal(
                index: 0, status: 0, type: "",
                reason: "no answer came whenever it was sent alone, while others were stored: \(complaint.sentence)")
        ]
        (step.complaint, step.wait) = (nil, .zero)
    }

    private mutating func takePoison(_ payload: Payload, _ reason: String, _ step: inout Step) {
        if payload.documentCount == 1 { poisoned += 1 }
        guard poisoned < Self.poisonedMax else {
            // It is not the documents.
            parts.append(Part(payload: payload))
            step.complaint = Complaint(.request, "The endpoint refuses every request: \(reason)")
            step.wait = Self.holdInterval
            return
        }
        divide(payload, because: reason, status: 400, &step)
    }

    private mutating func divide(_ payload: Payload, because reason: String, status: Int, _ step: inout Step) {
        if !halve(payload) { step.refused = [Refusal(index: 0, status: status, type: "", reason: reason)] }
    }

    private mutating func divide(downTo sizeMax: Int) {
        while let part = parts.last, part.payload.rawSize > sizeMax, part.payload.documentCount > 1 {
            // Front halves come last; what lies below them is looked at when they are as small as they have to be.
            parts.removeLast()
            _ = halve(part.payload)
        }
        guard parts.count > 1, let front = parts.popLast() else { return }
        divide(downTo: sizeMax)
        parts.append(front)
    }

    /// Puts two halves on top, the front one next.
    ///
    /// - Returns: false for one document alone.
    private mutating func halve(_ payload: Payload) -> Bool {
        guard payload.documentCount > 1 else { return false }
        let (front, back) = own { try payload.halved() }
        parts.append(Part(payload: back))
        parts.append(Part(payload: front))
        return true
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

extension Verdict {
    fileprivate var complaint: Complaint? {
        switch self {
        case .later(let complaint, _), .held(let complaint): complaint
        case .partly(_, _, _, let complaint): complaint
        case .accepted, .tooLarge, .poisoned: nil
        }
    }
}
