import Glibc
import Foundation
import Synchronization
import Testing

/// Programs that write, `logrotate` that rotates them several times a second in every mode, and SIGKILL at random.
///
/// `make torture-tail` runs it for ten minutes.
@Suite(.serialized) struct TortureTests {
    private static let seconds =
        ProcessInfo.processInfo.environment["TAILRACE_TORTURE_SECONDS"].flatMap(Double.init) ?? 20

    @Test(.timeLimit(.minutes(30)))
    func `every line comes once through logrotate and SIGKILL`() async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem()
        var random = Seeded(seed: UInt64.random(in: 0...UInt64.max))
        print("seed \(random.seed)")
        let writers = try [
            Writer("create", "create", workspace),
            Writer("dated", "create\n dateext\n dateformat -%Y%m%d-%s", workspace),
            Writer("packed", "create\n compress", workspace),
            Writer("late", "create\n compress\n delaycompress", workspace),
            Writer("copied", "copytruncate", workspace),
        ]
        // What is rotated away before anybody has seen its path can't be known.
        for writer in writers { writer.write(10) }
        var shipper = try Shipper(workspace, endpoint: osmem.port)
        _ = try await eventually(within: 60) { try await osmem.count() >= writers.count * 10 }
        let end = Date(timeIntervalSinceNow: Self.seconds)
        let threads = DispatchGroup()
        for writer in writers { DispatchQueue.global().async(group: threads) { writer.run(until: end) } }
        var lives = 1
        while Date() < end {
            try await Task.sleep(for: .milliseconds(Int.random(in: 300...3000, using: &random)))
            shipper.kill()
            shipper = try Shipper(workspace, endpoint: osmem.port)
            lives += 1
        }
        await withCheckedContinuation { done in threads.notify(queue: .global()) { done.resume() } }
        let expected = writers.flatMap(\.lines)
        let begin = Date()
        let arrived = try await osmem.catchUp(to: expected.count, pause: 15)
        print("\(arrived) lines have come, the last after \(Int(Date().timeIntervalSince(begin))) s")
        #expect(shipper.terminate() == 0)
        shipper.expectBalancedLedger()
        var counts: [String: Int] = [:]
        for message in try await osmem.messages() { counts[message, default: 0] += 1 }
        let lost = expected.filter { counts[$0] == nil }
        let twice = counts.filter { $0.value > 1 }.keys.sorted()
        let rotations = writers.reduce(0) { $0 + $1.rotations }
        print(
            "\(expected.count) lines, \(rotations) rotations, \(lives) lives: \(lost.count) lost, \(twice.count) twice")
        #expect(lost.isEmpty, "\(lost.prefix(5))")
        #expect(twice.isEmpty, "\(twice.prefix(5))")
        #expect(counts.count == expected.count)
        #expect(rotations > writers.count * 5)
    }

    /// A program with a log, and its rotation. It does not write while `logrotate` copies and truncates: what is written
    /// in between is destroyed before anybody can read it.
    final class Writer: Sendable {
        private let name: String
        private let path: String
        private let configuration: String
        private let state = Mutex((number: 0, rotations: 0))

        init(_ name: String, _ mode: String, _ workspace: Workspace) throws {
            self.name = name
            path = "\(workspace.logs)/\(name).log"
            configuration = "\(workspace.root)/\(name).conf"
            try "\(path) {\n rotate 10000\n size 1\n missingok\n \(mode)\n}\n"
                .write(toFile: configuration, atomically: true, encoding: .utf8)
        }

        var lines: [String] { (0..<state.withLock { $0.number }).map { "\(name) writes line \($0)" } }
        var rotations: Int { state.withLock { $0.rotations } }

        func run(until end: Date) {
            while Date() < end {
                // Few: what is tried is rotation, and the server takes half a millisecond of a processor for each.
                write(Int.random(in: 1...8))
                if Int.random(in: 0..<4) == 0 { rotate() }
                usleep(30_000)
            }
        }

        func write(_ count: Int) {
            let first = state.withLock { $0.number }
            let text = (first..<first + count).map { "\(name) writes line \($0)\n" }.joined()
            let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
            _ = text.withCString { Glibc.write(file, $0, strlen($0)) }
            close(file)
            state.withLock { $0.number += count }
        }

        private func rotate() {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/sbin/logrotate")
            process.arguments = ["-f", "-s", configuration + ".state", configuration]
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { return }
            process.waitUntilExit()
            state.withLock { $0.rotations += process.terminationStatus == 0 ? 1 : 0 }
        }
    }
}
