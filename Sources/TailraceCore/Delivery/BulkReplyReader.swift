/// Reads a `_bulk` reply while it comes, so that no reply is ever in memory as a whole.
///
/// A reply is read in parts: its opening bracket, each member beside the items, each item. What is in memory is the part
/// that is not complete yet, and of what was read the failures.
///
/// | in memory | at most |
/// |---|---|
/// | a part that is not complete | ``partMax``, and the piece that came last |
/// | failures | one for each document that was sent |
/// | their texts | ``textsMax``; what comes beyond is cut to ``shortReason`` bytes |
package struct BulkReplyReader: Sendable {
    /// An item can have a copy of its record in it.
    package static let partMax = 2 << 20
    static let textsMax = 4 << 20
    /// Enough for the words that tell one fault from another.
    static let shortReason = 128

    private enum Phase { case start, members, items, end }

    private let documentCount: Int
    private var reply = BulkReply()
    private var phase = Phase.start
    private var hasItems = false
    private var isMisshapen = false
    private var failure: BulkReplyError?
    private var place = JSONScanner.Place()
    /// What belongs to the next part, as far as it has come.
    private var rest: [UInt8] = []
    /// Bytes before `rest`.
    private var offset = 0
    /// A part that was incomplete is looked at again when there are so many bytes: each byte is read about twice at most.
    private var enough = 1
    private var textBytes = 0

    /// - Parameter documentCount: that were sent; items beyond are counted alone.
    package init(documentCount: Int = .max) { self.documentCount = documentCount }

    /// The reply can't be read within the bounds, whatever comes.
    package var isTooLong: Bool { failure == .tooLong }

    /// Bytes of what is not complete.
    var memory: Int { rest.count }

    /// Takes in the next bytes.
    package mutating func read(_ bytes: Span<UInt8>) {
        guard failure == nil else { return }
        bytes.withUnsafeBufferPointer { rest.append(contentsOf: $0) }
        guard rest.count >= enough else { return }
        readParts(isLast: false)
        enough = min(2 * rest.count, Self.partMax) + 1
        if failure == nil, rest.count > Self.partMax { fail(.tooLong) }
    }

    /// The reply as a whole.
    ///
    /// - Throws: `BulkReplyError`, also when it was cut off.
    package consuming func end() throws(BulkReplyError) -> BulkReply {
        if failure == nil { readParts(isLast: true) }
        if let failure { throw failure }
        guard hasItems, !isMisshapen else { throw .notBulk }
        return reply
    }

    private mutating func fail(_ error: BulkReplyError) {
        failure = error
        rest = []
    }

    private mutating func readParts(isLast: Bool) {
        var bytes: [UInt8] = []
        swap(&bytes, &rest)
        var read = 0
        do throws(JSONError) {
            let span = bytes.span
            var scanner = JSONScanner(span, from: place)
            while phase != .end {
                let part = try readPart(&scanner)
                // A number may go on with the next bytes.
                if !isLast, scanner.index == bytes.count { break }
                take(part)
                if case .item(let item, let start) = part, item.isPlainlyStored {
                    // Nearly all items of nearly all replies are the same bytes.
                    reply.take(stored: scanner.skipRepeats(ofElementAt: start))
                }
                (place, read) = (scanner.place, scanner.index)
            }
            if phase == .end {
                // Nothing but white space may follow.
                _ = try scanner.next()
                read = bytes.count
            }
        } catch {
            guard error.kind == .truncated, !isLast else {
                return fail(.json(JSONError(error.kind, at: offset + error.index)))
            }
        }
        bytes.removeFirst(read)
        offset += read
        rest = bytes
    }

    // MARK: Parts

    private enum Part {
        case opening, closing
        /// Neither items nor an error.
        case member
        case error(EndpointError?)
        case itemsOpening, itemsClosing
        /// Where it begins in the bytes at hand.
        case item(BulkReply.Item, start: Int)
        case misshapen
    }

    /// Reads one part. Changes nothing, since it may have to be read again when more has come.
    private func readPart(_ scanner: inout JSONScanner) throws(JSONError) -> Part {
        let token = try scanner.next()
        switch (phase, token) {
        case (.start, .beginObject): return .opening
        case (.members, .key(let key)): return try readMember(&scanner, key)
        case (.members, _): return .closing
        case (.items, .endArray): return .itemsClosing
        case (.items, .beginObject): return try readItem(&scanner)
        default:
            try scanner.skipRest(of: token)
            return .misshapen
        }
    }

    private func readMember(_ scanner: inout JSONScanner, _ key: Range<Int>) throws(JSONError) -> Part {
        if scanner.isEqual(key, "error") { return .error(try EndpointError(reading: &scanner)) }
        let isItems = scanner.isEqual(key, "items") && !hasItems
        let token = try scanner.next()
        if isItems, token == .beginArray { return .itemsOpening }
        try scanner.skipRest(of: token)
        return isItems ? .misshapen : .member
    }

    /// Reads `"create":{…}}`: the opening bracket has been read.
    private func readItem(_ scanner: inout JSONScanner) throws(JSONError) -> Part {
        let start = scanner.index - 1
        var item = BulkReply.Item()
        var memberCount = 0
        var isMisshapen = false
        while case .key = try scanner.next() {
            memberCount += 1
            let token = try scanner.next()
            if token == .beginObject, memberCount == 1 {
                item = try BulkReply.Item(reading: &scanner, like: reply.failures.last?.error)
            } else {
                isMisshapen = true
                try scanner.skipRest(of: token)
            }
        }
        return isMisshapen || memberCount != 1 ? .misshapen : .item(item, start: start)
    }

    private mutating func take(_ part: Part) {
        switch part {
        case .opening: phase = .members
        case .closing: phase = .end
        case .member: break
        case .error(let error): reply.take(error: error)
        case .itemsOpening: (phase, hasItems) = (.items, true)
        case .itemsClosing: phase = .members
        case .item(var item, _):
            shorten(&item)
            reply.take(item, keepsFailure: reply.itemCount < documentCount)
        case .misshapen:
            isMisshapen = true
            if phase == .start { phase = .end }
        }
    }

    private mutating func shorten(_ item: inout BulkReply.Item) {
        guard let error = item.error, error != reply.failures.last?.error else { return }
        if textBytes > Self.textsMax { item.error?.cutReason(to: Self.shortReason) }
        textBytes += error.type.utf8.count + error.reason.utf8.count
    }
}
