import Glibc
import Logging
import TailraceCore
import TailraceRuntime

/// What all commands that ship need: settings that hold, a log, and the machine.
struct Startup {
    /// How each command but `exec` ends when the settings can't be used.
    static let mistaken: CInt = 2

    var settings: Settings
    let inForce: [SettingInForce]
    let logger: Logger
    let time = LinuxTimebase()

    /// - Returns: `nil` when the settings can't be used; every mistake has then been printed.
    init?(_ environment: [String: String] = ProcessEnvironment.variables()) {
        var reader = SettingReader(environment, readFile: ProcessEnvironment.readFile)
        settings = Settings(reading: &reader)
        inForce = reader.inForce
        let style: StandardErrorLog.Style =
            switch settings.logFormat {
            case "text": .text
            case "json": .json
            default: StandardErrorLog.styleOfTerminal
            }
        let handler = StandardErrorLog(style, level: Logger.Level(rawValue: settings.logLevel) ?? .info, time: time)
        logger = Logger(label: "tailrace", factory: { _ in handler })
        for mistake in reader.mistakes { logger.critical("\(mistake)") }
        guard reader.mistakes.isEmpty else { return nil }
        for warning in settings.surroundings.warnings { logger.warning("\(warning)") }
        if settings.insecureSkipVerify {
            logger.warning(
                "TAILRACE_INSECURE_SKIP_VERIFY is set: certificates are not verified, so anybody on the way can read the logs and the credentials."
            )
        }
    }

    /// - Parameter variable: the whole name of a setting.
    func isByDefault(_ variable: String) -> Bool { inForce.last { $0.variable == variable }?.origin == .byDefault }

    /// The pipeline's seams on this machine.
    func platform(_ state: any StateDirectory, _ transport: any BulkTransport) -> Platform {
        let watcher = ChangeWatcher(time: time)
        return Platform(
            time: time, logFiles: LinuxLogFiles(watcher), state: state, spool: spool, transport: transport,
            executors: Executors(
                ingest: ThreadExecutor(name: "ingest"), storage: ThreadExecutor(name: "storage"), compute: nil))
    }

    /// Without a spool, what an earlier run has left in one is still sent.
    private var spool: LinuxSpoolDirectory? {
        var status = stat()
        guard settings.spool.mode != .off || stat(settings.spoolDirectory, &status) == 0 else { return nil }
        return LinuxSpoolDirectory(settings.spoolDirectory)
    }
}
