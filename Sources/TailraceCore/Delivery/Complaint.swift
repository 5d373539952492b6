/// Why documents wait, for people and for counters.
package struct Complaint: Sendable, Equatable {
    /// The names are used as labels of counters.
    package enum Kind: String, Sendable, CaseIterable {
        /// Connecting failed.
        case unreachable
        /// The certificate or the handshake.
        case tls
        /// Sent, but no answer: the documents may be there or not.
        case unanswered
        /// Answered, but the answer does not say what became of each document.
        case unconfirmed
        /// Back-pressure.
        case busy
        /// A fault of the server or of something before it.
        case unwell
        /// The disk of the cluster.
        case full
        /// Missing, wrong or insufficient.
        case credentials
        /// There is no `_bulk` at this place.
        case address
        /// The endpoint does not understand how the request is made.
        case request
        /// The index, its mapping or its template.
        case index
        /// Standard output has no reader any more.
        case closed
        /// What the endpoint refused can't be kept.
        case deadLetter = "dead_letter"
    }

    package var kind: Kind
    /// What happened, what it means for the logs, what to do. Without credentials and without text of documents, as far
    /// as the endpoint does not quote any.
    package var sentence: String

    package init(_ kind: Kind, _ sentence: String) {
        self.kind = kind
        self.sentence = sentence
    }

    /// It does not go away by itself.
    package var needsOperator: Bool {
        switch kind {
        case .unreachable, .unanswered, .unconfirmed, .busy, .unwell: false
        case .tls, .full, .credentials, .address, .request, .index, .closed, .deadLetter: true
        }
    }
}

extension String {
    /// The beginning of foreign bytes, fit for a log line: printable ASCII in quotes, runs of white space as one
    /// space, anything else as `?`.
    init(quoting bytes: Span<UInt8>, limit: Int = 200) {
        var text = "\""
        var isBlank = true
        var count = 0
        for index in bytes.indices {
            let byte = bytes[index]
            let isSpace = byte == 0x20 || (0x09...0x0D).contains(byte)
            if isSpace, isBlank { continue }
            if count == limit {
                text += "…"
                break
            }
            isBlank = isSpace
            text.unicodeScalars.append(Unicode.Scalar(isSpace ? 0x20 : (0x21...0x7E).contains(byte) ? byte : 0x3F))
            count += 1
        }
        self = text + "\""
    }

    /// The same for a text.
    init(quoting text: String, limit: Int = 200) {
        let bytes = Array(text.utf8)
        self.init(quoting: bytes.span, limit: limit)
    }
}
