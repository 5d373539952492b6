/// What a batch means for the checkpoints: written down when the batch is cut, taken into account when it is settled.
package struct Manifest: Equatable, Sendable {
    package struct File: Equatable, Sendable {
        /// Who the file is, and, as `resume`, where reading would go on once the batch is settled. Its `cuts` are those
        /// made since the last manifest.
        package var checkpoint: Checkpoint
        /// The file has been read to its end and is let go.
        package var isFinished: Bool

        package init(checkpoint: Checkpoint, isFinished: Bool = false) {
            self.checkpoint = checkpoint
            self.isFinished = isFinished
        }
    }

    package var files: [File]

    package init(files: [File] = []) { self.files = files }
}

/// A file that was seen for the first time, or has begun a life of its own after it was emptied.
///
/// It is saved before anything of the file is sent: its id is part of every document's id. And it is saved at once, since
/// a file that is rotated away while nothing is running is only found again if somebody knows of it.
package struct Sighting: Equatable, Sendable {
    /// At the start of the file.
    package var checkpoint: Checkpoint
    /// The file's life before it was emptied: nobody can read that again.
    package var replaced: FileID?

    package init(checkpoint: Checkpoint, replaced: FileID? = nil) {
        self.checkpoint = checkpoint
        self.replaced = replaced
    }
}
