import Foundation
import Logging
import Synchronization
import TailraceCore
import TailraceRuntime
import Testing

/// A spool on a real folder, with a clock that is set by hand.
final class SpoolWorld: Sendable {
    /// What was logged, and a clock.
    final class Surroundings: LogHandler, Timebase, @unchecked Sendable {
        // Sendable without a check: the lock guards all of it.
        private let state = Mutex((now: Moment(nanoseconds: 1_000_000_000), log: ""))
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }

        var text: String { state.withLock { $0.log } }
        func log(event: LogEvent) { state.withLock { $0.log += "\(event.message)\n" } }

        var now: Moment { state.withLock { $0.now } }
        var wallClock: Timestamp { Timestamp(nanoseconds: 1_700_000_000_000_000_000) }
        func sleep(until moment: Moment) async throws { throw CancellationError() }
        func random() -> UInt64 { 4 }
        func pass(_ duration: Duration) { state.withLock { $0.now = $0.now + duration } }
    }

    let path: String
    let settings: SpoolSettings
    let surroundings = Surroundings()
    let counters = Counters()
    private let thread = ThreadExecutor(name: "test")

    init(
        _ path: String, bytes: Int = 1 << 20, segmentBytes: Int = 4 << 10, sync: SpoolSettings.Sync = .always,
        whenFull: SpoolSettings.WhenFull = .block, minFree: Int = 0
    ) {
        self.path = path + "/spool"
        settings = SpoolSettings(
            mode: .auto, limits: SpoolIndex.Limits(bytes: bytes, segmentBytes: segmentBytes), sync: sync,
            whenFull: whenFull, minFree: minFree)
    }

    var log: String { surroundings.text }

    /// As after a start of the program. Whoever had the folder before has to be gone.
    func spool(_ directory: (any SpoolDirectory)? = nil) async -> Spool {
        let spool = Spool(
            directory ?? LinuxSpoolDirectory(path), storage: thread, settings: settings, time: surroundings,
            counters: counters, logger: Logger(label: "test", factory: { [surroundings] _ in surroundings }))
        await spool.open()
        return spool
    }

    /// Not compressed, so that it is as large as it is told to be.
    func payload(_ number: Int, bytes: Int = 1000) -> Payload {
        let front =
            "{\"create\":{\"_id\":\"\(number)\"}}\n{\"log\":{\"file\":{\"path\":\"/logs/\(number % 2).log\"}},\"message\":\""
        let end = "\"}\n"
        let fill = String(repeating: "x", count: max(0, bytes - front.utf8.count - end.utf8.count))
        return Payload(
            sealing: Array((front + fill + end).utf8).span, number: BatchNumber(UInt64(number)), documentCount: 1,
            with: nil)
    }

    /// Until it can't be: so many were written.
    func writeAll(_ numbers: Range<Int>, to spool: Spool) async -> Int {
        var count = 0
        for number in numbers {
            guard case .written = await spool.write(payload(number), isTaken: false) else { break }
            count += 1
        }
        return count
    }

    /// Takes and settles all that is there.
    func drain(_ spool: Spool) async -> [Int] {
        var numbers: [Int] = []
        while let (payload, sequence) = await spool.take() {
            numbers.append(number(of: payload))
            await spool.settle(sequence)
        }
        return numbers
    }

    func number(of payload: Payload) -> Int {
        let words = String(decoding: payload.body, as: UTF8.self).split(separator: "\"")
        return words.firstIndex(of: "_id").flatMap { Int(words[$0 + 2]) } ?? -1
    }

    var segments: [String] { files.filter { $0.hasSuffix(".segment") } }
    var damaged: [String] { files.filter { $0.hasSuffix(".damaged") } }

    func bytes(of name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    private var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}
