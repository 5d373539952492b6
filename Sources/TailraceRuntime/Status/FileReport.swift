import Synchronization

/// Where reading of one file stands.
package struct FileReport: Equatable, Sendable {
    package var path: String
    /// In bytes, as seen last.
    package var size: UInt64
    /// Behind the last byte that was consumed.
    package var position: UInt64
    /// No pattern leads to it any more; it is read to its end.
    package var isRotated: Bool

    package init(path: String, size: UInt64, position: UInt64, isRotated: Bool) {
        self.path = path
        self.size = size
        self.position = position
        self.isRotated = isRotated
    }
}

/// What the ingest task has told last about its files, for whoever asks.
package final class FileBoard: Sendable {
    private let reports = Mutex<[FileReport]?>(nil)

    package init() {}

    package var files: [FileReport] { reports.withLock { $0 ?? [] } }

    /// True once the files have been looked for.
    package var hasLooked: Bool { reports.withLock { $0 != nil } }

    func publish(_ files: [FileReport]) { reports.withLock { $0 = files } }
}
