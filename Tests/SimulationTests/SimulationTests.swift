import TailraceSimulation
import Testing

@Suite struct SimulationTests {
    /// `make simulate` runs thousands.
    @Test(arguments: UInt64(0)..<150)
    func `every line arrives once through crashes, rotations and outages`(_ seed: UInt64) {
        var simulation = Simulation(seed: seed)
        let outcome = simulation.run()
        #expect(outcome.faults.isEmpty, "simulate --seed \(seed)")
        #expect(outcome.lines > 100)
    }

    @Test func `the same seed gives the same run`() {
        var first = Simulation(seed: 7)
        var second = Simulation(seed: 7)
        #expect(first.run().hash == second.run().hash)
    }

    @Test func `a disk that forgets what was saved does not go unnoticed`() {
        let found = (UInt64(0)..<10).count { seed in
            var simulation = Simulation(seed: seed, sabotage: .stateForgotten)
            return !simulation.run().faults.isEmpty
        }
        #expect(found >= 8)
    }

    // MARK: The tailer alone

    /// `make test` runs ten thousand with optimisation, see `make simulate-tailing`.
    @Test(arguments: UInt64(0)..<40)
    func `every line of files that are rotated in all ways arrives once`(_ seed: UInt64) {
        var simulation = Simulation(seed: seed, scope: .tailing)
        #expect(simulation.run().faults.isEmpty, "simulate --tailing --seed \(seed)")
    }

    @Test func `the same seed gives the same rotations`() {
        var first = Simulation(seed: 7, scope: .tailing)
        var second = Simulation(seed: 7, scope: .tailing)
        #expect(first.run().hash == second.run().hash)
    }

    @Test func `positions that are forgotten do not go unnoticed among rotations`() {
        let found = (UInt64(0)..<20).count { seed in
            var simulation = Simulation(seed: seed * 8 + 6, scope: .tailing, sabotage: .stateForgotten)
            return !simulation.run().faults.isEmpty
        }
        #expect(found >= 10)
    }
}
