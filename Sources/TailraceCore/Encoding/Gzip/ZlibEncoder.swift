import CChecksum
import CZlib

/// gzip by zlib, which makes the compressed data; header and checksum are put around it here, since zlib's checksum costs
/// a twentieth of its time.
package final class ZlibEncoder: GzipEncoder {
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

    /// By the formula in `zconf.h`.
    let footprint: Int
    // Behind a pointer, since zlib keeps the address of the stream and refuses one that has moved.
    private let stream: UnsafeMutablePointer<z_stream>

    init(level: Int, profile: Profile) throws(GzipError) {
        precondition((9...15).contains(profile.window), "gzip window 2^\(profile.window) is not 2^9 to 2^15")
        precondition((1...9).contains(profile.memory), "gzip memory level \(profile.memory) is not between 1 and 9")
        footprint = 1 << (profile.window + 2) + 1 << (profile.memory + 9)
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let code = deflateInit2_(
            stream, CInt(level), Z_DEFLATED, -CInt(profile.window), CInt(profile.memory),
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

    func encode(_ input: UnsafeBufferPointer<UInt8>, into output: inout [UInt8], room: Int) {
        // zlib does not write to its input; the C declaration merely lacks a `const`.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = uInt(input.count)
        output.reserveCapacity(Self.header.count + room)
        output += Self.header
        write(into: &output, room: room) { target in
            stream.pointee.next_out = target.baseAddress
            stream.pointee.avail_out = uInt(target.count)
            let code = deflate(stream, Z_FINISH)
            // Z_BUF_ERROR means only that there is no room left for the rest.
            precondition(code == Z_STREAM_END || code == Z_OK || code == Z_BUF_ERROR, "deflate answered \(code)")
            return (target.count - Int(stream.pointee.avail_out), code == Z_STREAM_END)
        }
        let code = deflateReset(stream)
        precondition(code == Z_OK, "deflateReset answered \(code)")
        stream.pointee.next_in = nil
        appendNumber(checksum_crc32(input.baseAddress, input.count), to: &output)
        appendNumber(UInt32(input.count), to: &output)
    }

    /// Deflate, no flags, no time, no word on how hard it was tried, Unix (RFC 1952, section 2.3).
    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]

    private func appendNumber(_ number: UInt32, to output: inout [UInt8]) {
        for place in 0..<4 { output.append(UInt8(truncatingIfNeeded: number >> UInt32(8 * place))) }
    }
}
