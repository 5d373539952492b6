import TailraceCore
import TailraceHTTP
import TailraceRuntime

/// What `tailrace check` finds out about one endpoint: what it is, what is set up there, and whether a document can be
/// written to where the logs will go.
struct EndpointCheck {
    struct Finding {
        var text: String
        /// `nil` for what is as it is, and no fault.
        var isGood: Bool?

        var isFault: Bool { isGood == false }
        var mark: String { isGood.map { $0 ? "✓" : "✗" } ?? "–" }

        static func good(_ text: String) -> Finding { Finding(text: text, isGood: true) }
        static func bad(_ text: String) -> Finding { Finding(text: text, isGood: false) }
        static func note(_ text: String) -> Finding { Finding(text: text, isGood: nil) }
    }

    private let settings: Settings
    private let time: any Timebase
    private let transport: HTTPBulkTransport
    private let endpoint: EndpointURL
    private let isWriting: Bool

    /// - Parameters:
    ///   - endpoint: with the path that its kind has.
    ///   - isWriting: writes a document even if that makes the index.
    init(_ startup: Startup, _ transport: HTTPBulkTransport, _ endpoint: EndpointURL, isWriting: Bool) {
        (settings, time) = (startup.settings, startup.time)
        (self.transport, self.endpoint, self.isWriting) = (transport, endpoint, isWriting)
    }

    /// In the order in which they are found; after a fault that stands in the way of the rest, that is left out.
    func run() async -> [Finding] {
        let outcome = await transport.get("/", at: endpoint)
        var answer: JSONValue?
        if case .reply(let reply) = outcome, reply.status == 200 { answer = try? JSONValue(parsing: reply.body) }
        let told = settings.isKindKnown ? nil : answer.flatMap(EndpointKind.of(answer:))
        let kind = told ?? settings.endpointKind
        let first = introduction(outcome, answer, kind)
        guard !first.isFault else { return [first] }
        let product = Product(kind, answer: answer)
        let (setup, hasTemplate) = await setup(product)
        return [first] + setup + (await trial(kind, product, hasTemplate: hasTemplate))
    }

    private func introduction(_ outcome: PostOutcome, _ answer: JSONValue?, _ kind: EndpointKind) -> Finding {
        switch outcome {
        case .failed(let failure):
            return .bad("\(endpoint): \(failure.description). \(Self.remedy(for: failure.kind))")
        case .reply(let reply) where reply.status == 401:
            return .bad("\(endpoint) answers 401: check the credentials.")
        case .reply(let reply) where reply.status >= 500:
            return .bad("\(endpoint) answers \(reply.status): it, or a proxy before it, is not well.")
        case .reply(let reply):
            guard let answer, let number = answer["version"]?["number"]?.text else {
                return .good(
                    "\(endpoint) answers; it does not say what it is (\(reply.status)), which is no fault. It is taken for \(kind.name)"
                )
            }
            let flavor = answer["version"]?["build_flavor"]?.text == "serverless" ? ", serverless" : ""
            return .good("\(endpoint) answers: \(kind.name)\(flavor), version \(number)")
        case .taken: return .good("\(endpoint)")
        }
    }

    private static func remedy(for kind: TransportFailure.Kind) -> String {
        switch kind {
        case .unreachable: "Check host and port in TAILRACE_ENDPOINT, the network, and whether it is running."
        case .tls: "Check its certificate, TAILRACE_CA_FILE and TAILRACE_CLIENT_CERT_FILE."
        case .credentials: "Check the credentials and where they come from."
        case .timedOut: "Check the network, and what stands between."
        default: "Check TAILRACE_ENDPOINT: something else may be listening there."
        }
    }

    // MARK: What is set up

    private func setup(_ product: Product) async -> (findings: [Finding], hasTemplate: Bool) {
        let plan = SetupCommand.plan(product, settings)
        guard !plan.objects.isEmpty else { return ([], true) }
        var findings: [Finding] = []
        var hasTemplate = true
        var isIncomplete = false
        for (object, found) in await ClusterSetup(transport, at: endpoint).compare(plan) {
            switch found {
            case .step(.keep): findings.append(.good("\(object.title) is there, and as it should be"))
            case .step(.create):
                findings.append(.note("\(object.title) is not there"))
                isIncomplete = true
                if object.title.hasPrefix("index template") { hasTemplate = false }
            case .step(.replace):
                findings.append(.note("\(object.title) was made by another version, or for other settings"))
                isIncomplete = true
            case .step(.leave): findings.append(.note("\(object.title) is there, made or changed by somebody"))
            case .unseen(let report) where report.isFault:
                findings.append(.note("what is set up can't be looked at, which is no fault: \(report.text)"))
            case .unseen(let report): findings.append(.note(report.text))
            }
        }
        if isIncomplete {
            findings.append(
                .note("`tailrace setup` would mend that; without it, fields have the types that the cluster guesses"))
        }
        return (findings, hasTemplate)
    }

