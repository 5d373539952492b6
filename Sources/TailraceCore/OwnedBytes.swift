/// A growable run of bytes with one owner: what the hot path builds lines, events and batches in.
///
/// Copying is impossible, so no append ever pays for a reference count or a uniqueness check. Memory is taken from the
/// heap on the first append and kept until ``shrink(to:)`` or the end of the value's life.
// Sendable without a check: the pointer is owned by exactly one value, which can move between tasks but not be shared.
package struct OwnedBytes: ~Copyable, @unchecked Sendable {
    private var base: UnsafeMutablePointer<UInt8>?
    package private(set) var count = 0
    package private(set) var capacity = 0

    package init(capacity: Int = 0) {
        if capacity > 0 { reserve(capacity) }
    }

    deinit { base?.deallocate() }

    package var isEmpty: Bool { count == 0 }

    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let bytes = UnsafeBufferPointer(start: base, count: count)
            return _overrideLifetime(Span(_unsafeElements: bytes), borrowing: self)
        }
    }

    package mutating func append(_ byte: UInt8) {
        if count == capacity { grow(by: 1) }
        base.unsafelyUnwrapped[count] = byte
        count += 1
    }

    package mutating func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { append($0) }
    }

    package mutating func append(_ text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { append($0) }
    }

    package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
        if capacity - count < bytes.count { grow(by: bytes.count) }
        (base.unsafelyUnwrapped + count).update(from: source, count: bytes.count)
        count += bytes.count
    }

    /// Appends bytes that are here already once more.
    package mutating func append(copyOf range: Range<Int>) {
        precondition(range.upperBound <= count, "bytes \(range) of \(count)")
        let target = room(for: range.count)
        target.update(from: base.unsafelyUnwrapped + range.lowerBound, count: range.count)
        append(written: range.count)
    }

    /// Lets `body` write up to `most` bytes behind the present end; it returns how many it wrote.
    ///
    /// The one door for code that works on raw memory (escaping, number formatting, zlib). `body` must not write past
    /// `most` bytes and must not keep the pointer.
    package mutating func append(atMost most: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
        if capacity - count < most { grow(by: most) }
        guard let base else { return }
        let written = body(base + count)
        precondition(written >= 0 && written <= most, "wrote \(written) of at most \(most) bytes")
        count += written
    }

    /// Room for `most` bytes behind the present end. What was written there counts once ``append(written:)`` says so.
    ///
    /// - Returns: a pointer that holds until anything else is done with these bytes.
    @inline(__always)
    mutating func room(for most: Int) -> UnsafeMutablePointer<UInt8> {
        if capacity - count < most { grow(by: max(most, 1)) }
        return base.unsafelyUnwrapped + count
    }

    /// Takes the bytes in that were written behind the present end.
    @inline(__always)
    mutating func append(written: Int) {
        precondition(
            written >= 0 && written <= capacity - count, "wrote \(written) of at most \(capacity - count) bytes")
        count += written
    }

    /// Makes room for `bytes` in all. Does nothing when there is that much already.
    package mutating func reserve(_ bytes: Int) {
        guard bytes > capacity else { return }
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes)
        if let base {
            larger.update(from: base, count: count)
            base.deallocate()
        }
        base = larger
        capacity = bytes
    }

    /// Forgets the bytes behind `count` and keeps the memory.
    package mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count, "cannot cut \(self.count) bytes to \(count)")
        self.count = count
    }

    package mutating func removeAll() { count = 0 }

    /// Forgets all bytes, and gives memory back when more than `capacity` bytes are held.
    package mutating func removeAll(keepingAtMost capacity: Int) {
        count = 0
        guard self.capacity > capacity else { return }
        base?.deallocate()
        base = nil
        self.capacity = 0
    }

    private mutating func grow(by bytes: Int) {
        reserve(max(count + bytes, capacity + capacity / 2, 64))
    }
}

extension Array where Element == UInt8 {
    /// A copy of the bytes of `span`.
    package init(_ span: Span<UInt8>) {
        self = span.withUnsafeBufferPointer { Array($0) }
    }
}
