/// The checkpoints of all files, as they would be saved now.
package struct CheckpointTable: Sendable {
    private var checkpoints: [FileID: Checkpoint] = [:]
    private var floors: [String: Int64]

    package init(_ saved: Checkpoints = Checkpoints()) {
        for checkpoint in saved.files { checkpoints[checkpoint.id] = checkpoint }
        floors = saved.floors
    }

    package var count: Int { checkpoints.count }

    /// In the order of their paths, so that the same table gives the same file.
    package var saved: Checkpoints {
        let files = checkpoints.values.sorted { one, other in
            if one.path != other.path { return one.path < other.path }
            return (one.id.high, one.id.low) < (other.id.high, other.id.low)
        }
        return Checkpoints(files: files, floors: floors)
    }

    package subscript(id: FileID) -> Checkpoint? { checkpoints[id] }

    /// What a look has found, before anything of it is sent.
    package mutating func enter(_ sightings: Sightings) {
        for file in sightings.files { enter(file) }
        for (home, floor) in sightings.floors { floors[home] = floor }
    }

    /// A file is seen for the first time, is read again after it was done, or its rest has been found in another file.
    private mutating func enter(_ sighting: Checkpoint) {
        guard var known = checkpoints[sighting.id] else {
            checkpoints[sighting.id] = sighting
            return
        }
        known.key = sighting.key
        known.birth = sighting.birth
        known.modified = sighting.modified
        known.doneAt = nil
        checkpoints[sighting.id] = known
    }

    /// A batch was cut: what its events depend on is noted. Nothing moves.
    ///
    /// - Returns: true when it has to be saved before the batch is sent.
    package mutating func note(_ manifest: Manifest) -> Bool {
        var isChanged = false
        for file in manifest.files {
            guard var known = checkpoints[file.id] else { continue }
            // Without a fingerprint, other contents would be taken for these, and get their ids.
            let isFirst = known.format != file.format || known.fingerprint.length == 0 && file.fingerprint.length > 0
            // As long as another file may hold just the same, if each begins with the same long banner.
            let isMistakable = !known.isUnmistakable && known.trail.offset < file.trail.offset
            known.format = file.format
            known.fingerprint = file.fingerprint
            known.trail = file.trail
            known.modified = file.modified
            known.cuts += file.cuts
            checkpoints[file.id] = known
            if isFirst || isMistakable || !file.cuts.isEmpty { isChanged = true }
        }
        return isChanged
    }

    /// Everything up to here is delivered: checkpoints move, and go.
    package mutating func release(_ manifest: Manifest) {
        for file in manifest.files {
            // Unknown when the file was forgotten in the meantime.
            guard var checkpoint = checkpoints[file.id] else { continue }
            checkpoint.doneAt = file.doneAt
            checkpoint.resume.advance(to: file.resume)
            let low = checkpoint.resume.low
            checkpoint.cuts.removeAll { $0.offset <= low }
            checkpoints[file.id] = checkpoint
        }
        for copy in manifest.copies { checkpoints[copy.id] = copy }
        for id in manifest.forgotten { checkpoints[id] = nil }
    }
}
