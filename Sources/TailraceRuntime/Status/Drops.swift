import Logging
import Synchronization
import TailraceCore

/// The account of what was dropped because the spool was full, by file.
///
/// Memory: at most ``filesMax`` files; what belongs to others is counted under no name.
package final class Drops: Sendable {
    private static let filesMax = 1024
    private static let interval = Duration.seconds(10)

    private struct State {
        var counts: [String: Int] = [:]
        var untold: [String: Int] = [:]
        var whichOnes = ""
        var toldAt: Moment?
    }

    private let state = Mutex(State())

    package init() {}

    /// Since the start, in order of paths.
    package var byFile: [(path: String, count: Int)] {
        state.withLock { state in state.counts.sorted { $0.key < $1.key }.map { (path: $0.key, count: $0.value) } }
    }

    /// - Returns: how many documents it were.
    @discardableResult
    func count(_ payload: Payload, _ whichOnes: String, at now: Moment, _ logger: Logger) -> Int {
        let counts: [(path: String, count: Int)]
        do {
            counts = try payload.documentsByFile()
        } catch {
            counts = [("", payload.documentCount)]
        }
        state.withLock { state in
            for (path, count) in counts {
                let known = state.counts[path] != nil || state.counts.count < Self.filesMax ? path : ""
                state.counts[known, default: 0] += count
                state.untold[known, default: 0] += count
            }
            state.whichOnes = whichOnes
        }
        tell(at: now, logger)
        return payload.documentCount
    }

    /// Says what was dropped since that was said last: every ten seconds, if anything was.
    ///
    /// - Parameter isLast: there will be no other occasion.
    func tell(isLast: Bool = false, at now: Moment, _ logger: Logger) {
        let (untold, whichOnes): ([String: Int], String) = state.withLock { state in
            if !isLast, let toldAt = state.toldAt, now - toldAt < Self.interval { return ([:], "") }
            guard !state.untold.isEmpty else { return ([:], "") }
            state.toldAt = now
            defer { state.untold = [:] }
            return (state.untold, state.whichOnes)
        }
        for (path, count) in untold.sorted(by: { $0.key < $1.key }) {
            logger.error(
                """
                The spool is full: \(count) records of \(path.isEmpty ? "other files" : path) were dropped, the \
                \(whichOnes). Bring the endpoint back, make TAILRACE_SPOOL_MAX_SIZE larger, or set \
                TAILRACE_SPOOL_WHEN_FULL to block.
                """)
        }
    }
}
