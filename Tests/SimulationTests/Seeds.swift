import TailraceSimulation
import Testing

/// Seeds that found something once, and what.
@Suite struct Seeds {
    @Test(arguments: [
        (
            105 as UInt64,
            "after EIO, a time-out cut an event whose rest was in the file but unread; before, it had been sent whole"
        ),
        (2965, "the format of a file was saved with its position only, so cuts saved before that were not made again"),
    ])
    func `what was found stays mended`(_ seed: UInt64, _ what: String) {
        var simulation = Simulation(seed: seed)
        #expect(simulation.run().faults.isEmpty, "\(what)")
    }
}
