import TailraceCore

/// What the outbox holds: a batch as it was cut, or sealed already.
enum Parcel: Sendable {
    case batch(CutBatch)
    case shipment(Shipment)
}

/// A payload on its way to the endpoint.
final class Shipment: Sendable {
    enum Origin: Sendable, Equatable {
        /// The batch that it was sealed from.
        case batch(BatchNumber)
        /// The frame of the spool that it is in.
        case frame(UInt64)
    }

    let payload: Payload
    let origin: Origin
    /// What its ids depend on is on disk once this version of the checkpoints is.
    let stateVersion: UInt64

    init(_ payload: Payload, from origin: Origin, stateVersion: UInt64) {
        self.payload = payload
        self.origin = origin
        self.stateVersion = stateVersion
    }

    /// Bytes of the memory budget that it holds.
    var lease: Int { payload.body.count }
}
