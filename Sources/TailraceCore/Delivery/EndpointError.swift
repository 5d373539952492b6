/// What an endpoint says went wrong, for one document or for a whole request.
///
/// | form | from |
/// |---|---|
/// | `{"type":"…","reason":"…", …}` | Elasticsearch, OpenSearch, Quickwit |
/// | `"…"` | ZincSearch, and the routers of several servers |
/// | `{"error": (one of the above)}` | the body of a refused request |
/// | `{"message":"…"}`, `{"Message":"…"}` | OpenObserve, Amazon |
package struct EndpointError: Sendable, Equatable {
    /// Bytes of a reason that are kept.
    package static let reasonMax = 512
    /// Bytes of a type that are kept.
    package static let typeMax = 128
    static let versionConflict = "version_conflict_engine_exception"

    /// Such as `mapper_parsing_exception`; empty when there was none.
    package var type: String
    /// For people. May quote the document: not to be logged where many read.
    package var reason: String

    package init(type: String = "", reason: String = "") {
        self.type = type
        self.reason = reason
    }

    /// Reads the value that follows. `nil` when it is null.
    ///
    /// - Parameter previous: an error whose texts are shared if they are the same, since a batch often fails as one.
    init?(reading scanner: inout JSONScanner, like previous: EndpointError? = nil) throws(JSONError) {
        self.init()
        let token = try scanner.next()
        switch token {
        case .null:
            return nil
        case .string(let range):
            reason = scanner.text(range, limit: EndpointError.reasonMax)
        case .beginObject:
            try readMembers(&scanner)
        case .boolean(let value):
            reason = "\(value)"
        default:
            try scanner.skipRest(of: token)
            reason = "an error that is a number or a list"
        }
        guard let previous else { return }
        if type == previous.type { type = previous.type }
        if reason == previous.reason { reason = previous.reason }
    }

    mutating func cutReason(to limit: Int) {
        // A character that is cut becomes one that stands for it.
        if reason.utf8.count > limit { reason = String(decoding: reason.utf8.prefix(limit), as: UTF8.self) }
    }

    private mutating func readMembers(_ scanner: inout JSONScanner) throws(JSONError) {
        while case .key(let key) = try scanner.next() {
            let token = try scanner.next()
            if case .string(let range) = token {
                if scanner.isEqual(key, "type") {
                    type = scanner.text(range, limit: EndpointError.typeMax)
                } else if scanner.isEqual(key, "reason") {
                    reason = scanner.text(range, limit: EndpointError.reasonMax)
                }
            }
            try scanner.skipRest(of: token)
        }
    }

    /// What the body of a refused request says. `nil` if it is not JSON of a known form.
    package init?(body: Span<UInt8>) {
        var scanner = JSONScanner(body)
        do throws(JSONError) {
            guard let error = try EndpointError.read(&scanner) else { return nil }
            self = error
        } catch {
            return nil
        }
    }

    private static func read(_ scanner: inout JSONScanner) throws(JSONError) -> EndpointError? {
        guard try scanner.next() == .beginObject else { return nil }
        var error: EndpointError?
        var message: EndpointError?
        while case .key(let key) = try scanner.next() {
            if scanner.isEqual(key, "error") {
                error = try EndpointError(reading: &scanner)
            } else if scanner.isEqual(key, "message") || scanner.isEqual(key, "Message") {
                message = try EndpointError(reading: &scanner)
            } else {
                try scanner.skipValue()
            }
        }
        _ = try scanner.next()
        return error ?? message
    }

    /// Is `phrase`, in lower case, in the reason? The case of its letters differs between versions of servers.
    func mentions(_ phrase: String) -> Bool {
        let text = Array(reason.utf8).map { $0 &- 65 < 26 ? $0 | 0x20 : $0 }
        let wanted = Array(phrase.utf8)
        guard text.count >= wanted.count else { return false }
        return (0...text.count - wanted.count).contains { text[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }
}
