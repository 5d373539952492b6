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
/// | was last written to before all of the path that is known | left |
/// | is something else | rotated unseen: read from its start |
struct RotatedFiles {
    private enum Verdict {
        case read(Checkpoint, isUnknown: Bool)
        /// To be looked at again.
        case later
        case never(String)
    }

    /// Where the rest is of what a file held before it was emptied.
    enum Rest {
        case inCopy(OpenedFile)
        case nowhere
        /// What may be the copy can't be read, and has not been for a minute.
        case unreadable
    }

    /// What a look has found.
    struct Sight {
        var found: [Found] = []
        /// Files that need not be read: they are delivered to their end, and have been quiet for long.
        var finished: [Checkpoint] = []
    }

    private typealias Identity = RotationCandidates.Identity

    private struct Copy: Equatable {
        var original: FileID
        /// What came since then may tell it from the original: few bytes are the beginning of many files.
        var size: UInt64
    }

    /// Found in one look at most: they are read, and checkpoints saved, before others are looked for.
    private static let foundMax = 128
    /// What can't be read for so long is not a copy in the making.
    private static let makingMax = Duration.seconds(60)

    private let files: any LogFiles
    private let time: any Timebase
    private let grace: TailState.Grace
    private let logger: Logger
    private let memory: FileMemory
    private var reports: RepeatedReports
    private var candidates: RotationCandidates
    /// Files that were seen to be copies of one that is being read.
    private var copies: [Identity: Copy] = [:]
    /// Compressed forms of files that are being read.
    private var compressed: [(original: FileID, form: Checkpoint)] = []
    /// Files that patterns lead to, which may be copies.
    var matched: Set<String> = []
    /// Folders with a file that a checkpoint was perhaps saved for, and that could not be read: whether it was emptied
    /// is not known, nor whether others are copies of it.
    private var unclear: Set<String> = []
    /// The last look has left some for the next.
    private(set) var isCutShort = false

    init(_ platform: Platform, grace: TailState.Grace, memory: FileMemory, logger: Logger) {
        files = platform.logFiles
        time = platform.time
        self.grace = grace
        candidates = RotationCandidates(platform, memory: memory)
        self.memory = memory
        self.logger = logger
        reports = RepeatedReports(logger)
    }

    /// True when the name is what a rotation would give to a file that is being read.
    func isPerhapsCopy(_ path: String, _ tails: TailTable) -> Bool {
        let (folder, name) = Self.split(path)
        return RotatedName.origins(of: name).contains { origin in
            let path = Self.join(folder, origin)
            return tails.isAny(at: path) || memory.isMissing(path)
        }
    }

    /// It has been read to its end.
    mutating func settle(_ checkpoint: Checkpoint) {
        candidates.settle(Identity(checkpoint), in: Self.split(checkpoint.home).folder)
    }

    mutating func noteUnclear(_ path: String) { unclear.insert(Self.split(path).folder) }

    /// Everything in the folder is looked at again.
    mutating func forgetListing(of path: String) {
        candidates.forgetListing(of: Self.split(path).folder)
    }

    /// - Parameters:
    ///   - begunAt: a time of day before the folders were listed.
    ///   - fresh: a new checkpoint for a file that was written under this path, if it is to be read: whoever put it there
    ///     may have done so long ago, or it is new.
    mutating func look(
        _ findings: Discovery.Findings, begunAt: Timestamp, now: Moment, tails: TailTable,
        fresh: (OpenedFile, String, Bool) throws(FileFailure) -> Checkpoint?
    ) -> Sight {
        isCutShort = false
        defer {
            matched = []
            unclear = []
            let pending = candidates.endLook()
            copies = copies.filter { pending.contains($0.key) }
        }
        var sight = Sight()
        var unjudged = Unjudged()
        var births = Births(memory, tails)
        for folder in candidates.beginLook(tails) {
            guard let listed = candidates.list(folder, findings.listings[folder], tails, matched: matched)
            else { continue }
            unjudged.list(folder)
            if !listed.isComplete { unjudged.leave([folder]) }
            for candidate in listed.candidates {
                if isDoneWith(candidate, &births, &sight)
                    || settles(candidate, in: folder, now, tails, &sight.found, fresh)
                {
                    candidates.settle(candidate.identity, in: folder)
                } else {
                    unjudged.leave(candidate, in: folder)
                }
            }
        }
        unjudged.leave(unclear)
        memory.haveLooked(tails, unjudged, begunAt: begunAt)
        for index in sight.found.indices where sight.found[index].isRotated {
            let status = sight.found[index].file.status
            sight.found[index].quietSince = births.quietSince(status, at: sight.found[index].checkpoint.home)
        }
        return sight
    }

