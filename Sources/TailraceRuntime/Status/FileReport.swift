import Synchronization
package import TailraceCore

/// Where one file stands. `position - delivered` bytes of it are in memory or on their way.
package struct FileReport: Equatable, Sendable {
    package var id: FileID
    package var path: String
    /// In bytes, as seen last.
    package var size: UInt64
    /// Behind the last byte that was consumed.
    package var position: UInt64
    /// Behind the last byte before which everything is settled and saved.
    package var delivered: UInt64 = 0
    /// No pattern leads to it any more; it is read to its end.
    package var isRotated: Bool

    package init(id: FileID, path: String, size: UInt64, position: UInt64, isRotated: Bool) {
        self.id = id
        self.path = path
        self.size = size
        self.position = position
        self.isRotated = isRotated
    }
}

/// What the ingest task and the keeper of checkpoints have told last about the files, for whoever asks.
package final class FileBoard: Sendable {
    private static let interval = Duration.seconds(1)

    private struct State {
        var reports: [FileReport] = []
        var hasLooked = false
        var publishedAt: Moment?
        var delivered: [FileID: UInt64] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package var files: [FileReport] {
        state.withLock { state in
            state.reports.map { report in
                var report = report
                report.delivered = state.delivered[report.id] ?? 0
                return report
            }
        }
    }

    /// True once the files have been looked for.
    package var hasLooked: Bool { state.withLock { $0.hasLooked } }

    /// Asks for the reports at most once a second, since with many files they are not for nothing.
    ///
    /// - Parameter fill: replaces the reports. In place: a second list would be megabytes with thousands of files.
    /// - Returns: true if it has.
    func publish(at now: Moment, _ fill: (inout [FileReport]) -> Void) -> Bool {
        state.withLock { state in
            if let last = state.publishedAt, now - last < Self.interval { return false }
            state.publishedAt = now
            state.hasLooked = true
            fill(&state.reports)
            return true
        }
    }

    /// What all files together have to be read, and whether some of it may be gone soon.
    var backlog: Backlog {
        state.withLock { state in
            var backlog = Backlog()
            for file in state.reports {
                backlog.unread += file.size - min(file.position, file.size)
                if file.isRotated, state.delivered[file.id] ?? 0 < file.size { backlog.isAtRisk = true }
            }
            return backlog
        }
    }

    func publishDelivered(_ checkpoints: [Checkpoint]) {
        state.withLock { state in
            state.delivered.removeAll(keepingCapacity: true)
            for checkpoint in checkpoints { state.delivered[checkpoint.id] = checkpoint.resume.low }
        }
    }
}
