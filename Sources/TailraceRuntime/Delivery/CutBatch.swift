import TailraceCore

/// A batch that nothing is added to any more, on its way to a sender.
final class CutBatch: Sendable {
    let number: BatchNumber
    let batch: Batch
    /// Bytes of the memory budget that it holds.
    let lease: Int
    /// What its ids depend on is on disk once this version of the checkpoints is.
    let stateVersion: UInt64

    init(number: BatchNumber, batch: consuming Batch, lease: Int, stateVersion: UInt64) {
        self.number = number
        self.batch = batch
        self.lease = lease
        self.stateVersion = stateVersion
    }
}
