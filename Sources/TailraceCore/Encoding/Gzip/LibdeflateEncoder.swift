#if Libdeflate
    import CDeflate

    /// gzip by libdeflate, which takes a batch as a whole.
    final class LibdeflateEncoder: GzipEncoder {
        /// The library does not tell; as seen with version 1.14.
        let footprint: Int
        private let compressor: OpaquePointer

        init(level: Int) throws(GzipError) {
            footprint = level == 1 ? 201 << 10 : 656 << 10
            guard let compressor = libdeflate_alloc_compressor(CInt(level)) else { throw .outOfMemory }
            self.compressor = compressor
        }

        deinit { libdeflate_free_compressor(compressor) }

        func encode(_ input: UnsafeBufferPointer<UInt8>, into output: inout [UInt8], room: Int) {
            if append(input, to: &output, room: room) { return }
            // It starts anew with room for the worst case, since it can't go on where it has stopped.
            let isDone = append(input, to: &output, room: libdeflate_gzip_compress_bound(compressor, input.count))
            precondition(isDone, "libdeflate needs more than it has asked for")
        }

        private func append(_ input: UnsafeBufferPointer<UInt8>, to output: inout [UInt8], room: Int) -> Bool {
            var written = 0
            output.append(addingCapacity: room) { target in
                target.withUnsafeMutableBufferPointer { bytes, count in
                    written = libdeflate_gzip_compress(
                        compressor, input.baseAddress, input.count, bytes.baseAddress, bytes.count)
                    count = written
                }
            }
            return written > 0
        }
    }
#endif
