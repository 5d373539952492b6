import TailraceSimulation
import Testing

/// Does the simulation find what it is there to find? `docs/simulation.md` says how many seeds find each bug.
@Suite struct SabotageTests {
    /// Where to begin to look. The seeds are those that found it at once when this was written.
    private static let bugs: [(Sabotage, first: UInt64)] = [
        (.syncSkipped, 1_000_001), (.folderSyncSkipped, 1_000_001),
        (.tailDroppedOnRecovery, 1_000_001), (.checksumIgnored, 1_000_000),
        (.segmentsKept, 1_000_000), (.acknowledgedBeforeReply, 1_000_001),
        (.silenceTakenForConsent, 1_000_001), (.refusalTakenForConsent, 1_000_001),
        (.offsetOffByOne, 1_000_001), (.checkpointAheadOfDelivery, 1_000_001),
        (.cutsForgotten, 1_000_003), (.idReused, 1_000_002), (.checkpointsTorn, 1_000_004),
        (.stateForgotten, 1_000_000),
    ]

    /// Other seeds follow, since any change of the program changes what a seed does.
    @Test(arguments: bugs)
    func `a bug that is planted is found`(_ bug: Sabotage, _ first: UInt64) {
        let found = (first..<first + 200).first { seed in
            var simulation = Simulation(seed: seed, sabotage: bug)
            return !simulation.run().faults.isEmpty
        }
        #expect(found != nil, "\(bug)")
    }

    @Test func `no bug that can be planted is left out`() {
        #expect(Set(Self.bugs.map(\.0)) == Set(Sabotage.allCases).subtracting([.none]))
    }
}
