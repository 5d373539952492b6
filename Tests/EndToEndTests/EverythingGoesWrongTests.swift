import Foundation
import Testing

/// Real processes, a real endpoint behind a proxy, a real `logrotate` and a real disk of 8 MiB: SIGKILL, SIGSTOP, an
/// endpoint that is gone, frozen or silent, a network that is cut, a disk that is full. Then the index is held against
/// what the programs wrote, line by line.
///
/// `make torture` runs it for twenty minutes.
@Suite(.serialized) struct EverythingGoesWrongTests {
    private static let seconds =
        ProcessInfo.processInfo.environment["TAILRACE_TORTURE_SECONDS"].flatMap(Double.init) ?? 25

    private enum Trouble: CaseIterable {
        case kill, stop, endpointGone, endpointFrozen, networkCut, diskFull
    }

    /// What can be broken, and is mended again.
    private final class World {
        let osmem: Osmem
        let proxy: FaultProxy
        let network = CutNetwork()
        let disk = try? SmallDisk(bytes: 8 << 20)
        private(set) var broken: Set<Trouble> = []

        init() async throws {
            osmem = try await Osmem()
            proxy = try FaultProxy(to: osmem.port, .someFail, on: network?.address ?? "127.0.0.1")
            if network == nil { print("no network namespace can be had here: the proxy is silent instead") }
            if disk == nil { print("no tmpfs can be mounted here: the disk is never full") }
        }

        func shipper(_ workspace: Workspace, _ random: inout Seeded) throws -> Shipper {
            var settings = [
                "TAILRACE_ENDPOINT": "http://\(network?.address ?? "127.0.0.1"):\(proxy.port)",
                "TAILRACE_REQUEST_TIMEOUT": "3s", "TAILRACE_CONNECT_TIMEOUT": "1s", "TAILRACE_MEMORY_LIMIT": "4MiB",
                "TAILRACE_BATCH_BYTES": "256KiB", "TAILRACE_SPOOL_MIN_FREE": "0",
                "TAILRACE_SPOOL_SEGMENT_SIZE": "256KiB",
                "TAILRACE_SPOOL": Bool.random(using: &random) ? "auto" : "always",
                "TAILRACE_SPOOL_SYNC": Bool.random(using: &random) ? "always" : "interval",
            ]
            settings["TAILRACE_SPOOL_DIR"] = disk.map { $0.path + "/spool" }
            return try Shipper(workspace, endpoint: 0, settings, shell: network?.shell)
        }

        /// Breaks what is whole, and mends what is broken.
        func toggle(_ trouble: Trouble) throws {
            let isBroken = broken.remove(trouble) != nil
            if !isBroken { broken.insert(trouble) }
            switch trouble {
            case .endpointGone: if isBroken { try proxy.start() } else { proxy.stop() }
            case .endpointFrozen: osmem.freeze(!isBroken)
            case .networkCut:
                guard let network else { return proxy.beSilent(!isBroken) }
                if isBroken { network.mend() } else { network.cut() }
            case .diskFull: if isBroken { disk?.clear() } else { disk?.fill() }
            case .kill, .stop: broken.remove(trouble)
            }
        }

        func mendAll() throws {
            proxy.behave()
            for trouble in broken { try toggle(trouble) }
        }
    }

    @Test(.timeLimit(.minutes(60)))
    func `every line comes once, whatever goes wrong`() async throws {
        let workspace = try Workspace()
        let world = try await World()
        var random = Seeded(seed: UInt64.random(in: 0...UInt64.max))
        print("seed \(random.seed)")
        let writers = try [
            TortureTests.Writer("create", "create", workspace),
            TortureTests.Writer("packed", "create\n compress\n delaycompress", workspace),
            TortureTests.Writer("copied", "copytruncate", workspace),
        ]
        for writer in writers { writer.write(10) }
        var shipper = try world.shipper(workspace, &random)
        // What is rotated away before anybody has seen its path can't be known.
        let isSeen = try await eventually(within: 60) { try await world.osmem.count() >= writers.count * 10 }
        try #require(isSeen, "\(shipper.log.suffix(2000))")
        let end = Date(timeIntervalSinceNow: Self.seconds)
        let threads = DispatchGroup()
        for writer in writers { DispatchQueue.global().async(group: threads) { writer.run(until: end) } }
        var counts: [Trouble: Int] = [:]
        while Date() < end {
            try await Task.sleep(for: .milliseconds(Int.random(in: 200...2000, using: &random)))
            let trouble = Trouble.allCases.randomElement(using: &random) ?? .kill
            counts[trouble, default: 0] += 1
            switch trouble {
            case .kill:
                shipper.kill()
                shipper = try world.shipper(workspace, &random)
            case .stop:
                shipper.freeze(true)
                try await Task.sleep(for: .milliseconds(Int.random(in: 200...3000, using: &random)))
                shipper.freeze(false)
            default: try world.toggle(trouble)
            }
        }
        await withCheckedContinuation { done in threads.notify(queue: .global()) { done.resume() } }
        try world.mendAll()
        let expected = writers.flatMap(\.lines)
        _ = try await world.osmem.catchUp(to: expected.count, pause: 30)
        #expect(shipper.terminate() == 0)
        shipper.expectBalancedLedger()
        try await compare(expected, world.osmem)
        print("\(writers.reduce(0) { $0 + $1.rotations }) rotations, troubles: \(counts)")
        let state = try String(contentsOfFile: "\(workspace.root)/state/checkpoints", encoding: .utf8)
        print("\(state.split(separator: "\n").filter { $0.hasPrefix("file ") }.count) checkpoints at the end")
        #expect(counts.count >= 3)
    }

    private func compare(_ expected: [String], _ osmem: Osmem) async throws {
        var counts: [String: Int] = [:]
        for message in try await osmem.messages() { counts[message, default: 0] += 1 }
        let lost = expected.filter { counts[$0] == nil }
        let twice = counts.filter { $0.value > 1 }.keys.sorted()
        print("\(expected.count) lines: \(lost.count) lost, \(twice.count) twice")
        #expect(lost.isEmpty, "\(lost.prefix(5))")
        #expect(twice.isEmpty, "\(twice.prefix(5))")
        #expect(counts.count == expected.count)
    }
}
