/// A record that the endpoint will never take as it is, with the reason, kept for a person to look at and to send again.
///
/// One line of JSON for each, its members in this order:
///
/// | member | holds |
/// |---|---|
/// | `@timestamp` | when it was refused, RFC 3339 |
/// | `index` | where it was to go |
/// | `status` | of the item, or of the request that held nothing else; 0 if no answer ever came |
/// | `type`, `reason` | the endpoint's words, at most 128 and 512 bytes; may be empty |
/// | `action`, `record` | both lines of the document as they were sent, so that it keeps its id |
package struct DeadLetter: Sendable, Equatable {
    package var time: Timestamp
    package var refusal: Words
    package var document: DocumentText

    package struct Words: Sendable, Equatable {
        package var status: Int
        package var type: String
        package var reason: String

        package init(status: Int, type: String, reason: String) {
            self.status = status
            self.type = type
            self.reason = reason
        }
    }

    package init(time: Timestamp, refusal: Words, document: DocumentText) {
        self.time = time
        self.refusal = refusal
        self.document = document
    }

    package init(_ refusal: Refusal, of document: DocumentText, at time: Timestamp) {
        self.init(
            time: time, refusal: Words(status: refusal.status, type: refusal.type, reason: refusal.reason),
            document: document)
    }

    /// Empty if the action names none.
    package var index: String { document.actionMember("_index") ?? "" }

    /// Appends the line, with its newline.
    package func append(to lines: inout OwnedBytes) {
        lines.append("{\"@timestamp\":\"")
        lines.append(time: time)
        lines.append("\",\"index\":")
        lines.appendJSON(index)
        lines.append(",\"status\":")
        lines.append(Array("\(refusal.status)".utf8))
        lines.append(",\"type\":")
        lines.appendJSON(refusal.type)
        lines.append(",\"reason\":")
        lines.appendJSON(refusal.reason)
        lines.append(",\"action\":")
        lines.append(Array(document.action.utf8))
        lines.append(",\"record\":")
        lines.append(Array(document.document.utf8))
        lines.append("}\n")
    }

    /// Reads a line without its newline. Members that are not known are skipped.
    ///
    /// - Throws: `JSONError` when it is not JSON, or lacks `action` or `record`: a line that was cut off, or is not ours.
    package init(parsing line: Span<UInt8>) throws(JSONError) {
        var scanner = JSONScanner(line)
        var action: Range<Int>?
        var record: Range<Int>?
        time = Timestamp(nanoseconds: 0)
        refusal = Words(status: 0, type: "", reason: "")
        guard try scanner.next() == .beginObject else { throw JSONError(.unexpected, at: 0) }
        while case .key(let key) = try scanner.next() {
            let token = try scanner.next()
            let start = scanner.index - 1
            switch token {
            case .beginObject where scanner.isEqual(key, "action"):
                try scanner.skipRest(of: token)
                action = start..<scanner.index
            case .beginObject where scanner.isEqual(key, "record"):
                try scanner.skipRest(of: token)
                record = start..<scanner.index
            case .number(let range) where scanner.isEqual(key, "status"):
                refusal.status = scanner.integer(range) ?? 0
            case .string(let range) where scanner.isEqual(key, "@timestamp"):
                var parser = RFC3339Parser()
                time = parser.parse(line.extracting(range)) ?? time
            case .string(let range) where scanner.isEqual(key, "type"):
                refusal.type = scanner.text(range, limit: EndpointError.typeMax)
            case .string(let range) where scanner.isEqual(key, "reason"):
                refusal.reason = scanner.text(range, limit: EndpointError.reasonMax)
            default: try scanner.skipRest(of: token)
            }
        }
        _ = try scanner.next()
        guard let action, let record else { throw JSONError(.unexpected, at: line.count) }
        func text(_ range: Range<Int>) -> String {
            line.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        }
        document = DocumentText(action: text(action), document: text(record))
    }
}

extension DeadLetter {
    /// A bulk request that puts letters into an index of their own, where no mapping can refuse them: the original is a
    /// string, and all other fields are texts.
    ///
    /// | field (ECS) | holds |
    /// |---|---|
    /// | `@timestamp` | when it was refused |
    /// | `message` | the original as it was sent |
    /// | `event.kind` | `pipeline_error` |
    /// | `error.code`, `error.type`, `error.message` | the endpoint's words |
    /// | `tailrace.dead_letter.index` | where it was to go |
    ///
    /// The ids are those of the originals, so that a letter sent twice is stored once.
    ///
    /// - Parameter letters: at least one.
    package static func payload(
        of letters: [DeadLetter], to index: String, number: BatchNumber, with compressor: GzipCompressor?
    ) -> Payload {
        var body = OwnedBytes()
        for letter in letters {
            body.append("{\"create\":{\"_index\":")
            body.appendJSON(index)
            if let id = letter.document.actionMember("_id") {
                body.append(",\"_id\":")
                body.appendJSON(id)
            }
            body.append("}}\n{\"@timestamp\":\"")
            body.append(time: letter.time)
            body.append("\",\"message\":")
            body.appendJSON(letter.document.document)
            body.append(",\"event\":{\"kind\":\"pipeline_error\"},\"error\":{\"code\":")
            body.appendJSON("\(letter.refusal.status)")
            body.append(",\"type\":")
            body.appendJSON(letter.refusal.type)
            body.append(",\"message\":")
            body.appendJSON(letter.refusal.reason)
            body.append("},\"tailrace\":{\"dead_letter\":{\"index\":")
            body.appendJSON(letter.index)
            body.append("}}}\n")
        }
        return Payload(sealing: body.span, number: number, documentCount: letters.count, with: compressor)
    }

    /// The request that the letters were refused from, for sending them again.
    ///
    /// - Parameter letters: at least one.
    package static func originals(
        of letters: [DeadLetter], number: BatchNumber, with compressor: GzipCompressor?
    ) -> Payload {
        var body = OwnedBytes()
        for letter in letters {
            body.append(Array(letter.document.action.utf8))
            body.append("\n")
            body.append(Array(letter.document.document.utf8))
            body.append("\n")
        }
        return Payload(sealing: body.span, number: number, documentCount: letters.count, with: compressor)
    }
}

extension DocumentText {
    /// A text within the action: `{"create":{"_index":"…","_id":"…"}}`.
    fileprivate func actionMember(_ name: StaticString) -> String? {
        let bytes = Array(action.utf8)
        var scanner = JSONScanner(bytes.span)
        do throws(JSONError) {
            while true {
                switch try scanner.next() {
                case .key(let key) where scanner.isEqual(key, name):
                    guard case .string(let text) = try scanner.next() else { return nil }
                    return scanner.text(text)
                case .end: return nil
                default: continue
                }
            }
        } catch {
            return nil
        }
    }
}

extension OwnedBytes {
    fileprivate mutating func append(time: Timestamp) {
        var times = RFC3339Printer()
        times.append(time, to: &self)
    }
}
