import Glibc
import TailraceSimulation

/// `simulate [--tailing] [--seeds A..B | --seed N] [--sabotage BUG] [--verbose]`: runs simulations on all processors, and
/// names the seeds that found something. `--sabotage all` prints which seeds find each of the bugs that can be planted.
/// `simulate --fleet` prints how a thousand shippers come back after an outage.
@main
enum Main {
    private struct Options {
        var seeds: Range<UInt64> = 0..<200
        var scope = Simulation.Scope.pipeline
        var isVerbose = false
        var sabotage = Sabotage.none
    }

    private static let usage =
        "simulate [--tailing] [--seeds A..B | --seed N] [--sabotage BUG | --sabotage all] [--verbose] | --fleet"

    static func main() async {
        if CommandLine.arguments.dropFirst() == ["--fleet"] { return print(Fleet.table(Fleet.Rules())) }
        guard let options = parse(Array(CommandLine.arguments.dropFirst())) else {
            print(usage)
            exit(2)
        }
        if CommandLine.arguments.contains("all") { return await printCaught(options) }
        let total = Total(await run(options, isTold: true))
        print(total.text)
        let unproved = total.unproved(options)
        for reason in unproved { print("never happened, so that nothing is known of it: \(reason.rawValue)") }
        exit(total.failed == 0 && total.seeds > 0 && unproved.isEmpty ? 0 : 1)
    }

    private static func run(_ options: Options, isTold: Bool) async -> [Simulation.Outcome] {
        // What a person reads along should be in one order.
        let jobs = options.isVerbose ? 1 : max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
        return await withTaskGroup(of: Simulation.Outcome.self) { group in
            var outcomes: [Simulation.Outcome] = []
            var seeds = options.seeds.makeIterator()
            func add() {
                guard let seed = seeds.next() else { return }
                group.addTask {
                    var simulation = Simulation(
                        seed: seed, scope: options.scope, sabotage: options.sabotage, isTraced: options.isVerbose)
                    return simulation.run()
                }
            }
            for _ in 0..<jobs { add() }
            for await outcome in group {
                outcomes.append(outcome)
                if isTold { tell(outcome, options) }
                add()
            }
            return outcomes
        }
    }

    private static func tell(_ outcome: Simulation.Outcome, _ options: Options) {
        if options.isVerbose { print(outcome) }
        guard !outcome.faults.isEmpty else { return }
        let scope = options.scope == .tailing ? "--tailing " : ""
        let sabotage = options.sabotage == .none ? "" : "--sabotage \(options.sabotage) "
        print(
            """
            seed \(outcome.seed): \(outcome.faults.joined(separator: "; "))
                again: simulate \(scope)\(sabotage)--seed \(outcome.seed) --verbose
            """)
        fflush(nil)
    }

    /// A table, with the first seeds that find each bug, and what they find.
    private static func printCaught(_ options: Options) async {
        for sabotage in Sabotage.allCases where sabotage != .none {
            var options = options
            options.sabotage = sabotage
            let caught = await run(options, isTold: false).filter { !$0.faults.isEmpty }.sorted { $0.seed < $1.seed }
            let first = caught.prefix(5).map { String($0.seed) }.joined(separator: ", ")
            let fault = caught.first?.faults.first?.prefix(60) ?? ""
            defer { fflush(nil) }
            print("| `\(sabotage)` | \(caught.count) of \(options.seeds.count) | \(first) | \(fault) |")
        }
    }

    private struct Total {
        let seeds, lines, crashes, failed: Int
        private var unavoidable: [Unavoidable: (lines: Int, seeds: Int)] = [:]

        init(_ outcomes: [Simulation.Outcome]) {
            seeds = outcomes.count
            lines = outcomes.reduce(0) { $0 + $1.lines }
            crashes = outcomes.reduce(0) { $0 + $1.crashes }
            failed = outcomes.count { !$0.faults.isEmpty }
            for (reason, lines) in outcomes.lazy.flatMap(\.unavoidable) {
                unavoidable[reason, default: (0, 0)].lines += lines
                unavoidable[reason, default: (0, 0)].seeds += 1
            }
        }

        var text: String {
            let sum = "\(seeds) seeds, \(lines) lines, \(crashes) crashes: \(failed) failed"
            let exceptions = Unavoidable.allCases.compactMap { reason in
                unavoidable[reason].map { "\n    \($0.lines) lines of \($0.seeds) seeds \(reason.rawValue)" }
            }
            return sum + exceptions.joined()
        }

        /// What so many seeds must have come upon.
        func unproved(_ options: Options) -> [Unavoidable] {
            guard options.scope == .tailing, seeds >= 1000 else { return [] }
            return Unavoidable.allCases.filter { unavoidable[$0] == nil }
        }
    }

    private static func parse(_ arguments: [String]) -> Options? {
        var options = Options()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--verbose": options.isVerbose = true
            case "--tailing": options.scope = .tailing
            case "--sabotage":
                let name = rest.popFirst() ?? ""
                guard name == "all" || Sabotage(rawValue: name) != nil else { return nil }
                options.sabotage = Sabotage(rawValue: name) ?? .none
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