    // MARK: A document

    private func trial(_ kind: EndpointKind, _ product: Product, hasTemplate: Bool) async -> [Finding] {
        let (own, given) = settings.documentFields(version: Main.version)
        let fields = StaticFields((own + given).map { ($0.name, $0.text) })
        let now = time.wallClock
        let index = settings.indexName.resolved(with: fields).text(at: now)
        if product.family != .other, !hasTemplate, !isWriting, await status(of: "/\(index)") == 404 {
            return [
                .note(
                    "no document was written: there is no \(index), and writing would make it before its template. `tailrace check --write` writes all the same"
                )
            ]
        }
        let outcome = await transport.trial(document(index, kind, now), at: endpoint)
        switch judge(outcome, documentCount: 1, by: kind) {
        case .accepted:
            let wrote = Finding.good("a document was written to \(index)")
            guard product.family != .other, case .reply(let reply) = outcome else { return [wrote] }
            return [wrote] + (await find(in: reply))
        case .partly(_, _, let refused, let complaint):
            let words = refused.first.map { "\($0.status), \($0.type): \($0.reason)" } ?? complaint?.sentence ?? ""
            return [.bad("a document for \(index) is refused: \(words). Check its mapping and template.")]
        case .later(let complaint, _), .held(let complaint):
            return [.bad("no document can be written to \(index). \(complaint.sentence)")]
        case .poisoned(let reason):
            return [.bad("no document can be written to \(index). \(reason)")]
        case .tooLarge:
            return [.bad("no document can be written to \(index): even a small request is too large for it.")]
        }
    }

    private func document(_ index: String, _ kind: EndpointKind, _ now: Timestamp) -> Payload {
        var action: [JSONValue.Member] = [.init("_index", .string(index))]
        if kind.sendsID { action.append(.init("_id", .string("tailrace-check-\(time.random())"))) }
        let document = JSONValue.object([
            .init("@timestamp", .string(Self.text(of: now))),
            .init("message", .string("tailrace check: can a document be written? This one may be deleted.")),
        ])
        var bytes = JSONValue.object([.init("create", .object(action))]).rendered()
        bytes += [0x0A] + document.rendered() + [0x0A]
        let compressor = kind.takesGzip ? try? GzipCompressor(level: 1) : nil
        return Payload(sealing: bytes.span, number: BatchNumber(0), documentCount: 1, with: compressor)
    }

    /// Looks for what the reply says was stored, and takes it away again.
    private func find(in reply: HTTPReply) async -> [Finding] {
        guard let item = (try? JSONValue(parsing: reply.body))?["items"]?.elements.first?.members.first?.value,
            let index = item["_index"]?.text, let id = item["_id"]?.text
        else { return [.note("the reply does not say where it is, so it was not looked for, and stays there")] }
        let path = "/\(URLText.encoded(index))/_doc/\(URLText.encoded(id))"
        var findings: [Finding] = []
        switch await status(of: path) {
        case 200: findings.append(.good("it was found there"))
        case 404: findings.append(.note("it was not found under its id: a pipeline may have changed that"))
        case let status:
            findings.append(
                .note("it can't be read with these credentials (\(status)), which is no fault: shipping only writes"))
        }
        let removal = await transport.delete(path, at: endpoint)
        if case .reply(let reply) = removal, reply.status == 200 {
            findings.append(.good("it was removed again"))
        } else {
            findings.append(.note("it could not be removed: DELETE \(path) does it"))
        }
        return findings
    }

    private static func text(of time: Timestamp) -> String {
        var text = OwnedBytes()
        var printer = RFC3339Printer()
        printer.append(time, to: &text)
        return String(decoding: Array(text.span), as: UTF8.self)
    }

    /// 0 without an answer.
    private func status(of path: String) async -> Int {
        guard case .reply(let reply) = await transport.get(path, at: endpoint) else { return 0 }
        return reply.status
    }
}
