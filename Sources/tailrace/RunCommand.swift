import Glibc
import Logging
import TailraceCore
import TailraceHTTP
import TailraceRuntime

/// `tailrace run`: the sidecar.
enum RunCommand {
    /// - Returns: the exit code.
    static func run() async -> CInt {
        let shutdown = Shutdown()
        let signals = SignalWatcher(shutdown)
        defer { withExtendedLifetime(signals) {} }
        guard let startup = Startup() else { return 1 }
        let (settings, logger) = (startup.settings, startup.logger)
        do {
            let state = try openState(settings, logger)
            let loops = EventLoops()
            let transport = try transport(startup, loops)
            try await ship(startup, state, transport, loops, until: shutdown)
            return 0
        } catch {
            logger.critical("\(error)")
            return 1
        }
    }

    private static func ship(
        _ startup: Startup, _ state: LinuxStateDirectory, _ transport: any BulkTransport, _ loops: EventLoops,
        until shutdown: Shutdown
    ) async throws {
        let (settings, logger) = (startup.settings, startup.logger)
        let counters = Counters()
        let health = Health(now: startup.time.now)
        let board = FileBoard()
        let pages = AdminPages(
            version: Main.version, counters: counters, health: health, board: board, time: startup.time)
        let admin = try await listen(settings.admin, pages, loops)
        let target = settings.isOutputStandard ? "standard output" : "\(settings.endpoints[0]), \(settings.indexName)"
        logger.info("Tailrace \(Main.version) ships \(settings.paths.joined(separator: ", ")) to \(target).")
        shutdown.onRequest {
            logger.info("Told to end: reading what is there, delivering for at most \(settings.shutdownTimeout).")
        }
        var transport = transport
        let kind = await kind(settings, transport, logger)
        if settings.isSetUpAtStart, let http = transport as? HTTPBulkTransport {
            transport = SetupAtStart(startup, http)
        }
        let platform = startup.platform(state, transport)
        let pipeline = Pipeline(
            platform, settings: PipelineSettings(settings, version: Main.version, kind: kind), counters: counters,
            health: health,
            board: board, logger: logger)
        let trim = MemoryTrim(time: startup.time, counters: counters)
        let trimming = Task { await trim.run() }
        await pipeline.run(until: shutdown)
        trimming.cancel()
        await transport.shutDown()
        await admin?.stop()
        let ledger = counters.ledger
        let unsaved = ledger.pending - ledger.spooled
        let rest = unsaved == 0 ? "" : " \(unsaved) of those pending are read again at the next start."
        let spooled = ledger.spooled == 0 ? "" : " What is spooled is on disk, and sent first at the next start."
        logger.log(level: unsaved == 0 ? .info : .warning, "Done: \(ledger).\(rest)\(spooled)")
    }

    /// Delivery does not wait long for an answer: all that is known here works with what is assumed without one.
    private static func kind(
        _ settings: Settings, _ transport: any BulkTransport, _ logger: Logger
    ) async -> EndpointKind {
        guard !settings.isKindKnown, let transport = transport as? HTTPBulkTransport else {
            return settings.endpointKind
        }
        let kind = await transport.identify(within: .seconds(1))
        logger.info("The endpoint is taken for \(kind.name). TAILRACE_ENDPOINT_KIND says otherwise if it has to.")
        return kind
    }

    private static func openState(_ settings: Settings, _ logger: Logger) throws(Mistake) -> LinuxStateDirectory {
        do throws(FileFailure) {
            return try LinuxStateDirectory(settings.stateDirectory)
        } catch {
            let remedy =
                error.code == EWOULDBLOCK
                ? "Another Tailrace uses this folder: give each its own TAILRACE_STATE_DIR."
                : "Mount a volume there that the user of this process may write to, or set TAILRACE_STATE_DIR."
            throw Mistake("The state folder can't be used: \(error). \(remedy)")
        }
    }

    private static func transport(
        _ startup: Startup, _ loops: EventLoops
    ) throws -> any BulkTransport {
        if startup.settings.isOutputStandard { return StandardOutputTransport() }
        let transport = TransportSettings(startup.settings, userAgent: "tailrace/\(Main.version)")
        return try HTTPBulkTransport(transport, time: startup.time, loops: loops, logger: startup.logger)
    }

    private static func listen(
        _ address: AdminAddress, _ pages: AdminPages, _ loops: EventLoops
    ) async throws(Mistake) -> AdminServer? {
        guard case .listen(let host, let port) = address else { return nil }
        do {
            return try await AdminServer(host: host, port: port, on: loops) { pages.page($0) }
        } catch {
            throw Mistake(
                "The admin port \(host):\(port) can't be opened: \(error). Set TAILRACE_ADMIN to another address, or to off."
            )
        }
    }

    /// Something that a person has to put right.
    struct Mistake: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}
