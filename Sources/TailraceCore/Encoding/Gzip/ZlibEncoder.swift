import CChecksum
import CZlib

/// gzip by zlib, which makes the compressed data; header and checksum are put around it here, since zlib's checksum costs
/// a twentieth of its time.
///
/// At its fast levels zlib is handed a body in pieces that fit into its memory, and told for each what came before it:
/// moving its window, which it does for every 32 KiB otherwise, costs more than that. The pieces make one stream: each but
/// the last ends at a whole byte, with an empty block.
final class ZlibEncoder: GzipEncoder {
    /// By the formula in `zconf.h`, for a window of 32 KiB and a memory level of 8, as every gzip has them.
    let footprint = 1 << (windowBits + 2) + 1 << (memoryLevel + 9)
    private static let windowBits = 15
    private static let memoryLevel = 8

    /// Bytes before a piece in which zlib may find what is in the piece once more. With an eighth of its memory, what is
    /// forgotten is made up for: zlib remembers every place of these, but not of what it has found a longer match for. Half
    /// of it would save 2 % of the time, but a stack trace of 10 KB that comes again and again would take a third more.
    private static let overlap = 8 << 10
    /// Twice the window, less `MIN_LOOKAHEAD` (`deflate.h`): as long as zlib gets no further, its window stays.
    private static let pieceMax = 2 << windowBits - 262 - 1 - overlap
    /// The last level at which moving the window counts for more than a long memory.
    private static let fastMax = 3

    private let pieceMax: Int
    // Behind a pointer, since zlib keeps the address of the stream and refuses one that has moved.
    private let stream: UnsafeMutablePointer<z_stream>

    init(level: Int) throws(GzipError) {
        pieceMax = level <= Self.fastMax ? Self.pieceMax : .max
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let code = deflateInit2_(
            stream, CInt(level), Z_DEFLATED, -CInt(Self.windowBits), CInt(Self.memoryLevel), Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
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
        output.reserveCapacity(Self.header.count + room)
        output += Self.header
        var start = 0
        while input.count - start > pieceMax {
            append(input, start..<start + pieceMax, flush: Z_SYNC_FLUSH, to: &output, room: Self.pieceRoom)
            start += pieceMax
        }
        append(input, start..<input.count, flush: Z_FINISH, to: &output, room: max(room - output.count, 256))
        appendNumber(checksum_crc32(input.baseAddress, input.count), to: &output)
        appendNumber(UInt32(input.count), to: &output)
    }

    /// For what does not shrink. Nobody writes to most of it, so that it is no memory.
    private static let pieceRoom = pieceMax + pieceMax >> 3 + 64

    private func append(
        _ input: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, flush: CInt, to output: inout [UInt8], room: Int
    ) {
        let known = min(piece.lowerBound, Self.overlap)
        if known > 0 {
            let front = input.baseAddress.map { $0 + piece.lowerBound - known }
            let code = deflateSetDictionary(stream, front, uInt(known))
            precondition(code == Z_OK, "deflateSetDictionary answered \(code)")
        }
        // zlib does not write to its input; the C declaration merely lacks a `const`.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { $0 + piece.lowerBound })
        stream.pointee.avail_in = uInt(piece.count)
        write(into: &output, room: room) { target in
            stream.pointee.next_out = target.baseAddress
            stream.pointee.avail_out = uInt(target.count)
            let code = deflate(stream, flush)
            // Z_BUF_ERROR means only that there is no room left for the rest.
            precondition(code == Z_STREAM_END || code == Z_OK || code == Z_BUF_ERROR, "deflate answered \(code)")
            let isComplete = flush == Z_FINISH ? code == Z_STREAM_END : stream.pointee.avail_out > 0
            return (target.count - Int(stream.pointee.avail_out), isComplete)
        }
        let code = deflateReset(stream)
        precondition(code == Z_OK, "deflateReset answered \(code)")
        stream.pointee.next_in = nil
    }

    /// Deflate, no flags, no time, no word on how hard it was tried, Unix (RFC 1952, section 2.3).
    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]

    private func appendNumber(_ number: UInt32, to output: inout [UInt8]) {
        for place in 0..<4 { output.append(UInt8(truncatingIfNeeded: number >> UInt32(8 * place))) }
    }
}
