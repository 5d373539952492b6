/// The checkpoints of all files, as they would be saved now.
package struct CheckpointTable: Sendable {
    private var checkpoints: [FileID: Checkpoint] = [:]

    package init(_ checkpoints: [Checkpoint] = []) {
        for checkpoint in checkpoints { self.checkpoints[checkpoint.id] = checkpoint }
    }

    package var count: Int { checkpoints.count }

    /// In the order of their paths, so that the same table gives the same file.
    package var sorted: [Checkpoint] {
        checkpoints.values.sorted { ($0.path, $0.id.text) < ($1.path, $1.id.text) }
    }

    package subscript(id: FileID) -> Checkpoint? { checkpoints[id] }

    package mutating func enter(_ sighting: Sighting) {
        if let replaced = sighting.replaced { checkpoints[replaced] = nil }
        checkpoints[sighting.checkpoint.id] = sighting.checkpoint
    }

    /// A batch was cut: what its events depend on is noted. Nothing moves.
    ///
    /// - Returns: true when something was, which has to be saved before the batch is sent.
    package mutating func note(_ manifest: Manifest) -> Bool {
        var isChanged = false
        for file in manifest.files {
            let new = file.checkpoint
            guard let old = checkpoints[new.id], old.format != new.format || !new.cuts.isEmpty else { continue }
            checkpoints[new.id]?.format = new.format
            checkpoints[new.id]?.cuts += new.cuts
            isChanged = true
        }
        return isChanged
    }

    /// Everything up to here is delivered: checkpoints move.
    package mutating func release(_ manifest: Manifest) {
        for file in manifest.files {
            // Unknown when the file was emptied in the meantime.
            guard var checkpoint = checkpoints[file.checkpoint.id] else { continue }
            if file.isFinished {
                checkpoints[file.checkpoint.id] = nil
                continue
            }
            checkpoint.path = file.checkpoint.path
            checkpoint.fingerprint = file.checkpoint.fingerprint
            checkpoint.resume.advance(to: file.checkpoint.resume)
            let low = checkpoint.resume.low
            checkpoint.cuts.removeAll { $0.offset <= low }
            checkpoints[file.checkpoint.id] = checkpoint
        }
    }

    /// Forgets a file that is gone.
    package mutating func forget(_ id: FileID) { checkpoints[id] = nil }
}
