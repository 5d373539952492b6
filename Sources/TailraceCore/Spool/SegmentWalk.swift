/// Goes through a segment from its start to its end, past whatever is damaged.
///
/// It looks at headers only. Whether a body is whole is for the reader of the body to say.
///
/// Memory: one piece of ``pieceSize`` while it looks for the next header behind a damaged one, whatever is in the file.
package struct SegmentWalk {
    package enum Finding: Equatable {
        /// All of it is within the file.
        case frame(FrameHeader, at: UInt64)
        /// No frame, but intact ones follow.
        case damage(Range<UInt64>)
        /// No whole frame, and nothing intact follows: so it looks when the machine stops during a write.
        case tail(Range<UInt64>)
        case end
    }

    static let pieceSize = 64 << 10

    private let size: UInt64
    /// Behind what was found last.
    private var offset: UInt64
    /// No frame that follows has a smaller sequence. After a loss of power, a file system may show blocks of a deleted
    /// segment in a new one, with frames that look whole.
    private var sequence: UInt64

    /// - Parameters:
    ///   - size: of the segment, in bytes.
    ///   - offset: where a frame begins.
    ///   - sequence: the smallest that this frame can have.
    package init(size: UInt64, from offset: UInt64 = 0, sequence: UInt64) {
        self.size = size
        self.offset = offset
        self.sequence = sequence
    }

    /// - Parameter read: gives so many bytes from an offset; fewer only where the file ends.
    package mutating func next<Failure: Error>(
        read: (_ offset: UInt64, _ count: Int) throws(Failure) -> [UInt8]
    ) throws(Failure) -> Finding {
        guard offset < size else { return .end }
        let start = offset
        if let header = try header(at: start, read) {
            offset += UInt64(header.frameSize)
            sequence = header.sequence + 1
            return .frame(header, at: start)
        }
        guard let next = try nextFrame(behind: start, read) else {
            offset = size
            return .tail(start..<size)
        }
        offset = next
        return .damage(start..<next)
    }

    private func header<Failure: Error>(
        at offset: UInt64, _ read: (UInt64, Int) throws(Failure) -> [UInt8]
    ) throws(Failure) -> FrameHeader? {
        guard size - offset >= UInt64(FrameHeader.size) else { return nil }
        let bytes = try read(offset, FrameHeader.size)
        return fitting(FrameHeader(bytes.span), at: offset)
    }

    private func fitting(_ header: FrameHeader?, at offset: UInt64) -> FrameHeader? {
        guard let header, UInt64(header.frameSize) <= size - offset, header.sequence >= sequence,
            header.sequence - sequence <= size / UInt64(FrameHeader.size)
        else { return nil }
        return header
    }

    /// Where the next intact header is.
    private func nextFrame<Failure: Error>(
        behind start: UInt64, _ read: (UInt64, Int) throws(Failure) -> [UInt8]
    ) throws(Failure) -> UInt64? {
        var place = start + 1
        while place < size, size - place >= UInt64(FrameHeader.size) {
            let piece = try read(place, Int(min(UInt64(Self.pieceSize), size - place)))
            guard piece.count >= FrameHeader.size else { return nil }
            let last = piece.count - FrameHeader.size
            for index in 0...last where piece[index] == FrameHeader.magic[0] {
                let bytes = piece.span.extracting(index..<index + FrameHeader.size)
                let header = FrameHeader(bytes)
                if fitting(header, at: place + UInt64(index)) != nil { return place + UInt64(index) }
            }
            place += UInt64(last + 1)
        }
        return nil
    }
}
