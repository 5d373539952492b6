import NIOHTTP1
import Synchronization
import TailraceCore

/// A bulk endpoint inside the process, for the demo: it remembers ids, and shows each new document.
package final class LoopbackEndpoint: Sendable {
    /// What it has seen so far.
    package struct Tally: Sendable {
        package var requests = 0
        /// On the wire, without headers.
        package var bytesReceived = 0
        package var stored = 0
        /// Documents whose id was there already.
        package var repeated = 0
    }

    fileprivate struct State {
        var tally = Tally()
        // Sixteen bytes would do for a million ids; a demo has thousands.
        var ids: Set<String> = []
    }

    fileprivate static let bodyMax = 64 << 20

    fileprivate final class Store: Sendable {
        let state = Mutex(State())
        let onDocument: @Sendable ([UInt8]) -> Void
        init(_ onDocument: @escaping @Sendable ([UInt8]) -> Void) { self.onDocument = onDocument }
    }

    private let server: HTTPServer
    private let store: Store

    /// - Parameter onDocument: called with the JSON of each document that is new, in the order of their arrival.
    package init(on loops: EventLoops, onDocument: @escaping @Sendable ([UInt8]) -> Void) async throws {
        let store = Store(onDocument)
        self.store = store
        server = try await HTTPServer.start(host: "127.0.0.1", port: 0, bodyMax: Self.bodyMax, on: loops) { request in
            store.answer(request)
        }
    }

    package var port: Int { server.port }
    package var tally: Tally { store.state.withLock(\.tally) }

    package func stop() async { await server.stop() }
}

extension LoopbackEndpoint.Store {
    func answer(_ request: ServerRequest) -> ServerReply {
        guard request.method == .POST, request.path == "/_bulk" else {
            return reply(404, "{\"error\":\"there is only POST /_bulk here\",\"status\":404}")
        }
        let isCompressed = request.headers[canonicalForm: "content-encoding"].contains("gzip")
        guard
            let body = isCompressed
                ? try? GzipInflater.inflate(request.body.span, limit: LoopbackEndpoint.bodyMax) : request.body,
            let items = take(body, wireSize: request.body.count)
        else { return reply(400, "{\"error\":\"the body is not what _bulk takes\",\"status\":400}") }
        return reply(200, "{\"took\":0,\"errors\":\(items.contains("\"error\"")),\"items\":[\(items)]}")
    }

    private func take(_ body: [UInt8], wireSize: Int) -> String? {
        let lines = body.split(separator: UInt8(ascii: "\n"))
        guard !lines.isEmpty, lines.count % 2 == 0 else { return nil }
        var ids: [String] = []
        for place in stride(from: 0, to: lines.count, by: 2) {
            guard let id = Self.id(of: Array(lines[place])) else { return nil }
            ids.append(id)
        }
        let isNew = state.withLock { state in
            let isNew = ids.map { state.ids.insert($0).inserted }
            let new = isNew.count { $0 }
            state.tally.requests += 1
            state.tally.bytesReceived += wireSize
            state.tally.stored += new
            state.tally.repeated += ids.count - new
            return isNew
        }
        for (place, isNew) in isNew.enumerated() where isNew { onDocument(Array(lines[2 * place + 1])) }
        return isNew.map { isNew in
            isNew
                ? "{\"create\":{\"status\":201}}"
                : "{\"create\":{\"status\":409,\"error\":{\"type\":\"version_conflict_engine_exception\",\"reason\":\"\"}}}"
        }.joined(separator: ",")
    }

    private func reply(_ status: Int, _ json: String) -> ServerReply {
        ServerReply(status: status, contentType: "application/json", body: Array(json.utf8))
    }

    /// `{"create":{"_index":"…","_id":"…"}}`
    private static func id(of action: [UInt8]) -> String? {
        var scanner = JSONScanner(action.span)
        do {
            while true {
                switch try scanner.next() {
                case .key(let key) where scanner.isEqual(key, "_id"):
                    guard case .string(let text) = try scanner.next() else { return nil }
                    return scanner.text(text)
                case .end: return nil
                default: continue
                }
            }
        } catch {
            return nil
        }
    }
}
