/// CRC-32C, the Castagnoli polynomial: what finds damage in the spool.
///
/// Eight bytes a step, with eight tables of 1 KiB that are made on first use.
///
/// - SeeAlso: RFC 3720, appendix B.4, whose examples are in the tests.
package enum CRC32C {
    /// - Parameter previous: the checksum of the bytes before these, to go on from there.
    package static func checksum(_ bytes: Span<UInt8>, after previous: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { bytes in
            tables.withUnsafeBufferPointer { ~checksum(bytes, ~previous, $0) }
        }
    }

    private static func checksum(
        _ bytes: UnsafeRawBufferPointer, _ start: UInt32, _ table: UnsafeBufferPointer<UInt32>
    ) -> UInt32 {
        var state = start
        var offset = 0
        while bytes.count - offset >= 8 {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let low = UInt32(truncatingIfNeeded: word) ^ state
            let high = UInt32(truncatingIfNeeded: word >> 32)
            state =
                table[1792 + Int(low & 0xFF)] ^ table[1536 + Int((low >> 8) & 0xFF)]
                ^ table[1280 + Int((low >> 16) & 0xFF)] ^ table[1024 + Int(low >> 24)]
                ^ table[768 + Int(high & 0xFF)] ^ table[512 + Int((high >> 8) & 0xFF)]
                ^ table[256 + Int((high >> 16) & 0xFF)] ^ table[Int(high >> 24)]
            offset += 8
        }
        while offset < bytes.count {
            state = (state >> 8) ^ table[Int((state ^ UInt32(bytes[offset])) & 0xFF)]
            offset += 1
        }
        return state
    }

    /// Eight tables of 256, one behind the other: the first for the last byte of a word.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for index in 0..<256 {
            var value = UInt32(index)
            for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0x82F6_3B78 : value >> 1 }
            tables[index] = value
        }
        for index in 256..<tables.count {
            let before = tables[index - 256]
            tables[index] = (before >> 8) ^ tables[Int(before & 0xFF)]
        }
        return tables
    }()
}
