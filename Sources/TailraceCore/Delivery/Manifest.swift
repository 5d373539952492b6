/// What a batch means for the checkpoints: written down when the batch is cut, taken into account when it is settled.
package struct Manifest: Equatable, Sendable {
    /// For each file of the batch: who it is, and, as `resume`, where reading would go on once the batch is settled. The
    /// `cuts` are those made since the last manifest.
    package var files: [Checkpoint]
    /// Checkpoints that are of no use once the batch, and all before it, is settled.
    package var forgotten: [FileID]

    package init(files: [Checkpoint] = [], forgotten: [FileID] = []) {
        self.files = files
        self.forgotten = forgotten
    }

    package var isEmpty: Bool { files.isEmpty && forgotten.isEmpty }
}
