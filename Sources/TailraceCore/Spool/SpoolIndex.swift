/// What is in the spool: which frames wait, which are on their way, and which segments nobody needs any more.
///
///     oldest segment                                 newest
///     [settled|taken|queued|queued] [unread frames] [unread frames|◀── appended here]
///              ▲ loaded: its frames are known one by one; of the others, only how many there are
///
/// It does no I/O: the spool asks where to write, writes, and tells that it has.
///
/// Memory: 40 bytes for each frame of one segment, 48 for each segment.
package struct SpoolIndex: Sendable {
    package struct Limits: Sendable, Equatable {
        /// Of all segments together, in bytes.
        package var bytes: Int
        /// At which another segment is begun. A frame that is larger has one of its own.
        package var segmentBytes: Int

        /// A segment is removed as a whole: with fewer than four of them, a full spool would be emptied in large steps.
        package init(bytes: Int, segmentBytes: Int) {
            precondition(bytes > 0 && segmentBytes > 0, "\(bytes) bytes in segments of \(segmentBytes)")
            self.bytes = bytes
            self.segmentBytes = max(1, min(segmentBytes, bytes / 4))
        }
    }

    package struct Segment: Equatable, Sendable {
        /// The sequence of its first frame, and its name.
        package var number: UInt64
        /// Up to behind its last frame, in bytes.
        package var size: UInt64
        /// Frames that are not settled.
        package var frames: Int
        package var documents: Int
        /// Nothing is appended: it was found at the start, or a write failed.
        package var isSealed = false
        /// Something in it can't be read: it is kept under another name.
        package var isDamaged = false

        package init(number: UInt64, size: UInt64, frames: Int = 0, documents: Int = 0) {
            self.number = number
            self.size = size
            self.frames = frames
            self.documents = documents
        }
    }

    package struct Frame: Equatable, Sendable {
        package var segment: UInt64
        package var offset: UInt64
        package var sequence: UInt64
        /// Of header and body, in bytes.
        package var size: Int
        package var documents: Int

        package init(_ header: FrameHeader, segment: UInt64, offset: UInt64) {
            self.segment = segment
            self.offset = offset
            sequence = header.sequence
            size = header.frameSize
            documents = header.documentCount
        }
    }

    package enum Place: Equatable, Sendable {
        case end(of: UInt64, at: UInt64)
        case newSegment(UInt64)
        case full
    }

    package enum Next: Equatable, Sendable {
        case frame(Frame)
        /// The frames of this segment have to be found first, and handed to ``load(_:_:)``.
        case load(Segment)
        case nothing
    }

    package let limits: Limits
    /// Oldest first.
    package private(set) var segments: [Segment] = []
    package private(set) var nextSequence: UInt64 = 1
    /// The segment whose frames are known one by one, or that was known last.
    private var loaded: UInt64 = 0
    /// Of the loaded segment, or put back; oldest first.
    private var queue: ArraySlice<Frame> = []
    private var taken: [UInt64: Frame] = [:]
    /// Frames that were settled before their segment was loaded.
    private var settledEarly: Set<UInt64> = []

    package init(limits: Limits) { self.limits = limits }

    /// In bytes, on disk.
    package var used: UInt64 { segments.reduce(0) { $0 + $1.size } }
    /// Frames that nobody has taken.
    package var waitingCount: Int { segments.reduce(0) { $0 + $1.frames } - taken.count }
    package var documentCount: Int { segments.reduce(0) { $0 + $1.documents } }
    package var isEmpty: Bool { segments.allSatisfy { $0.frames == 0 } }

    // MARK: Opening

    /// A segment that was there at the start. Oldest first.
    package mutating func adopt(_ segment: Segment, lastSequence: UInt64) {
        precondition(segments.last.map { $0.number < segment.number } ?? true, "segment \(segment.number) out of order")
        var segment = segment
        segment.isSealed = true
        segments.append(segment)
        avoid(lastSequence)
    }

    /// No frame to come has this sequence.
    package mutating func avoid(_ sequence: UInt64) { nextSequence = max(nextSequence, sequence + 1) }

    // MARK: Appending

    /// Where the next frame goes.
    package func place(forFrame size: Int) -> Place {
        guard used + UInt64(size) <= UInt64(limits.bytes) else { return .full }
        if let last = segments.last, !last.isSealed, last.size + UInt64(size) <= UInt64(limits.segmentBytes) {
            return .end(of: last.number, at: last.size)
        }
        return .newSegment(nextSequence)
    }

    /// The frame is in its place.
    ///
    /// - Parameter isTaken: it is on its way already, from memory.
    package mutating func haveAppended(_ header: FrameHeader, at place: Place, isTaken: Bool) {
        precondition(header.sequence == nextSequence, "frame \(header.sequence) where \(nextSequence) is due")
        nextSequence += 1
        let offset: UInt64
        switch place {
        case .full: preconditionFailure("a frame beyond the limit")
        case .newSegment(let number):
            // It may become the last one again, when this one is removed before it.
            sealLast()
            segments.append(Segment(number: number, size: 0))
            offset = 0
        case .end(_, let at): offset = at
        }
        let last = segments.count - 1
        precondition(segments[last].size == offset, "a frame at \(offset) of \(segments[last].size)")
        segments[last].size += UInt64(header.frameSize)
        segments[last].frames += 1
        segments[last].documents += header.documentCount
        let frame = Frame(header, segment: segments[last].number, offset: offset)
        if isTaken {
            taken[frame.sequence] = frame
        } else if loaded == frame.segment {
            queue.append(frame)
        }
    }

    /// What stands at the end of the segment is not known. Should it be the whole frame after all, no other is to have its
    /// sequence.
    package mutating func haveFailedToAppend() {
        avoid(nextSequence)
        sealLast()
    }

    /// Nothing more is appended to the last segment.
    package mutating func sealLast() {
        if !segments.isEmpty { segments[segments.count - 1].isSealed = true }
    }

    // MARK: Taking

    /// The oldest frame that nobody has taken. Whoever takes it settles it, discards it or puts it back.
    package mutating func next() -> Next {
        if let frame = queue.popFirst() {
            taken[frame.sequence] = frame
            return .frame(frame)
        }
        let segment = segments.first { $0.number > loaded && $0.frames > takenCount(of: $0.number) }
        return segment.map { .load($0) } ?? .nothing
    }

    /// The frames of a segment were found, all up to its present size.
    ///
    /// - Returns: how many documents more there are than were counted; negative when some have been lost.
    package mutating func load(_ number: UInt64, _ found: [Frame]) -> Int {
        guard number > loaded, let place = place(of: number) else { return 0 }
        loaded = number
        let waiting = found.filter { taken[$0.sequence] == nil && !settledEarly.contains($0.sequence) }
        // Behind what was put back while the frames were looked for.
        queue += waiting
        settledEarly = settledEarly.filter { $0 >= number && !found.map(\.sequence).contains($0) }
        let known = taken.values.filter { $0.segment == number }
        let documents = segments[place].documents
        segments[place].frames = waiting.count + known.count
        segments[place].documents = waiting.reduce(0) { $0 + $1.documents } + known.reduce(0) { $0 + $1.documents }
        return segments[place].documents - documents
    }

    /// It could not be read now.
    package mutating func putBack(_ sequence: UInt64) {
        guard let frame = taken.removeValue(forKey: sequence) else { preconditionFailure("\(sequence) is not taken") }
        let place = queue.firstIndex { $0.sequence > sequence } ?? queue.endIndex
        queue.insert(frame, at: place)
    }

    // MARK: Letting go

    /// The endpoint has all documents of the frame, or will never have them.
    package mutating func settle(_ sequence: UInt64) -> Frame {
        guard let frame = taken.removeValue(forKey: sequence) else { preconditionFailure("\(sequence) is not taken") }
        guard let place = place(of: frame.segment) else { preconditionFailure("no segment \(frame.segment)") }
        segments[place].frames -= 1
        segments[place].documents -= frame.documents
        if frame.segment > loaded { settledEarly.insert(sequence) }
        return frame
    }

    /// The frame can't be read, and never will be.
    package mutating func discard(_ sequence: UInt64) {
        let frame = settle(sequence)
        noteDamage(in: frame.segment)
    }

    /// The segment is set aside instead of removed.
    package mutating func noteDamage(in number: UInt64) {
        if let place = place(of: number) { segments[place].isDamaged = true }
    }

    /// Forgets the segments that nobody needs, which the caller removes.
    ///
    /// - Parameters:
    ///   - isClosing: the last one as well, which is otherwise kept while it is small, so that a spool that is drained as
    ///     fast as it is filled does not make a file for each frame.
    ///   - keepsLast: a frame is being written to it.
    package mutating func takeSpent(isClosing: Bool = false, keepsLast: Bool = false) -> [Segment] {
        let last = segments.last?.number
        let spent = segments.filter { segment in
            guard segment.frames == 0, !(keepsLast && segment.number == last) else { return false }
            let isLarge = segment.size >= UInt64(limits.segmentBytes / 4)
            return isClosing || segment.number != last || segment.isSealed || segment.isDamaged || isLarge
        }
        for segment in spent { segments.removeAll { $0.number == segment.number } }
        if let first = segments.first?.number { settledEarly = settledEarly.filter { $0 >= first } }
        return spent
    }

    private func place(of number: UInt64) -> Int? { segments.firstIndex { $0.number == number } }

    private func takenCount(of number: UInt64) -> Int { taken.values.count { $0.segment == number } }
}
