import NIOCore
import TailraceCore
import TailraceRuntime

/// A connection to an endpoint, kept for the next request.
final class HTTPConnection: Sendable {
    let endpoint: EndpointURL
    private let channel: any Channel
    private let exchange: NIOLoopBound<HTTPExchange>
    private let forward: ForwardProxy?

    /// - Parameter forward: the proxy at the other end, if it is one that is handed requests.
    init(
        _ endpoint: EndpointURL, _ channel: any Channel, _ exchange: NIOLoopBound<HTTPExchange>, forward: ForwardProxy?
    ) {
        self.endpoint = endpoint
        self.channel = channel
        self.exchange = exchange
        self.forward = forward
    }

    var isOpen: Bool { channel.isActive }

    func close() { channel.close(promise: nil) }

    /// Cancelling the task closes the connection.
    func send(_ request: HTTPRequest, within limit: Duration) async throws(ExchangeFailure) -> HTTPAnswer {
        let request = forward?.adapted(request) ?? request
        let promise = channel.eventLoop.makePromise(of: HTTPAnswer.self)
        let limit = TimeAmount.nanoseconds(limit.nanoseconds)
        channel.eventLoop.execute { [self] in
            exchange.value.begin(request, on: channel, within: limit, promise: promise)
        }
        do {
            return try await withTaskCancellationHandler {
                try await promise.futureResult.get()
            } onCancel: {
                close()
            }
        } catch let failure as ExchangeFailure {
            throw failure
        } catch {
            throw ExchangeFailure(failure: TransportFailure(.cut, "\(error)"), isBeforeReply: false)
        }
    }
}
