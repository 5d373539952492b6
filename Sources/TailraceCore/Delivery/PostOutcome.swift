/// What became of one request, before anybody has judged it.
package enum PostOutcome: Sendable, Equatable {
    /// A complete reply came back. `body` is decompressed.
    case reply(HTTPReply)
    /// The output does not answer, but it took every document.
    case taken
    /// No complete reply. Whether the endpoint stored anything is unknown.
    case failed(TransportFailure)

    /// When set, no request was made.
    package var retryIn: Duration? {
        if case .failed(let failure) = self { failure.retryIn } else { nil }
    }

    /// What the server asked for, whatever else it said.
    var retryAfter: Duration? {
        if case .reply(let reply) = self { reply.retryAfter } else { nil }
    }
}

package struct HTTPReply: Sendable, Equatable {
    package var status: Int
    /// From `Retry-After` (RFC 9110 §10.2.3), seconds or date already turned into a duration.
    package var retryAfter: Duration?
    /// From `Location`, for the message that explains a redirect.
    package var location: String?
    /// Where `items` is there, its beginning.
    package var body: [UInt8]
    /// What it says about each document, where it was read as a bulk reply while it came; `nil` where `body` is whole.
    package var items: Result<BulkReply, BulkReplyError>?

    /// Of some servers, a reply with this status says about each document what became of it: see
    /// ``EndpointKind/statusOfFailures``.
    package static func mayHaveItems(_ status: Int) -> Bool {
        (200...299).contains(status) || EndpointKind.all.contains { $0.statusOfFailures == status }
    }

    var mayHaveItems: Bool { Self.mayHaveItems(status) }

    package init(
        status: Int, retryAfter: Duration? = nil, location: String? = nil, body: [UInt8] = [],
        items: Result<BulkReply, BulkReplyError>? = nil
    ) {
        self.status = status
        self.retryAfter = retryAfter
        self.location = location
        self.body = body
        self.items = items
    }
}

package struct TransportFailure: Error, Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// Name resolution or connecting failed: nothing was sent.
        case unreachable
        /// The TLS handshake or the certificate's verification failed: nothing was sent.
        case tls
        case timedOut
        /// There are no credentials to be had: nothing was sent.
        case credentials
        /// The connection ended before the reply was complete.
        case cut
        /// The reply was longer than the limit.
        case replyTooLarge
        /// What came back was not HTTP.
        case malformed
        /// Writing the output failed for good, as standard output does when its reader has gone.
        case closed
    }
    package var kind: Kind
    /// For people: what happened and where, without credentials.
    package var description: String
    /// When set, nothing was tried this time: the host is left alone for so long. The rest is from its last failure.
    package var retryIn: Duration?

    package init(_ kind: Kind, _ description: String, retryIn: Duration? = nil) {
        self.kind = kind
        self.description = description
        self.retryIn = retryIn
    }
}
