import Foundation
import FoundationNetworking
import Testing

/// The spool of the whole program, on a real disk, before a real endpoint.
@Suite(.serialized, .timeLimit(.minutes(10))) struct SpoolTests {
    private let workspace: Workspace
    private let osmem: Osmem
    private let proxy: FaultProxy
    private let admin: Int
    private let settings = [
        "TAILRACE_BATCH_BYTES": "64KiB", "TAILRACE_MEMORY_LIMIT": "1MiB", "TAILRACE_SPOOL_SEGMENT_SIZE": "256KiB",
        "TAILRACE_SPOOL_MIN_FREE": "0", "TAILRACE_COMPRESSION_LEVEL": "0",
    ]

    init() async throws {
        workspace = try Workspace()
        osmem = try await Osmem()
        proxy = try FaultProxy(to: osmem.port)
        admin = try FreePort.find()
    }

    private func shipper(_ more: [String: String] = [:]) throws -> Shipper {
        try Shipper(workspace, endpoint: proxy.port, adminPort: admin, settings.merging(more) { $1 })
    }

    private var segments: [String] {
        let folder = "\(workspace.root)/state/spool"
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            $0.hasSuffix(".segment")
        }
    }

    /// Positions have moved to the end of every file that is there, whether its lines have arrived or not.
    private func isCovered() async throws -> Bool {
        let logs = try FileManager.default.contentsOfDirectory(atPath: workspace.logs)
        let written = try logs.reduce(0) { sum, name in
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(workspace.logs)/\(name)")
            return sum + (attributes[.size] as? Int ?? 0)
        }
        guard let url = URL(string: "http://127.0.0.1:\(admin)/status"),
            let data = try? await URLSession.shared.data(from: url).0,
            let status = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let files = status["files"] as? [[String: Any]]
        else { return false }
        return files.reduce(0) { $0 + ($1["delivered"] as? Int ?? 0) } == written
    }

    private func expectAll(_ logs: MixedLogs, _ shipper: Shipper) async throws {
        try await logs.expectAll(in: osmem, from: shipper)
        #expect(segments.isEmpty, "delivered is deleted")
    }

    @Test func `what is rotated away and deleted while the endpoint is down comes from the spool, through SIGKILL`()
        async throws
    {
        var logs = MixedLogs()
        try logs.append(300, to: workspace)
        let first = try shipper()
        #expect(try await eventually(within: 60) { try await osmem.count() >= 300 })
        proxy.stop()
        try logs.append(3000, to: workspace)
        for name in ["plain.log", "cri.log", "docker.log"] { try workspace.rotate(name, to: name + ".1") }
        try logs.append(30, to: workspace)
        #expect(try await eventually(within: 60) { try await isCovered() }, "\(first.log)")
        #expect(!segments.isEmpty)
        for name in ["plain.log", "cri.log", "docker.log"] {
            try FileManager.default.removeItem(atPath: "\(workspace.logs)/\(name).1")
        }
        first.kill()
        let second = try shipper()
        try logs.append(300, to: workspace)
        try proxy.start()
        try await expectAll(logs, second)
        #expect(second.log.contains("records of an earlier run are in the spool"))
    }

    @Test func `what is left at the end goes to disk, and is sent after the next start`() async throws {
        var logs = MixedLogs()
        try logs.append(300, to: workspace)
        let first = try shipper(["TAILRACE_SHUTDOWN_TIMEOUT": "1s"])
        #expect(try await eventually(within: 60) { try await osmem.count() >= 300 })
        proxy.stop()
        try logs.append(600, to: workspace)
        #expect(first.terminate() == 0)
        #expect(first.log.contains("sent first at the next start"), "\(first.log)")
        #expect(first.ledger["pending"] == first.ledger["spooled"])
        for name in ["plain.log", "cri.log", "docker.log"] {
            try FileManager.default.removeItem(atPath: "\(workspace.logs)/\(name)")
        }
        try proxy.start()
        try await expectAll(logs, try shipper(["TAILRACE_SPOOL": "off"]))
    }

    @Test(.enabled(if: SmallDisk.canBeHad, SmallDisk.need), arguments: ["block", "drop_oldest", "drop_newest"])
    func `a disk that is full`(_ whenFull: String) async throws {
        let disk = try SmallDisk(bytes: 1 << 20)
        var logs = MixedLogs()
        try logs.append(30, to: workspace)
        let shipper = try shipper([
            "TAILRACE_SPOOL": "always", "TAILRACE_SPOOL_WHEN_FULL": whenFull,
            "TAILRACE_SPOOL_DIR": disk.path + "/spool",
        ])
        #expect(try await eventually(within: 60) { try await osmem.count() >= 30 })
        proxy.stop()
        try logs.append(5000, to: workspace)
        if whenFull == "block" {
            #expect(await eventually(within: 60) { shipper.log.contains("No space left on device") })
            try proxy.start()
            try await expectAll(logs, shipper)
            return
        }
        #expect(try await eventually(within: 60) { try await isCovered() }, "\(shipper.log)")
        try proxy.start()
        #expect(shipper.terminate() == 0)
        shipper.expectBalancedLedger()
        let lost = try #require(shipper.ledger["lost"])
        #expect(lost > 1000)
        let told = shipper.log.matches(of: /(\d+) records of \S+\.log were dropped, the (oldest|newest)/)
        #expect(told.compactMap { Int($0.1) }.reduce(0, +) == lost, "\(shipper.log)")
        #expect(told.allSatisfy { "drop_\($0.2)" == whenFull })
        #expect(whenFull != "drop_newest" || !shipper.log.contains("Batches stay in memory"), "\(shipper.log)")
        let messages = try await osmem.messages()
        #expect(Set(messages).count == messages.count)
        #expect(messages.count == logs.expected.count - lost)
    }
}
