/// What a batch means for the checkpoints: written down when the batch is cut, taken into account when it is settled.
package struct Manifest: Equatable, Sendable {
    package struct File: Equatable, Sendable {
        /// Who the file is, and, as `resume`, where reading would go on once the batch is settled. Its `cuts` are those
        /// made since the last manifest.
        package var checkpoint: Checkpoint
        /// Where reading of the file began, when no earlier manifest names it.
        package var begunAt: ResumeOffsets?
        /// The file's life before it was emptied: nobody can read that again.
        package var replaced: FileID?
        /// The file has been read to its end and is let go.
        package var isFinished: Bool

        package init(
            checkpoint: Checkpoint, begunAt: ResumeOffsets? = nil, replaced: FileID? = nil, isFinished: Bool = false
        ) {
            self.checkpoint = checkpoint
            self.begunAt = begunAt
            self.replaced = replaced
            self.isFinished = isFinished
        }
    }

    package var files: [File]

    package init(files: [File] = []) { self.files = files }

    /// True when ids in the batch depend on something that is not on disk yet.
    package var mustBeSavedFirst: Bool {
        files.contains { $0.begunAt != nil || $0.replaced != nil || !$0.checkpoint.cuts.isEmpty }
    }
}
