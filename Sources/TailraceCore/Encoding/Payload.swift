/// Numbers batches in the order in which they were cut; acknowledgements are settled by it.
package struct BatchNumber: Hashable, Comparable, Sendable {
    package var value: UInt64
    package init(_ value: UInt64) { self.value = value }
    package static func < (left: BatchNumber, right: BatchNumber) -> Bool { left.value < right.value }
}

/// A sealed batch in the form in which it goes over the wire. Its bytes are never changed again.
package struct Payload: Sendable {
    package let number: BatchNumber
    /// One gzip member (RFC 1952), or NDJSON as it is when compression is off.
    package let body: [UInt8]
    package let isCompressed: Bool
    /// Action and document pairs in the body, at least 1.
    package let documentCount: Int
    /// Bytes of the body before compression.
    package let rawSize: Int

    package init(number: BatchNumber, body: [UInt8], isCompressed: Bool, documentCount: Int, rawSize: Int) {
        self.number = number
        self.body = body
        self.isCompressed = isCompressed
        self.documentCount = documentCount
        self.rawSize = rawSize
    }
}
