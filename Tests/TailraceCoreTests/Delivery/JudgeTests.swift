import TailraceCore
import Testing

/// A verdict without its sentences, so that a table can hold it.
enum Outcome: Equatable {
    case accepted, tooLarge, poisoned
    case partly(retry: [Int], refused: [Int], Complaint.Kind?)
    case later(Complaint.Kind), held(Complaint.Kind)

    init(_ verdict: Verdict) {
        self =
            switch verdict {
            case .accepted: .accepted
            case .partly(_, let retry, let refused, let complaint):
                .partly(retry: retry, refused: refused.map(\.index), complaint?.kind)
            case .tooLarge: .tooLarge
            case .poisoned: .poisoned
            case .later(let complaint, _): .later(complaint.kind)
            case .held(let complaint): .held(complaint.kind)
            }
    }
}

/// A bulk reply with these items.
func reply(_ items: [String], status: Int = 200) -> PostOutcome {
    let body = "{\"errors\":true,\"items\":[" + items.map { "{\"create\":\($0)}" }.joined(separator: ",") + "]}"
    return .reply(HTTPReply(status: status, body: Array(body.utf8)))
}

func failed(_ status: Int, _ type: String, _ reason: String = "because") -> String {
    "{\"status\":\(status),\"error\":{\"type\":\"\(type)\",\"reason\":\"\(reason)\"}}"
}

/// An item that says so.
let stored = #"{"status":201}"#

@Suite struct WholeRequestTests {
    private static let busy = #"{"error":{"type":"es_rejected_execution_exception","reason":"full"},"status":429}"#
    private static let tooMuch =
        #"{"error":{"type":"es_rejected_execution_exception","reason":"operation size [9] exceeds the maximum allowed limit"}}"#
    private static let amazon = #"{"Message":"Request size exceeded 10485760 bytes"}"#
    private static let badLine =
        #"{"error":{"root_cause":[{"type":"x"}],"type":"json_parse_exception","reason":"Unexpected character"},"status":400}"#
    private static let noPipeline =
        #"{"error":{"type":"illegal_argument_exception","reason":"pipeline with id [p] does not exist"},"status":400}"#
    private static let noIndex = #"{"error":{"type":"index_not_found_exception","reason":"no such index [logs]"}}"#
    private static let blocked = #"{"error":{"type":"cluster_block_exception","reason":"index [logs] blocked"}}"#
    private static let forbidden = #"{"error":{"type":"security_exception","reason":"action is unauthorized"}}"#

