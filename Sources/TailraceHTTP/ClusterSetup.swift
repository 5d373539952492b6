import NIOHTTP1
package import TailraceCore
package import TailraceRuntime

/// Brings a cluster into the state that a plan wants: looks at each object, and makes or replaces what has to be.
package struct ClusterSetup: Sendable {
    /// What became of one object.
    package struct Report: Sendable {
        package var text: String
        package var isFault: Bool
        /// The endpoint is away, or too busy: another time it may go well.
        package var mayPass = false
        package var step: SetupStep?

        package init(text: String, isFault: Bool, mayPass: Bool = false, step: SetupStep? = nil) {
            (self.text, self.isFault, self.mayPass, self.step) = (text, isFault, mayPass, step)
        }
    }

    /// The endpoint does not answer.
    package struct Unreachable: Error { package let report: Report }

    private let transport: HTTPBulkTransport
    private let endpoint: EndpointURL

    package init(_ transport: HTTPBulkTransport, at endpoint: EndpointURL) {
        self.transport = transport
        self.endpoint = endpoint
    }

    /// Asks what is at the endpoint. One that does not tell is taken for the newest of its kind.
    package func product(_ settings: Settings) async throws(Unreachable) -> Product {
        let outcome = await transport.get("/", at: endpoint)
        if Self.mayPass(outcome) {
            let text = "\(endpoint) can't be asked what it is: \(words(outcome))"
            throw Unreachable(report: Report(text: text, isFault: true, mayPass: true))
        }
        var answer: JSONValue?
        if case .reply(let reply) = outcome, reply.status == 200 { answer = try? JSONValue(parsing: reply.body) }
        let told = settings.isKindKnown ? nil : answer.flatMap(EndpointKind.of(answer:))
        return Product(told ?? settings.endpointKind, answer: answer)
    }

    private static func mayPass(_ outcome: PostOutcome) -> Bool {
        switch outcome {
        case .failed(let failure): failure.kind != .tls
        case .reply(let reply): reply.status == 429 || reply.status >= 500
        case .taken: false
        }
    }

    /// In order, since each depends on the ones before; after a fault the rest is not tried.
    package func carryOut(_ plan: SetupPlan, isForced: Bool) async -> [Report] {
        var reports: [Report] = []
        for object in plan.objects {
            var report = await carryOut(object, isForced)
            // The plan has the templates before it.
            if object.isDataStream, report.step == .keep, reports.contains(where: { $0.step == .create }) {
                report.text +=
                    "; what was made just now counts from its next rollover on (POST \(object.path.dropFirst(13))/_rollover)"
            }
            reports.append(report)
            if report.isFault { break }
        }
        return reports
    }

    /// What is there of a plan, without changing anything; ends with the first object that can't be looked at.
    package func compare(_ plan: SetupPlan) async -> [(object: SetupPlan.Object, found: Comparison)] {
        var found: [(object: SetupPlan.Object, found: Comparison)] = []
        for object in plan.objects {
            switch await look(at: object) {
            case .success(let answer): found.append((object, .step(object.step(given: answer, isForced: false))))
            case .failure(let unseen):
                found.append((object, .unseen(unseen.report)))
                if unseen.report.isFault { return found }
            }
        }
        return found
    }

    package enum Comparison: Sendable {
        /// What setting up would do.
        case step(SetupStep)
        /// It can't be looked at.
        case unseen(Report)
    }

    private struct Unseen: Error { var report: Report }

    /// - Returns: `nil` when it is not there.
    private func look(at object: SetupPlan.Object) async -> Result<JSONValue?, Unseen> {
        switch await transport.get(object.path, at: endpoint) {
        case .reply(let reply) where reply.status == 404: return .success(nil)
        case .reply(let reply) where reply.status == 200:
            guard let answer = try? JSONValue(parsing: reply.body) else {
                return .failure(Unseen(report: Report(text: "\(object.title): the answer is no JSON", isFault: true)))
            }
            return .success(answer)
        case let outcome: return .failure(Unseen(report: unknown(object, outcome) ?? fault(object, outcome)))
        }
    }

    private func carryOut(_ object: SetupPlan.Object, _ isForced: Bool) async -> Report {
        let found: JSONValue?
        switch await look(at: object) {
        case .success(let answer): found = answer
        case .failure(let unseen): return unseen.report
        }
        switch object.step(given: found, isForced: isForced) {
        case .keep: return Report(text: "\(object.title) is there, and as it should be", isFault: false, step: .keep)
        case .leave:
            return Report(
                text:
                    "\(object.title) is there, but made or changed by somebody: it is left alone (--force replaces it)",
                isFault: false, step: .leave)
        case .create: return await put(object, found, .create)
        case .replace: return await put(object, found, .replace)
        }
    }

    private func put(_ object: SetupPlan.Object, _ found: JSONValue?, _ step: SetupStep) async -> Report {
        let body = object.body.members.isEmpty ? [] : object.body.rendered()
        switch await transport.put(body, to: object.path + object.condition(for: found), at: endpoint) {
        case .reply(let reply) where (200...299).contains(reply.status):
            return Report(
                text: "\(object.title) was \(step == .create ? "made" : "replaced")", isFault: false, step: step)
        case let outcome: return unknown(object, outcome) ?? fault(object, outcome)
        }
    }

    /// Not every distribution has policies; the rest works without.
    private func unknown(_ object: SetupPlan.Object, _ outcome: PostOutcome) -> Report? {
        guard object.isPolicy, case .reply(let reply) = outcome, [400, 404, 405].contains(reply.status),
            EndpointError(body: reply.body.span)?.reason.hasPrefix("no handler found") == true
        else { return nil }
        let text = "\(object.title): there are no such policies here, so documents stay until somebody deletes them"
        return Report(text: text, isFault: false)
    }

    private func fault(_ object: SetupPlan.Object, _ outcome: PostOutcome) -> Report {
        Report(text: "\(object.title): \(words(outcome))", isFault: true, mayPass: Self.mayPass(outcome))
    }

    private func words(_ outcome: PostOutcome) -> String {
        switch outcome {
        case .failed(let failure): return failure.description
        case .taken: return ""
        case .reply(let reply):
            let error = EndpointError(body: reply.body.span)
            let reason = error.map { " \($0.type): \($0.reason)" } ?? ""
            let hint =
                reply.status == 401 || reply.status == 403
                ? ". Setting up needs more rights than shipping: manage_index_templates, manage_ilm (or manage_ism), and those to create the index"
                : ""
            return "the endpoint answered \(reply.status)\(reason)\(hint)"
        }
    }

    // MARK: Kibana

    /// Brings saved objects into Kibana or OpenSearch Dashboards. Those that are there are left alone, unless forced.
    package func importSavedObjects(_ lines: [UInt8], into dashboards: EndpointURL, isForced: Bool) async -> Report {
        let boundary = "tailrace-8f14e45fceea167a"
        var body = Array(
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"tailrace.ndjson\"\r\nContent-Type: application/ndjson\r\n\r\n"
                .utf8)
        body += lines + Array("\r\n--\(boundary)--\r\n".utf8)
        let outcome = await transport.put(
            body, to: "/api/saved_objects/_import" + (isForced ? "?overwrite=true" : ""), at: dashboards, method: .POST,
            headers: [
                ("Content-Type", "multipart/form-data; boundary=\(boundary)"), ("kbn-xsrf", "true"),
                ("osd-xsrf", "true"),
            ])
        guard case .reply(let reply) = outcome, reply.status == 200, let answer = try? JSONValue(parsing: reply.body)
        else { return Report(text: "saved objects: \(words(outcome))", isFault: true) }
        let errors = answer["errors"]?.elements ?? []
        let conflicts = errors.filter { $0["error"]?["type"]?.text == "conflict" }.count
        let others = errors.compactMap { $0["error"]?["type"]?.text }.filter { $0 != "conflict" }
        var count = 0
        if case .number(let text)? = answer["successCount"] { count = Int(text) ?? 0 }
        let left = conflicts == 0 ? "" : ", \(conflicts) were there and are left alone (--force replaces them)"
        let bad = others.isEmpty ? "" : ", \(others.count) could not be used: \(others.joined(separator: ", "))"
        return Report(text: "saved objects: \(count) imported\(left)\(bad)", isFault: !others.isEmpty)
    }
}
