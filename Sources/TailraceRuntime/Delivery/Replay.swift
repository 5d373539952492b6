package import TailraceCore

/// Sends dead letters again, when the reason for which they were refused is mended. With the ids that they had, so that
/// nothing is stored twice.
package struct Replay: Sendable {
    /// What became of some letters.
    package struct Report: Sendable, Equatable {
        package var stored = 0
        package var alreadyThere = 0
        /// The endpoint still refuses these, with its words of today.
        package var refused: [DeadLetter] = []
        /// Why sending was given up; what the report does not tell of has to be sent another time.
        package var complaint: Complaint?
    }

    /// How long the endpoint may be away or busy before a person is told to come again.
    private static let patience = Duration.seconds(60)

    private let transport: any BulkTransport
    private let time: any Timebase
    private let compression: Compression
    private let backoffMax: Duration
    private let kind: EndpointKind

    package init(
        through transport: any BulkTransport, to kind: EndpointKind, time: any Timebase, compression: Compression,
        backoffMax: Duration
    ) {
        self.kind = kind
        self.transport = transport
        self.time = time
        self.compression = compression
        self.backoffMax = backoffMax
    }

    /// - Parameter letters: at least one.
    package func send(_ letters: [DeadLetter]) async -> Report {
        // Without compression if there is no memory for it.
        let compressor = try? compression.compressor()
        let payload = DeadLetter.originals(of: letters, number: BatchNumber(0), with: compressor)
        var delivery = Delivery(of: payload, to: kind, backoff: Backoff(most: backoffMax))
        var report = Report()
        var troubleSince: Moment?
        while let part = delivery.next {
            let step = delivery.take(await transport.post(part), random: time.random())
            report.stored += step.accepted.stored + step.accepted.redirected
            report.alreadyThere += step.accepted.alreadyThere
            if !step.refused.isEmpty { report.refused += refused(step.refused, of: part) }
            guard let complaint = step.complaint else {
                troubleSince = nil
                continue
            }
            let begin = troubleSince ?? time.now
            troubleSince = begin
            var isOver = complaint.needsOperator || time.now + step.wait - begin > Self.patience
            if !isOver { isOver = (try? await time.sleep(until: time.now + step.wait)) == nil }
            guard isOver else { continue }
            report.complaint = complaint
            return report
        }
        return report
    }

    private func refused(_ refusals: [Refusal], of part: Payload) -> [DeadLetter] {
        do {
            let documents = try part.documents(at: refusals.map(\.index))
            return zip(refusals, documents).map { DeadLetter($0, of: $1, at: time.wallClock) }
        } catch {
            preconditionFailure("a payload of our own can't be taken apart: \(error)")
        }
    }
}
