import Glibc
import TailraceCore
import TailraceRuntime

/// `tailrace state`: how far each file has been delivered, as it is saved.
enum StateCommand {
    /// - Returns: 0, or 1 when the checkpoints can't be read, or ``Startup/mistaken``.
    static func list() -> CInt {
        guard let startup = Startup() else { return Startup.mistaken }
        let folder = startup.settings.stateDirectory
        do throws(FileFailure) {
            guard let checkpoints = parse(try LinuxStateDirectory.peek(CheckpointFile.name, in: folder))?.files else {
                return 1
            }
            let now = startup.time.wallClock
            let files = LinuxLogFiles(ChangeWatcher(time: startup.time))
            Console.print(header)
            for checkpoint in checkpoints { Console.print(row(checkpoint, files, now)) }
            Console.print(
                "\(checkpoints.count { $0.doneAt == nil }) files, \(checkpoints.count { $0.doneAt != nil }) done with")
            return 0
        } catch {
            Console.printError("tailrace: \(error)")
            return 1
        }
    }

    /// Forgets a file: it is read from its start at the next start of the program.
    ///
    /// - Returns: 0, or 1 when there is no such file, or the folder is in use, or ``Startup/mistaken``.
    static func reset(_ path: String) -> CInt {
        guard let startup = Startup() else { return Startup.mistaken }
        let folder = startup.settings.stateDirectory
        do throws(FileFailure) {
            let state = try LinuxStateDirectory(folder)
            guard var checkpoints = parse(try state.read(CheckpointFile.name)) else { return 1 }
            let before = checkpoints.files.count
            checkpoints.files.removeAll { $0.path == path || CheckpointFile.escaped($0.path) == path }
            guard checkpoints.files.count < before else {
                Console.printError("tailrace: no checkpoint is of \(path). `tailrace state` lists them.")
                return 1
            }
            try state.replace(CheckpointFile.name, with: CheckpointFile.render(checkpoints))
            Console.print("\(path) is read from its start at the next start. What was delivered of it arrives again.")
            return 0
        } catch {
            let remedy = error.code == EWOULDBLOCK ? " A running Tailrace has it; stop that first." : ""
            Console.printError("tailrace: \(error).\(remedy)")
            return 1
        }
    }

    private static func parse(_ bytes: [UInt8]?) -> Checkpoints? {
        do throws(CheckpointFile.Damage) {
            return try CheckpointFile.parse(bytes ?? CheckpointFile.render(Checkpoints()))
        } catch {
            Console.printError("tailrace: the file of checkpoints \(error.description)")
            return nil
        }
    }

    private static let header =
        column("DELIVERED") + column("SIZE") + column("LAG") + column("LAST WRITE") + "  STATE     FILE"

    private static func row(_ checkpoint: Checkpoint, _ files: LinuxLogFiles, _ now: Timestamp) -> String {
        let status = (try? files.status(of: checkpoint.path)).flatMap { $0.key == checkpoint.key ? $0 : nil }
        let delivered = checkpoint.resume.low
        let size = status.map { "\($0.size)" } ?? "-"
        let lag = status.map { "\($0.size - min($0.size, delivered))" } ?? "-"
        let written = status?.modified ?? checkpoint.modified
        let age = max(0, (now.nanoseconds - written) / 1_000_000_000)
        let state = checkpoint.doneAt != nil ? "done    " : status != nil ? "followed" : "rotated "
        return column("\(delivered)") + column(size) + column(lag) + column("\(age) s")
            + "  \(state)  \(CheckpointFile.escaped(checkpoint.path))"
    }

    private static func column(_ text: String) -> String {
        String(repeating: " ", count: max(0, 14 - text.count)) + text
    }
}
