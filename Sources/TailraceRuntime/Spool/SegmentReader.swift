package import TailraceCore

/// Reads segments: for the spool, and for people who look at one. Blocks.
package struct SegmentReader: Sendable {
    package struct Contents: Sendable {
        package var frames: [(header: FrameHeader, offset: UInt64)] = []
        /// Bytes that belong to no intact frame, although frames follow.
        package var damage: [Range<UInt64>] = []
        /// Bytes at the end that belong to no intact frame.
        package var tail: Range<UInt64>?
    }

    package enum Body: Sendable {
        case intact(Payload)
        /// It is not what was written, or no payload at all.
        case damaged
    }

    package let directory: any SpoolDirectory

    package init(_ directory: any SpoolDirectory) { self.directory = directory }

    /// What is in a segment, by its headers.
    ///
    /// - Parameters:
    ///   - size: up to where it is looked at, in bytes.
    ///   - offset: where a frame begins.
    ///   - sequence: the smallest that this frame can have.
    package func contents(
        of name: String, size: UInt64, from offset: UInt64 = 0, sequence: UInt64
    ) throws(FileFailure) -> Contents {
        var contents = Contents()
        var walk = SegmentWalk(size: size, from: offset, sequence: sequence)
        while true {
            let finding = try walk.next { offset, count throws(FileFailure) in
                try directory.read(name, at: offset, count)
            }
            switch finding {
            case .frame(let header, let offset): contents.frames.append((header, offset))
            case .damage(let range): contents.damage.append(range)
            case .tail(let range): contents.tail = range
            case .end: return contents
            }
        }
    }

    /// - Parameter isStrange: another process wrote it, so that what it holds is looked at as well: a payload that can't
    ///   be taken apart must not come as far as to a sender.
    package func body(
        _ name: String, at offset: UInt64, size: Int, sequence: UInt64, isStrange: Bool
    ) throws(FileFailure) -> Body {
        let bytes = try directory.read(name, at: offset, size)
        guard bytes.count == size, size > FrameHeader.size,
            let header = FrameHeader(bytes.span.extracting(..<FrameHeader.size)), header.sequence == sequence,
            let payload = header.payload(Array(bytes[FrameHeader.size...]))
        else { return .damaged }
        if isStrange {
            do { _ = try payload.documentLines() } catch { return .damaged }
        }
        return .intact(payload)
    }
}
