import TailraceCore

/// Finds out what an earlier process has left in the spool. Nothing that it finds keeps the program from starting.
struct SpoolRecovery: Sendable {
    /// Oldest first.
    private(set) var segments: [(segment: SpoolIndex.Segment, lastSequence: UInt64)] = []
    /// Sequences that are not to be used again.
    private(set) var avoided: [UInt64] = []
    private(set) var damagedPlaces = 0
    /// For the log.
    private(set) var warnings: [String] = []

    private let directory: any SpoolDirectory
    private let reader: SegmentReader

    /// Blocks.
    init(_ directory: any SpoolDirectory) throws(FileFailure) {
        self.directory = directory
        reader = SegmentReader(directory)
        try directory.prepare()
        let files = try directory.list()
        avoided = files.compactMap { SegmentName.number(ofDamaged: $0.name) }
        let found = files.compactMap { file in SegmentName.number(of: file.name).map { (number: $0, size: file.size) } }
            .filter { $0.number > 0 && $0.number < UInt64(Int64.max) }.sorted { $0.number < $1.number }
        for (number, size) in found { adopt(number, size, isLast: number == found.last?.number) }
    }

    private mutating func adopt(_ number: UInt64, _ size: UInt64, isLast: Bool) {
        let name = SegmentName.of(number)
        avoided.append(number)
        do throws(FileFailure) {
            guard !FrameHeader.isOfAnotherVersion(try directory.read(name, at: 0, FrameHeader.size)) else {
                warnings.append(
                    """
                    The spool's segment \(name) was written by another version of Tailrace, which this one can't read. It \
                    is left as it is, for that version to send.
                    """)
                return
            }
            var contents = try reader.contents(of: name, size: size, sequence: number)
            let end = isLast ? try cutTail(name, size, &contents) : size
            var segment = SpoolIndex.Segment(number: number, size: end)
            for (header, _) in contents.frames where !header.isSettled {
                segment.frames += 1
                segment.documents += header.documentCount
            }
            let damage = contents.damage + (isLast ? [] : contents.tail.map { [$0] } ?? [])
            for range in damage {
                warnings.append(
                    """
                    Bytes \(range.lowerBound) to \(range.upperBound) of the spool's segment \(name) are damaged: what \
                    was in them is lost, unless it is still in the log files. The rest is sent, and the segment is kept \
                    as \(SegmentName.damaged(number)).
                    """)
            }
            damagedPlaces += damage.count
            segment.isDamaged = !damage.isEmpty
            segments.append((segment, contents.frames.last?.header.sequence ?? number))
        } catch {
            // Looked at again when its turn has come; until then it counts as holding something.
            segments.append((SpoolIndex.Segment(number: number, size: size, frames: 1), number))
            warnings.append("A segment of the spool can't be read now: \(error).")
        }
    }

    /// What was being written when the machine stopped is no frame, or one whose body is not whole. Reading has not relied
    /// on it, unless the setting says that it does.
    ///
    /// - Returns: the new size.
    private mutating func cutTail(
        _ name: String, _ size: UInt64, _ contents: inout SegmentReader.Contents
    ) throws(FileFailure) -> UInt64 {
        var end = contents.tail?.lowerBound ?? size
        var documents = 0
        while let (header, offset) = contents.frames.last, !header.isSettled,
            case .damaged = try reader.body(
                name, at: offset, size: header.frameSize, sequence: header.sequence, isStrange: true)
        {
            end = offset
            documents += header.documentCount
            contents.frames.removeLast()
        }
        contents.damage.removeAll { $0.lowerBound >= end }
        guard end < size else { return size }
        damagedPlaces += documents == 0 ? 0 : 1
        warnings.append(
            """
            The last \(size - end) bytes of the spool's segment \(name)\(documents == 0 ? "" : ", \(documents) records,") \
            are no whole frame, as after a loss of power during a write. They are cut off. Positions move over what is \
            on disk only, so their lines are read from the log files again; with TAILRACE_SPOOL_SYNC=never, or if the \
            disk has damaged them since, they are lost.
            """)
        // If it can't be done now, nobody looks there until the next start.
        try? directory.truncate(name, to: end)
        return end
    }
}
