import Logging
import TailraceCore

/// What to read, and from where on.
struct Found {
    var file: OpenedFile
    var checkpoint: Checkpoint
    /// The checkpoint has to be saved before anything of the file is sent.
    var isUnknown: Bool
    /// No pattern leads to it.
    var isRotated = false
    /// When it was written to last, or rotated, if that is known; in nanoseconds since 1970.
    var quietSince: Int64?
}

/// Opens the files that the patterns name, and recognises those that a checkpoint was saved for.
final class FileFinder {
    private let files: any LogFiles
    private let time: any Timebase
    private let rules: TailRules
    private let discovery: Discovery
    private let counters: Counters
    private let logger: Logger
    private var reports: RepeatedReports
    private let memory: FileMemory
    private var rotated: RotatedFiles
    /// Files that are not read as they are, and when they were last written to.
    private var refused: [FileKey: Int64] = [:]
    private var isFirstLook = true
    /// When this look began, and the one before it: what is first seen in this one came since then.
    private var looks: (previous: Timestamp?, present: Timestamp?) = (nil, nil)
    /// For each folder with files that were read before this start, when that was, at least.
    private var looksBefore: [String: Timestamp] = [:]
    /// Where files were read before this start, in case that others are not to be read from their beginning.
    private let homesBefore: Set<String>
    /// False when some file or folder can't be watched for changes.
    private(set) var isWatching = true

    init(
        _ platform: Platform, rules: TailRules, discovery: Discovery, checkpoints: Checkpoints, counters: Counters,
        logger: Logger
    ) {
        files = platform.logFiles
        time = platform.time
        self.rules = rules
        self.discovery = discovery
        self.counters = counters
        self.logger = logger
        reports = RepeatedReports(logger)
        homesBefore = rules.readFrom == .beginning ? [] : Set(checkpoints.files.map(\.home))
        memory = FileMemory(
            checkpoints, isWanted: { Self.isWanted($0, discovery) }, now: platform.time.now, logger: logger)
        rotated = RotatedFiles(platform, grace: rules.grace, memory: memory, logger: logger)
        guard rules.readFrom == .beginning else { return }
        for checkpoint in checkpoints.files {
            let time = max(checkpoint.seenAt, Timestamp(nanoseconds: checkpoint.modified))
            let folder = RotatedFiles.split(checkpoint.home).folder
            looksBefore[folder] = max(looksBefore[folder] ?? time, time)
        }
    }

    /// Lists what the patterns match, and has the folders watched.
    func scan(now: Moment) -> Discovery.Findings {
        looks = (looks.present, time.wallClock)
        let findings = discovery.scan(files)
        for folder in findings.directories { noteWatch(files.watchDirectory(folder)) }
        for failure in findings.failures {
            reports.warn("\(failure). What is in there can't be shipped.", about: failure.path, now: now)
        }
        for folder in findings.folders {
            reports.warn(
                "\(folder) is a folder, but TAILRACE_PATHS names it as a file. For the files in it, write \(folder)/*.",
                about: folder, now: now)
        }
        if isFirstLook, findings.files.isEmpty, rules.capture == nil {
            logger.info("TAILRACE_PATHS leads to no file yet. New ones are found while this runs.")
        }
        if refused.count > findings.files.count * 2 {
            let keys = Set(findings.files.map(\.status.key))
            refused = refused.filter { keys.contains($0.key) }
        }
        return findings
    }

