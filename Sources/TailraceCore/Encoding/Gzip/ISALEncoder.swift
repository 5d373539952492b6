#if ISAL
    import CISAL

    /// gzip by igzip of ISA-L.
    final class ISALEncoder: GzipEncoder {
        private let level: UInt32
        private let stream: UnsafeMutablePointer<isal_zstream>
        private let memory: UnsafeMutableRawBufferPointer

        var footprint: Int { memory.count + MemoryLayout<isal_zstream>.size }

        /// - Parameter level: 1 to 9, for its levels 1 to 3: the third takes as long as zlib.
        init(level: Int) throws(GzipError) {
            self.level = level == 1 ? 1 : level <= 3 ? 2 : 3
            stream = .allocate(capacity: 1)
            stream.initialize(to: isal_zstream())
            memory = .allocate(byteCount: Int(cisal_level_buffer_size(self.level)), alignment: 64)
        }

        deinit {
            stream.deallocate()
            memory.deallocate()
        }

        func encode(_ input: UnsafeBufferPointer<UInt8>, into output: inout [UInt8], room: Int) {
            isal_deflate_init(stream)
            stream.pointee.level = level
            stream.pointee.level_buf = memory.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.level_buf_size = UInt32(memory.count)
            stream.pointee.gzip_flag = UInt16(IGZIP_GZIP)
            stream.pointee.end_of_stream = 1
            // igzip does not write to its input; the C declaration merely lacks a `const`.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = UInt32(input.count)
            write(into: &output, room: room) { target in
                stream.pointee.next_out = target.baseAddress
                stream.pointee.avail_out = UInt32(target.count)
                let code = isal_deflate(stream)
                precondition(code == COMP_OK, "isal_deflate answered \(code)")
                return (
                    target.count - Int(stream.pointee.avail_out), stream.pointee.internal_state.state == ZSTATE_END
                )
            }
            stream.pointee.next_in = nil
        }
    }
#endif
