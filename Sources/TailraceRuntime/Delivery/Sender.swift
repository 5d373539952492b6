import Logging
import TailraceCore

/// Takes batches from the outbox, one after the other, and brings each to the endpoint. There are as many as requests
/// may be under way at once.
struct Sender: Sendable {
    let platform: Platform
    let outbox: Outbox
    let keeper: CheckpointKeeper
    let settings: DeliverySettings
    let counters: Counters
    let health: Health
    let logger: Logger

    /// Returns when the outbox has nothing more, or the task is cancelled.
    func run() async {
        let compressor = settings.compressionLevel == 0 ? nil : makeCompressor()
        var poisoned = 0
        while let shipment = await nextShipment(compressor) {
            await keeper.save(atLeast: shipment.stateVersion)
            guard await deliver(shipment.payload, &poisoned) else { return }
            await outbox.settle(shipment)
            counters.batchesSettled.add()
            health.somethingMoved(at: platform.time.now)
        }
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

    /// - Returns: false when the task was cancelled before everything was settled.
    private func deliver(_ payload: Payload, _ poisoned: inout Int) async -> Bool {
        var delivery = Delivery(of: payload, backoff: Backoff(most: settings.backoffMax), poisoned: poisoned)
        while let part = delivery.next {
            guard !Task.isCancelled else { return false }
            let outcome = await platform.transport.post(part)
            guard !Task.isCancelled || outcome.isReply else { return false }
            counters.bytesSent.add(part.body.count)
            let step = delivery.take(outcome, random: platform.time.random())
            counters.count(step)
            health.note(outcome, step, at: platform.time.now, logger)
            for refusal in step.refused { health.note(refusal, at: platform.time.now, logger) }
            guard step.wait > .zero else { continue }
            guard (try? await platform.time.sleep(until: platform.time.now + step.wait)) != nil else { return false }
        }
        poisoned = delivery.poisoned
        return true
    }

    private func makeCompressor() -> GzipCompressor? {
        do {
            return try GzipCompressor(level: settings.compressionLevel)
        } catch {
            logger.warning("zlib can't be set up (\(error)); batches are sent uncompressed.")
            return nil
        }
    }
}

/// What a sender has to know of the settings.
package struct DeliverySettings: Sendable {
    /// 0 sends the bodies as they are.
    package var compressionLevel: Int
    package var backoffMax: Duration
    /// Requests under way at once.
    package var concurrency: Int

    package init(compressionLevel: Int, backoffMax: Duration, concurrency: Int) {
        self.compressionLevel = compressionLevel
        self.backoffMax = backoffMax
        self.concurrency = concurrency
    }
}

extension PostOutcome {
    /// The endpoint has answered, whatever it said.
    var isReply: Bool {
        if case .reply = self { true } else { false }
    }
}
