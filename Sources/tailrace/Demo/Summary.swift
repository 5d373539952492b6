import TailraceHTTP
import TailraceRuntime

/// What the demo has shown, in figures.
struct Summary {
    private let counters: Counters
    private let tally: LoopbackEndpoint.Tally
    private let lost: Int
    private let twice: Int
    private let missing: [String]

    /// - Parameters:
    ///   - expected: the records that were written; `nil` when the files are not ours, and the ledger has to do.
    ///   - seen: the messages that arrived.
    init(_ counters: Counters, _ tally: LoopbackEndpoint.Tally, expected: [String]?, seen: [String]) {
        self.counters = counters
        self.tally = tally
        guard let expected else {
            lost = counters.ledger.pending + counters.ledger.rejected
            twice = tally.repeated
            missing = []
            return
        }
        var counts: [String: Int] = [:]
        for message in seen { counts[message, default: 0] += 1 }
        missing = expected.filter { counts[$0] == nil }
        lost = missing.count
        twice = counts.values.reduce(0) { $0 + $1 - 1 }
    }

    /// - Returns: the exit code.
    func print() -> CInt {
        let ratio = tally.bytesReceived == 0 ? 0 : Double(counters.bytesRead.value) / Double(tally.bytesReceived)
        let tenths = Int(ratio * 10 + 0.5)
        Console.print(
            """

            lines read         \(counters.linesRead.value)
            records            \(counters.ledger.read)
            traces joined      \(counters.eventsJoined.value)
            bytes read         \(counters.bytesRead.value) -> \(tally.bytesReceived) on the wire (\(tenths / 10).\(tenths % 10) : 1)
            documents stored   \(tally.stored), in \(tally.requests) requests
            lost               \(lost)
            twice              \(twice)
            """)
        for record in missing.prefix(3) { Console.print("missing: \(record)") }
        return lost == 0 && twice == 0 ? 0 : 1
    }
}
