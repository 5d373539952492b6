import Logging
import TailraceCore

/// Says the same about the same thing at most once a minute, so that a lasting fault does not flood the log.
///
/// Memory: at most ``subjectsMax`` subjects.
struct RepeatedReports {
    private static let interval = Duration.seconds(60)
    private static let subjectsMax = 1024

    private let logger: Logger
    private var said: [String: (message: String, at: Moment)] = [:]

    init(_ logger: Logger) { self.logger = logger }

    mutating func warn(_ message: String, about subject: String, now: Moment) {
        if let last = said[subject], last.message == message, now - last.at < Self.interval { return }
        if said.count >= Self.subjectsMax { said.removeAll() }
        said[subject] = (message, now)
        logger.warning("\(message)")
    }
}
