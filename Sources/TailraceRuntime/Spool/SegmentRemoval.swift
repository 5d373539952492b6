import TailraceCore

/// Takes segments off the disk that nobody needs any more. Those in which something could not be read stay for people to
/// look at, under another name: the newest four.
struct SegmentRemoval: Sendable {
    private static let damagedMax = 4

    private let directory: any SpoolDirectory
    private let segments: [SpoolIndex.Segment]

    init(_ directory: any SpoolDirectory, _ segments: [SpoolIndex.Segment]) {
        self.directory = directory
        self.segments = segments
    }

    /// Blocks.
    ///
    /// - Returns: those that are still there, for another attempt.
    func run() -> [SpoolIndex.Segment] {
        var rest: [SpoolIndex.Segment] = []
        for segment in segments {
            do throws(FileFailure) {
                try remove(segment)
            } catch {
                if !error.isAboutNothing { rest.append(segment) }
            }
        }
        if segments.contains(where: \.isDamaged) { removeOldDamage() }
        return rest
    }

    private func remove(_ segment: SpoolIndex.Segment) throws(FileFailure) {
        let name = SegmentName.of(segment.number)
        if segment.isDamaged {
            try directory.rename(name, to: SegmentName.damaged(segment.number))
        } else {
            try directory.remove(name)
        }
    }

    private func removeOldDamage() {
        guard let files = try? directory.list() else { return }
        let damaged = files.map(\.name).filter { SegmentName.number(ofDamaged: $0) != nil }.sorted()
        for name in damaged.dropLast(Self.damagedMax) { try? directory.remove(name) }
    }
}
