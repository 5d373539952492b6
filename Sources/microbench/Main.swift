import Glibc

/// `microbench [--stage NAME] [--rounds N] [--lines N]`: what each step of a line costs, as the fastest of N rounds.
///
/// Seconds are those of this thread on a processor. `Benchmarks/instructions.py` counts instructions instead.
@main
enum Main {
    static func main() {
        var stage: String?
        var rounds = 20
        var lines = 20_000
        var arguments = CommandLine.arguments.dropFirst().makeIterator()
        while let option = arguments.next() {
            guard let value = arguments.next() else { return refuse() }
            switch (option, Int(value)) {
            case ("--stage", _): stage = value
            case ("--rounds", let number?) where number > 0: rounds = number
            case ("--lines", let number?) where number > 0: lines = number
            default: return refuse()
            }
        }
        let bench = Bench(lines: lines)
        for name in stage.map({ [$0] }) ?? Bench.names {
            guard let stage = bench.stage(name) else { return refuse() }
            measure(stage, rounds)
        }
        // Without a use of it, all the work would be none.
        if bench.checksum == 0 { print("nothing was done") }
    }

    /// By this name `Benchmarks/instructions.py` tells valgrind when to count.
    @inline(never)
    private static func measure(_ stage: Stage, _ rounds: Int) {
        var best = Double.infinity
        for _ in 0..<rounds {
            let start = processorSeconds()
            stage.run()
            best = min(best, processorSeconds() - start)
        }
        print(
            column(stage.name, 14), column("\(stage.records)", -8), "records",
            column(rounded(best * 1e9 / Double(stage.records)), -10), "ns/record",
            column(rounded(Double(stage.bytes) / best / 1e6), -10), "MB/s")
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func rounded(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// - Parameter width: negative: to the right.
    private static func column(_ text: String, _ width: Int) -> String {
        let padding = String(repeating: " ", count: max(0, abs(width) - text.utf8.count))
        return width < 0 ? padding + text : text + padding
    }

    private static func refuse() {
        print("microbench [--stage NAME] [--rounds N] [--lines N]")
        exit(2)
    }
}