    /// Looks at a file that is not read yet.
    ///
    /// - Parameter tails: those that are read.
    /// - Returns: `nil` when it can't be opened, or is not to be read now.
    /// - Throws: when there are no descriptors left, which others may give back.
    func admit(_ found: Discovery.Found, now: Moment, tails: TailTable) throws(FileFailure) -> Found? {
        if let modified = refused[found.status.key] {
            guard modified != found.status.modified else { return nil }
            refused[found.status.key] = nil
        }
        let resolved = files.resolve(found.path)
        // Two strings with the same bytes would take twice the memory.
        let home = resolved == found.path ? found.path : resolved
        let isPerhapsCopy = rotated.isPerhapsCopy(home, tails)
        if isPerhapsCopy, !memory.mayClaim(found.status) {
            rotated.matched.insert(home)
            return nil
        }
        do throws(FileFailure) {
            let file = try OpenedFile.open(found.path, in: files)
            do throws(FileFailure) {
                if let checkpoint = try memory.claim(file, homes: [home], isMatched: true) {
                    watch(file)
                    return Found(file: file, checkpoint: checkpoint, isUnknown: checkpoint.key != file.status.key)
                }
                if isPerhapsCopy {
                    rotated.matched.insert(home)
                    file.file.close()
                    return nil
                }
                // Emptied since it was opened: what it held then is to be found by the checkpoint of that.
                guard try file.beginsAsBefore() else {
                    file.file.close()
                    return try admit(found, now: now, tails: tails)
                }
                guard let start = try start(of: file, home: home) else {
                    refused[found.status.key] = found.status.modified
                    file.file.close()
                    return nil
                }
                watch(file)
                var checkpoint = fresh(file, path: found.path, home: home, resume: start)
                // What was rotated from here since the last look has not been seen either.
                checkpoint.seenAt = min(lastLook(at: home) ?? checkpoint.seenAt, checkpoint.seenAt)
                return Found(file: file, checkpoint: checkpoint, isUnknown: true)
            } catch {
                file.file.close()
                throw error
            }
        } catch {
            rotated.noteUnclear(home)
            if error.isAboutDescriptors { throw error }
            reports.warn("\(error). Its lines are not shipped until it can be read.", about: found.path, now: now)
            return nil
        }
    }

    /// The last look for rotated files has left some for the next.
    var isCutShort: Bool { rotated.isCutShort }

    /// Opens files that no pattern names any more, or never did, and that hold what has not been read.
    ///
    /// - Parameter begunAt: a time of day before the scan that found `findings`.
    func lookForRotated(
        _ findings: Discovery.Findings, begunAt: Timestamp, now: Moment, tails: TailTable
    ) -> RotatedFiles.Sight {
        defer {
            isFirstLook = false
            looksBefore = [:]
        }
        let sight = rotated.look(findings, begunAt: begunAt, now: now, tails: tails) {
            [self] (file, home, isNew) throws(FileFailure) in
            guard let resume = isNew ? ResumeOffsets(0) : try start(of: file, home: home) else {
                refused[file.status.key] = file.status.modified
                return nil
            }
            let path = tails.at(home).first?.path ?? memory.path(of: home) ?? home
            return fresh(file, path: path, home: home, resume: resume)
        }
        for found in sight.found { watch(found.file) }
        return sight
    }

    /// Opens a file again that was closed; what has come of it in the meantime is looked for later.
    ///
    /// - Returns: `nil` when it is not where it was.
    func reopen(_ tail: Tail, now: Moment) throws(FileFailure) -> OpenedFile? {
        // The number of a file that is gone may have been given to another.
        func isSame(_ status: FileStatus) -> Bool { status.key == tail.key && tail.checkpoint.mayDescribe(status) }
        guard let status = try files.status(of: tail.place), isSame(status) else { return nil }
        let file = try OpenedFile.open(tail.place, in: files)
        guard isSame(file.status) else {
            file.file.close()
            return nil
        }
        return file
    }

    /// A closed file is no longer where it was: it is looked for beside that place.
    func miss(_ tail: Tail, now: Moment) {
        memory.miss(tail.checkpoint, now: now)
        rotated.forgetListing(of: tail.home)
        files.unwatchFile(tail.key)
    }

    /// What a file held that was emptied is looked for from now on.
    func missRest(of tail: Tail, now: Moment) {
        memory.miss(tail.checkpoint, isEmptied: true, now: now)
        rotated.forgetListing(of: tail.home)
    }

    /// Looks for the copy of a file that was emptied.
    ///
    /// - Throws: when it can't be told now.
    func rest(
        of tail: Tail, _ tailer: Tailer, now: Moment, tails: TailTable
    ) throws(FileFailure) -> RotatedFiles.Rest {
        try rotated.rest(of: tail, tailer, now: now, tails: tails)
    }

