package import Logging
package import NIOHTTP1
import NIOPosix
package import TailraceCore
package import TailraceRuntime

/// Sends bulk requests over HTTP/1.1, on connections that are kept for the next one.
package actor HTTPBulkTransport: BulkTransport {
    /// Bytes of a reply that is wanted as it is.
    private static let replyMax = 4 << 20
    /// Bytes of a bulk reply beside those for each document: some servers do not know `filter_path`, and send all. None of
    /// it stays in memory.
    private static let bulkBase = 1 << 20
    private static let bulkPerDocument = 8 << 10
    /// Servers and load balancers close connections that were unused for a minute.
    private static let idleMax = Duration.seconds(50)

    private struct Connection {
        var http: HTTPConnection
        /// From then on it is not used for another request.
        var renewAt: Moment
    }

    private var settings: TransportSettings
    private var dialer: Dialer
    private let authorizer: Authorizer
    private let time: any Timebase
    private var idle: [(connection: Connection, since: Moment)] = []
    private var pool: HostPool
    /// Of each host: what it failed by last.
    private var lastFailures: [TransportFailure]

    /// - Throws: ``TransportMistake``.
    package init(
        _ settings: TransportSettings, time: any Timebase, loops: EventLoops, logger: Logger = .silent
    ) throws(TransportMistake) {
        self.settings = settings
        self.time = time
        authorizer = Authorizer(settings, time: time, loops: loops, logger: logger)
        pool = HostPool(count: settings.endpoints.count, pauseMax: settings.backoffMax)
        lastFailures = settings.endpoints.map { TransportFailure(.unreachable, "\($0.authority): never tried") }
        dialer = try Dialer(settings, time: time, loops: loops, logger: logger)
    }

    /// From the next connection on.
    func resolve(with resolver: any Resolver & Sendable) { dialer.resolver = resolver }

    package func post(_ payload: Payload) async -> PostOutcome {
        let host: Int
        switch pool.choose(at: time.now, random: time.random()) {
        case .host(let place): host = place
        case .none(let place, let retryIn):
            let failure = lastFailures[place]
            return .failed(TransportFailure(failure.kind, failure.description, retryIn: retryIn))
        }
        let endpoint = settings.endpoints[host]
        let request = HTTPRequest(
            method: .POST, target: settings.bulkTarget(of: endpoint),
            headers: settings.bulkHeaders(for: payload, at: endpoint), body: payload.body, reply: Self.plan(payload))
        let outcome = await perform(request, at: endpoint)
        if let failure = outcome.failureOfHost(endpoint) { lastFailures[host] = failure }
        let end: HostPool.End =
            Task.isCancelled ? .abandoned : outcome.failureOfHost(endpoint) == nil ? .well : .unwell
        pool.finish(host, end, at: time.now, random: time.random())
        return outcome
    }

    /// Asks for a page, for `tailrace check`.
    ///
    /// - Parameter path: behind the prefix of the endpoint, with its leading slash.
    package func get(_ path: String, at endpoint: EndpointURL) async -> PostOutcome {
        let request = HTTPRequest(
            method: .GET, target: endpoint.pathPrefix + path, headers: settings.commonHeaders(at: endpoint), body: [],
            reply: ReplyPlan(limit: Self.replyMax))
        return await perform(request, at: endpoint)
    }

    /// Sends something that is no bulk request, for `tailrace setup`.
    ///
    /// - Parameter path: behind the prefix of the endpoint, with its leading slash.
    package func put(
        _ body: [UInt8], to path: String, at endpoint: EndpointURL, method: HTTPMethod = .PUT,
        headers: [(String, String)] = [("Content-Type", "application/json")]
    ) async -> PostOutcome {
        var all = settings.commonHeaders(at: endpoint)
        for (name, value) in headers where !body.isEmpty { all.replaceOrAdd(name: name, value: value) }
        all.replaceOrAdd(name: "Content-Length", value: "\(body.count)")
        return await perform(
            HTTPRequest(
                method: method, target: endpoint.pathPrefix + path, headers: all, body: body,
                reply: ReplyPlan(limit: Self.replyMax)), at: endpoint)
    }

    package func delete(_ path: String, at endpoint: EndpointURL) async -> PostOutcome {
        await put([], to: path, at: endpoint, method: .DELETE)
    }

    /// Sends one batch to a certain endpoint, whose reply is wanted with all that it says, for `tailrace check`.
    package func trial(_ payload: Payload, at endpoint: EndpointURL) async -> PostOutcome {
        var plain = settings
        plain.kind.filtersReplies = false
        let request = HTTPRequest(
            method: .POST, target: plain.bulkTarget(of: endpoint),
            headers: settings.bulkHeaders(for: payload, at: endpoint), body: payload.body,
            reply: ReplyPlan(limit: Self.replyMax))
        return await perform(request, at: endpoint)
    }

    /// Asks the endpoint what it is, unless the settings say it, and keeps to that from now on.
    ///
    /// - Returns: what it is taken for. One that does not answer in time, or refuses to tell, as it may where credentials
    ///   are good for writing alone, is taken for what it was taken for before.
    package func identify(within limit: Duration) async -> EndpointKind {
        let endpoint = settings.endpoints[0]
        let outcome = await time.within(limit) { await self.get("/", at: endpoint) }
        guard case .reply(let reply) = outcome, reply.status == 200, let answer = try? JSONValue(parsing: reply.body),
            let kind = EndpointKind.of(answer: answer)
        else { return settings.kind }
        settings.kind = kind
        return kind
    }

    package func shutDown() {
        for (connection, _) in idle { connection.http.close() }
        idle = []
    }

    private func perform(_ request: HTTPRequest, at endpoint: EndpointURL) async -> PostOutcome {
        do throws(TransportFailure) {
            let request = try await authorizer.authorized(request, at: endpoint)
            let outcome = await exchange(request, at: endpoint)
            // Credentials that were renewed a moment ago need not wait for the next attempt.
            guard outcome.isUnauthorized, let request = await authorizer.renewed(request, at: endpoint) else {
                return outcome
            }
            return await exchange(request, at: endpoint)
        } catch {
            return .failed(error)
        }
    }

    private func exchange(_ request: HTTPRequest, at endpoint: EndpointURL) async -> PostOutcome {
        let deadline = time.now + settings.requestTimeout
        do throws(TransportFailure) {
            if let connection = takeIdle(endpoint) {
                do throws(ExchangeFailure) {
                    return try await outcome(of: request, on: connection, until: deadline)
                } catch {
                    // The server had hung up: that says nothing about the request. Ids make a second time harmless.
                    guard error.isBeforeReply, error.failure.kind == .cut, !Task.isCancelled else {
                        throw error.failure
                    }
                }
            }
            let connection = Connection(http: try await dialer.open(endpoint), renewAt: renewal)
            do throws(ExchangeFailure) {
                return try await outcome(of: request, on: connection, until: deadline)
            } catch {
                throw error.failure
            }
        } catch {
            return .failed(error)
        }
    }

    private func outcome(
        of request: HTTPRequest, on connection: Connection, until deadline: Moment
    ) async throws(ExchangeFailure) -> PostOutcome {
        let answer = try await connection.http.send(request, within: max(.milliseconds(1), deadline - time.now))
        if connection.http.isOpen, answer.head.isKeepAlive {
            if time.now < connection.renewAt { idle.append((connection, time.now)) } else { connection.http.close() }
        }
        let headers = answer.head.headers
        return .reply(
            HTTPReply(
                status: Int(answer.head.status.code),
                retryAfter: headers.first(name: "retry-after").flatMap { RetryAfter.parse($0, now: time.wallClock) },
                location: headers.first(name: "location"), body: answer.body, items: answer.items))
    }

    /// Some servers send back each record along with what became of it.
    private static func plan(_ payload: Payload) -> ReplyPlan {
        let limit = bulkBase + bulkPerDocument * payload.documentCount + 2 * payload.rawSize
        return ReplyPlan(limit: limit, documentCount: payload.documentCount)
    }

    /// The connection that was used last, since the others may then be given up.
    private func takeIdle(_ endpoint: EndpointURL) -> Connection? {
        let now = time.now
        idle.removeAll { connection, since in
            guard now - since > Self.idleMax || now >= connection.renewAt || !connection.http.isOpen else {
                return false
            }
            connection.http.close()
            return true
        }
        guard let place = idle.lastIndex(where: { $0.connection.http.endpoint == endpoint }) else { return nil }
        return idle.remove(at: place).connection
    }

    /// When a connection that is made now is renewed. Within a tenth, so that Pods that started together do not all do
    /// it at the same time.
    private var renewal: Moment {
        let tenth = settings.connectionMaxAge / 10
        let jitter = UInt64(tenth.nanoseconds).multipliedFullWidth(by: time.random()).high
        return time.now + (settings.connectionMaxAge - tenth) + .nanoseconds(Int64(jitter))
    }
}

extension PostOutcome {
    fileprivate var isUnauthorized: Bool {
        if case .reply(let reply) = self { reply.status == 401 || reply.status == 403 } else { false }
    }

    /// Not `nil` when another host may be better.
    fileprivate func failureOfHost(_ endpoint: EndpointURL) -> TransportFailure? {
        switch self {
        case .failed(let failure): failure
        case .reply(let reply) where (502...504).contains(reply.status):
            TransportFailure(.unreachable, "\(endpoint.authority) answered \(reply.status)")
        case .reply, .taken: nil
        }
    }
}

extension Logger {
    /// For who does not want to hear anything.
    package static var silent: Logger { Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() }) }
}
