import TailraceCore

/// What stands beside the paths that are read and is still to be judged, as far as names, numbers and times tell: no
/// file is opened for it.
struct RotationCandidates {
    /// Numbers are used again as soon as a file is gone.
    struct Identity: Hashable {
        var key: FileKey
        var birth: Int64

        init(_ status: FileStatus) { (key, birth) = (status.key, status.birth) }
        init(_ checkpoint: Checkpoint) { (key, birth) = (checkpoint.key, checkpoint.birth) }
    }

    struct Candidate {
        var path: String
        var status: FileStatus
        /// The paths that it was perhaps written under, the likeliest first.
        var origins: [String]
        /// A checkpoint was perhaps saved for it.
        var mayClaim: Bool
        /// It was written to after the last file that is done with.
        var isNew: Bool
        /// A pattern leads to it.
        var isMatched: Bool
        fileprivate(set) var rank = 0

        var identity: Identity { Identity(status) }
    }

    /// What the time of a file beside a path is held against.
    private struct Bounds {
        /// What was not written to since then is not new.
        var floor: Timestamp?
        /// What was not written to since then is hardly a copy of a file that is missing.
        var missing: Timestamp?
    }

    private let files: any LogFiles
    private let time: any Timebase
    private let memory: FileMemory
    /// What needs no further look before it is written to again, by folder; with the time of the last write.
    private var settled: [String: [Identity: Int64]] = [:]
    /// Names that no rotation made of a path that is read, and the number in the folder that they have.
    private var unrelated: [String: [UInt64: String]] = [:]
    /// Of the moment when it was first seen: meanwhile others may have been done with.
    private var isNew: [Identity: Bool] = [:]
    private var pending: Set<Identity> = []
    private var floors: [String: Timestamp] = [:]
    private var clock = ClockWatch()

    init(_ platform: Platform, memory: FileMemory) {
        files = platform.logFiles
        time = platform.time
        self.memory = memory
    }

    /// It has been read to its end, or is not to be read.
    mutating func settle(_ identity: Identity, modified: Int64, in folder: String) {
        settled[folder, default: [:]][identity] = modified
        isNew[identity] = nil
    }

    /// Everything in the folder is looked at again.
    mutating func forgetListing(of folder: String) {
        settled[folder] = nil
        unrelated[folder] = nil
    }

    // MARK: A look

    /// - Returns: the folders in which files are read, or were.
    mutating func beginLook(_ tails: TailTable) -> [String] {
        pending = []
        noteClock()
        floors = memory.paths()
        var folders = Set(floors.keys.map { RotatedFiles.split($0).folder })
        for path in tails.homes { folders.insert(RotatedFiles.split(path).folder) }
        settled = settled.filter { folders.contains($0.key) }
        unrelated = unrelated.filter { folders.contains($0.key) }
        return folders.sorted()
    }

    /// - Returns: what was listed in this look.
    mutating func endLook() -> Set<Identity> {
        isNew = isNew.filter { pending.contains($0.key) }
        return pending
    }

    /// What nobody has judged yet. First those that a checkpoint was perhaps saved for (whether they were emptied
    /// decides about copies), then those that are later than what is known; the oldest of each first.
    ///
    /// - Returns: `nil` when the folder can't be listed.
    mutating func list(
        _ folder: String, _ listing: [DirectoryEntry]?, _ tails: TailTable, matched: Set<String>
    ) -> [Candidate]? {
        guard let entries = listing ?? (try? files.list(folder)) else { return nil }
        let before = settled[folder] ?? [:]
        let namesBefore = unrelated[folder] ?? [:]
        var after: [Identity: Int64] = [:]
        var names: [UInt64: String] = [:]
        var bounds: [String: Bounds] = [:]
        var candidates: [Candidate] = []
        for entry in entries where entry.kind == .file || entry.kind == .unknown {
            if namesBefore[entry.inode] == entry.name {
                names[entry.inode] = entry.name
                continue
            }
            let path = RotatedFiles.join(folder, entry.name)
            guard let status = try? files.status(of: path), status.kind == .file else { continue }
            let identity = Identity(status)
            let isMatched = matched.contains(path)
            if before[identity] == status.modified, !isMatched {
                after[identity] = status.modified
                continue
            }
            let isKnown = tails.isKnown(status.key)
            let mayClaim = !isKnown && memory.mayClaim(status)
            let origins = RotatedName.origins(of: entry.name).map { RotatedFiles.join(folder, $0) }
                .filter { tails.isAny(at: $0) || floors[$0] != nil }
            guard mayClaim || !origins.isEmpty else {
                names[entry.inode] = entry.name
                continue
            }
            guard !isKnown else { continue }
            var candidate = Candidate(
                path: path, status: status, origins: origins, mayClaim: mayClaim, isNew: isNew[identity] ?? false,
                isMatched: isMatched)
            // Under a name that no rotation gave, there is nothing to hold its time against.
            if let origin = origins.first {
                let bound = bounds[origin] ?? self.bounds(of: origin, tails)
                bounds[origin] = bound
                candidate.isNew = isNew[identity] ?? isLater(candidate, than: bound.floor, entry.name, origin)
                let mayBeCopy = bound.missing.map { status.modified >= $0.nanoseconds } ?? false
                candidate.rank = candidate.isNew || mayBeCopy ? 1 : 2
                isNew[identity] = candidate.isNew
            }
            if mayClaim { candidate.rank = 0 }
            pending.insert(identity)
            candidates.append(candidate)
        }
        settled[folder] = after
        unrelated[folder] = names
        return candidates.sorted {
            ($0.rank, $0.status.modified, $0.path) < ($1.rank, $1.status.modified, $1.path)
        }
    }

    /// False when its time tells enough: it is older than what is known, and no copy of anything that is missing still.
    func needsOpening(_ candidate: Candidate) -> Bool {
        candidate.mayClaim || candidate.isNew || candidate.isMatched || candidate.status.size == 0
            || memory.mayHold(candidate.status, candidate.origins)
    }

    /// To be called before times of files are held against each other.
    mutating func noteClock() { clock.note(time.now, time.wallClock, tolerance: FileMemory.tick) }

    /// What was not written to since then was there before the file that `checkpoint` is of, and is no copy of it.
    func floor(ofCopies checkpoint: Checkpoint) -> Timestamp {
        let written = Timestamp(nanoseconds: checkpoint.modified - FileMemory.tick.nanoseconds)
        let floor = min(FileMemory.floor(checkpoint), written)
        return min(floor, clock.earliest ?? floor)
    }

    private func bounds(of path: String, _ tails: TailTable) -> Bounds {
        Bounds(
            floor: ([floors[path], clock.earliest].compactMap(\.self) + tails.floors(at: path)).min(),
            missing: memory.lastWrite(to: path))
    }

    private func isLater(_ candidate: Candidate, than floor: Timestamp?, _ name: String, _ origin: String) -> Bool {
        guard let floor, RotatedName.isStamped(name, origin: RotatedFiles.split(origin).name) else { return false }
        return candidate.status.modified >= floor.nanoseconds
    }
}