    /// The file was read to its end and is let go.
    func remember(_ checkpoint: Checkpoint) {
        if rules.isCaptured(checkpoint.path) {
            memory.forget(checkpoint)
        } else {
            memory.remember(checkpoint)
        }
        rotated.settle(checkpoint)
    }

    /// Compressed forms of files that are being read, of which all has been read since the last call.
    func takeReadCopies(_ tails: TailTable) -> [Checkpoint] {
        let read = rotated.takeReadCopies(tails)
        for checkpoint in read { memory.remember(checkpoint) }
        return read
    }

    func fresh(_ file: OpenedFile, path: String, home: String, resume: ResumeOffsets) -> Checkpoint {
        Checkpoint(
            id: FileID(high: time.random(), low: UInt32(truncatingIfNeeded: time.random())), path: path, home: home,
            format: nil,
            key: file.status.key, birth: file.status.birth, modified: file.status.modified, seenAt: time.wallClock,
            fingerprint: file.fingerprint, resume: resume)
    }

    /// When the folder was looked at last, before this look: at the latest then, or `nil` if it is not known to have been.
    private func lastLook(at home: String) -> Timestamp? {
        isFirstLook ? looksBefore[RotatedFiles.split(home).folder] : looks.previous
    }

    func watch(_ file: OpenedFile) { noteWatch(files.watchFile(file.path, key: file.status.key)) }

    /// What has changed of ``Checkpoints/floors`` since the last call.
    func takeFloors() -> [String: Int64?] { memory.takeFloors() }

    /// Checkpoints that are of no use any more, since the last call.
    func takeForgotten(now: Moment) -> [FileID] { memory.takeForgotten(now: now, wallClock: time.wallClock) }

    /// False when the patterns have changed, so that none leads to the file any more, nor to what it was rotated from.
    private static func isWanted(_ path: String, _ discovery: Discovery) -> Bool {
        let (folder, name) = RotatedFiles.split(path)
        return discovery.leads(to: path)
            || RotatedName.origins(of: name).contains { discovery.leads(to: RotatedFiles.join(folder, $0)) }
    }

    /// Where an unknown file is read from; `nil` when it is not to be read.
    private func start(of file: OpenedFile, home: String) throws(FileFailure) -> ResumeOffsets? {
        if rules.isCaptured(file.path) { return ResumeOffsets(0) }
        // What follows on a file that was read is no new one, even if it came while this was not running.
        let isNew = !homesBefore.contains(home)
        if isNew, rules.readFrom == .checkpointOnly {
            counters.filesSkipped.add()
            return nil
        }
        let age = time.wallClock.nanoseconds - file.status.modified
        if let oldest = rules.ignoreOlder, age > oldest.nanoseconds {
            counters.filesSkipped.add()
            logger.info("\(file.path) was last written to \(age / 3_600_000_000_000) h ago, and is not read.")
            return nil
        }
        guard isNew, rules.readFrom == .end, isFirstLook else { return ResumeOffsets(0) }
        return ResumeOffsets(try Self.startOfLastLine(file))
    }

    /// Where a line begins that is still being written, or the end of the file.
    private static func startOfLastLine(_ file: OpenedFile) throws(FileFailure) -> UInt64 {
        let buffer = ReadBuffer()
        let size = file.status.size
        let offset = size - min(size, UInt64(ReadBuffer.capacity))
        try buffer.fill(from: file.file, at: offset)
        for index in buffer.bytes.indices.reversed() where buffer.bytes[index] == UInt8(ascii: "\n") {
            return offset + UInt64(index) + 1
        }
        return offset == 0 ? 0 : size
    }

    private func noteWatch(_ isWatched: Bool) {
        guard !isWatched, isWatching else { return }
        isWatching = false
        logger.notice(
            """
            Not all files and folders can be watched for changes; they are looked at several times a second instead, at \
            some cost of CPU. Usually fs.inotify.max_user_watches or fs.inotify.max_user_instances is used up.
            """)
    }
}
