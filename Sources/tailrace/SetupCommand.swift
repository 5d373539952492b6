import Logging
import TailraceCore
import TailraceHTTP
import TailraceRuntime

/// `tailrace setup`: index template, retention, data stream, and what Kibana shows of them.
enum SetupCommand {
    struct Options {
        var isPrinted = false
        var isForced = false
        var kibana: EndpointURL?

        /// - Returns: `nil` for what is no option.
        init?(_ arguments: [String]) {
            var rest = arguments[...]
            while let argument = rest.popFirst() {
                switch argument {
                case "--print": isPrinted = true
                case "--force": isForced = true
                case "--kibana":
                    guard let text = rest.popFirst(), let url = try? EndpointURL(parsing: text) else { return nil }
                    kibana = url
                default: return nil
                }
            }
        }
    }

    /// - Returns: 0 when everything is as it should be, or left alone; else 1, or ``Startup/mistaken``.
    static func run(_ options: Options) async -> CInt {
        guard let startup = Startup() else { return Startup.mistaken }
        let settings = startup.settings
        let transport: HTTPBulkTransport
        do {
            var transportSettings = TransportSettings(settings, userAgent: "tailrace/\(Main.version)")
            // TLS is set up if Kibana needs it.
            if let kibana = options.kibana { transportSettings.endpoints.append(kibana) }
            transport = try HTTPBulkTransport(
                transportSettings, time: startup.time, loops: EventLoops(), logger: startup.logger)
        } catch {
            Console.printError("tailrace: \(error)")
            return 1
        }
        let setup = ClusterSetup(transport, at: settings.endpoints[0])
        let plan: SetupPlan
        do throws(ClusterSetup.Unreachable) {
            plan = Self.plan(try await setup.product(settings), settings)
        } catch {
            Console.printError("tailrace: \(error.report.text).")
            return 1
        }
        let lines = SavedObjects.lines(pattern: settings.indexName.pattern)
        if options.isPrinted {
            print(plan, options.kibana == nil ? nil : lines)
            return 0
        }
        var reports = await setup.carryOut(plan, isForced: options.isForced)
        if plan.objects.isEmpty {
            Console.print("There is nothing to set up: the endpoint is no Elasticsearch and no OpenSearch.")
        }
        if let kibana = options.kibana {
            reports.append(await setup.importSavedObjects(lines, into: kibana, isForced: options.isForced))
        }
        for report in reports { Console.print("  \(report.isFault ? "✗" : "✓") \(report.text)") }
        await transport.shutDown()
        return reports.contains(where: \.isFault) ? 1 : 0
    }

    static func plan(_ product: Product, _ settings: Settings) -> SetupPlan {
        SetupPlan(
            for: product, name: settings.indexName, isDataStream: settings.index == nil, retention: settings.retention)
    }

    private static func print(_ plan: SetupPlan, _ lines: [UInt8]?) {
        for object in plan.objects {
            let body =
                object.body.members.isEmpty ? "" : String(decoding: object.body.rendered(indented: true), as: UTF8.self)
            Console.print("PUT \(object.path)\n\(body)\n")
        }
        guard let lines else { return }
        Console.print("POST /api/saved_objects/_import\n\(String(decoding: lines, as: UTF8.self))")
    }
}
