/// Decides by what the reply says about each document. To be called for 2xx, and for 409 from a server that reports
/// failed items with it.
///
/// Three cases override the single items:
/// - Not a bulk reply, cut, not as many items as documents, or an error beside the items: later, unconfirmed. Nothing
///   in such a reply can be trusted.
/// - Nothing was stored or refused: later or held. The same bytes again, so nothing has to be rebuilt.
/// - At least `sameFaultMin` documents, all failing alike by a fault that may be the index's: held. A whole stream must
///   not be refused for an operator's mistake.
func judgeItems(of reply: HTTPReply, documentCount: Int, _ kind: EndpointKind, givesUp: Bool) -> Verdict {
    func unconfirmed(_ what: String) -> Verdict {
        let meaning =
            "Nothing of it counts as stored, and the documents are sent again. "
            + "Check that TAILRACE_ENDPOINT leads to an Elasticsearch-compatible _bulk and not to something else."
        return .later(Complaint(.unconfirmed, "\(what) \(meaning)"), atLeast: reply.retryAfter)
    }
    let bulk: BulkReply
    do throws(BulkReplyError) {
        if let items = reply.items { bulk = try items.get() } else { bulk = try BulkReply(parsing: reply.body.span) }
    } catch {
        let text = reply.body.isEmpty ? "an empty body" : String(quoting: reply.body.span)
        return unconfirmed("The endpoint answered \(reply.status) with \(text), which is \(error).")
    }
    guard bulk.itemCount == documentCount else {
        return unconfirmed("The endpoint answered for \(bulk.itemCount) of \(documentCount) documents.")
    }
    if let error = bulk.error {
        let text = String(quoting: error.reason)
        return unconfirmed("The endpoint answered \(reply.status) and reports an error, \(text).")
    }
    if bulk.isOutOfOrder || !kind.ordersItems, !bulk.failures.isEmpty, documentCount > 1 {
        return .poisoned(reason: "The endpoint does not say which document it refused.")
    }
    return ItemJudge(bulk, kind, givesUp: givesUp).verdict(atLeast: reply.retryAfter)
}

/// Sorts the failed items of one reply.
private struct ItemJudge {
    /// So many documents do not have the same rare fault by chance.
    static let sameFaultMin = 10

    private var tally: AcceptedTally
    private var retry: [Int] = []
    private var refused: [Refusal] = []
    /// The worst of what has to be sent again: a fault for an operator before any other.
    private var complaint: Complaint?

    init(_ bulk: BulkReply, _ kind: EndpointKind, givesUp: Bool) {
        tally = AcceptedTally(
            stored: bulk.itemCount - bulk.alreadyThereCount - bulk.redirectedCount - bulk.failures.count,
            alreadyThere: bulk.alreadyThereCount, redirected: bulk.redirectedCount)
        let isSameFault = ItemJudge.isSameFault(bulk)
        for failure in bulk.failures {
            switch ItemClass(status: failure.status, error: failure.error) {
            case .alreadyThere where kind.sendsID: tally.alreadyThere += 1
            // With an id that the endpoint has drawn: another one will be free.
            case .alreadyThere: wait(failure, .unwell)
            case .busy: wait(failure, .busy)
            case .unwell: if givesUp { refuse(failure) } else { wait(failure, .unwell) }
            case .full: wait(failure, .full)
            case .configuration where givesUp && failure.isAboutItsIndexAlone: refuse(failure)
            case .configuration: wait(failure, failure.isAboutPermission ? .credentials : .index)
            case .refused: refuse(failure)
            case .suspect: if isSameFault, !givesUp { wait(failure, .index) } else { refuse(failure) }
            }
        }
    }

    func verdict(atLeast: Duration?) -> Verdict {
        guard let complaint else {
            return refused.isEmpty ? .accepted(tally) : .partly(tally, retry: [], refused: refused, nil)
        }
        if tally.total > 0 || !refused.isEmpty { return .partly(tally, retry: retry, refused: refused, complaint) }
        return complaint.needsOperator ? .held(complaint) : .later(complaint, atLeast: atLeast)
    }

    private static func isSameFault(_ bulk: BulkReply) -> Bool {
        guard let first = bulk.failures.first, bulk.failures.count == bulk.itemCount, bulk.itemCount >= sameFaultMin
        else { return false }
        return bulk.failures.allSatisfy { $0.status == first.status && $0.error.type == first.error.type }
    }

    private mutating func refuse(_ failure: BulkReply.Failure) {
        refused.append(
            Refusal(
                index: failure.index, status: failure.status, type: failure.error.type, reason: failure.error.reason))
    }

    private mutating func wait(_ failure: BulkReply.Failure, _ kind: Complaint.Kind) {
        retry.append(failure.index)
        if let complaint, complaint.needsOperator { return }
        let needsOperator = Complaint(kind, "").needsOperator
        guard complaint == nil || needsOperator else { return }
        complaint = Complaint(kind, "\(failure.words) \(remedy(for: kind))")
    }

    private func remedy(for kind: Complaint.Kind) -> String {
        let waiting = "It is not dropped; it waits and is sent again."
        return switch kind {
        case .full: "\(waiting) The disk of the cluster is full: make room or raise its watermarks."
        case .credentials: "\(waiting) Check that the credentials may write to this index."
        case .index: "\(waiting) Check the index, its template and mapping, and TAILRACE_INDEX."
        default: waiting
        }
    }
}

extension BulkReply.Failure {
    /// A block of the index comes with the same status as a missing permission.
    fileprivate var isAboutPermission: Bool {
        (401...403).contains(status) && error.type != "cluster_block_exception" || error.type == "security_exception"
    }

    /// No such index, or one that can't take it, as opposed to a missing permission or a block that somebody lifts again.
    fileprivate var isAboutItsIndexAlone: Bool {
        (status == 400 || status == 404) && error.type != "cluster_block_exception"
            && error.type != "security_exception"
    }

    fileprivate var words: String {
        let name = error.type.isEmpty ? "no type" : error.type
        return "The endpoint did not take a document: \(status), \(name), \(String(quoting: error.reason))."
    }
}

extension BulkReplyError: CustomStringConvertible {
    /// Ends a sentence that begins with "which is".
    package var description: String {
        switch self {
        case .json(let error) where error.kind == .truncated: "cut off"
        case .json: "not JSON"
        case .notBulk: "not a bulk reply"
        case .tooLong: "longer than anything that can be read"
        }
    }
}
