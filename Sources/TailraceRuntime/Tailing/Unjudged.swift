import TailraceCore

/// What a look has left for later ones: of what was read, nothing may be forgotten that it may be, or be a copy of.
struct Unjudged {
    /// For each path, the earliest last write to what is left and was perhaps rotated unseen.
    private(set) var floors: [String: Int64] = [:]
    /// As well to what is left for other reasons, but to what is empty only if a checkpoint was perhaps saved for it.
    private var earliest: [String: Int64] = [:]
    private var listed: Set<String> = []
    /// Folders with a file that a checkpoint was perhaps saved for, under a name that tells no path.
    private var left: Set<String> = []
    /// Folders of which not all is known.
    private var unclear: Set<String> = []

    /// The folder could be listed.
    mutating func list(_ folder: String) { listed.insert(folder) }

    /// There are files that could not be looked at.
    mutating func leave(_ folders: Set<String>) { unclear.formUnion(folders) }

    mutating func leave(_ candidate: RotationCandidates.Candidate, in folder: String) {
        let (status, isEmpty) = (candidate.status, candidate.status.size == 0)
        if candidate.mayClaim, candidate.origins.isEmpty { left.insert(folder) }
        for path in candidate.origins {
            if !isEmpty, candidate.isNew { floors[path] = min(floors[path] ?? .max, status.modified) }
            if !isEmpty || candidate.mayClaim { earliest[path] = min(earliest[path] ?? .max, status.modified) }
        }
    }

    func isListed(_ path: String) -> Bool {
        let folder = RotatedFiles.split(path).folder
        return listed.contains(folder) && !unclear.contains(folder)
    }

    /// True when nothing is left that was written under this path.
    ///
    /// - Parameter time: what was written later is found again without what would be forgotten; `nil`: nothing is.
    func isComplete(_ path: String, upTo time: Int64?) -> Bool {
        guard isListed(path), !left.contains(RotatedFiles.split(path).folder) else { return false }
        guard let earliest = earliest[path] else { return true }
        return time.map { earliest >= $0 } ?? false
    }
}
