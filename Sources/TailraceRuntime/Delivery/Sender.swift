import Logging
package import TailraceCore

/// Takes batches from the outbox, one after the other, and brings each to the endpoint. What all senders together may ask
/// of it, the throttle knows.
struct Sender: Sendable {
    /// From 0.
    let id: Int
    let platform: Platform
    let outbox: Outbox
    let keeper: CheckpointKeeper
    let throttle: Throttle
    let deadLetters: DeadLetters
    let settings: DeliverySettings
    let counters: Counters
    let health: Health
    let logger: Logger

    /// Returns when the outbox has nothing more, or the task is cancelled.
    func run() async {
        let compressor = makeCompressor()
        var poisoned = 0
        while let shipment = await nextShipment(compressor) {
            await keeper.save(atLeast: shipment.stateVersion)
            guard let refused = await deliver(shipment.payload, &poisoned) else { break }
            await settle(shipment, refused)
        }
        await deadLetters.tryAgain()
    }

    /// What was refused is kept first.
    private func settle(_ shipment: Shipment, _ refused: [DeadLetter]) async {
        guard !refused.isEmpty else { return await settle(shipment) }
        let size = refused.reduce(0) { $0 + $1.document.document.utf8.count }
        await outbox.resize(from: 0, to: size)
        await deadLetters.keep(refused) {
            await settle(shipment)
            await outbox.resize(from: size, to: 0)
        }
    }

    private func settle(_ shipment: Shipment) async {
        await outbox.settle(shipment)
        counters.batchesSettled.add()
        health.somethingMoved(at: platform.time.now)
    }

    /// Seals the next batch, unless it is already.
    private func nextShipment(_ compressor: GzipCompressor?) async -> Shipment? {
        switch await outbox.next() {
        case .batch(let batch)?:
            await outbox.begin(batch, as: batch.batch.sealed(number: batch.number, with: compressor))
        case .shipment(let shipment)?: shipment
        case nil: nil
        }
    }

    /// - Returns: what the endpoint will never take; `nil` when the task was cancelled before everything was settled.
    private func deliver(_ payload: Payload, _ poisoned: inout Int) async -> [DeadLetter]? {
        var delivery = Delivery(
            of: payload, to: settings.kind, backoff: Backoff(most: settings.backoffMax), sizeMax: throttle.sizeMax,
            poisoned: poisoned)
        defer { health.isOver(of: id) }
        var refused: [DeadLetter] = []
        var isRetry = false
        while let part = delivery.next {
            guard await throttle.enter(isRetry: isRetry) else { return nil }
            let begin = platform.time.now
            let outcome = await platform.transport.post(part)
            let end = platform.time.now
            guard !Task.isCancelled || outcome.isReply else {
                throttle.leave(nil, sent: part.rawSize, took: end - begin)
                return nil
            }
            let stored = counters.eventsStored.value + counters.eventsAlreadyThere.value
            let step = delivery.take(outcome, random: platform.time.random(), storedElsewhere: stored)
            throttle.leave(step, sent: part.rawSize, took: end - begin)
            if outcome.retryIn == nil {
                counters.bytesSent.add(part.body.count)
                counters.count(step, isRetry: isRetry)
            }
            health.note(outcome, step, of: id, at: end, logger)
            refused += letters(step.refused, of: part)
            isRetry = step.complaint != nil && outcome.retryIn == nil
            guard step.wait > .zero else { continue }
            guard (try? await platform.time.sleep(until: platform.time.now + step.wait)) != nil else { return nil }
        }
        poisoned = delivery.poisoned
        return refused
    }

    private func letters(_ refusals: [Refusal], of payload: Payload) -> [DeadLetter] {
        guard !refusals.isEmpty else { return [] }
        for refusal in refusals { health.note(refusal, at: platform.time.now, logger) }
        do {
            let documents = try payload.documents(at: refusals.map(\.index))
            let now = platform.time.wallClock
            return zip(refusals, documents).map { DeadLetter($0, of: $1, at: now) }
        } catch {
            preconditionFailure("a payload of our own can't be taken apart: \(error)")
        }
    }

    private func makeCompressor() -> GzipCompressor? {
        do {
            return try settings.compression.compressor()
        } catch {
            logger.warning("\(settings.compression.engine) can't be set up (\(error)); batches are sent uncompressed.")
            return nil
        }
    }
}

/// What a sender has to know of the settings.
package struct DeliverySettings: Sendable {
    package var compression: Compression
    package var backoffMax: Duration
    /// Requests under way at once, at most.
    package var concurrency: Int
    /// Batches under way at once. More than requests, so that one that waits for its next attempt does not keep others
    /// from being sent; the same where their order matters.
    package var senders: Int
    package var deadLetters: DeadLetterSettings
    package var kind: EndpointKind

    package init(
        compression: Compression, backoffMax: Duration, concurrency: Int, senders: Int, deadLetters: DeadLetterSettings,
        kind: EndpointKind = .elasticsearch
    ) {
        self.kind = kind
        self.compression = compression
        self.backoffMax = backoffMax
        self.concurrency = concurrency
        self.senders = senders
        self.deadLetters = deadLetters
    }
}

extension PostOutcome {
    /// The endpoint has answered, whatever it said.
    var isReply: Bool {
        if case .reply = self { true } else { false }
    }
}
