import Glibc
import TailraceSimulation

/// `simulate [--tailing] [--seeds A..B | --seed N] [--verbose]`: runs simulations on all processors, and names the seeds
/// that found something. `simulate --fleet` prints how a thousand shippers come back after an outage.
@main
enum Main {
    private struct Options {
        var seeds: Range<UInt64> = 0..<200
        var scope = Simulation.Scope.pipeline
        var isVerbose = false
    }

    private static let usage = "simulate [--tailing] [--seeds A..B | --seed N] [--verbose] | --fleet"

    static func main() async {
        if CommandLine.arguments.dropFirst() == ["--fleet"] { return print(Fleet.table(Fleet.Rules())) }
        guard let options = parse(Array(CommandLine.arguments.dropFirst())) else {
            print(usage)
            exit(2)
        }
        // What a person reads along should be in one order.
        let jobs = options.isVerbose ? 1 : max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
        var total = Total()
        await withTaskGroup(of: Simulation.Outcome.self) { group in
            var seeds = options.seeds.makeIterator()
            func add() {
                guard let seed = seeds.next() else { return }
                group.addTask {
                    var simulation = Simulation(seed: seed, scope: options.scope, isTraced: options.isVerbose)
                    return simulation.run()
                }
            }
            for _ in 0..<jobs { add() }
            for await outcome in group {
                total.add(outcome, options)
                add()
            }
        }
        print(total.text)
        exit(total.failed == 0 && total.seeds > 0 ? 0 : 1)
    }

    private struct Total {
        var seeds = 0
        var lines = 0
        var crashes = 0
        var failed = 0

        mutating func add(_ outcome: Simulation.Outcome, _ options: Options) {
            seeds += 1
            lines += outcome.lines
            crashes += outcome.crashes
            if options.isVerbose { print(outcome) }
            guard !outcome.faults.isEmpty else { return }
            failed += 1
            let scope = options.scope == .tailing ? "--tailing " : ""
            print(
                """
                seed \(outcome.seed): \(outcome.faults.joined(separator: "; "))
                    again: simulate \(scope)--seed \(outcome.seed) --verbose
                """)
        }

        var text: String { "\(seeds) seeds, \(lines) lines, \(crashes) crashes: \(failed) failed" }
    }

    private static func parse(_ arguments: [String]) -> Options? {
        var options = Options()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--verbose": options.isVerbose = true
            case "--tailing": options.scope = .tailing
            case "--seed":
                guard let seed = rest.popFirst().flatMap({ UInt64($0) }), seed < .max else { return nil }
                options.seeds = seed..<seed + 1
            case "--seeds":
                let bounds = (rest.popFirst() ?? "").split(separator: ".").compactMap { UInt64($0) }
                guard bounds.count == 2, bounds[0] < bounds[1] else { return nil }
                options.seeds = bounds[0]..<bounds[1]
            default: return nil
            }
        }
        return options
    }
}
