package import Logging
import TailraceCore

/// Brings what comes out of pipes into files, which are then tailed like all others.
///
///     pipe ─▶ PipeReader ─▶ CaptureQueue ─▶ CaptureFiles ─▶ TailSet
///                 └─▶ our own output          ▲
///                              saved checkpoints: what is delivered is removed
///
/// So a line is on disk as soon as it was read, and the app hears nothing of how delivery fares. Ids, checkpoints and
/// restarts are those of files.
package final class Capture: Sendable {
    /// Between two looks at what is delivered, while there is room, and while there is none.
    private static let lookInterval = Duration.seconds(1)
    private static let waitInterval = Duration.milliseconds(50)
    private static let reportInterval = Duration.seconds(10)

    package let settings: CaptureSettings
    private let state: any StateDirectory
    private let queue: CaptureQueue
    private let files: CaptureFiles
    private let time: any Timebase
    private let counters: Counters
    private let logger: Logger

    /// Finds what an earlier process has left, removes what is delivered of it, and makes sure that the folder can be
    /// used. Blocks.
    package init(
        _ settings: CaptureSettings, state: any StateDirectory, time: any Timebase, counters: Counters, logger: Logger
    ) throws(FileFailure) {
        self.settings = settings
        self.state = state
        self.time = time
        self.counters = counters
        self.logger = logger
        queue = CaptureQueue(settings.whenFull, time: time)
        files = try CaptureFiles(settings, time: time)
        _ = release()
    }

    private enum Part {
        case reader
        case writer
        case deadline
    }

    /// Returns when everything that the pipes gave is in files, or the time for that is over.
    ///
    /// - Parameter end: asked for when no more is expected, although the pipes may stay open.
    package func run(_ readers: [PipeReader], until end: Shutdown) async {
        let pipeEnd = PipeEnd()
        end.onRequest { pipeEnd.signal() }
        await withTaskGroup(of: Part.self) { parts in
            parts.addTask(executorPreference: ThreadExecutor(name: "capture")) { [self] in
                write()
                return .writer
            }
            for reader in readers {
                parts.addTask(executorPreference: ThreadExecutor(name: "\(reader.stream)")) { [self] in
                    reader.run(into: queue, end: pipeEnd, endMax: settings.endMax, time: time)
                    return .reader
                }
            }
            // From the end on, and not from when the readers are done: they may be waiting for room that never comes.
            parts.addTask { [self] in
                await end.wait()
                try? await time.sleep(until: time.now + settings.endMax)
                queue.abandon()
                return .deadline
            }
            var reading = readers.count
            for await part in parts {
                switch part {
                case .reader:
                    reading -= 1
                    guard reading == 0 else { break }
                    queue.finish()
                    end.request()
                case .writer: parts.cancelAll()
                case .deadline: break
                }
            }
        }
    }

    /// Removes what is delivered. Call it when nothing else uses the state folder any more. Blocks.
    ///
    /// - Returns: the bytes that are left.
    package func release() -> Int {
        let delivered = delivered()
        files.release(delivered)
        forget(delivered)
        counters.captureBytes.set(files.used)
        return files.used
    }

    // MARK: Writing

    private func write() {
        var printers = Printers(isRaw: settings.isRaw)
        var output = OwnedBytes()
        var report = LossReport()
        var lookedAt = time.now
        while let pieces = queue.take(until: files.hasComplete ? lookedAt + Self.lookInterval : .distantFuture) {
            output.removeAll(keepingAtMost: 256 << 10)
            for piece in pieces { printers.print(piece, to: &output) }
            append(output.span, &report)
            if files.hasComplete, time.now - lookedAt >= Self.lookInterval {
                lookedAt = time.now
                files.release(delivered())
            }
            tell(&report)
        }
        output.removeAll()
        printers.end(to: &output)
        append(output.span, &report)
        files.end()
        tell(&report, isLast: true)
    }

    /// Waits for room, and for the disk, until everything is over.
    private func append(_ output: Span<UInt8>, _ report: inout LossReport) {
        while !files.hasRoom(for: output.count) {
            files.release(delivered())
            if files.hasRoom(for: output.count) { break }
            tell(&report)
            guard queue.pause(Self.waitInterval) else { return queue.lose(output) }
        }
        var written = 0
        while written < output.count {
            do throws(FileFailure) {
                try files.append(output, written: &written)
            } catch {
                counters.captureFailures.add()
                report.warn(
                    """
                    \(error). It is tried again every second. Meanwhile the app's output waits in memory, and then as \
                    TAILRACE_EXEC_WHEN_FULL says. Check the volume behind TAILRACE_STATE_DIR.
                    """, at: time.now, logger)
                tell(&report)
                files.release(delivered())
                guard queue.pause(Self.lookInterval) else { return queue.lose(output.extracting(written...)) }
            }
        }
    }

    private func tell(_ report: inout LossReport, isLast: Bool = false) {
        counters.captureBytes.set(files.used)
        let loss = queue.takeLoss()
        counters.captureLinesDropped.add(loss.lines)
        report.tell(loss, at: time.now, every: isLast ? .zero : Self.reportInterval, logger)
    }

    // MARK: What is delivered

    /// Up to which byte, by name, as it is saved.
    private func delivered() -> [String: UInt64] {
        guard let bytes = try? state.read(CheckpointFile.name), let checkpoints = try? CheckpointFile.parse(bytes)
        else {
            return [:]
        }
        var delivered: [String: UInt64] = [:]
        for checkpoint in checkpoints.files {
            if let name = name(of: checkpoint) { delivered[name] = checkpoint.resume.low }
        }
        return delivered
    }

    private func name(of checkpoint: Checkpoint) -> String? {
        guard checkpoint.path.hasPrefix(settings.folder + "/") else { return nil }
        return String(checkpoint.path.dropFirst(settings.folder.count + 1))
    }

    /// Checkpoints of files that are gone would be looked for at the next start.
    private func forget(_ delivered: [String: UInt64]) {
        guard !delivered.isEmpty, let bytes = try? state.read(CheckpointFile.name),
            var checkpoints = try? CheckpointFile.parse(bytes)
        else { return }
        let before = checkpoints.files.count
        checkpoints.files.removeAll { checkpoint in
            guard let name = name(of: checkpoint) else { return false }
            return !CaptureFiles.exists(name, in: settings.folder)
        }
        guard checkpoints.files.count < before else { return }
        // If this fails, they are forgotten ten minutes later.
        try? state.replace(CheckpointFile.name, with: CheckpointFile.render(checkpoints))
    }
}

