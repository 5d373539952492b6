import Glibc
import Logging
import TailraceCore
import TailraceHTTP
import TailraceRuntime

/// `tailrace spool --drain`: the pipeline without any log files, until the spool is empty.
struct SpoolDrain {
    /// How long the endpoint may take nothing before a person is told to come again.
    private static let patience = Duration.seconds(60)
    private static let lookInterval = Duration.milliseconds(100)

    private let startup: Startup

    init(_ startup: Startup) { self.startup = startup }

    /// - Returns: 0 when nothing is left.
    func run(_ segments: [SpoolSurvey.Segment]) async -> CInt {
        guard segments.contains(where: { !$0.isSetAside && !($0.waiting.isEmpty && $0.damage.isEmpty) }) else {
            Console.print("Nothing waits in \(startup.settings.spoolDirectory).")
            return 0
        }
        let shutdown = Shutdown()
        let signals = SignalWatcher(shutdown)
        defer { withExtendedLifetime(signals) {} }
        do {
            let state = try LinuxStateDirectory(startup.settings.stateDirectory)
            // Taken for as long as we run: a second process must not send the same.
            let directory = LinuxSpoolDirectory(startup.settings.spoolDirectory)
            try directory.prepare()
            let transport = try RunCommand.transport(startup, EventLoops())
            var platform = startup.platform(StateForDrain(state: state), transport)
            platform.spool = directory
            return await drain(platform, until: shutdown)
        } catch let failure as FileFailure where failure.code == EWOULDBLOCK {
            Console.printError(
                "tailrace: \(failure.path) is in use: a running Tailrace sends what is spooled by itself.")
        } catch {
            Console.printError("tailrace: \(error)")
        }
        return 1
    }

    private func drain(_ platform: Platform, until shutdown: Shutdown) async -> CInt {
        let counters = Counters()
        var settings = PipelineSettings(startup.settings, version: Main.version)
        settings.discovery = Discovery(patterns: [], excluded: [])
        settings.shutdownTimeout = .seconds(5)
        let pipeline = Pipeline(
            platform, settings: settings, counters: counters, health: Health(now: startup.time.now), board: FileBoard(),
            logger: startup.logger)
        let looking = Task { [startup] in
            var last = counters.ledger
            var movedAt = startup.time.now
            while !shutdown.isRequested {
                try? await startup.time.sleep(until: startup.time.now + Self.lookInterval)
                let ledger = counters.ledger
                let isOpen = counters.eventsRecovered.value > 0 || counters.spoolDamaged.value > 0
                if isOpen, ledger.spooled == 0 { break }
                if ledger != last { (last, movedAt) = (ledger, startup.time.now) }
                if startup.time.now - movedAt > Self.patience { break }
            }
            shutdown.request()
        }
        await pipeline.run(until: shutdown)
        await looking.value
        await platform.transport.shutDown()
        let ledger = counters.ledger
        Console.print(
            """
            \(ledger.stored) stored, \(ledger.alreadyThere) were there already, \(ledger.rejected) refused, \
            \(ledger.lost) damaged, \(ledger.spooled) left.
            """)
        return ledger.spooled == 0 && ledger.lost == 0 ? 0 : 1
    }
}

/// The state folder for a run without log files: their checkpoints stay as they are.
private struct StateForDrain: StateDirectory {
    let state: LinuxStateDirectory

    func read(_ name: String) throws(FileFailure) -> [UInt8]? { nil }
    func replace(_ name: String, with bytes: [UInt8]) throws(FileFailure) {}
    func append(_ lines: [UInt8], to files: BoundedFiles) throws(FileFailure) -> Int {
        try state.append(lines, to: files)
    }
    func setAside(_ name: String) throws(FileFailure) -> String { name }
}
