import Glibc
import NIOCore
import NIOHTTP1
import NIOSSL
import TailraceCore

/// What goes out.
struct HTTPRequest: Sendable {
    var method: HTTPMethod
    var target: String
    var headers: HTTPHeaders
    var body: [UInt8]
    var reply: ReplyPlan
}

/// What comes back, decompressed.
struct HTTPAnswer: Sendable {
    var head: HTTPResponseHead
    var body: [UInt8]
    /// Of a bulk request: what the reply says about each document.
    var items: Result<BulkReply, BulkReplyError>?
}

/// Why nothing whole came back.
struct ExchangeFailure: Error {
    var failure: TransportFailure
    /// No byte of a reply was seen: on a used connection, the server had hung up before it read the request.
    var isBeforeReply: Bool
}

/// One request at a time on one connection. Lives on the connection's event loop.
final class HTTPExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// A body goes out in pieces: of a large one, never more than that is in memory twice. Most are one piece, and one
    /// call of the system.
    private static let pieceMax = 256 << 10

    private let place: String
    private var plan = ReplyPlan(limit: 0)
    private var promise: EventLoopPromise<HTTPAnswer>?
    private var timeout: Scheduled<Void>?
    private var head: HTTPResponseHead?
    private var body: ReplyBody?
    private var isWriting = false
    /// What went wrong before there was any request.
    private var earlier: TransportFailure?
    private var isFresh = true

    /// - Parameter place: host and port, for messages.
    init(place: String) { self.place = place }

    func begin(
        _ request: HTTPRequest, on channel: any Channel, within limit: TimeAmount, promise: EventLoopPromise<HTTPAnswer>
    ) {
        self.promise = promise
        (head, body, isWriting, plan) = (nil, nil, true, request.reply)
        isFresh = false
        guard channel.isActive else {
            return fail(earlier?.kind ?? .cut, earlier?.description ?? "\(place) has closed the connection", channel)
        }
        timeout = channel.eventLoop.assumeIsolated().scheduleTask(in: limit) { [self] in
            // A part of the time may have gone into connecting.
            let seconds = (limit.nanoseconds + 999_999_999) / 1_000_000_000
            fail(.timedOut, "\(place) did not answer within \(seconds) s", channel)
        }
        let head = HTTPRequestHead(
            version: .http1_1, method: request.method, uri: request.target, headers: request.headers)
        channel.pipeline.syncOperations.write(NIOAny(HTTPClientRequestPart.head(head)), promise: nil)
        writePiece(of: request.body, from: 0, channel)
    }

    private func writePiece(of bytes: [UInt8], from start: Int, _ channel: any Channel) {
        // The reply may have come before the body was all sent.
        guard promise != nil, isWriting else { return }
        let pipeline = channel.pipeline.syncOperations
        guard start < bytes.count else {
            isWriting = false
            return pipeline.writeAndFlush(NIOAny(HTTPClientRequestPart.end(nil)), promise: nil)
        }
        let end = min(start + Self.pieceMax, bytes.count)
        let piece = channel.allocator.buffer(bytes: bytes[start..<end])
        let written = channel.eventLoop.makePromise(of: Void.self)
        pipeline.writeAndFlush(NIOAny(HTTPClientRequestPart.body(.byteBuffer(piece))), promise: written)
        written.futureResult.assumeIsolated().whenSuccess { [self] in writePiece(of: bytes, from: end, channel) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // A reply to nothing would otherwise pass for the one to the next request.
        guard promise != nil else { return context.close(promise: nil) }
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ReplyBody(head, plan)
        case .body(let bytes):
            do throws(ReplyBody.Fault) {
                try body?.take(bytes)
            } catch {
                fail(error, context.channel)
            }
        case .end:
            guard let head else { return }
            let answer: HTTPAnswer
            do throws(ReplyBody.Fault) {
                let (bytes, items) = try body?.end() ?? ([], nil)
                answer = HTTPAnswer(head: head, body: bytes, items: items)
            } catch {
                return fail(error, context.channel)
            }
            body = nil
            guard let promise = take() else { return }
            // Nobody knows what the server does with the rest of a request that it has answered.
            if isWriting || !head.isKeepAlive {
                isWriting = false
                context.close(promise: nil)
            }
            promise.succeed(answer)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.cut, "\(place) closed the connection before its reply was complete", context.channel)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        // With TLS 1.3 a server refuses the client's certificate after the client's handshake is done.
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            fail(head == nil ? .tls : .cut, "\(place): \(TLSFault(error).words)", context.channel)
        case HTTPParserError.invalidEOFState:
            fail(.cut, "\(place) closed the connection before its reply was complete", context.channel)
        case is HTTPParserError:
            fail(.malformed, "\(place) does not speak HTTP: \(error)", context.channel)
        case let error as NIOHTTPDecoderError where error == .unsolicitedResponse:
            fail(.cut, "\(place) sent a reply before it was asked anything", context.channel)
        case let error as IOError:
            fail(.cut, "\(place): \(String(cString: strerror(error.errnoCode)))", context.channel)
        default:
            fail(.cut, "\(place): \(error)", context.channel)
        }
    }

    private func fail(_ fault: ReplyBody.Fault, _ channel: any Channel) {
        switch fault {
        case .tooLong(let limit): fail(.replyTooLarge, "\(place) sent more than \(limit) bytes", channel)
        case .damaged: fail(.malformed, "\(place) sent a reply that can't be decompressed", channel)
        }
    }

    private func fail(_ kind: TransportFailure.Kind, _ what: String, _ channel: any Channel) {
        // Taken first: closing calls `channelInactive`, which would give another reason.
        let promise = take()
        body = nil
        if isFresh, earlier == nil { earlier = TransportFailure(kind, what) }
        channel.close(promise: nil)
        promise?.fail(ExchangeFailure(failure: TransportFailure(kind, what), isBeforeReply: head == nil))
    }

    private func take() -> EventLoopPromise<HTTPAnswer>? {
        timeout?.cancel()
        timeout = nil
        defer { promise = nil }
        return promise
    }
}
