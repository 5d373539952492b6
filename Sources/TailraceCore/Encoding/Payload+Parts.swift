// Payloads are never taken apart on the common path. What follows inflates, chooses pairs of lines and deflates again,
// which costs tens of milliseconds for a full batch and happens only after a refusal.

extension Batch {
    /// The batch as it goes over the wire. It must not be empty.
    ///
    /// - Parameter compressor: compresses the body; without one it stays as it is.
    package borrowing func sealed(number: BatchNumber, with compressor: GzipCompressor?) -> Payload {
        Payload(sealing: body.span, number: number, documentCount: documentCount, with: compressor)
    }
}

extension Payload {
    /// Seals `body`, NDJSON with an action line and a document line for each document, all ending in a newline.
    ///
    /// - Parameter compressor: compresses the body; without one it stays as it is.
    package init(
        sealing body: Span<UInt8>, number: BatchNumber, documentCount: Int, with compressor: GzipCompressor?
    ) {
        precondition(documentCount > 0, "batch \(number.value) has no documents")
        precondition(body[body.count - 1] == newline, "batch \(number.value) does not end in a newline")
        self.init(
            number: number, body: compressor?.compress(body) ?? Array(body), isCompressed: compressor != nil,
            documentCount: documentCount, rawSize: body.count)
    }

    /// The first half and the rest, for an endpoint that found the whole too large or poisoned. Needs two documents.
    ///
    /// - Parameter level: of the gzip members made; a payload that is not compressed stays so.
    package func halved(level: Int = 6) throws(PayloadError) -> (Payload, Payload) {
        precondition(documentCount > 1, "one document cannot be halved")
        let raw = try inflated()
        let compressor = try compressor(level: level)
        let middle = documentCount / 2
        let cut = try offset(ofDocument: middle, in: raw)
        return (
            Payload(
                sealing: raw.span.extracting(..<cut), number: number, documentCount: middle, with: compressor),
            Payload(
                sealing: raw.span.extracting(cut...), number: number, documentCount: documentCount - middle,
                with: compressor)
        )
    }

    /// The documents at `indices` (ascending, each once, at least one), in their order.
    ///
    /// - Parameter level: of the gzip member made; a payload that is not compressed stays so.
    package func keeping(_ indices: [Int], level: Int = 6) throws(PayloadError) -> Payload {
        precondition(!indices.isEmpty, "a payload has at least one document")
        let raw = try inflated()
        var kept = OwnedBytes()
        try forEachDocument(at: indices, in: raw) { action, document in
            kept.append(raw.span.extracting(action.lowerBound..<document.upperBound + 1))
        }
        let compressor = try compressor(level: level)
        return Payload(sealing: kept.span, number: number, documentCount: indices.count, with: compressor)
    }

    /// The text of the documents at `indices` (ascending, each once), for showing or keeping what was refused.
    package func documents(at indices: [Int]) throws(PayloadError) -> [DocumentText] {
        let raw = try inflated()
        var texts: [DocumentText] = []
        try forEachDocument(at: indices, in: raw) { action, document in
            texts.append(
                DocumentText(
                    action: String(decoding: raw[action], as: UTF8.self),
                    document: String(decoding: raw[document], as: UTF8.self)))
        }
        return texts
    }

    /// All documents without their actions, each ending in a newline.
    package func documentLines() throws(PayloadError) -> [UInt8] {
        let raw = try inflated()
        var lines: [UInt8] = []
        lines.reserveCapacity(raw.count)
        try forEachDocument(at: Array(0..<documentCount), in: raw) { _, document in
            lines += raw[document.lowerBound...document.upperBound]
        }
        return lines
    }

    /// The body before compression.
    package func inflated() throws(PayloadError) -> [UInt8] {
        guard isCompressed else { return body }
        let raw: [UInt8]
        do {
            raw = try GzipInflater.inflate(body.span, limit: rawSize)
        } catch {
            throw .gzip(error)
        }
        guard raw.count == rawSize else { throw .damaged("\(raw.count) bytes instead of \(rawSize)") }
        return raw
    }

    private func compressor(level: Int) throws(PayloadError) -> GzipCompressor? {
        guard isCompressed else { return nil }
        do {
            return try GzipCompressor(level: level)
        } catch {
            throw .gzip(error)
        }
    }

    private func offset(ofDocument index: Int, in raw: [UInt8]) throws(PayloadError) -> Int {
        var start = 0
        try forEachDocument(at: [index], in: raw) { action, _ in start = action.lowerBound }
        return start
    }

    /// Calls `visit` with the ranges of both lines of each document, without their newlines.
    private func forEachDocument(
        at indices: [Int], in raw: [UInt8], _ visit: (_ action: Range<Int>, _ document: Range<Int>) -> Void
    ) throws(PayloadError) {
        var start = 0
        var wanted = indices.makeIterator()
        var next = wanted.next()
        for index in 0..<documentCount {
            guard let action = line(at: start, in: raw), let document = line(at: action.upperBound + 1, in: raw)
            else { throw .damaged("\(index) documents instead of \(documentCount)") }
            start = document.upperBound + 1
            guard index == next else { continue }
            visit(action, document)
            next = wanted.next()
        }
        guard start == raw.count else { throw .damaged("more than \(documentCount) documents") }
        if let next { preconditionFailure("document \(next) of \(documentCount) was asked for, or not in order") }
    }

    /// The line that begins at `start`, without its newline.
    private func line(at start: Int, in raw: [UInt8]) -> Range<Int>? {
        guard start < raw.count, let end = raw[start...].firstIndex(of: newline) else { return nil }
        return start..<end
    }
}

/// Both lines of one document.
package struct DocumentText: Sendable, Equatable {
    package var action: String
    package var document: String

    package init(action: String, document: String) {
        self.action = action
        self.document = document
    }
}

/// A payload could not be taken apart. It was sealed by this program, so memory ran out or its bytes were damaged.
package enum PayloadError: Error, Sendable, Equatable {
    case gzip(GzipError)
    case damaged(String)
}

private let newline = UInt8(ascii: "\n")
