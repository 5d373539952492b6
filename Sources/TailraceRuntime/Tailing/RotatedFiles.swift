import Logging
import TailraceCore

/// Finds what rotations have made of files, beside the place where they were written: the rest of one that was renamed
/// or compressed while nobody looked, whole files that came and went between two looks, copies that were made before
/// a file was emptied.
///
/// | A file beside a path that is read, itself not read | is |
/// |---|---|
/// | has the inode of a missing file, and holds what was read of that | its rest: read |
/// | is compressed, or the missing file was emptied, and holds what was read | its rest: read |
/// | holds the first bytes of a file that is being read, and nothing else | a copy in the making: left until it differs |
/// | holds just what was read of a file that is done with | left |
/// | was last written to before the path was first seen, or before the last file that is done with | left |
/// | is something else | rotated unseen: read from its start |
struct RotatedFiles {
    private enum Verdict {
        case read(Checkpoint, isUnknown: Bool)
        /// To be looked at again.
        case later
        case never
    }

    private let files: any LogFiles
    private let logger: Logger
    private let memory: FileMemory
    private var reports: RepeatedReports
    /// What needs no further look, by folder and as the directory numbers it.
    private var settled: [String: Set<UInt64>] = [:]
    /// Files that were seen to be copies of one that is being read.
    private var copies: Set<FileKey> = []
    /// Files that patterns lead to, which may be copies.
    var matched: Set<String> = []

    init(_ platform: Platform, memory: FileMemory, logger: Logger) {
        files = platform.logFiles
        self.memory = memory
        self.logger = logger
        reports = RepeatedReports(logger)
    }

    /// True when the name is what a rotation would give to a file that is being read.
    func isPerhapsCopy(_ path: String, _ tails: [String: [Tail]]) -> Bool {
        let (folder, name) = Self.split(path)
        return RotatedName.origins(of: name).contains { tails[Self.join(folder, $0)] != nil }
    }

    /// Everything in the folder is looked at again.
    mutating func forgetListing(of path: String) { settled[Self.split(path).folder] = nil }

    /// - Parameter fresh: a new checkpoint for a file that was written under this path.
    mutating func look(
        _ findings: Discovery.Findings, now: Moment, tails: [String: [Tail]], isKnown: (FileKey) -> Bool,
        fresh: (OpenedFile, String) -> Checkpoint
    ) -> [Found] {
        defer { matched = [] }
        let floors = memory.paths()
        var folders = Set(floors.keys.map { Self.split($0).folder })
        for path in tails.keys { folders.insert(Self.split(path).folder) }
        settled = settled.filter { folders.contains($0.key) }
        var found: [Found] = []
        for folder in folders.sorted() {
            let candidates = candidates(in: folder, findings.listings[folder], tails, floors, isKnown)
            for (path, inode, paths) in candidates {
                do throws(FileFailure) {
                    let file = try OpenedFile.open(path, in: files)
                    do throws(FileFailure) {
                        switch try judge(file, paths: paths, tails, floors, fresh) {
                        case .read(let checkpoint, let isUnknown):
                            say(file, checkpoint, isUnknown)
                            settled[folder, default: []].insert(inode)
                            found.append(
                                Found(
                                    file: file, checkpoint: checkpoint, isUnknown: isUnknown,
                                    isRotated: !matched.contains(path)))
                            continue
                        case .later: break
                        case .never: settled[folder, default: []].insert(inode)
                        }
                        file.file.close()
                    } catch {
                        file.file.close()
                        throw error
                    }
                } catch {
                    // Whoever compresses it is not done.
                    if error.code == FileFailure.notWhole { continue }
                    reports.warn("\(error). Its rest is not shipped until it can be read.", about: path, now: now)
                }
            }
        }
        return found
    }

