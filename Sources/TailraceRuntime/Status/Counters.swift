import Synchronization
import TailraceCore

/// A number that any thread may change and read.
package final class Counter: Sendable {
    private let number = Atomic<Int>(0)

    package var value: Int { number.load(ordering: .relaxed) }
    func add(_ amount: Int = 1) { number.add(amount, ordering: .relaxed) }
    func set(_ value: Int) { number.store(value, ordering: .relaxed) }
}

/// Everything that is counted, once a batch or once a request. `MetricsText` knows the names.
///
/// The ledger: at every moment, of the events that were cut into batches,
/// `read = stored + already there + rejected + lost + pending`.
package final class Counters: Sendable {
    /// Events, lines of the programs in them, and bytes of the files that they were made of.
    package let eventsRead = Counter()
    package let linesRead = Counter()
    package let bytesRead = Counter()
    package let eventsStored = Counter()
    package let eventsAlreadyThere = Counter()
    /// Refused by the endpoint for good, and kept or dropped as the settings want it.
    package let eventsRejected = Counter()
    /// Of those rejected: where they are.
    package let deadLettersFiled = Counter()
    package let deadLettersIndexed = Counter()
    package let deadLettersDropped = Counter()
    /// Of those filed: removed from the files, for want of room.
    package let deadLettersRemoved = Counter()
    /// Attempts to write to the files that failed.
    package let deadLettersFailed = Counter()
    /// Of those stored: set aside by the endpoint in the failure store of its data stream.
    package let eventsRedirected = Counter()

    package let eventsJoined = Counter()
    package let eventsTruncated = Counter()
    package let eventsTimedOut = Counter()
    package let eventsContinued = Counter()
    package let eventsRepaired = Counter()
    package let eventsMalformed = Counter()
    package let eventsPartial = Counter()

    package let batchesCut = Counter()
    package let batchesSettled = Counter()
    package let bytesEncoded = Counter()
    package let bytesSent = Counter()
    package let requestsAccepted = Counter()
    package let requestsPartly = Counter()
    package let requestsFailed = Counter()
    /// Of all requests: with documents that had been sent before.
    package let requestsRepeated = Counter()
    package let concurrencyLimit = Counter()
    /// In bytes; 0 as long as no request was too large.
    package let sizeLimit = Counter()
    /// In the order of `Complaint.Kind.allCases`.
    package let complaints: [Counter] = Complaint.Kind.allCases.map { _ in Counter() }

    package let checkpointsSaved = Counter()
    package let checkpointsFailed = Counter()
    package let filesOpen = Counter()
    package let filesFollowed = Counter()
    /// Left unread: too old, or without a checkpoint where one is asked for.
    package let filesSkipped = Counter()
    /// Emptied, and no copy of what they had held was found.
    package let filesTruncated = Counter()
    package let memoryUsed = Counter()

    /// Of the spool as it is now: files, bytes, and events that are not settled.
    package let spoolSegments = Counter()
    package let spoolBytes = Counter()
    package let spoolEvents = Counter()
    package let spoolFramesWritten = Counter()
    package let spoolBytesWritten = Counter()
    package let spoolFailures = Counter()
    /// Places in the spool that could not be read.
    package let spoolDamaged = Counter()
    /// Found in the spool at the start.
    package let eventsRecovered = Counter()
    /// Because the spool was full, and a setting says so.
    package let eventsDropped = Counter()
    /// In frames of the spool that could not be read.
    package let eventsDamaged = Counter()
    package let drops = Drops()

    /// Of the files with what came out of pipes, as it is now.
    package let captureBytes = Counter()
    /// Lines of the app that were never read, since there was no room for them. Not a part of the ledger.
    package let captureLinesDropped = Counter()
    package let captureFailures = Counter()

    package init() {}

    package var ledger: Ledger {
        // Read last what grows first, so that a ledger taken in between does not show negative numbers.
        let stored = eventsStored.value
        let there = eventsAlreadyThere.value
        let rejected = eventsRejected.value
        let lost = eventsDropped.value + eventsDamaged.value
        return Ledger(
            read: eventsRead.value + eventsRecovered.value, stored: stored, alreadyThere: there, rejected: rejected,
            lost: lost, spooled: spoolEvents.value)
    }

    func count(_ tally: BatchTally, bodyBytes: Int) {
        eventsRead.add(tally.documents)
        linesRead.add(tally.lines)
        bytesRead.add(tally.eventBytes)
        eventsJoined.add(tally.multiline)
        eventsTruncated.add(tally.truncated)
        eventsTimedOut.add(tally.timedOut)
        eventsContinued.add(tally.continuation)
        eventsRepaired.add(tally.invalidUTF8)
        eventsMalformed.add(tally.malformed)
        eventsPartial.add(tally.partial)
        batchesCut.add()
        bytesEncoded.add(bodyBytes)
    }

    /// Documents that are refused are counted when they are kept.
    func count(_ step: Delivery.Step, isRetry: Bool) {
        if isRetry { requestsRepeated.add() }
        eventsStored.add(step.accepted.stored + step.accepted.redirected)
        eventsAlreadyThere.add(step.accepted.alreadyThere)
        eventsRedirected.add(step.accepted.redirected)
        if let complaint = step.complaint {
            (step.accepted.total > 0 ? requestsPartly : requestsFailed).add()
            if let index = Complaint.Kind.allCases.firstIndex(of: complaint.kind) { complaints[index].add() }
        } else {
            (step.refused.isEmpty ? requestsAccepted : requestsPartly).add()
        }
    }
}

/// Where all events are that were ever cut into a batch by this process, or found in the spool by it.
package struct Ledger: Equatable, Sendable, CustomStringConvertible {
    package var read: Int
    package var stored: Int
    package var alreadyThere: Int
    package var rejected: Int
    /// Dropped because the spool was full, or damaged in it.
    package var lost: Int
    /// Of those pending: in the spool.
    package var spooled: Int

    /// In memory, on disk, on their way, or waiting for the endpoint. What is not in the spool is read again if the
    /// process ends.
    package var pending: Int { read - stored - alreadyThere - rejected - lost }

    package var description: String {
        let lost = lost == 0 ? "" : " lost=\(lost)"
        let spooled = spooled == 0 ? "" : " spooled=\(spooled)"
        return
            "read=\(read) stored=\(stored) already_there=\(alreadyThere) rejected=\(rejected)\(lost) pending=\(pending)\(spooled)"
    }
}