    /// - Returns: false when the candidate has to be opened to tell.
    private mutating func isDoneWith(
        _ candidate: RotationCandidates.Candidate, _ births: inout Births, _ sight: inout Sight
    ) -> Bool {
        let status = candidate.status
        // What a pattern leads to is followed even if there is nothing new in it.
        guard !candidate.isMatched else { return false }
        if memory.isDone(status, isCompressed: RotatedName.isCompressed(candidate.path)) { return true }
        guard let delivered = memory.delivered(status),
            time.wallClock.nanoseconds - births.quietSince(status, at: delivered.checkpoint.home)
                >= grace.renamed.nanoseconds
        else { return false }
        memory.claim(delivered, (candidate.path, status))
        var checkpoint = delivered.checkpoint
        checkpoint.doneAt = time.wallClock
        // At once: its compressed form may stand beside it.
        memory.remember(checkpoint)
        sight.finished.append(checkpoint)
        return true
    }

    /// - Returns: false when the candidate has to be looked at again.
    private mutating func settles(
        _ candidate: RotationCandidates.Candidate, in folder: String, _ now: Moment, _ tails: TailTable,
        _ found: inout [Found], _ fresh: (OpenedFile, String, Bool) throws(FileFailure) -> Checkpoint?
    ) -> Bool {
        guard candidate.mayClaim || !unclear.contains(folder) else { return false }
        guard candidates.needsOpening(candidate) else { return true }
        guard found.count < Self.foundMax else {
            isCutShort = true
            return false
        }
        let path = candidate.path
        do throws(FileFailure) {
            let file = try OpenedFile.open(path, in: files)
            do throws(FileFailure) {
                // It may have been renamed, and another one have its name, since the folder was listed.
                guard Identity(file.status) == candidate.identity, try !isAmong(found, file) else {
                    file.file.close()
                    return false
                }
                switch try judge(file, candidate, tails, fresh) {
                case .read(let checkpoint, let isUnknown):
                    say(file, checkpoint)
                    found.append(
                        Found(
                            file: file, checkpoint: checkpoint, isUnknown: isUnknown,
                            isRotated: !candidate.isMatched))
                    return true
                case .later:
                    logger.debug("\(path) is looked at again later.")
                    file.file.close()
                    return false
                case .never(let reason):
                    logger.debug("\(path) is not read: \(reason).")
                    file.file.close()
                    return true
                }
            } catch {
                file.file.close()
                throw error
            }
        } catch {
            if candidate.mayClaim { unclear.insert(folder) }
            // Whoever compresses or renames it is not done.
            if error.code != FileFailure.notWhole, !error.isAboutNothing {
                reports.warn("\(error). Its rest is not shipped until it can be read.", about: path, now: now)
            }
            return false
        }
    }

