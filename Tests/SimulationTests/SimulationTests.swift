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
}
