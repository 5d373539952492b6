/// How long one opened file is read: as long as its path leads to it, and a while after it was rotated away.
///
/// | Phase | What happens | Next |
/// |---|---|---|
/// | following | its path leads elsewhere, or nowhere | draining |
/// | draining | a path leads to it again | following |
/// | draining | something was read | draining, the wait begins anew |
/// | draining | nothing was read for the grace time | ended: its last line needs no newline any more |
/// | draining | it was deleted so long ago, and nothing is left to read | ended |
package struct TailState: Equatable, Sendable {
    package enum Phase: Equatable, Sendable {
        case following
        case draining(since: Moment, quietSince: Moment)
        case ended
    }

    /// A writer that reopens its file on a signal writes to the old one for so long.
    package struct Grace: Sendable {
        /// Of a file that was renamed, from the last line on.
        package var renamed = Duration.seconds(30)
        /// Of a file that was deleted, from then on: its space on disk is not free before we close it.
        package var deleted = Duration.seconds(60)

        package init() {}
    }

    package private(set) var phase = Phase.following

    package init() {}

    package var isDraining: Bool {
        if case .draining = phase { true } else { false }
    }

    /// No path that is looked for leads to the file.
    ///
    /// - Parameter quietSince: when it was written to last, or renamed, if that is known.
    package mutating func pathIsLost(now: Moment, quietSince: Moment? = nil) {
        if phase == .following { phase = .draining(since: now, quietSince: quietSince ?? now) }
    }

    package mutating func pathIsFound() {
        if isDraining { phase = .following }
    }

    package mutating func somethingWasRead(now: Moment) {
        if case .draining(let since, _) = phase { phase = .draining(since: since, quietSince: now) }
    }

    /// The end of the file has been reached, nothing more is there.
    package mutating func nothingWasRead(isDeleted: Bool, grace: Grace, now: Moment) {
        guard case .draining(let since, let quietSince) = phase else { return }
        let isOver = isDeleted ? now - since >= grace.deleted : now - quietSince >= grace.renamed
        if isOver { phase = .ended }
    }
}
