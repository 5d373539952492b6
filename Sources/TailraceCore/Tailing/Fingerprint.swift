import CZlib

/// A checksum of a file's first bytes: it tells a file from another one that was given the same inode, and from what is
/// written into it after it was emptied.
///
/// It covers what there was when it was taken, at most ``lengthMax`` bytes, so that short files need not wait; it grows
/// with the file.
package struct Fingerprint: Hashable, Sendable {
    package static let lengthMax = 1024

    /// Bytes that it covers, from the start of the file.
    package var length: Int
    /// CRC-32 of them (as in gzip, RFC 1952 §8).
    package var checksum: UInt32

    package init(length: Int, checksum: UInt32) {
        self.length = length
        self.checksum = checksum
    }

    /// Of an empty file.
    package static let empty = Fingerprint(length: 0, checksum: 0)

    /// - Parameter head: the first bytes of the file; what is beyond ``lengthMax`` does not count.
    package init(of head: Span<UInt8>) {
        length = min(head.count, Self.lengthMax)
        checksum = crc32(head.extracting(first: length))
    }

    /// True when a file that begins with `head` can be the one this was taken of.
    package func matches(_ head: Span<UInt8>) -> Bool {
        head.count >= length && crc32(head.extracting(first: length)) == checksum
    }
}

/// CRC-32 as zlib computes it.
func crc32(_ bytes: Span<UInt8>) -> UInt32 {
    bytes.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return 0 }
        return UInt32(truncatingIfNeeded: CZlib.crc32_z(0, base, buffer.count))
    }
}
