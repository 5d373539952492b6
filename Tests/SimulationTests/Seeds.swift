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
        (5096, "an error while a checkpoint was taken up cost its cuts"),
        (2525, "an older batch, when it was settled, took back a fingerprint that had been noted later"),
        (306, "a file with the same beginning as one that was emptied was taken for a copy without anything new"),
        (2938, "a file with the inode of an older one was taken for the copy that the older one had been"),
        (7448, "a file that was rotated and compressed unseen was taken for older than what had been read"),
        (804, "more files were done with at once than were remembered, and came again"),
    ])
    func `what was found stays mended`(_ seed: UInt64, _ what: String) {
        var simulation = Simulation(seed: seed)
        #expect(simulation.run().faults.isEmpty, "\(what)")
    }

    @Test(arguments: [
        (10201 as UInt64, "EIO when a file was emptied left it unread for good, with a descriptor"),
        (13084, "another file with the same long beginning was taken for an unfinished copy of one that was emptied"),
        (11594, "a file that was closed was opened again although its inode had been given to another"),
        (21313, "of two lives of a file, the one with less to tell it by was taken up"),
        (22706, "the compressed form of a file that had been read was taken for one of which a few bytes were known"),
    ])
    func `what was found among rotations stays mended`(_ seed: UInt64, _ what: String) {
        var simulation = Simulation(seed: seed, scope: .tailing)
        #expect(simulation.run().faults.isEmpty, "\(what)")
    }
}
