/// A checksum of the bytes right before an offset that reading has come to: it tells whether a file still holds there
/// what was read, although it has been emptied and has grown beyond that offset again.
package struct Trail: Hashable, Sendable {
    package static let lengthMax = 1024

    /// Behind the bytes that it covers.
    package let offset: UInt64
    /// Bytes that it covers, at most ``lengthMax``.
    package let length: Int
    package let checksum: UInt32

    /// Before the first byte.
    package static let none = Trail(offset: 0, length: 0, checksum: 0)

    package init(offset: UInt64, length: Int, checksum: UInt32) {
        self.offset = offset
        self.length = length
        self.checksum = checksum
    }

    /// - Parameter bytes: what is before `offset`; all but the last ``lengthMax`` do not count.
    package init(before offset: UInt64, _ bytes: Span<UInt8>) {
        self.offset = offset
        length = min(bytes.count, Self.lengthMax)
        checksum = crc32(bytes.extracting(last: length))
    }

    /// True when it covers many bytes, none of which a fingerprint covers.
    package var isBehindFingerprint: Bool {
        length == Self.lengthMax && offset >= UInt64(Fingerprint.lengthMax + Self.lengthMax)
    }

    /// True when these are the bytes, ``length`` of them.
    package func matches(_ bytes: Span<UInt8>) -> Bool {
        bytes.count == length && crc32(bytes) == checksum
    }
}
