import Logging
import Synchronization

extension Logger {
    /// One whose lines can be looked at.
    static func kept() -> (logger: Logger, log: KeptLog) {
        let log = KeptLog()
        return (Logger(label: "test", factory: { _ in KeptLog.Handler(log: log) }), log)
    }
}

final class KeptLog: Sendable {
    private let kept = Mutex<[String]>([])
    var lines: [String] { kept.withLock { $0 } }

    struct Handler: LogHandler {
        let log: KeptLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { log.kept.withLock { $0.append("\(event.level) \(event.message)") } }
    }
}
