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

    /// One look at one folder.
    private struct Scan {
        let folder: String
        let before: Set<Identity>
        let namesBefore: [UInt64: String]
        var after: Set<Identity> = []
        var names: [UInt64: String] = [:]
        var bounds: [String: Bounds] = [:]
        var candidates: [Candidate] = []
        /// Listed twice alike: where that is not the number of the file, the numbers in lists tell nothing.
        var isTrusted: Set<DirectoryEntry> = []
    }

    /// Lists of a folder in which files are renamed meanwhile.
    private static let passesMax = 4

    private let files: any LogFiles
    private let time: any Timebase
    private let memory: FileMemory
    /// What needs no further look, by folder.
    private var settled: [String: Set<Identity>] = [:]
    /// Names that no rotation made of a path that is read, and the number in the folder that they have.
    private var unrelated: [String: [UInt64: String]] = [:]
    /// Of the moment when it was first seen: meanwhile others may have been done with.
    private var isNew: [Identity: Bool] = [:]
    private var pending: Set<Identity> = []
    private var clock = ClockWatch()

    init(_ platform: Platform, memory: FileMemory) {
        files = platform.logFiles
        time = platform.time
        self.memory = memory
    }

    /// It has been read to its end, or is not to be read.
    mutating func settle(_ identity: Identity, in folder: String) {
        settled[folder, default: []].insert(identity)
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
        var folders = Set(memory.homes.map { RotatedFiles.split($0).folder })
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
    /// - Returns: `nil` when the folder can't be listed. Not complete, when files were renamed all the while, so that
    ///   some may be missing.
    mutating func list(
        _ folder: String, _ listing: DirectoryListing?, _ tails: TailTable, matched: Set<String>
    ) -> (candidates: [Candidate], isComplete: Bool)? {
        guard var listing = listing ?? (try? files.list(folder)) else { return nil }
        var scan = Scan(folder: folder, before: settled[folder] ?? [], namesBefore: unrelated[folder] ?? [:])
        var renamed = listing.entries.filter { !take($0, &scan, tails, matched) }
        if !listing.isWhole || !renamed.isEmpty {
            // What is renamed meanwhile is found under its new name in another list.
            var seen = Set(listing.entries.map(\.inode)).subtracting(renamed.map(\.inode))
            for _ in 1..<Self.passesMax where !listing.isWhole || !renamed.isEmpty {
                guard let again = try? files.list(folder) else { return nil }
                listing = again
                scan.isTrusted = Set(renamed).intersection(again.entries)
                renamed = []
                for entry in again.entries where !seen.contains(entry.inode) {
                    if take(entry, &scan, tails, matched) { seen.insert(entry.inode) } else { renamed.append(entry) }
                }
            }
        }
        settled[folder] = scan.after
        unrelated[folder] = scan.names
        let candidates = scan.candidates.sorted {
            ($0.rank, $0.status.modified, $0.path) < ($1.rank, $1.status.modified, $1.path)
        }
        return (candidates, listing.isWhole && renamed.isEmpty)
    }

    /// - Returns: false when the name leads to another file than when the folder was listed.
    private mutating func take(
        _ entry: DirectoryEntry, _ scan: inout Scan, _ tails: TailTable, _ matched: Set<String>
    ) -> Bool {
        guard entry.kind == .file || entry.kind == .unknown else { return true }
        if scan.namesBefore[entry.inode] == entry.name {
            scan.names[entry.inode] = entry.name
            return true
        }
        let path = RotatedFiles.join(scan.folder, entry.name)
        guard let status = try? files.status(of: path) else { return scan.isTrusted.contains(entry) }
        guard status.kind == .file else { return true }
        guard status.inode == entry.inode || scan.isTrusted.contains(entry) else { return false }
        let identity = Identity(status)
        let isMatched = matched.contains(path)
        if scan.before.contains(identity), !isMatched, !memory.hasGrown(status) {
            scan.after.insert(identity)
            return true
        }
        let isKnown = tails.isKnown(status)
        let mayClaim = !isKnown && memory.mayClaim(status)
        let origins = RotatedName.origins(of: entry.name).map { RotatedFiles.join(scan.folder, $0) }
            .filter { tails.isAny(at: $0) || memory.knows($0) }
        guard mayClaim || !origins.isEmpty else {
            scan.names[entry.inode] = entry.name
            return true
        }
        // A file that is renamed meanwhile may be listed twice.
        guard !isKnown, pending.insert(identity).inserted else { return true }
        var candidate = Candidate(
            path: path, status: status, origins: origins, mayClaim: mayClaim, isNew: isNew[identity] ?? false,
            isMatched: isMatched)
        // Under a name that no rotation gave, there is nothing to hold its time against.
        if let origin = origins.first {
            let bound = scan.bounds[origin] ?? bounds(of: origin, tails)
            scan.bounds[origin] = bound
            candidate.isNew = isNew[identity] ?? isLater(candidate, than: bound.floor, entry.name, origin)
            let mayBeCopy = bound.missing.map { status.modified >= $0.nanoseconds } ?? false
            candidate.rank = candidate.isNew || mayBeCopy ? 1 : 2
            isNew[identity] = candidate.isNew
        }
        if mayClaim { candidate.rank = 0 }
        scan.candidates.append(candidate)
        return true
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
            floor: [memory.floor(of: path, tails), clock.earliest].compactMap(\.self).min(),
            missing: memory.lastWrite(to: path))
    }

    private func isLater(_ candidate: Candidate, than floor: Timestamp?, _ name: String, _ origin: String) -> Bool {
        guard let floor, RotatedName.isStamped(name, origin: RotatedFiles.split(origin).name) else { return false }
        return candidate.status.modified >= floor.nanoseconds
    }
}
