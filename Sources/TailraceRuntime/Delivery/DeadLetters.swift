package import Logging
package import TailraceCore

/// Keeps what the endpoint refuses for good, before the batch that it was in is settled: in files of the state folder,
/// or in an index of its own, or nowhere.
///
/// While it can't be kept, its batch is not settled, so that it is read again after a restart; other batches go on.
package actor DeadLetters {
    /// How many letters may be between a failure and the next attempt is bounded by the memory budget: batches that wait
    /// here hold their leases.
    private struct Waiting {
        var lines: [UInt8]
        var count: Int
        var settle: @Sendable () async -> Void
    }

    private static let retryInterval = Duration.seconds(5)

    private let platform: Platform
    private let settings: DeadLetterSettings
    private let counters: Counters
    private let health: Health
    private let logger: Logger
    private var waiting: [Waiting] = []

    package init(
        _ platform: Platform, settings: DeadLetterSettings, counters: Counters, health: Health, logger: Logger
    ) {
        self.platform = platform
        self.settings = settings
        self.counters = counters
        self.health = health
        self.logger = logger
    }

    /// Keeps the letters of one batch, then settles it, at once or later.
    ///
    /// - Parameters:
    ///   - letters: at least one.
    ///   - settle: called exactly once, or never when the process ends before the letters are kept.
    package func keep(_ letters: [DeadLetter], settle: @escaping @Sendable () async -> Void) async {
        switch settings.target {
        case .drop:
            counters.deadLettersDropped.add(letters.count)
            counters.eventsRejected.add(letters.count)
            await settle()
        case .file:
            await keepInFile(letters, settle)
        case .index(let index):
            guard let rest = await send(letters, to: index) else { return }
            let sent = letters.count - rest.count
            counters.deadLettersIndexed.add(sent)
            counters.eventsRejected.add(sent)
            if rest.isEmpty { await settle() } else { await keepInFile(rest, settle) }
        }
    }

    /// Tries again to keep what could not be kept, until the task is cancelled.
    package func keepTrying() async {
        while (try? await platform.time.sleep(until: platform.time.now + Self.retryInterval)) != nil {
            await tryAgain()
        }
    }

    /// Once more for what could not be kept so far. In the order of its arrival, so that nothing is overtaken.
    package func tryAgain() async {
        let batches = waiting
        waiting = []
        for (place, batch) in batches.enumerated() {
            guard await write(batch.lines, batch.count) else {
                waiting = batches[place...] + waiting
                return
            }
            await batch.settle()
        }
    }

    private func keepInFile(_ letters: [DeadLetter], _ settle: @escaping @Sendable () async -> Void) async {
        var text = OwnedBytes()
        for letter in letters { letter.append(to: &text) }
        let lines = Array(text.span)
        if await write(lines, letters.count) {
            await settle()
        } else {
            waiting.append(Waiting(lines: lines, count: letters.count, settle: settle))
        }
    }

    private func write(_ lines: [UInt8], _ count: Int) async -> Bool {
        let result = await Self.append(lines, to: settings.files, of: platform)
        switch result {
        case .success(let removed):
            counters.deadLettersFiled.add(count)
            counters.eventsRejected.add(count)
            health.deadLettersAreKept(logger)
            guard removed > 0 else { return true }
            counters.deadLettersRemoved.add(removed)
            logger.error(
                """
                The \(removed) oldest dead letters were removed to make room for new ones: these records are lost. Run \
                `tailrace replay` when the reason for the refusals is mended, or raise TAILRACE_DEAD_LETTER_MAX_SIZE.
                """)
            return true
        case .failure(let failure):
            counters.deadLettersFailed.add()
            let sentence = """
                Records that the endpoint refuses can't be kept: \(failure). Their batches stay open, so nothing is \
                lost, but reading stops when TAILRACE_MEMORY_LIMIT is used up. Make room on the volume behind \
                TAILRACE_STATE_DIR, or set TAILRACE_DEAD_LETTER=drop.
                """
            health.noteDeadLetters(Complaint(.deadLetter, sentence), at: platform.time.now, logger)
            return false
        }
    }

    /// Leaves the actor, which others need while the disk is busy.
    private nonisolated static func append(
        _ lines: [UInt8], to files: BoundedFiles, of platform: Platform
    ) async -> Result<Int, FileFailure> {
        await withTaskExecutorPreference(platform.executors.storage) {
            do throws(FileFailure) {
                return .success(try platform.state.append(lines, to: files))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Sends letters to the index for them.
    ///
    /// - Returns: those that it does not take either; `nil` when the task was cancelled.
    private nonisolated func send(_ letters: [DeadLetter], to index: String) async -> [DeadLetter]? {
        var letters = letters
        var refused: [DeadLetter] = []
        var backoff = Backoff(most: settings.backoffMax)
        // Bodies as they are: letters are rare.
        while !letters.isEmpty {
            guard !Task.isCancelled else { return nil }
            let payload = DeadLetter.payload(of: letters, to: index, number: BatchNumber(0), with: nil)
            let outcome = await platform.transport.post(payload)
            var wait: Duration?
            switch judge(outcome, documentCount: letters.count, by: settings.kind) {
            case .accepted: letters = []
            case .partly(_, let retry, let indices, let complaint):
                refused += indices.map { letters[$0.index] }
                letters = retry.map { letters[$0] }
                if complaint?.needsOperator == true { return refused + letters }
                if !letters.isEmpty { wait = .zero }
            case .tooLarge, .poisoned, .held: return refused + letters
            // A reply that says nothing about the documents is no reason to keep the batch waiting.
            case .later(let complaint, _) where complaint.kind == .unconfirmed: return refused + letters
            case .later(_, let atLeast): wait = atLeast ?? .zero
            }
            guard let wait else { continue }
            let delay = backoff.delay(random: platform.time.random(), atLeast: wait)
            guard (try? await platform.time.sleep(until: platform.time.now + delay)) != nil else { return nil }
        }
        return refused
    }
}

/// Where dead letters go.
package struct DeadLetterSettings: Sendable {
    package enum Target: Sendable, Equatable {
        case file
        /// Into this one; what it refuses goes to the file.
        case index(String)
        case drop
    }

    /// So many files share the limit; the oldest is removed as a whole.
    package static let fileCount = 4

    package var target: Target
    package var files: BoundedFiles
    package var backoffMax: Duration
    /// Of the endpoint that the index is in.
    package var kind: EndpointKind

    /// - Parameter sizeMax: of all files together, in bytes.
    package init(target: Target, sizeMax: Int, backoffMax: Duration, kind: EndpointKind = .elasticsearch) {
        self.target = target
        self.kind = kind
        self.backoffMax = backoffMax
        files = BoundedFiles(name: "dead-letters.ndjson", fileMax: sizeMax / Self.fileCount, count: Self.fileCount)
    }

    package init(_ settings: Settings, kind: EndpointKind? = nil) {
        self.init(
            target: settings.deadLetterTarget, sizeMax: settings.deadLetterSizeMax, backoffMax: settings.backoffMax,
            kind: kind ?? settings.endpointKind)
    }
}
