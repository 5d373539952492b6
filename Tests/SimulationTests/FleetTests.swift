import TailraceSimulation
import Testing

@Suite struct FleetTests {
    private func run(_ controller: Fleet.Controller, seed: UInt64) -> (rules: Fleet.Rules, seconds: [Fleet.Second]) {
        var rules = Fleet.Rules()
        rules.controller = controller
        rules.sidecars = 200
        rules.servers = 4
        rules.queueMax = 40
        rules.outage = 200
        rules.duration = 400
        var fleet = Fleet(rules, seed: seed)
        return (rules, fleet.run())
    }

    @Test func `an endpoint that comes back is not trampled, and everything is delivered`() {
        let seed = UInt64.random(in: 0 ... .max)
        let (rules, seconds) = run(.real, seed: seed)
        let outage = seconds[60..<rules.outage].map(\.requests)
        #expect(outage.reduce(0, +) / outage.count < rules.sidecars / 5, "seed \(seed)")
        let first = seconds[rules.outage..<rules.outage + 60]
        // Four servers leave more to chance than the forty of the documentation.
        #expect((first.map(\.requests).max() ?? 0) <= rules.capacity * 5 / 2, "seed \(seed)")
        #expect(first.map(\.taken).reduce(0, +) >= rules.capacity * 60 / 2, "it is not left idle either; seed \(seed)")
        #expect((seconds.last?.behind ?? .max) < rules.sidecars / 10, "seed \(seed)")
    }

    @Test func `what others do would trample it`() {
        let (rules, seconds) = run(.everySecond, seed: 1)
        #expect((seconds[rules.outage..<rules.outage + 60].map(\.requests).max() ?? 0) > rules.capacity * 3)
    }
}
