import TailraceCore

/// Looks for the end of a line that is longer than the buffer, over as many looks as it takes to be written.
struct NewlineSearch {
    /// Behind the bytes that were searched in vain.
    private(set) var offset: UInt64 = 0
    /// Of the first byte that was searched and is no NUL, or as `offset`: a hole comes before it.
    private(set) var text: UInt64 = 0

    /// - Parameters:
    ///   - start: where the line begins.
    ///   - size: of the file, in bytes.
    ///   - cut: where it was once ended, and has to be ended again.
    /// - Returns: `nil` when the line is not finished.
    mutating func endOfLine(
        from start: UInt64, in file: any LogFile, size: UInt64, cut: UInt64?, buffer: ReadBuffer
    ) throws(FileFailure) -> (end: UInt64, hasNewline: Bool)? {
        if offset > size || offset < start { (offset, text) = (start, start) }
        let cut = cut ?? .max
        while offset < min(size, cut) {
            let most = min(UInt64(ReadBuffer.capacity), cut - offset)
            let count = try buffer.fill(from: file, at: offset, most: Int(most))
            if count == 0 { return nil }
            if text == offset { text += UInt64(buffer.bytes.leadingNULs) }
            if let newline = buffer.bytes.firstIndex(of: UInt8(ascii: "\n")) {
                return (offset + UInt64(newline), true)
            }
            offset += UInt64(count)
        }
        return offset == cut ? (cut, false) : nil
    }

    mutating func reset() { (offset, text) = (0, 0) }
}
