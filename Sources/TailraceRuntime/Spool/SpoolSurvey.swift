package import TailraceCore

/// What lies in a spool, for a person. Changes nothing, so that it may be made while a Tailrace uses the folder.
package struct SpoolSurvey: Sendable {
    package struct Segment: Sendable {
        package var name: String
        /// In bytes.
        package var size: UInt64
        /// It was put aside because something in it can't be read.
        package var isSetAside: Bool
        /// Batches, also those that are settled.
        package var frames: [(header: FrameHeader, offset: UInt64)]
        /// Bytes between them that belong to none.
        package var damage: [Range<UInt64>]
        /// Bytes behind the last one: as a rule a batch that is being written, or was when the machine stopped.
        package var tail: Range<UInt64>?

        package var waiting: [(header: FrameHeader, offset: UInt64)] { frames.filter { !$0.header.isSettled } }
        package var documents: Int { waiting.reduce(0) { $0 + $1.header.documentCount } }
    }

    private let reader: SegmentReader

    package init(_ directory: any SpoolDirectory) { reader = SegmentReader(directory) }

    /// Oldest first.
    package func segments() throws(FileFailure) -> [Segment] {
        var segments: [Segment] = []
        for file in try reader.directory.list().sorted(by: { $0.name < $1.name }) {
            let aside = SegmentName.number(ofDamaged: file.name)
            guard let number = SegmentName.number(of: file.name) ?? aside else { continue }
            do throws(FileFailure) {
                let contents = try reader.contents(of: file.name, size: file.size, sequence: number)
                segments.append(
                    Segment(
                        name: file.name, size: file.size, isSetAside: aside != nil, frames: contents.frames,
                        damage: contents.damage, tail: contents.tail))
            } catch {
                // Delivered meanwhile, and removed.
                guard error.isAboutNothing else { throw error }
            }
        }
        return segments
    }

    /// The documents of one batch, each a line.
    ///
    /// - Returns: `nil` when it is damaged.
    package func documents(_ frame: FrameHeader, at offset: UInt64, of segment: Segment) throws(FileFailure) -> [UInt8]?
    {
        let body = try reader.body(
            segment.name, at: offset, size: frame.frameSize, sequence: frame.sequence, isStrange: true)
        guard case .intact(let payload) = body else { return nil }
        return try? payload.documentLines()
    }
}
