import CZlib

/// Inflates gzip piece by piece: all members, one after the other (RFC 1952 §2.2).
///
/// Memory: zlib's window and 32 KiB of input, whatever the data promises.
package final class GzipReader {
    private static let inputSize = 32 << 10

    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: inputSize, alignment: 16)
    private var isBetweenMembers = true

    package init() {
        stream.initialize(to: z_stream())
        // 16 asks zlib for the gzip container instead of its own.
        let code = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "inflateInit2 answered \(code)")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        input.deallocate()
    }

    package enum Outcome: Equatable {
        /// So many bytes came; at least one.
        case bytes(Int)
        /// The last member is complete.
        case end
        /// The input ends inside a member: whoever writes it is not done.
        case cut
        /// Not gzip, or a checksum that does not fit.
        case corrupt
    }

    /// - Parameters:
    ///   - target: room for at least one byte.
    ///   - refill: puts the next bytes of the compressed data into the buffer; 0 at its end.
    package func read<Failure: Error>(
        into target: UnsafeMutableRawBufferPointer,
        refill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> Outcome {
        precondition(!target.isEmpty, "no room")
        let bytes = target.bindMemory(to: UInt8.self)
        let most = min(bytes.count, Int(UInt32.max))
        stream.pointee.next_out = bytes.baseAddress
        stream.pointee.avail_out = uInt(most)
        while true {
            if stream.pointee.avail_in == 0 {
                let count = try refill(input)
                guard count > 0 else { return isBetweenMembers ? .end : .cut }
                stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_in = uInt(count)
            }
            isBetweenMembers = false
            let code = CZlib.inflate(stream, Z_NO_FLUSH)
            let count = most - Int(stream.pointee.avail_out)
            switch code {
            case Z_STREAM_END:
                inflateReset(stream)
                isBetweenMembers = true
            case Z_OK, Z_BUF_ERROR: break
            default: return .corrupt
            }
            if count > 0 { return .bytes(count) }
        }
    }
}
