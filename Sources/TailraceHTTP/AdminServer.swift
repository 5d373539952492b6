import NIOHTTP1
package import TailraceRuntime

/// Serves probes and metrics.
package final class AdminServer: Sendable {
    private let server: HTTPServer

    /// - Parameter answer: called with the path of each GET; `nil` is 404.
    /// - Throws: when the address can't be listened on.
    package init(
        host: String, port: Int, on loops: EventLoops, answer: @escaping @Sendable (_ path: String) -> AdminReply?
    ) async throws {
        server = try await HTTPServer.start(host: host, port: port, bodyMax: 0, on: loops) { request in
            guard request.method == .GET || request.method == .HEAD else {
                return ServerReply(AdminReply(status: 405, body: "Only GET and HEAD are answered here.\n"))
            }
            let places = "There are /metrics, /livez, /readyz and /status.\n"
            return ServerReply(answer(request.path) ?? AdminReply(status: 404, body: places))
        }
    }

    /// The one that was given, or chosen by the system for 0.
    package var port: Int { server.port }

    package func stop() async { await server.stop() }
}

extension ServerReply {
    fileprivate init(_ reply: AdminReply) {
        self.init(status: reply.status, contentType: reply.contentType, body: Array(reply.body.utf8))
    }
}
