import Glibc
import TailraceSimulation

/// `simulate [--seeds A..B | --seed N] [--verbose]`: runs simulations, and names the seeds that found something.
@main
enum Main {
    static func main() {
        guard let (seeds, isVerbose) = parse(Array(CommandLine.arguments.dropFirst())) else {
            print("simulate [--seeds A..B | --seed N] [--verbose]")
            exit(2)
        }
        var failed = 0
        var lines = 0
        var crashes = 0
        for seed in seeds {
            var simulation = Simulation(seed: seed, isTraced: isVerbose)
            let outcome = simulation.run()
            lines += outcome.lines
            crashes += outcome.crashes
            if isVerbose { print(outcome) }
            guard !outcome.faults.isEmpty else { continue }
            failed += 1
            print(
                "seed \(seed): \(outcome.faults.joined(separator: "; "))\n    again: simulate --seed \(seed) --verbose")
        }
        print("\(seeds.count) seeds, \(lines) lines, \(crashes) crashes: \(failed) failed")
        exit(failed == 0 ? 0 : 1)
    }

    private static func parse(_ arguments: [String]) -> (seeds: Range<UInt64>, isVerbose: Bool)? {
        var seeds: Range<UInt64> = 0..<200
        var isVerbose = false
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--verbose": isVerbose = true
            case "--seed":
                guard let seed = rest.popFirst().flatMap({ UInt64($0) }), seed < .max else { return nil }
                seeds = seed..<seed + 1
            case "--seeds":
                let bounds = (rest.popFirst() ?? "").split(separator: ".").compactMap { UInt64($0) }
                guard bounds.count == 2, bounds[0] <= bounds[1] else { return nil }
                seeds = bounds[0]..<bounds[1]
            default: return nil
            }
        }
        return (seeds, isVerbose)
    }
}