    /// Looks for the copy of a file that was emptied.
    ///
    /// - Throws: when it can't be told yet, since a file could not be read.
    mutating func rest(
        of tail: Tail, _ tailer: Tailer, now: Moment, tails: TailTable
    ) throws(FileFailure) -> Rest {
        let checkpoint = tailer.checkpoint
        candidates.noteClock()
        let floor = candidates.floor(ofCopies: checkpoint)
        do throws(FileFailure) {
            let (siblings, isComplete) = try siblings(of: checkpoint.home)
            var failure = isComplete ? nil : FileFailure("list", checkpoint.home, code: FileFailure.notWhole)
            for (path, status) in siblings
            where !tails.isKnown(status) && !tail.others.contains(status) && !isOfOther(checkpoint.id, path, status) {
                // Many files begin alike: what was there before this one is not its copy.
                let isLate = status.modified >= floor.nanoseconds
                guard isLate || checkpoint.isUnmistakable else { continue }
                do throws(FileFailure) {
                    let file = try OpenedFile.open(path, in: files)
                    do throws(FileFailure) {
                        if try isCopy(file, of: tailer, checkpoint), try !isOfOther(file, than: tail, tails) {
                            return .inCopy(file)
                        }
                    } catch {
                        file.file.close()
                        throw error
                    }
                    file.file.close()
                    tail.others.insert(status)
                } catch {
                    if error.isAboutDescriptors { throw error }
                    if isLate, !error.isAboutNothing { failure = error }
                }
            }
            if let failure { throw failure }
            return .nowhere
        } catch {
            if error.isAboutDescriptors { throw error }
            // Whoever makes it may not be done.
            let since = tail.isUnclearSince ?? now
            tail.isUnclearSince = since
            guard now - since > Self.makingMax else { throw error }
            return .unreadable
        }
    }

    // MARK: Details

    /// What rotations may have made of a file, by name; the latest first, since copies are made last. Not complete when
    /// files were renamed meanwhile.
    private func siblings(
        of home: String
    ) throws(FileFailure) -> (found: [(path: String, status: FileStatus)], isComplete: Bool) {
        let (folder, name) = Self.split(home)
        do throws(FileFailure) {
            let listing = try files.list(folder)
            var found: [(path: String, status: FileStatus)] = []
            var moved: [DirectoryEntry] = []
            for entry in listing.entries where RotatedName.origins(of: entry.name).contains(name) {
                let path = Self.join(folder, entry.name)
                let status = try? files.status(of: path)
                if status?.inode != entry.inode { moved.append(entry) }
                if let status, status.kind == .file { found.append((path, status)) }
            }
            found.sort { ($1.status.modified, $0.path) < ($0.status.modified, $1.path) }
            guard !moved.isEmpty else { return (found, listing.isWhole) }
            // Where the numbers in lists are not those of files, nothing has moved.
            let again = try files.list(folder)
            return (found, listing.isWhole && Set(moved).isSubset(of: again.entries))
        } catch {
            guard error.isAboutNothing else { throw error }
            return ([], true)
        }
    }

    /// True when what it holds is read, or was, as another file than `id`.
    private func isOfOther(_ id: FileID, _ path: String, _ status: FileStatus) -> Bool {
        memory.isDone(status, isCompressed: RotatedName.isCompressed(path))
            || compressed.contains { $0.original != id && Identity($0.form) == Identity(status) }
    }

    /// True when another file has the same beginning, and holds all the rest as well.
    private func isOfOther(_ file: OpenedFile, than tail: Tail, _ tails: TailTable) throws(FileFailure) -> Bool {
        guard !tail.checkpoint.isUnmistakable else { return false }
        if try memory.hasRead(file, paths: [tail.home]) { return true }
        return tails.at(tail.home).contains { $0 !== tail && ((try? $0.isCopied(to: file, files)) ?? false) }
    }

    private mutating func isCopy(
        _ file: OpenedFile, of tailer: Tailer, _ checkpoint: Checkpoint
    ) throws(FileFailure) -> Bool {
        if try file.holds(checkpoint) { return true }
        // Its fingerprint may cover more than was copied.
        let identity = Identity(file.status)
        let known = Copy(original: checkpoint.id, size: file.status.size)
        if copies[identity] == known {
            // It was seen to hold the same when the original still did.
            if file.status.size < checkpoint.trail.offset { return tailer.position < file.status.size }
            if try checkpoint.trail.matches(file.file) { return true }
        }
        guard try tailer.isOvertakenCopy(file) else { return false }
        copies[identity] = known
        // More was read than was copied. But lines that waited to be joined are in memory only as long as it was open.
        return tailer.position < file.status.size
    }

    /// True when one that was found in the same look holds it: the plain file is still there beside the compressed one.
    private func isAmong(_ found: [Found], _ file: OpenedFile) throws(FileFailure) -> Bool {
        for other in found where file.isCompressed || other.file.isCompressed {
            if try file.isCopy(of: other.file.file) { return true }
        }
        return false
    }

