import TailraceCore
import TailraceRuntime
import TailraceSimulation
import Testing

/// The whole pipeline with a spool, on a disk that tears, forgets, rots, is full and is slow, before an endpoint that
/// misbehaves. `make simulate` runs thousands of these.
@Suite struct SpoolSimulationTests {
    private func run(_ seeds: Range<UInt64>, _ adjust: (inout Plan) -> Void) -> [Simulation.Outcome] {
        seeds.map { seed in
            var plan = Plan(seed)
            adjust(&plan)
            var simulation = Simulation(seed: seed, plan: plan)
            let outcome = simulation.run()
            #expect(outcome.faults.isEmpty, "seed \(seed)")
            return outcome
        }
    }

    @Test(arguments: Plan.firstWithSpool..<Plan.firstWithSpool + 8)
    func `every line arrives once through outages, crashes, losses of power and bad disks`(_ seed: UInt64) {
        #expect(run(seed..<seed + 1) { _ in }.allSatisfy { $0.lines > 100 })
    }

    @Test(arguments: Overflow.Mode.allCases)
    func `every line arrives once, by TAILRACE_SPOOL`(_ mode: Overflow.Mode) {
        _ = run(1_100_000..<1_100_002) {
            ($0.spool.mode, $0.spool.whenFull, $0.changesMode, $0.hasBitRot) = (mode, .block, false, false)
        }
    }

    @Test(arguments: [SpoolSettings.Sync.always, .interval])
    func `a loss of power costs nothing, by TAILRACE_SPOOL_SYNC`(_ sync: SpoolSettings.Sync) {
        let outcomes = run(1_200_000..<1_200_003) {
            ($0.spool.mode, $0.spool.sync, $0.spool.whenFull) = (.always, sync, .block)
            ($0.losesPower, $0.changesMode, $0.hasBitRot) = (true, false, false)
        }
        #expect(outcomes.reduce(0) { $0 + $1.crashes } > 2)
    }

    @Test func `without syncs, a loss of power costs what the kernel had not written, and nothing twice`() {
        _ = run(1_300_000..<1_300_003) {
            ($0.spool.mode, $0.spool.sync, $0.spool.whenFull) = (.always, .never, .block)
            ($0.losesPower, $0.changesMode, $0.isStateFullAtTimes) = (true, false, false)
        }
    }

    @Test func `without syncs, a process that is killed loses nothing`() {
        _ = run(1_400_000..<1_400_002) {
            ($0.spool.mode, $0.spool.sync, $0.spool.whenFull) = (.always, .never, .block)
            ($0.losesPower, $0.changesMode, $0.hasBitRot) = (false, false, false)
        }
    }

    @Test func `one request at a time keeps the order of each file and stream`() {
        _ = run(1_500_000..<1_500_003) {
            ($0.concurrency, $0.senders, $0.spool.whenFull) = (1, 1, .block)
            ($0.losesPower, $0.hasBitRot, $0.hasIOErrors, $0.isStateFullAtTimes) = (false, false, false, false)
        }
    }

    @Test(arguments: SpoolSettings.WhenFull.allCases)
    func `a spool that is always full, by TAILRACE_SPOOL_WHEN_FULL`(_ whenFull: SpoolSettings.WhenFull) {
        _ = run(1_600_000..<1_600_002) {
            ($0.spool.mode, $0.spool.whenFull, $0.changesMode) = (.always, whenFull, false)
            $0.spool.limits = SpoolIndex.Limits(bytes: 12 << 10, segmentBytes: 4 << 10)
        }
    }
}
