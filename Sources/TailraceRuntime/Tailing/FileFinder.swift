import Logging
import TailraceCore

/// Opens the files that the patterns name, and recognises those that a checkpoint was saved for.
final class FileFinder {
    /// A checkpoint whose file has not turned up for so long is forgotten.
    private static let patience = Duration.seconds(600)

    private let files: any LogFiles
    private let time: any Timebase
    private let rules: TailRules
    private let discovery: Discovery
    private let logger: Logger
    private var reports: RepeatedReports
    /// Of an earlier run; no file has been found for them yet.
    private var unclaimed: [Checkpoint]
    private var forgotten: [FileID] = []
    private let startedAt: Moment

    init(
        _ platform: Platform, rules: TailRules, discovery: Discovery, checkpoints: [Checkpoint], logger: Logger
    ) {
        files = platform.logFiles
        time = platform.time
        startedAt = platform.time.now
        self.rules = rules
        self.discovery = discovery
        self.logger = logger
        reports = RepeatedReports(logger)
        unclaimed = checkpoints
    }

    /// Lists what the patterns match, and has the folders watched.
    func scan(now: Moment) -> [Discovery.Found] {
        let findings = discovery.scan(files)
        for folder in findings.directories { _ = files.watchDirectory(folder) }
        for failure in findings.failures {
            reports.warn("\(failure). What is in there can't be shipped.", about: failure.path, now: now)
        }
        return findings.files
    }

    /// - Parameter known: whether a file is being read already.
    /// - Returns: `nil` when it can't be opened, or is known under another path.
    func open(_ found: Discovery.Found, now: Moment, known: (FileKey) -> Bool) -> Tailer? {
        do throws(FileFailure) {
            let file = try files.open(found.path)
            let status = try file.status()
            guard !known(status.key) else {
                file.close()
                return nil
            }
            let head = try Head(of: file).bytes
            let checkpoint = claim(status, head, path: found.path)
            _ = files.watchFile(found.path, key: status.key)
            return Tailer(
                file, status: status, path: found.path, checkpoint: checkpoint, head: head.span, rules: rules,
                random: { [time] in time.random() })
        } catch {
            reports.warn("\(error). Its lines are not shipped until it can be read.", about: found.path, now: now)
            return nil
        }
    }

    /// Opens files that were rotated while the program was not running: no pattern names them any more, but they stand
    /// beside the place where they were, and a checkpoint says that they were not read to their end.
    func openRotated(now: Moment, known: (FileKey) -> Bool) -> [Tailer] {
        guard !unclaimed.isEmpty else { return [] }
        var tailers: [Tailer] = []
        var folders: [String] = []
        for folder in unclaimed.map({ Self.folder(of: $0.path) }) where !folders.contains(folder) {
            folders.append(folder)
        }
        for folder in folders {
            guard let entries = try? files.list(folder) else { continue }
            for name in entries.map(\.name).sorted() where !unclaimed.isEmpty {
                let path = folder + (folder.hasSuffix("/") ? "" : "/") + name
                guard let status = try? files.status(of: path), !known(status.key),
                    unclaimed.contains(where: { $0.mayDescribe(status) })
                else { continue }
                if let tailer = openIfClaimed(path, now: now) { tailers.append(tailer) }
            }
        }
        return tailers
    }

    /// Checkpoints whose files have been away for too long, or now hold something else.
    func takeForgotten(now: Moment) -> [FileID] {
        if now - startedAt > Self.patience, !unclaimed.isEmpty {
            for checkpoint in unclaimed {
                logger.warning(
                    "\(checkpoint.path), or the file that it was rotated to, is gone. It had been shipped up to byte \(checkpoint.resume.low); what came behind that byte could not be read."
                )
            }
            forgotten += unclaimed.map(\.id)
            unclaimed = []
        }
        defer { forgotten = [] }
        return forgotten
    }

    private func openIfClaimed(_ path: String, now: Moment) -> Tailer? {
        do throws(FileFailure) {
            let file = try files.open(path)
            let status = try file.status()
            let head = try Head(of: file).bytes
            guard let index = unclaimed.firstIndex(where: { $0.describes(status, head: head.span) }) else {
                file.close()
                return nil
            }
            let checkpoint = unclaimed.remove(at: index)
            logger.info("\(checkpoint.path) was rotated to \(path) while nothing was running; its rest is read.")
            // The documents keep the path under which the program wrote.
            let tailer = Tailer(
                file, status: status, path: checkpoint.path, checkpoint: checkpoint, head: head.span, rules: rules,
                random: { [time] in time.random() })
            tailer.pathIsLost(now: now)
            return tailer
        } catch {
            reports.warn("\(error). Its rest is not shipped until it can be read.", about: path, now: now)
            return nil
        }
    }

    private func claim(_ status: FileStatus, _ head: [UInt8], path: String) -> Checkpoint? {
        if let index = unclaimed.firstIndex(where: { $0.describes(status, head: head.span) }) {
            return unclaimed.remove(at: index)
        }
        // The inode is the same, but not what is in the file: it was emptied, or another file was given its number.
        for stale in unclaimed where stale.key == status.key && stale.mayDescribe(status) {
            logger.info("\(path) was emptied or replaced while nothing was running; it is read from its start.")
            forgotten.append(stale.id)
        }
        unclaimed.removeAll { forgotten.contains($0.id) }
        return nil
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
