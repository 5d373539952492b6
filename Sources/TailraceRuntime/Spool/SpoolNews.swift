import Glibc
import Logging
import TailraceCore

/// What people are told of the spool's troubles: in words, once for each trouble, and in numbers.
struct SpoolNews: Sendable {
    private let counters: Counters
    private let logger: Logger
    private var trouble: FileFailure?
    private var isFull = false

    init(counters: Counters, logger: Logger) {
        self.counters = counters
        self.logger = logger
    }

    /// - Parameter failure: of what was tried last; `nil` when it went well.
    mutating func tell(_ failure: FileFailure?) {
        defer { trouble = failure }
        guard let failure else {
            isFull = false
            if trouble != nil { logger.notice("The spool can be used again.") }
            return
        }
        counters.spoolFailures.add()
        guard failure.code != trouble?.code else { return }
        let remedy =
            failure.code == EWOULDBLOCK
            ? "Another Tailrace uses this folder: give each its own TAILRACE_SPOOL_DIR."
            : "Check the volume behind TAILRACE_SPOOL_DIR: space, permissions, read-only."
        logger.error(
            """
            The spool can't be used now: \(failure). Batches stay in memory, and reading waits when that is full; the \
            log files keep what is unread. It is tried again every second. \(remedy)
            """)
    }

    /// The limit is reached, and nothing is dropped for it.
    mutating func tellFull() {
        if !isFull {
            logger.warning(
                """
                The spool is full: batches stay in memory, and reading waits when that is full; the log files keep what is \
                unread. Bring the endpoint back, or make TAILRACE_SPOOL_MAX_SIZE larger.
                """)
        }
        isFull = true
    }

    /// - Parameter segment: its number.
    func tellLost(_ documents: Int, in segment: UInt64, _ reason: String) {
        counters.spoolDamaged.add()
        counters.eventsDamaged.add(documents)
        logger.error(
            """
            \(documents) records in the spool's segment \(SegmentName.of(segment)) can't be read: \(reason). They are \
            lost, unless their lines are still in the log files. The segment is kept as \(SegmentName.damaged(segment)).
            """)
    }
}
