import TailraceSimulation
import Testing

/// Does the simulation find what it is there to find? `docs/simulation.md` says how many seeds find each bug.
@Suite struct SabotageTests {
    /// Where to begin to look. The seeds are those that found it at once when this was written.
    private static let bugs: [(Sabotage, Simulation.Scope, first: UInt64)] = [
        (.syncSkipped, .pipeline, 1_000_001), (.folderSyncSkipped, .pipeline, 1_000_001),
        (.tailDroppedOnRecovery, .pipeline, 1_000_001), (.checksumIgnored, .pipeline, 1_000_000),
        (.segmentsKept, .pipeline, 1_000_000), (.acknowledgedBeforeReply, .pipeline, 1_000_001),
        (.silenceTakenForConsent, .pipeline, 1_000_001), (.refusalTakenForConsent, .pipeline, 1_000_001),
        (.offsetOffByOne, .pipeline, 1_000_001), (.checkpointAheadOfDelivery, .pipeline, 1_000_001),
        (.cutsForgotten, .tailing, 4), (.idReused, .pipeline, 1_000_002), (.checkpointsTorn, .pipeline, 1_000_004),
        (.stateForgotten, .pipeline, 1_000_000),
    ]

    /// Other seeds follow, since any change of the program changes what a seed does.
    @Test(arguments: bugs)
    func `a bug that is planted is found`(_ bug: Sabotage, _ scope: Simulation.Scope, _ first: UInt64) {
        let seedsMax: UInt64 = scope == .tailing ? 400 : 40
        let found = (first..<first + seedsMax).first { seed in
            var simulation = Simulation(seed: seed, scope: scope, sabotage: bug)
            return !simulation.run().faults.isEmpty
        }
        #expect(found != nil, "\(bug)")
    }

    @Test func `no bug that can be planted is left out`() {
        #expect(Set(Self.bugs.map(\.0)) == Set(Sabotage.allCases).subtracting([.none]))
    }
}
