import NIOHTTP1
package import TailraceCore
package import TailraceRuntime

/// Brings a cluster into the state that a plan wants: looks at each object, and makes or replaces what has to be.
package struct ClusterSetup: Sendable {
    /// What became of one object.
    package struct Report: Sendable {
        package var text: String
        package var isFault: Bool
    }

    private let transport: HTTPBulkTransport
    private let endpoint: EndpointURL

    package init(_ transport: HTTPBulkTransport, at endpoint: EndpointURL) {
        self.transport = transport
        self.endpoint = endpoint
    }

    /// Asks what is at the endpoint. One that does not tell is taken for the newest of its kind.
    package func product(_ settings: Settings) async -> Product {
        let kind = settings.isKindKnown ? settings.endpointKind : await transport.identify(within: .seconds(10))
        guard case .reply(let reply) = await transport.get("/", at: endpoint), reply.status == 200 else {
            return Product(kind, answer: nil)
        }
        return Product(kind, answer: try? JSONValue(parsing: reply.body))
    }

    /// In order, since each depends on the ones before; after a fault the rest is not tried.
    package func carryOut(_ plan: SetupPlan, isForced: Bool) async -> [Report] {
        var reports: [Report] = []
        for object in plan.objects {
            let report = await carryOut(object, isForced)
            reports.append(report)
            if report.isFault { break }
        }
        return reports
    }

    private func carryOut(_ object: SetupPlan.Object, _ isForced: Bool) async -> Report {
        let found: JSONValue?
        switch await transport.get(object.path, at: endpoint) {
        case .reply(let reply) where reply.status == 404: found = nil
        case .reply(let reply) where reply.status == 200:
            guard let answer = try? JSONValue(parsing: reply.body) else {
                return fault(object, "the answer is no JSON")
            }
            found = answer
        case let outcome: return unknown(object, outcome) ?? fault(object, words(outcome))
        }
        switch object.step(given: found, isForced: isForced) {
        case .keep: return Report(text: "\(object.title) is there, and as it should be", isFault: false)
        case .leave:
            return Report(
                text:
                    "\(object.title) is there, but made or changed by somebody: it is left alone (--force replaces it)",
                isFault: false)
        case .create: return await put(object, found, "was made")
        case .replace: return await put(object, found, "was replaced")
        }
    }

    private func put(_ object: SetupPlan.Object, _ found: JSONValue?, _ deed: String) async -> Report {
        let body = object.body.members.isEmpty ? [] : object.body.rendered()
        switch await transport.put(body, to: object.path + object.condition(for: found), at: endpoint) {
        case .reply(let reply) where (200...299).contains(reply.status):
            return Report(text: "\(object.title) \(deed)", isFault: false)
        case let outcome: return unknown(object, outcome) ?? fault(object, words(outcome))
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

    private func fault(_ object: SetupPlan.Object, _ words: String) -> Report {
        Report(text: "\(object.title): \(words)", isFault: true)
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
