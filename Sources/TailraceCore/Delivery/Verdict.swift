/// What has to happen after one request. Made by ``judge(_:documentCount:givesUp:)``.
///
/// No case lets a document go unless the endpoint itself has said, about this document, that it has it or will not have
/// it.
package enum Verdict: Sendable, Equatable {
    /// Every document is stored.
    case accepted(AcceptedTally)
    /// Some are, or some are refused. `retry` has to be sent again, in its order; it may be empty.
    ///
    /// The complaint is there when `retry` is not empty, and is about those documents: if it needs an operator, wait as
    /// after `held`.
    case partly(AcceptedTally, retry: [Int], refused: [Refusal], Complaint?)
    /// Send two halves. One document alone that is too large is refused.
    case tooLarge
    /// The endpoint found fault with the request as a whole, most likely because of one document: halve until one is
    /// left, and refuse that one with this reason. If one document after the other ends like this, it is not the
    /// documents: hold.
    ///
    /// The reason may quote a document.
    case poisoned(reason: String)
    /// Wait, at least as long as the server asks for, then send the same bytes again.
    ///
    /// A complaint of kind `unconfirmed` three times in a row is reason to halve, as something in the batch may be the
    /// cause; a single document that still ends like this is held.
    case later(Complaint, atLeast: Duration?)
    /// Somebody has to put something right. Say so loudly, wait long (30 s), send the same bytes again, drop nothing.
    case held(Complaint)
}

/// How the documents that an endpoint has were taken. The three do not overlap.
package struct AcceptedTally: Sendable, Equatable {
    package var stored: Int
    /// The same document, by its id, had been stored by an earlier request.
    package var alreadyThere: Int
    /// Stored in the failure store of the data stream instead of where it belongs.
    package var redirected: Int

    package init(stored: Int = 0, alreadyThere: Int = 0, redirected: Int = 0) {
        self.stored = stored
        self.alreadyThere = alreadyThere
        self.redirected = redirected
    }

    package var total: Int { stored + alreadyThere + redirected }
}

/// A document that the endpoint will never take, and its words.
package struct Refusal: Sendable, Equatable {
    /// Position in the request.
    package var index: Int
    package var status: Int
    /// Such as `mapper_parsing_exception`; may be empty.
    package var type: String
    /// At most 512 bytes. May quote the document.
    package var reason: String

    package init(index: Int, status: Int, type: String, reason: String) {
        self.index = index
        self.status = status
        self.type = type
        self.reason = reason
    }
}
