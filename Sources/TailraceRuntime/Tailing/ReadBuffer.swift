import TailraceCore

/// The bytes that were read last, and some of those before them. One for all files: they are read in turns.
final class ReadBuffer {
    /// Bytes read at once.
    static let capacity = 256 << 10
    /// As large as what the allocator takes from the kernel for itself, and gives back as a whole. Between batches, a
    /// hole would be left for each long line, and hold as much memory as they do.
    private static let longCapacity = 5 << 20
    /// Room for the bytes in front of those that are asked for.
    private static let margin = Trail.lengthMax

    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: margin + capacity, alignment: 64)
    private var start = margin
    private(set) var count = 0

    deinit { memory.deallocate() }

    /// - Parameter overlap: bytes to read in front of `offset` as well, at most ``Trail/lengthMax``. In the same call
    ///   of the system: what lies on both sides is of one moment.
    /// - Returns: how many bytes came from `offset` on; fewer than `most` at the end of the file, or when the file was
    ///   emptied and written again meanwhile.
    @discardableResult
    func fill(
        from file: any LogFile, at offset: UInt64, most: Int = capacity, overlap: Int = 0
    ) throws(FileFailure) -> Int {
        if Self.margin + most > memory.count { resize(to: max(most, Self.longCapacity)) }
        start = Self.margin - overlap
        count = 0
        let first = offset - UInt64(overlap)
        var length = 0
        while length < overlap + most {
            let rest = UnsafeMutableRawBufferPointer(rebasing: memory[(start + length)..<(Self.margin + most)])
            let added = try file.read(into: rest, at: first + UInt64(length))
            if added == 0 { break }
            // What came before is still there after this call: both were of the same contents.
            let before = Trail(before: first + UInt64(length), span(start..<start + length))
            if length > 0, try !before.matches(file) { break }
            length += added
        }
        count = max(0, length - overlap)
        // A file that ends before `offset` no longer has what was there.
        if length < overlap { start = Self.margin }
        return count
    }

    /// Adds the newline that the end of a file lacks.
    func appendNewline() {
        if Self.margin + count == memory.count { resize(to: count + 1) }
        memory[Self.margin + count] = UInt8(ascii: "\n")
        count += 1
    }

    /// Gives back what one long line needed.
    func shrink() {
        if memory.count > Self.margin + Self.capacity { resize(to: Self.capacity) }
    }

    /// What was read, until the buffer is filled again.
    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get { span(Self.margin..<Self.margin + count) }
    }

    /// What was read in front of ``bytes``.
    var overlap: Span<UInt8> {
        @_lifetime(borrow self)
        get { span(start..<Self.margin) }
    }

    /// The trail at `position`, which is `index` bytes behind the start of ``bytes``.
    func trail(at position: UInt64, index: Int) -> Trail {
        let end = Self.margin + min(index, count)
        return Trail(before: position, span(start..<end))
    }

    @_lifetime(borrow self)
    private func span(_ range: Range<Int>) -> Span<UInt8> {
        let bytes = UnsafeRawBufferPointer(rebasing: memory[range]).bindMemory(to: UInt8.self)
        return _overrideLifetime(Span(_unsafeElements: bytes), borrowing: self)
    }

    private func resize(to capacity: Int) {
        let other = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.margin + capacity, alignment: 64)
        count = min(count, capacity)
        other.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<(Self.margin + count)]))
        memory.deallocate()
        memory = other
    }
}
