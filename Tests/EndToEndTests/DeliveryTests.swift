import Foundation
import Testing

/// The whole program against a real endpoint: nothing is lost and nothing comes twice, whatever happens in between.
@Suite(.serialized) struct DeliveryTests {
    @Test(.timeLimit(.minutes(15)))
    func `100,000 records arrive once each through twenty SIGKILLs`() async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem()
        var random = Seeded(seed: UInt64.random(in: 0...UInt64.max))
        print("seed \(random.seed)")
        var logs = MixedLogs()
        try logs.append(20_000, to: workspace)
        for life in 0..<20 {
            let shipper = try Shipper(workspace, endpoint: osmem.port)
            try logs.append(4000, to: workspace)
            if life % 5 == 2 { try workspace.rotate("plain.log", to: "plain.log.\(life)") }
            // A file that is rotated away before anybody has seen it can't be known.
            if life == 0 { _ = try await eventually(within: 60) { try await osmem.count() > 0 } }
            try await Task.sleep(for: .milliseconds(Int.random(in: 1...900, using: &random)))
            shipper.kill()
        }
        let shipper = try Shipper(workspace, endpoint: osmem.port)
        let count = logs.expected.count
        #expect(count == 100_000)
        try await logs.expectAll(in: osmem, from: shipper)
    }

    @Test(.timeLimit(.minutes(10)))
    func `an endpoint that is away for ten seconds costs nothing but time`() async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem()
        let proxy = try FaultProxy(to: osmem.port)
        var logs = MixedLogs()
        try logs.append(3000, to: workspace)
        let shipper = try Shipper(workspace, endpoint: proxy.port, ["TAILRACE_BATCH_BYTES": "64KiB"])
        _ = try await eventually(within: 60) { try await osmem.count() > 0 }
        proxy.stop()
        try logs.append(3000, to: workspace)
        try await Task.sleep(for: .seconds(10))
        try proxy.start()
        try logs.append(1000, to: workspace)
        try await logs.expectAll(in: osmem, from: shipper)
        #expect(shipper.log.contains("takes documents again"))
    }

    @Test(.timeLimit(.minutes(10)), arguments: [FaultProxy.Fault.everySecondBusy, .everyThirdReplyLost])
    func `requests that fail are sent again, with the same ids`(_ fault: FaultProxy.Fault) async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem()
        let proxy = try FaultProxy(to: osmem.port, fault)
        var logs = MixedLogs()
        try logs.append(6000, to: workspace)
        let shipper = try Shipper(workspace, endpoint: proxy.port, ["TAILRACE_BATCH_BYTES": "128KiB"])
        try await logs.expectAll(in: osmem, from: shipper)
        #expect(proxy.requestCount > 6)
    }

    @Test(.timeLimit(.minutes(10)))
    func `a record that the endpoint refuses does not hold up its neighbours`() async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem()
        var logs = MixedLogs()
        try logs.append(100, to: workspace)
        // `message` is a text field by now: a value of another kind in a field of the user's makes every record bad, so
        // one file gets a field whose mapping the others have fixed.
        let first = try Shipper(workspace, endpoint: osmem.port, ["TAILRACE_FIELDS": "labels.size=12"])
        _ = try await eventually(within: 60) { try await osmem.count() >= 100 }
        #expect(first.terminate() == 0)
        try workspace.append(["one more"], to: "other.log")
        let second = try Shipper(workspace, endpoint: osmem.port, ["TAILRACE_FIELDS": "labels.size.unit=kg"])
        _ = await eventually(within: 30) { second.log.contains("rejected for good") }
        #expect(second.terminate() == 0)
        second.expectBalancedLedger()
        #expect(second.ledger["rejected"] == 1)
        #expect(second.log.contains("rejected for good"))
        #expect(try await osmem.count() == 100)
    }

    @Test(.timeLimit(.minutes(10)))
    func `standard output gets one document a line, and checkpoints move`() async throws {
        let workspace = try Workspace()
        var logs = MixedLogs()
        try logs.append(300, to: workspace)
        let path = "\(workspace.root)/output"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        for _ in 0..<2 {
            let output = try #require(FileHandle(forWritingAtPath: path))
            try output.seekToEnd()
            let shipper = try Shipper(workspace, endpoint: 1, ["TAILRACE_OUTPUT": "stdout"], output: output)
            let lines = logs.expected.count
            _ = try await eventually(within: 30) {
                try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").count >= lines
            }
            #expect(shipper.terminate() == 0)
            shipper.expectBalancedLedger()
            try logs.append(100, to: workspace)
        }
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let messages = try lines.map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return try #require(object?["message"] as? String)
        }
        #expect(messages.sorted() == logs.expected.dropLast(100).sorted())
    }
}

/// SplitMix64: the same numbers for the same seed.
struct Seeded: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
