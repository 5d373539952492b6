import NIOCore
import NIOSSL
import NIOTLS
import TailraceCore

/// Tells when a connection may be used, or why its TLS handshake failed. Right behind the TLS handler; lives on the
/// connection's event loop.
///
/// A request written before that would go out when the handshake is done, but a server that can't be trusted would be
/// told apart from one that hangs up only by which event comes first.
final class TLSHandshake: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let place: String
    private let limit: TimeAmount
    private var promise: EventLoopPromise<Void>?
    private var timeout: Scheduled<Void>?

    /// - Parameters:
    ///   - place: host and port, for messages.
    ///   - limit: from the connection to the end of the handshake.
    ///   - promise: completed exactly once, failed with a `TransportFailure` or a `TLSFault`.
    init(place: String, within limit: TimeAmount, promise: EventLoopPromise<Void>) {
        self.place = place
        self.limit = limit
        self.promise = promise
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // Behind a proxy the connection is there already.
        if context.channel.isActive { startTimer(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        startTimer(context)
        context.fireChannelActive()
    }

    private func startTimer(_ context: ChannelHandlerContext) {
        let channel = context.channel
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { [self] in
            fail(.timedOut, "no TLS handshake within \(limit.nanoseconds / 1_000_000) ms")
            channel.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event { take()?.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard promise != nil else { return context.fireErrorCaught(error) }
        take()?.fail(TLSFault(error))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.tls, "the connection was closed during the TLS handshake")
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        fail(.unreachable, "never connected")
    }

    private func fail(_ kind: TransportFailure.Kind, _ what: String) {
        take()?.fail(TransportFailure(kind, "\(place): \(what)"))
    }

    private func take() -> EventLoopPromise<Void>? {
        timeout?.cancel()
        timeout = nil
        defer { promise = nil }
        return promise
    }
}