/// One for each stream, unless lines are kept as they came.
private struct Printers: ~Copyable {
    private let isRaw: Bool
    private var stdout = CRIPrinter(.stdout)
    private var stderr = CRIPrinter(.stderr)

    init(isRaw: Bool) { self.isRaw = isRaw }

    mutating func print(_ piece: CaptureQueue.Piece, to output: inout OwnedBytes) {
        switch piece {
        case .bytes(let bytes, _, _) where isRaw: output.append(bytes)
        case .bytes(let bytes, .stdout, let time): stdout.append(bytes.span, at: time, to: &output)
        case .bytes(let bytes, .stderr, let time): stderr.append(bytes.span, at: time, to: &output)
        case .gap where isRaw: output.append("\n")
        case .gap(.stdout, let isInsideLine): stdout.noteGap(isInsideLine: isInsideLine, to: &output)
        case .gap(.stderr, let isInsideLine): stderr.noteGap(isInsideLine: isInsideLine, to: &output)
        }
    }

    mutating func end(to output: inout OwnedBytes) {
        stdout.endLine(to: &output)
        stderr.endLine(to: &output)
    }
}

/// Says what was dropped, and what is wrong, but not all the time.
private struct LossReport {
    private var untold = CaptureQueue.Loss()
    private var toldAt: Moment?
    private var warning = ""
    private var warnedAt: Moment?

    mutating func tell(_ loss: CaptureQueue.Loss, at now: Moment, every interval: Duration, _ logger: Logger) {
        untold.lines += loss.lines
        untold.bytes += loss.bytes
        if untold.bytes == 0 { return }
        if let toldAt, now - toldAt < interval { return }
        logger.error(
            """
            \(untold.lines) lines of the app (\(untold.bytes) bytes) were dropped: the endpoint does not take as much \
            as it writes, and there is no room left. Bring the endpoint back, make TAILRACE_CAPTURE_MAX_SIZE or \
            TAILRACE_SPOOL_MAX_SIZE larger, or set TAILRACE_EXEC_WHEN_FULL to block.
            """)
        untold = CaptureQueue.Loss()
        toldAt = now
    }

    mutating func warn(_ text: String, at now: Moment, _ logger: Logger) {
        if text == warning, let warnedAt, now - warnedAt < .seconds(60) { return }
        (warning, warnedAt) = (text, now)
        logger.error("\(text)")
    }
}
