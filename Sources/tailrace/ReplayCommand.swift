import Glibc
import TailraceCore
import TailraceHTTP
import TailraceRuntime

/// `tailrace replay [FILE]`: sends what the endpoint had refused again. A Tailrace may be running on the same folder.
enum ReplayCommand {
    private static let label = "replay"

    /// - Parameter file: `nil` stands for the files in the state folder.
    /// - Returns: 0 when nothing is left, else 1; 2 for a file that can't be meant, or ``Startup/mistaken``.
    static func run(file: String?) async -> CInt {
        guard let startup = Startup() else { return Startup.mistaken }
        let folder = startup.settings.stateDirectory
        let files = DeadLetterSettings(startup.settings).files
        if let file, files.isLive(file, in: folder) {
            Console.printError(
                "tailrace: \(file) is written to by Tailrace itself. Run `tailrace replay` without a name.")
            return 2
        }
        do {
            let lock = try file == nil ? FileLock("\(folder)/\(label).lock", waits: false) : nil
            defer { lock?.release() }
            let paths = try file.map { [$0] } ?? files.claim(as: label, in: folder).map { "\(folder)/\($0)" }
            if paths.isEmpty { Console.print("There are no dead letters in \(folder).") }
            let loops = EventLoops()
            let transport = try HTTPBulkTransport(
                TransportSettings(startup.settings, userAgent: "tailrace/\(Main.version)"), time: startup.time,
                loops: loops, logger: startup.logger)
            let replay = Replay(
                through: transport, to: startup.settings.endpointKind, time: startup.time,
                compression: startup.settings.compression, backoffMax: startup.settings.backoffMax)
            var isDone = true
            for path in paths {
                guard access(path, F_OK) == 0 else { throw FileFailure("open", path, code: errno) }
                var work = ReplayFile(path, replay)
                let report = try await work.run()
                isDone = tell(report, path) && isDone
                if file == nil, report.complaint == nil { try giveBack(path, to: files, in: folder) }
                if report.complaint != nil { break }
            }
            await transport.shutDown()
            return isDone ? 0 : 1
        } catch let failure as FileFailure where failure.code == EWOULDBLOCK {
            Console.printError("tailrace: \(failure.path) is in use: another replay is running.")
        } catch {
            Console.printError("tailrace: \(error)")
        }
        return 1
    }

    /// What is still refused is kept as what was refused first, within the same limits.
    private static func giveBack(_ path: String, to files: BoundedFiles, in folder: String) throws(FileFailure) {
        let name = String(path.dropFirst(folder.utf8.count + 1))
        guard let bytes = try LinuxStateDirectory.peek(name, in: folder) else { return }
        let removed = try files.append(bytes, in: folder)
        guard unlink(path) == 0 else { throw FileFailure("remove", path, code: errno) }
        if removed > 0 {
            Console.printError("tailrace: the \(removed) oldest dead letters were removed for want of room.")
        }
    }

    /// - Returns: true when nothing is left.
    private static func tell(_ report: ReplayFile.Report, _ path: String) -> Bool {
        var text =
            "\(path): \(report.stored) stored, \(report.alreadyThere) were there already, \(report.refused) refused again"
        if report.unsent > 0 { text += ", \(report.unsent) not sent" }
        if report.unreadable > 0 { text += ", \(report.unreadable) lines are no dead letters" }
        Console.print(text + ".")
        if let complaint = report.complaint {
            Console.printError(
                "tailrace: \(complaint.sentence) What was not stored stays in the file: run this again later.")
        }
        return report.refused == 0 && report.unsent == 0 && report.unreadable == 0
    }
}
