import CZlib

/// Reads gzip: replies, and our own payloads when a part of one has to be sent again.
package enum GzipInflater {
    /// What all members of `input` hold, one after the other.
    ///
    /// - Parameter limit: bytes the output may have. Memory grows with what is really there, never with what a header
    ///   promises, so a small hostile input costs at most the limit.
    /// - Throws: `GzipError`; nothing of the output is given out then.
    package static func inflate(_ input: Span<UInt8>, limit: Int) throws(GzipError) -> [UInt8] {
        guard input.count < Int(UInt32.max) else { throw .tooLarge(limit: limit) }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        let code = inflateInit2_(stream, 15 + gzipContainer, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        guard code == Z_OK else {
            precondition(code == Z_MEM_ERROR, "inflateInit2 answered \(code)")
            throw .outOfMemory
        }
        defer { inflateEnd(stream) }
        return try input.withUnsafeBufferPointer { input throws(GzipError) in
            // zlib does not write to its input; the C declaration merely lacks a `const`.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = uInt(input.count)
            return try inflateMembers(of: stream, limit: limit)
        }
    }

    private static func inflateMembers(
        of stream: UnsafeMutablePointer<z_stream>, limit: Int
    ) throws(GzipError) -> [UInt8] {
        var output: [UInt8] = []
        while true {
            let room = max(output.count / 2, Int(stream.pointee.avail_in), 1024)
            // One byte more than allowed, which tells "full" from "too large".
            let code = inflateMore(of: stream, into: &output, room: min(room, limit - output.count + 1))
            guard output.count <= limit else { throw .tooLarge(limit: limit) }
            switch code {
            case Z_OK:
                continue
            case Z_STREAM_END:
                guard stream.pointee.avail_in > 0 else { return output }
                inflateReset(stream)
            case Z_BUF_ERROR:
                // No progress although there was room: the input has ended inside a member.
                throw .truncated
            case Z_MEM_ERROR:
                throw .outOfMemory
            default:
                throw .corrupt(stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(code)")
            }
        }
    }

    /// Appends up to `room` bytes, at least 1, and answers what zlib said.
    private static func inflateMore(
        of stream: UnsafeMutablePointer<z_stream>, into output: inout [UInt8], room: Int
    ) -> CInt {
        var code = Z_OK
        output.append(addingCapacity: room) { target in
            target.withUnsafeMutableBufferPointer { bytes, count in
                let size = min(bytes.count, Int(UInt32.max))
                stream.pointee.next_out = bytes.baseAddress
                stream.pointee.avail_out = uInt(size)
                code = CZlib.inflate(stream, Z_NO_FLUSH)
                count = size - Int(stream.pointee.avail_out)
            }
        }
        return code
    }
}

package enum GzipError: Error, Sendable, Equatable {
    /// The library could not get its working memory.
    case outOfMemory
    /// The input ends inside a member, or is empty.
    case truncated
    /// There is more output than `limit` bytes.
    case tooLarge(limit: Int)
    /// Not gzip, a checksum that does not fit, or something else behind the last member; in the words of zlib.
    case corrupt(String)
}

/// Added to `windowBits`, it asks zlib for the gzip container instead of its own (`zlib.h`, `deflateInit2`).
let gzipContainer: CInt = 16
