import Glibc
import Logging
import TailraceCore
import TailraceRuntime

/// What `tailrace exec` and `TAILRACE_PATHS=-` have in common: lines that come out of pipes, and are kept in the state
/// folder until they are delivered.
struct PipeShipping {
    enum Kind {
        case exec
        case standardInput
    }

    let capture: Capture
    let counters: Counters
    let state: LinuxStateDirectory
    private let kind: Kind
    private let logger: Logger
    /// The state folder, if it was made for this process alone.
    private let temporary: String?
    /// The part of the time for shutting down that is left for delivery.
    private let deliveryTimeout: Duration

    /// - Parameter startup: gets the settings that go with it.
    init(_ startup: inout Startup, _ kind: Kind) throws {
        self.kind = kind
        logger = startup.logger
        temporary = try Self.chooseFolder(&startup, logger)
        var folder = startup.settings.stateDirectory
        state = try RunCommand.openState(startup.settings, isPatient: false)
        if let resolved = realpath(folder, nil) {
            folder = String(cString: resolved)
            free(resolved)
        }
        let settings = startup.settings
        let whenFull = kind == .exec ? settings.execWhenFull : .block
        if startup.isByDefault("TAILRACE_SPOOL"), kind == .exec && whenFull != .spool || temporary != nil {
            startup.settings.spool.mode = .off
        }
        let endMax = max(settings.shutdownTimeout / 4, .milliseconds(250))
        deliveryTimeout = settings.shutdownTimeout * 3 / 4
        counters = Counters()
        capture = try Capture(
            CaptureSettings(
                folder: "\(folder)/capture", bytesMax: Self.bytesMax(settings, folder, isTemporary: temporary != nil),
                whenFull: whenFull, isRaw: kind == .standardInput, endMax: endMax),
            state: state, time: startup.time, counters: counters, logger: logger)
    }

    /// The captured files are followed as well, or alone.
    func adjust(_ pipeline: inout PipelineSettings, _ startup: Startup) {
        var paths = startup.settings.paths.filter { $0 != "-" }
        if kind == .exec, startup.isByDefault("TAILRACE_PATHS") { paths = [] }
        let folder = capture.settings.folder
        pipeline.discovery = Discovery(
            patterns: ["\(Discovery.literal(folder))/*.log"] + paths, excluded: startup.settings.excludedPaths)
        pipeline.tails.capture = TailRules.Captured(
            folder: folder, format: kind == .exec ? .cri : startup.settings.format)
        pipeline.shutdownTimeout = deliveryTimeout
    }

    /// Call it when all else has ended.
    ///
    /// - Returns: true when everything was delivered.
    func close(_ ledger: Ledger) -> Bool {
        let left = capture.release()
        let isDelivered = left == 0 && ledger.pending == 0
        if left > 0, ledger.pending == 0 {
            logger.warning("There was no time for \(left) bytes of what was captured: they are read at the next start.")
        }
        guard let temporary else { return isDelivered }
        if isDelivered, access("\(temporary)/dead-letters.ndjson", F_OK) != 0 {
            for name in ["capture", "spool/lock", "spool", "checkpoints", "lock"] { remove("\(temporary)/\(name)") }
            rmdir(temporary)
        } else {
            logger.warning("What is not delivered is in \(temporary): give it as TAILRACE_STATE_DIR to send it.")
        }
        return isDelivered
    }

    /// A job, or a container with a read-only root, may have no place for the state of a sidecar. What it holds is of use
    /// while this process runs, too.
    ///
    /// - Returns: the folder that was made in its stead.
    private static func chooseFolder(_ startup: inout Startup, _ logger: Logger) throws -> String? {
        guard startup.isByDefault("TAILRACE_STATE_DIR") else { return nil }
        do throws(FileFailure) {
            _ = try LinuxStateDirectory(startup.settings.stateDirectory)
            return nil
        } catch {
            guard error.code != EWOULDBLOCK else { return nil }
            let places = [ProcessEnvironment.variables()["TMPDIR"], "/tmp", "/dev/shm"].compactMap { $0 }
            for place in places {
                var path = Array("\(place)/tailrace-XXXXXX".utf8CString)
                guard mkdtemp(&path) != nil else { continue }
                let folder = String(decoding: path.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
                logger.warning(
                    """
                    \(error), so \(folder) is used as TAILRACE_STATE_DIR. What is not delivered when this process ends is \
                    not found by the next one.
                    """)
                if startup.isByDefault("TAILRACE_SPOOL_DIR") { startup.settings.spoolDirectory = "\(folder)/spool" }
                startup.settings.stateDirectory = folder
                return folder
            }
            throw RunCommand.Mistake(
                """
                There is no place for what is not delivered yet: \(error), and none of \
                \(places.joined(separator: ", ")) can be written to. Mount a volume, or a tmpfs, and set TAILRACE_STATE_DIR.
                """)
        }
    }

    /// A place that was not made for it may be small, or memory.
    private static func bytesMax(_ settings: Settings, _ folder: String, isTemporary: Bool) -> Int {
        var status = statvfs()
        guard isTemporary, statvfs(folder, &status) == 0 else { return settings.captureMax }
        let free = Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
        return max(1 << 20, min(settings.captureMax, free / 4))
    }
}
