import Logging
import TailraceCore
import TailraceHTTP
import TailraceRuntime

/// `TAILRACE_SETUP=auto`: what `tailrace setup` does, beside delivery.
///
/// | | |
/// |---|---|
/// | the first request waits for the first attempt | at most ``headStart``: what comes before the template is not mapped by it |
/// | an attempt takes | at most ``attemptMax`` |
/// | an endpoint that is away or busy | is tried again every ``interval``, for ``patience`` |
/// | whatever goes wrong | is told, and holds nothing up |
struct SetupAtStart: BulkTransport {
    static let headStart = Duration.seconds(5)
    static let attemptMax = Duration.seconds(30)
    static let interval = Duration.seconds(30)
    static let patience = Duration.seconds(1800)

    private let transport: HTTPBulkTransport
    private let work: Task<Void, Never>
    private let head: Task<Void, Never>

    init(_ startup: Startup, _ transport: HTTPBulkTransport) {
        self.transport = transport
        let time = startup.time
        let first = Task { await Self.attempt(startup, transport) }
        work = Task { await Self.keepTrying(startup, transport, first: await first.value) }
        head = Task { _ = await time.within(Self.headStart) { await first.value } }
    }

    func post(_ payload: Payload) async -> PostOutcome {
        await head.value
        return await transport.post(payload)
    }

    func shutDown() async {
        work.cancel()
        await transport.shutDown()
    }

    private static func keepTrying(
        _ startup: Startup, _ transport: HTTPBulkTransport, first: [ClusterSetup.Report]
    ) async {
        let (time, logger) = (startup.time, startup.logger)
        let end = time.now + patience
        var reports = first
        var isTold = false
        while !Task.isCancelled {
            guard let fault = reports.first(where: \.mayPass), time.now + interval < end else {
                for report in reports {
                    logger.log(level: report.isFault ? .warning : .info, "Setup: \(report.text).")
                }
                return
            }
            if !isTold { logger.notice("Setup: \(fault.text). It is tried again; delivery does not wait for it.") }
            isTold = true
            guard (try? await time.sleep(until: time.now + interval)) != nil else { return }
            reports = await attempt(startup, transport)
        }
    }

    private static func attempt(_ startup: Startup, _ transport: HTTPBulkTransport) async -> [ClusterSetup.Report] {
        let settings = startup.settings
        let reports = await startup.time.within(attemptMax) { () -> [ClusterSetup.Report] in
            let setup = ClusterSetup(transport, at: settings.endpoints[0])
            do throws(ClusterSetup.Unreachable) {
                let plan = SetupCommand.plan(try await setup.product(settings), settings)
                return await setup.carryOut(plan, isForced: false)
            } catch {
                return [error.report]
            }
        }
        let late = "\(settings.endpoints[0]) was not done within \(attemptMax)"
        return reports ?? [ClusterSetup.Report(text: late, isFault: true, mayPass: true)]
    }
}