    /// One row or more for each line of the table of whole-request outcomes.
    @Test(
        arguments: [
            (200, "", .later(.unconfirmed)), (200, "ok", .later(.unconfirmed)), (200, "<html>", .later(.unconfirmed)),
            (200, "{}", .later(.unconfirmed)), (204, "", .later(.unconfirmed)), (299, "[]", .later(.unconfirmed)),
            (200, #"{"errors":false,"items":[]}"#, .later(.unconfirmed)),
            (200, #"{"errors":false,"items":[{"create":{"status":201}}]}"#, .later(.unconfirmed)),
            (301, "", .held(.address)), (302, "", .held(.address)), (303, "", .held(.address)),
            (307, "", .held(.address)), (308, "", .held(.address)), (304, "", .held(.address)),
            (400, "", .poisoned), (400, badLine, .poisoned), (400, "cannot parse line", .poisoned),
            (400, noPipeline, .held(.index)),
            (400, "unsupported path requested: \"/_bulk\"", .held(.address)),
            (400, #"{"error":"no handler found for uri [/x/_bulk] and method [POST]"}"#, .held(.address)),
            (400, "<html>The plain HTTP request was sent to HTTPS port</html>", .held(.address)),
            (400, "Client sent an HTTP request to an HTTPS server.\n", .held(.address)),
            (
                400,
                #"{"error":{"type":"illegal_argument_exception","reason":"request [/_bulk] contains unrecognized parameter: [x]"}}"#,
                .held(.request)
            ),
            (401, "", .held(.credentials)), (403, "", .held(.credentials)), (402, "", .held(.credentials)),
            (403, forbidden, .held(.credentials)), (403, blocked, .held(.index)),
            (407, "", .held(.credentials)), (511, "", .held(.credentials)),
            (404, "", .held(.address)), (404, "404 page not found", .held(.address)), (404, noIndex, .held(.index)),
            (405, "", .held(.address)), (410, "", .held(.address)), (421, "", .held(.address)),
            (406, "", .held(.request)), (415, "", .held(.request)),
            (408, "", .later(.unwell)),
            (409, "", .later(.unconfirmed)), (409, #"{"error":"conflict"}"#, .later(.unconfirmed)),
            (411, "", .held(.request)), (417, "", .held(.request)), (414, "", .held(.request)),
            (431, "", .held(.request)),
            (413, "", .tooLarge), (413, amazon, .tooLarge),
            (400, "<html><h1>413 Request Entity Too Large</h1></html>", .tooLarge),
            (400, "http: request body too large", .tooLarge), (400, amazon, .tooLarge),
            (400, #"{"error":{"type":"parse_exception","reason":"near 'request body too large'"}}"#, .poisoned),
            (422, "", .poisoned), (418, "", .poisoned), (499, "", .later(.unwell)), (425, "", .later(.unwell)),
            (429, "", .later(.busy)), (429, busy, .later(.busy)), (429, "disk is low", .later(.busy)),
            (429, tooMuch, .tooLarge),
            (500, "", .later(.unwell)), (502, "<html>", .later(.unwell)), (503, "", .later(.unwell)),
            (504, "", .later(.unwell)), (507, "", .later(.unwell)), (520, "", .later(.unwell)),
            (529, "", .later(.unwell)),
            (501, "", .held(.address)), (505, "", .held(.request)),
            (100, "", .later(.unanswered)), (0, "", .later(.unanswered)), (999, "", .later(.unwell)),
        ] as [(Int, String, Outcome)])
    func `each status of the request has its verdict`(status: Int, body: String, expected: Outcome) {
        let outcome = PostOutcome.reply(HTTPReply(status: status, body: Array(body.utf8)))
        #expect(Outcome(judge(outcome, documentCount: 2)) == expected)
        #expect(Outcome(judge(outcome, documentCount: 2, givesUp: true)) == expected)
    }

    @Test(
        arguments: [
            (.unreachable, .later(.unreachable)), (.tls, .held(.tls)), (.timedOut, .later(.unanswered)),
            (.cut, .later(.unanswered)), (.malformed, .later(.unanswered)), (.replyTooLarge, .later(.unconfirmed)),
            (.closed, .held(.closed)),
        ] as [(TransportFailure.Kind, Outcome)])
    func `each failure of the transport has its verdict`(kind: TransportFailure.Kind, expected: Outcome) {
        let verdict = judge(.failed(TransportFailure(kind, "reset by es:9200")), documentCount: 1)
        #expect(Outcome(verdict) == expected)
        #expect("\(verdict)".contains("reset by es:9200"))
    }

    @Test(arguments: [429, 503, 200]) func `a wait that the server asks for is handed on`(status: Int) {
        let outcome = PostOutcome.reply(HTTPReply(status: status, retryAfter: .seconds(7)))
        guard case .later(_, let atLeast) = judge(outcome, documentCount: 1) else {
            Issue.record("not later")
            return
        }
        #expect(atLeast == .seconds(7))
    }

    @Test func `a redirect names its target without the query`() {
        let outcome = PostOutcome.reply(HTTPReply(status: 302, location: "https://sso.example/login?token=secret"))
        guard case .held(let complaint) = judge(outcome, documentCount: 1) else {
            Issue.record("not held")
            return
        }
        #expect(complaint.sentence.contains("\"https://sso.example/login\""))
        #expect(!complaint.sentence.contains("secret"))
    }

    @Test func `a foreign body is quoted as printable ASCII, and not all of it`() {
        let page = "<html>\r\n\t<b>Bad\u{1B}[31m\u{0} g\u{E4}teway</b>" + String(repeating: "x", count: 1000)
        let outcome = PostOutcome.reply(HTTPReply(status: 502, body: Array(page.utf8)))
        guard case .later(let complaint, _) = judge(outcome, documentCount: 1) else {
            Issue.record("not later")
            return
        }
        #expect(complaint.sentence.contains("502, \"<html> <b>Bad?[31m? g??teway</b>xxx"))
        #expect(complaint.sentence.utf8.count < 350)
        #expect(complaint.sentence.unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 0x20 || $0 == "…" })
    }
}