    /// The copy of a file that was emptied.
    mutating func copy(of checkpoint: Checkpoint, isKnown: (FileKey) -> Bool) -> OpenedFile? {
        let folder = Self.split(checkpoint.path).folder
        guard checkpoint.trail.offset > 0, let entries = try? files.list(folder) else { return nil }
        for entry in entries.sorted(by: { $0.name < $1.name }) {
            let path = Self.join(folder, entry.name)
            guard RotatedName.origins(of: entry.name).contains(where: { Self.join(folder, $0) == checkpoint.path }),
                let status = try? files.status(of: path), status.kind == .file, !isKnown(status.key),
                let file = try? OpenedFile.open(path, in: files)
            else { continue }
            if (try? file.holds(checkpoint)) == true { return file }
            // A copy that ends before the place that was read up to holds nothing new.
            if file.begins(like: checkpoint) { settled[folder, default: []].insert(entry.inode) }
            file.file.close()
        }
        return nil
    }

    // MARK: Details

    /// What nobody has looked at yet, the oldest first: path, number in the folder, and where it may come from.
    private mutating func candidates(
        in folder: String, _ listing: [DirectoryEntry]?, _ tails: [String: [Tail]], _ floors: [String: Timestamp],
        _ isKnown: (FileKey) -> Bool
    ) -> [(path: String, inode: UInt64, origins: [String])] {
        guard let entries = listing ?? (try? files.list(folder)) else { return [] }
        let before = settled[folder] ?? []
        var after: Set<UInt64> = []
        var candidates: [(path: String, inode: UInt64, origins: [String], modified: Int64)] = []
        for entry in entries where entry.kind == .file || entry.kind == .unknown {
            let path = Self.join(folder, entry.name)
            if before.contains(entry.inode), !matched.contains(path) {
                after.insert(entry.inode)
                continue
            }
            let origins = RotatedName.origins(of: entry.name).map { Self.join(folder, $0) }
                .filter { tails[$0] != nil || floors[$0] != nil }
            guard let status = try? files.status(of: path), status.kind == .file else { continue }
            if isKnown(status.key) || (origins.isEmpty && !memory.mayClaim(status)) {
                after.insert(entry.inode)
            } else {
                candidates.append((path, entry.inode, origins, status.modified))
            }
        }
        settled[folder] = after
        return candidates.sorted { ($0.modified, $0.path) < ($1.modified, $1.path) }.map {
            ($0.path, $0.inode, $0.origins)
        }
    }

    private mutating func judge(
        _ file: OpenedFile, paths: [String], _ tails: [String: [Tail]], _ floors: [String: Timestamp],
        _ fresh: (OpenedFile, String) -> Checkpoint
    ) throws(FileFailure) -> Verdict {
        if let checkpoint = try memory.claim(file) {
            return .read(checkpoint, isUnknown: checkpoint.key != file.status.key)
        }
        if let checkpoint = try memory.claimCopy(file, paths: paths) { return .read(checkpoint, isUnknown: true) }
        guard let path = paths.first, file.status.size > 0 else { return .later }
        for tail in paths.flatMap({ tails[$0] ?? [] }) {
            // What it holds is looked for when the file itself is looked at.
            guard try tail.isIntact(files) else { return .later }
            if file.isCompressed {
                if try file.holds(tail.checkpoint) { return .never }
            } else if try tail.isCopied(to: file, files) {
                copies.insert(file.status.key)
                return .later
            }
        }
        if copies.remove(file.status.key) != nil { return .never }
        if try memory.hasRead(file, paths: paths) { return .never }
        if !matched.contains(file.path) {
            var floor = floors[path]
            for tail in tails[path] ?? [] where floor == nil { floor = tail.checkpoint.seenAt }
            guard let floor, file.status.modified > floor.nanoseconds else { return .never }
            return .read(fresh(file, path), isUnknown: true)
        }
        return .read(fresh(file, file.path), isUnknown: true)
    }

    private func say(_ file: OpenedFile, _ checkpoint: Checkpoint, _ isUnknown: Bool) {
        let isRest = checkpoint.trail.offset > 0
        logger.info(
            isRest
                ? "\(checkpoint.path) was rotated to \(file.path) unseen; its rest is read."
                : "\(file.path) was rotated unseen; it is read as \(checkpoint.path).")
    }

    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        let name = String(path[path.utf8.index(after: slash)...])
        return (slash == path.startIndex ? "/" : String(path[..<slash]), name)
    }

    private static func join(_ folder: String, _ name: String) -> String {
        switch folder {
        case ".": name
        case "/": "/" + name
        default: "\(folder)/\(name)"
        }
    }
}
