import CZlib

/// Compresses batches, each to exactly one gzip member (RFC 1952), with a header without time, name or comment.
///
/// One member, because some HTTP servers read only the first one and report success for the documents in it. The same
/// input gives the same bytes on every machine with the same zlib.
///
/// The working memory (`footprint`) is taken once and used again for every batch. An object belongs to one task at a
/// time: keep it in an actor, a `Mutex`, or the scope of a function.
package final class GzipCompressor {
    /// How much zlib may remember of what it has seen. Memory is `2^(window + 2) + 2^(memory + 9)` bytes.
    package struct Profile: Sendable, Equatable {
        /// Base-two logarithm of the window in bytes, 9–15.
        package var window: Int
        /// zlib's `memLevel`, 1–9: the size of the hash table and of the buffer of symbols.
        package var memory: Int

        package init(window: Int, memory: Int) {
            self.window = window
            self.memory = memory
        }

        /// 256 KiB; what every gzip in the world uses.
        package static let standard = Profile(window: 15, memory: 8)
        /// 64 KiB, for a few per cent more bytes on the wire.
        package static let small = Profile(window: 13, memory: 6)
    }

    package let level: Int
    /// Bytes of working memory, by the formula in `zconf.h`.
    package let footprint: Int
    // Behind a pointer, since zlib keeps the address of the stream and refuses one that has moved.
    private let stream: UnsafeMutablePointer<z_stream>
    /// Compressed size by input size of the last batch; the next one is likely to resemble it.
    private var ratio = 0.2

    /// - Parameter level: 1 (fast) to 9 (small). Level 0, no compression at all, is the caller's to decide.
    /// - Throws: `GzipError.outOfMemory` when the working memory cannot be had.
    package init(level: Int, profile: Profile = .standard) throws(GzipError) {
        precondition((1...9).contains(level), "gzip level \(level) is not between 1 and 9")
        precondition((9...15).contains(profile.window), "gzip window 2^\(profile.window) is not 2^9 to 2^15")
        precondition((1...9).contains(profile.memory), "gzip memory level \(profile.memory) is not between 1 and 9")
        self.level = level
        footprint = 1 << (profile.window + 2) + 1 << (profile.memory + 9)
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let code = deflateInit2_(
            stream, CInt(level), Z_DEFLATED, CInt(profile.window) + gzipContainer, CInt(profile.memory),
            Z_DEFAULT_STRATEGY, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        guard code == Z_OK else {
            stream.deallocate()
            precondition(code == Z_MEM_ERROR, "deflateInit2 answered \(code)")
            throw .outOfMemory
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// One gzip member that inflates to `input`, which must be shorter than 4 GiB.
    package func compress(_ input: Span<UInt8>) -> [UInt8] {
        precondition(input.count < Int(UInt32.max), "\(input.count) bytes are too many for one batch")
        var output: [UInt8] = []
        input.withUnsafeBufferPointer { input in
            // zlib does not write to its input; the C declaration merely lacks a `const`.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = uInt(input.count)
            // A guess from the last batch, an eighth on top: `deflateBound` would be as much as the input.
            var room = Int(Double(input.count) * ratio * 1.125) + 64
            while !deflateMore(into: &output, room: room) { room = max(output.count / 4, 256) }
        }
        if !input.isEmpty { ratio = min(Double(output.count) / Double(input.count), 1) }
        let code = deflateReset(stream)
        precondition(code == Z_OK, "deflateReset answered \(code)")
        stream.pointee.next_in = nil
        return output
    }

    /// Appends up to `room` bytes. True when the member is complete.
    private func deflateMore(into output: inout [UInt8], room: Int) -> Bool {
        var code = Z_OK
        output.append(addingCapacity: room) { target in
            target.withUnsafeMutableBufferPointer { bytes, count in
                let size = min(bytes.count, Int(UInt32.max))
                stream.pointee.next_out = bytes.baseAddress
                stream.pointee.avail_out = uInt(size)
                code = deflate(stream, Z_FINISH)
                count = size - Int(stream.pointee.avail_out)
            }
        }
        // Z_BUF_ERROR means only that there is no room left for the rest.
        precondition(code == Z_STREAM_END || code == Z_OK || code == Z_BUF_ERROR, "deflate answered \(code)")
        return code == Z_STREAM_END
    }
}

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
    /// zlib could not get its working memory.
    case outOfMemory
    /// The input ends inside a member, or is empty.
    case truncated
    /// There is more output than `limit` bytes.
    case tooLarge(limit: Int)
    /// Not gzip, a checksum that does not fit, or something else behind the last member; in the words of zlib.
    case corrupt(String)
}

/// Added to `windowBits`, it asks zlib for the gzip container instead of its own (`zlib.h`, `deflateInit2`).
private let gzipContainer: CInt = 16
