/// What a batch means for the checkpoints: written down when the batch is cut, taken into account when it is settled.
package struct Manifest: Equatable, Sendable {
    /// For each file of the batch: who it is, and, as `resume`, where reading would go on once the batch is settled. The
    /// `cuts` are those made since the last manifest.
    package var files: [Checkpoint]

    package init(files: [Checkpoint] = []) { self.files = files }
}
