import TailraceCore

/// The bytes that were read last. One for all files: they are read in turns.
final class ReadBuffer {
    /// Bytes read at once.
    static let capacity = 256 << 10

    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 64)
    private(set) var count = 0

    deinit { memory.deallocate() }

    /// - Returns: how many bytes came; fewer than `most` at the end of the file.
    func fill(from file: any LogFile, at offset: UInt64, most: Int = capacity) throws(FileFailure) -> Int {
        if most > memory.count { resize(to: most) }
        count = 0
        while count < most {
            let rest = UnsafeMutableRawBufferPointer(rebasing: memory[count..<most])
            let length = try file.read(into: rest, at: offset + UInt64(count))
            if length == 0 { break }
            count += length
        }
        return count
    }

    /// Adds the newline that the end of a file lacks.
    func appendNewline() {
        if count == memory.count { resize(to: count + 1) }
        memory[count] = UInt8(ascii: "\n")
        count += 1
    }

    /// Gives back what one long line needed.
    func shrink() {
        if memory.count > Self.capacity { resize(to: Self.capacity) }
    }

    /// What was read, until the buffer is filled again.
    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let bytes = UnsafeRawBufferPointer(rebasing: memory[..<count]).bindMemory(to: UInt8.self)
            return _overrideLifetime(Span(_unsafeElements: bytes), borrowing: self)
        }
    }

    private func resize(to capacity: Int) {
        let other = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 64)
        count = min(count, capacity)
        other.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        memory.deallocate()
        memory = other
    }
}