    private mutating func judge(
        _ file: OpenedFile, _ candidate: RotationCandidates.Candidate, _ tails: TailTable,
        _ fresh: (OpenedFile, String, Bool) throws(FileFailure) -> Checkpoint?
    ) throws(FileFailure) -> Verdict {
        let paths = candidate.origins
        if let checkpoint = try memory.claim(file, homes: paths, isMatched: candidate.isMatched) {
            return .read(checkpoint, isUnknown: checkpoint.key != file.status.key)
        }
        if let checkpoint = try memory.claimCopy(file, paths: paths, begun: true) {
            return .read(checkpoint, isUnknown: true)
        }
        guard let path = paths.first, file.status.size > 0 else { return .later }
        for tail in paths.flatMap({ tails.at($0) }) {
            let isCopied = try tail.isCopied(to: file, files)
            // Only now, since it may have been emptied meanwhile. What it held is then looked for when it is read.
            guard try tail.isIntact(files) else { return .later }
            guard isCopied else { continue }
            if file.isCompressed {
                if let form = try fresh(file, path, true) {
                    compressed.append((tail.checkpoint.id, try Self.asRead(form, file)))
                }
                return .never("it is the compressed form of a file that is being read")
            }
            copies[Identity(file.status)] = Copy(original: tail.checkpoint.id, size: file.status.size)
            return .later
        }
        if try memory.hasRead(file, paths: paths) { return .never("what it holds has been read") }
        if let checkpoint = try memory.claimCopy(file, paths: paths, begun: false) {
            return .read(checkpoint, isUnknown: true)
        }
        if let copy = copies.removeValue(forKey: Identity(file.status)), copy.size == file.status.size {
            // The original was read to its end, and this is what somebody copied of it. But if it is still being read,
            // it was emptied and has the same beginning again: then this one holds what it held before.
            let isRead = !paths.contains { tails.at($0).contains { $0.checkpoint.id == copy.original } }
            if isRead, memory.hasRead(copy.original, upTo: file.status.size, paths: paths) {
                return .never("it is a copy of a file that has been read")
            }
        }
        // One that a pattern leads to is read in any case.
        guard candidate.isNew || candidate.isMatched else {
            return .never("it was written to before what has been read")
        }
        guard let checkpoint = try fresh(file, path, candidate.isNew) else { return .never("the settings say so") }
        return .read(checkpoint, isUnknown: true)
    }

    /// All of it has been read.
    private static func asRead(_ checkpoint: Checkpoint, _ file: OpenedFile) throws(FileFailure) -> Checkpoint {
        var checkpoint = checkpoint
        checkpoint.trail = try Trail.of(file.file, before: file.status.size)
        checkpoint.resume = ResumeOffsets(file.status.size)
        checkpoint.doneAt = checkpoint.seenAt
        return checkpoint
    }

    /// A program may write on to a file while that is compressed. What is read of it then is more than the compressed form
    /// has, and nothing of it would tell later that this has been read: it is remembered for itself.
    ///
    /// - Returns: those of which all has been read since the last call.
    mutating func takeReadCopies(_ tails: TailTable) -> [Checkpoint] {
        var read: [Checkpoint] = []
        compressed.removeAll { (original, form) in
            guard let tail = tails.at(form.home).first(where: { $0.checkpoint.id == original }) else { return true }
            guard tail.checkpoint.resume.low >= form.resume.low else { return false }
            read.append(form)
            return true
        }
        return read
    }

    private func say(_ file: OpenedFile, _ checkpoint: Checkpoint) {
        let position = checkpoint.resume.low
        logger.info(
            "\(checkpoint.path) was rotated to \(file.path) unseen; it is read from byte \(position) on.",
            metadata: ["file": "\(checkpoint.id.text)"])
    }

    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        let name = String(path[path.utf8.index(after: slash)...])
        return (slash == path.startIndex ? "/" : String(path[..<slash]), name)
    }

    static func join(_ folder: String, _ name: String) -> String {
        switch folder {
        case ".": name
        case "/": "/" + name
        default: "\(folder)/\(name)"
        }
    }
}
