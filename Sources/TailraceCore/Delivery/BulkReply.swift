/// What a `_bulk` reply says about each document. Nothing in it has been judged yet.
///
/// ```
/// {"took":3,"errors":true,"items":[
///     {"create":{"status":201}},
///     {"create":{"status":429,"error":{"type":"es_rejected_execution_exception","reason":"…"}}}]}
/// ```
///
/// | part | read as |
/// |---|---|
/// | item | the single value of the single key, whatever the key: servers answer `create` with `index` or `table` |
/// | which document | the item's position, the only thing all servers keep (one exception: `isOutOfOrder`) |
/// | failed | `status` outside 200–299 or missing, or `error` present and not null; `error` may be a string |
/// | `failure_store` | `used` counts the document as redirected |
/// | `errors`, `took` | not looked at: `errors` is known to be wrong |
/// | `error` beside `items` | kept in `error`: one server stops at a bad line, reports it there and says 200 |
///
/// Documents that were stored leave nothing behind but a count, nor do those that were there already, so the reply to a
/// batch sent twice is as cheap as any. What failed is kept in full; its texts are shorter than the body they are from.
package struct BulkReply: Sendable, Equatable {
    package struct Failure: Sendable, Equatable {
        /// Position in the request.
        package var index: Int
        /// 0 if there was none.
        package var status: Int
        package var error: EndpointError
    }

    package private(set) var itemCount = 0
    /// Items that failed as a version conflict: the document with this id is there already.
    package private(set) var alreadyThereCount = 0
    /// Items that were stored, but in the failure store of the data stream.
    package private(set) var redirectedCount = 0
    /// All other items that failed, in the order of the reply.
    package private(set) var failures: [Failure] = []
    /// An error of the whole request beside the items.
    package private(set) var error: EndpointError?
    /// OpenObserve puts refused documents first. It can be told by the copy of the record that only it adds; then no
    /// item can be matched with a document, unless there is only one.
    package private(set) var isOutOfOrder = false

    /// - Throws: `BulkReplyError` for what is no complete bulk reply.
    package init(parsing body: Span<UInt8>) throws(BulkReplyError) {
        var reader = BulkReplyReader()
        reader.read(body)
        self = try reader.end()
    }

    init() {}

    /// Takes in what one item says.
    ///
    /// - Parameter keepsFailure: false where there is no such document: then the count alone tells what is wrong.
    mutating func take(_ item: Item, keepsFailure: Bool) {
        if item.hasRecord { isOutOfOrder = true }
        if (200...299).contains(item.status), item.error == nil {
            if item.isRedirected { redirectedCount += 1 }
        } else if item.status == 409, item.error?.type == EndpointError.versionConflict {
            alreadyThereCount += 1
        } else if keepsFailure {
            failures.append(Failure(index: itemCount, status: item.status, error: item.error ?? EndpointError()))
        }
        itemCount += 1
    }

    /// Takes in items that say nothing but that their documents are stored.
    mutating func take(stored count: Int) { itemCount += count }

    mutating func take(error: EndpointError?) {
        // As servers write that always fill in the member.
        self.error = error == EndpointError() ? nil : error
    }

    /// What stands behind the one key of an item.
    struct Item {
        var status = 0
        var error: EndpointError?
        var isRedirected = false
        /// With a copy of the record.
        var hasRecord = false

        var isPlainlyStored: Bool { (200...299).contains(status) && error == nil && !isRedirected && !hasRecord }

        init() {}

        /// Reads on to the end of the object that was begun.
        ///
        /// - Parameter previous: an error whose texts are shared if they are the same.
        init(reading scanner: inout JSONScanner, like previous: EndpointError?) throws(JSONError) {
            while case .key(let key) = try scanner.next() {
                if scanner.isEqual(key, "status") {
                    let token = try scanner.next()
                    if case .number(let range) = token { status = scanner.integer(range) ?? 0 }
                    try scanner.skipRest(of: token)
                } else if scanner.isEqual(key, "error") {
                    error = try EndpointError(reading: &scanner, like: previous)
                } else if scanner.isEqual(key, "failure_store") {
                    let token = try scanner.next()
                    if case .string(let range) = token { isRedirected = scanner.isEqual(range, "used") }
                    try scanner.skipRest(of: token)
                } else {
                    if scanner.isEqual(key, "originalRecord") || scanner.isEqual(key, "original_record") {
                        hasRecord = true
                    }
                    try scanner.skipValue()
                }
            }
        }
    }
}

/// Why a reply tells nothing about any document.
package enum BulkReplyError: Error, Sendable, Equatable {
    /// Not JSON, or cut.
    case json(JSONError)
    /// JSON, but no object with a list of items that have one key each.
    case notBulk
    /// One item, or what stands beside the items, is longer than `BulkReplyReader.partMax`.
    case tooLong
}
