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
        guard var startup = Startup() else { return Startup.mistaken }
        do {
            if startup.settings.paths.contains("-") { return try await shipInput(&startup, until: shutdown) }
            let state = try openState(startup.settings, isPatient: true)
            let loops = EventLoops()
            let transport = try transport(startup, loops)
            _ = try await ship(startup, startup.platform(state, transport), loops, until: shutdown)
            return 0
        } catch {
            startup.logger.critical("\(error)")
            return 1
        }
    }

    /// Until the end of standard input, or until `wish` is told.
    ///
    /// - Returns: 1 when not everything was delivered.
    private static func shipInput(_ startup: inout Startup, until wish: Shutdown) async throws -> CInt {
        let shipping = try PipeShipping(&startup, .standardInput)
        let loops = EventLoops()
        let transport = try transport(startup, loops)
        let (end, shutdown) = (Shutdown(), Shutdown())
        wish.onRequest { end.request() }
        let capturing = Task {
            await shipping.capture.run([PipeReader(STDIN_FILENO, stream: .stdout, target: nil)], until: end)
            shutdown.request()
        }
        let ledger = try await ship(
            startup, startup.platform(shipping.state, transport), loops, until: shutdown, shipping)
        await capturing.value
        return shipping.close(ledger) ? 0 : 1
    }

    /// - Parameter pipes: what is captured besides, and comes first: whatever goes wrong must not end it.
    static func ship(
        _ startup: Startup, _ platform: Platform, _ loops: EventLoops, until shutdown: Shutdown,
        _ pipes: PipeShipping? = nil
    ) async throws -> Ledger {
        let (settings, logger) = (startup.settings, startup.logger)
        let counters = pipes?.counters ?? Counters()
        let health = Health(now: startup.time.now)
        let board = FileBoard()
        let pages = AdminPages(
            version: Main.version, counters: counters, health: health, board: board, time: startup.time)
        let admin = try await listen(settings.admin, pages, loops, logger, isNeeded: pipes == nil)
        let target = settings.isOutputStandard ? "standard output" : "\(settings.endpoints[0]), \(settings.indexName)"
        logger.info("Tailrace \(Main.version) ships \(settings.paths.joined(separator: ", ")) to \(target).")
        shutdown.onRequest {
            logger.info("Ending: reading what is there, delivering for at most \(settings.shutdownTimeout).")
        }
        if let warning = ContainerMemory.warning(memoryLimit: settings.memoryLimit) { logger.warning("\(warning)") }
        let kind = await kind(settings, platform.transport, logger)
        var platform = platform
        if settings.isSetUpAtStart, let http = platform.transport as? HTTPBulkTransport {
            platform.transport = SetupAtStart(startup, http)
        }
        var pipelineSettings = PipelineSettings(settings, version: Main.version, kind: kind)
        pipes?.adjust(&pipelineSettings, startup)
        let pipeline = Pipeline(
            platform, settings: pipelineSettings, counters: counters, health: health, board: board, logger: logger)
        let trim = MemoryTrim(time: startup.time, counters: counters)
        let trimming = Task { await trim.run() }
        await pipeline.run(until: shutdown)
        trimming.cancel()
        await platform.transport.shutDown()
        await admin?.stop()
        let ledger = counters.ledger
        let unsaved = ledger.pending - ledger.spooled
        let rest = unsaved == 0 ? "" : " \(unsaved) of those pending are read again at the next start."
        let spooled = ledger.spooled == 0 ? "" : " What is spooled is on disk, and sent first at the next start."
        // Nobody has the lines but us.
        let isIncomplete = pipes == nil ? unsaved > 0 : ledger.pending > 0
        logger.log(level: isIncomplete ? .warning : .info, "Done: \(ledger).\(rest)\(spooled)")
        return ledger
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

    /// - Parameter isPatient: a disk that is full or read-only is waited for, since log files keep what is not delivered.
    static func openState(_ settings: Settings, isPatient: Bool) throws(Mistake) -> LinuxStateDirectory {
        do throws(FileFailure) {
            return try LinuxStateDirectory(settings.stateDirectory, isPatient: isPatient)
        } catch {
            let remedy =
                error.code == EWOULDBLOCK
                ? "Another Tailrace uses this folder: give each its own TAILRACE_STATE_DIR."
                : "Mount a volume there that the user of this process may write to, or set TAILRACE_STATE_DIR."
            throw Mistake("The state folder can't be used: \(error). \(remedy)")
        }
    }

    static func transport(
        _ startup: Startup, _ loops: EventLoops
    ) throws -> any BulkTransport {
        if startup.settings.isOutputStandard { return StandardOutputTransport() }
        let transport = TransportSettings(startup.settings, userAgent: "tailrace/\(Main.version)")
        return try HTTPBulkTransport(transport, time: startup.time, loops: loops, logger: startup.logger)
    }

    private static func listen(
        _ address: AdminAddress, _ pages: AdminPages, _ loops: EventLoops, _ logger: Logger, isNeeded: Bool
    ) async throws(Mistake) -> AdminServer? {
        guard case .listen(let host, let port) = address else { return nil }
        do {
            return try await AdminServer(host: host, port: port, on: loops) { pages.page($0) }
        } catch {
            let text =
                "The admin port \(host):\(port) can't be opened: \(error). Set TAILRACE_ADMIN to another address, or to off."
            guard !isNeeded else { throw Mistake(text) }
            logger.warning("\(text)")
            return nil
        }
    }

    /// Something that a person has to put right.
    struct Mistake: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}
