/// Decides what has to happen after one request. Statuses of the whole request are known here and nowhere else.
///
/// | outcome | verdict |
/// |---|---|
/// | 2xx, or 409 with items (Manticore) | by item, see `judgeItems` |
/// | 3xx | held: following could hand the credentials to somebody else |
/// | 400, 422, other 4xx | poisoned, unless the words are about the index or the address: held |
/// | 401, 402, 403, 407, 511 | held, credentials; 403 and 404 with words about the index: held, index |
/// | 404, 405, 410, 421, 501 | held, address |
/// | 406, 411, 414, 415, 417, 426, 428, 431, 451, 505 | held, request |
/// | 408, 409 without items, 423–425, 444, 499, other 5xx | later |
/// | 413, 400 with words about the size, 429 for a request larger than the whole budget | too large |
/// | 429 | later, busy |
/// | no reply | later; TLS and a closed output: held |
///
/// - Parameters:
///   - documentCount: documents that were in the request.
///   - kind: of the endpoint.
///   - givesUp: refuse what fails by a fault of the server or of its own index. For the caller to say when the same
///     documents have failed like this many times (10) while others were stored.
package func judge(
    _ outcome: PostOutcome, documentCount: Int, by kind: EndpointKind = .elasticsearch, givesUp: Bool = false
) -> Verdict {
    switch outcome {
    case .failed(let failure): judge(failure)
    case .reply(let reply): judge(reply, documentCount: documentCount, kind, givesUp: givesUp)
    case .taken: .accepted(AcceptedTally(stored: documentCount))
    }
}

private func judge(_ failure: TransportFailure) -> Verdict {
    let what = failure.description
    func later(_ kind: Complaint.Kind, _ sentence: String) -> Verdict {
        .later(Complaint(kind, sentence), atLeast: nil)
    }
    func held(_ kind: Complaint.Kind, _ sentence: String) -> Verdict { .held(Complaint(kind, sentence)) }
    return switch failure.kind {
    case .unreachable:
        later(
            .unreachable, "No connection to the endpoint: \(what). \(waiting) If this stays, check TAILRACE_ENDPOINT.")
    case .tls:
        held(.tls, "No trusted connection to the endpoint: \(what). \(waiting) Check its certificate and the CA file.")
    case .credentials:
        held(.credentials, "Nothing could be sent: \(what). \(waiting)")
    case .timedOut, .cut, .malformed:
        later(
            .unanswered,
            "No usable reply: \(what). The endpoint may have the documents or not; they are sent again, same ids.")
    case .replyTooLarge:
        later(
            .unconfirmed,
            "The reply is too long to be read: \(what). Nothing of it counts as stored, the documents are sent again.")
    case .closed:
        held(
            .closed,
            "The output is gone: \(what). Nothing can be delivered any more; the logs stay in their files. "
                + "Restart with somebody reading.")
    }
}

private func judge(_ reply: HTTPReply, documentCount: Int, _ kind: EndpointKind, givesUp: Bool) -> Verdict {
    if reply.mayHaveItems { return judgeItems(of: reply, documentCount: documentCount, kind, givesUp: givesUp) }
    let error = EndpointError(body: reply.body.span)
    let words = said(reply, error)
    func later(_ kind: Complaint.Kind, _ meaning: String) -> Verdict {
        .later(Complaint(kind, "\(words) \(meaning)"), atLeast: reply.retryAfter)
    }
    func held(_ kind: Complaint.Kind, _ remedy: String) -> Verdict {
        .held(Complaint(kind, "\(words) \(waiting) \(remedy)"))
    }
    switch reply.status {
    case 300...399:
        return held(
            .address, "\(redirect(reply)) Redirects are not followed: write the final address in TAILRACE_ENDPOINT.")
    case 403 where error?.isAboutTheIndex == true, 404 where error?.isAboutTheIndex == true:
        return held(.index, checkIndex)
    case 401, 402, 403, 407, 511:
        return held(.credentials, "Check the credentials, and that they may write to the index and create it.")
    case 404, 405, 410, 421, 501:
        return held(.address, "There is no _bulk here. Check address and path in TAILRACE_ENDPOINT.")
    case 406, 411, 414, 415, 417, 426, 428, 431, 451, 505:
        return held(
            .request,
            "It does not like how the request is made. Check TAILRACE_HEADERS, TAILRACE_QUERY and the proxies between.")
    case 413:
        return .tooLarge
    case 429 where error?.isAboutTheLimit == true:
        return .tooLarge
    case 429:
        return later(.busy, "It has too much to do. \(waiting)")
    case 408, 423...425, 444, 499, 500...:
        return later(.unwell, waiting)
    case 400..<500:
        return judgeRefusal(reply, error, words, held)
    default:
        return later(.unanswered, "This is no final HTTP status. \(waiting)")
    }
}

/// 400 and its like: a document, the index, or the address? Only the words tell.
private func judgeRefusal(
    _ reply: HTTPReply, _ error: EndpointError?, _ words: String, _ held: (Complaint.Kind, String) -> Verdict
) -> Verdict {
    let raw = String(decoding: reply.body.prefix(EndpointError.reasonMax), as: UTF8.self)
    let text = error ?? EndpointError(reason: raw)
    if text.mentions("plain http request was sent to https") || text.mentions("http request to an https server") {
        return held(.address, "The endpoint speaks TLS: write https:// in TAILRACE_ENDPOINT.")
    }
    if text.mentions("no required ssl certificate was sent") || text.mentions("the ssl certificate error") {
        return held(.tls, "Check TAILRACE_CLIENT_CERT_FILE and TAILRACE_CLIENT_KEY_FILE.")
    }
    if EndpointKind.all.contains(where: { $0.wordsForNoBulk.contains(where: text.mentions) }) {
        return held(.address, "There is no _bulk here. Check the path in TAILRACE_ENDPOINT.")
    }
    if ItemClass(error: text) == .suspect, sizeWords.contains(where: text.mentions) { return .tooLarge }
    if text.mentions("unrecognized parameter") {
        return held(.request, "Check TAILRACE_QUERY.")
    }
    if let error, ItemClass(error: error) == .configuration {
        return held(.index, checkIndex)
    }
    return .poisoned(reason: words)
}

/// Status, and the beginning of what came with it.
private func said(_ reply: HTTPReply, _ error: EndpointError?) -> String {
    let status = "The endpoint answered \(reply.status)"
    guard let error else {
        return reply.body.isEmpty ? "\(status)." : "\(status), \(String(quoting: reply.body.span))."
    }
    let reason = String(quoting: error.reason)
    return error.type.isEmpty ? "\(status), \(reason)." : "\(status), \(error.type): \(reason)."
}

/// Without the query, in which log-in pages are handed tokens.
private func redirect(_ reply: HTTPReply) -> String {
    guard let location = reply.location else { return "It redirects." }
    return "It redirects to \(String(quoting: String(location.prefix { $0 != "?" })))."
}

extension EndpointError {
    fileprivate var isAboutTheIndex: Bool {
        type != "security_exception" && ItemClass(error: self) == .configuration
    }
}

/// What servers and proxies say with 400 where 413 is meant.
private let sizeWords = [
    "request entity too large", "body too large", "payload too large", "request too large", "body is too large",
    "request size exceeded", "exceeded limit", "too big data size",
]

private let waiting = "Nothing is dropped; the documents wait and are sent again."
private let checkIndex = "Check the index, its template and mapping, and TAILRACE_INDEX."
