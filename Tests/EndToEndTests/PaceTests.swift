import Foundation
import Testing

/// How soon lines are noticed, how fairly files share, and what many files cost. Machines that run tests are busy with
/// other things as well: what is asserted of time are the best cases, or amounts of work; all is printed.
@Suite(.serialized) struct PaceTests {
    private let workspace: Workspace
    private let output: DocumentFile

    init() throws {
        workspace = try Workspace()
        output = try DocumentFile(workspace)
    }

    // MARK: Latency

    /// Flushed every 10 ms, so that nearly all that is measured is the time until a line is noticed.
    private func latencies(_ rounds: Int, shell: String? = nil) async throws -> [Double] {
        let shipper = try output.start(["TAILRACE_FLUSH_INTERVAL": "10ms"], shell: shell)
        try workspace.append(["begin"], to: "app.log")
        #expect(try await eventually(within: 30) { try output.size > 0 })
        let writer = try workspace.appender("app.log")
        var milliseconds: [Double] = []
        for round in 0..<rounds {
            // At odd moments between two looks.
            try await Task.sleep(for: .milliseconds(100 + round * 37 % 200))
            let size = try output.size
            let begin = ContinuousClock.now
            try writer.write(contentsOf: Data("line \(round)\n".utf8))
            while try output.size == size, ContinuousClock.now - begin < .seconds(20) { usleep(500) }
            milliseconds.append((ContinuousClock.now - begin) / .milliseconds(1))
        }
        #expect(shipper.terminate() == 0)
        #expect(try output.messages().count == rounds + 1)
        let sorted = milliseconds.sorted()
        print(
            "noticed and flushed after \(sorted[0].rounded()) to \(sorted[rounds - 1].rounded()) ms, "
                + "half of them within \(sorted[rounds / 2].rounded()) ms")
        return sorted
    }

    @Test(.timeLimit(.minutes(10))) func `with inotify a line is noticed within 20 ms`() async throws {
        let milliseconds = try await latencies(20)
        #expect(milliseconds[0] <= 10 + 20)
    }

    @Test(
        .timeLimit(.minutes(10)), .enabled(if: Machine.hasUserNamespaces, "user namespaces are forbidden here"))
    func `without inotify a line is noticed within 250 ms`() async throws {
        let milliseconds = try await latencies(
            12,
            shell: "exec unshare -Ur bash -c 'echo 0 > /proc/sys/user/max_inotify_instances && exec \"$@\"' bash \"$@\""
        )
        // Looked at once a second, no more than one of four would be.
        #expect(milliseconds[5] <= 10 + 250)
    }

    // MARK: Fairness

    @Test(.timeLimit(.minutes(10))) func `a file with a long backlog does not starve a hundred slow ones`() async throws
    {
        let line = String(repeating: "fast ", count: 100) + "\n"
        let backlog = 32 << 20
        try Data(String(repeating: line, count: backlog / line.utf8.count).utf8)
            .write(to: URL(fileURLWithPath: "\(workspace.logs)/a.log"))
        for file in 0..<100 { try workspace.append(["slow"], to: "slow\(file).log") }
        let shipper = try output.start([
            "TAILRACE_BATCH_BYTES": "256KiB", "TAILRACE_MEMORY_LIMIT": "8MiB", "TAILRACE_FLUSH_INTERVAL": "10ms",
        ])
        var arrived = 0
        var seen: UInt64 = 0
        var worst: UInt64 = 0
        var rounds = 0
        while seen < UInt64(backlog) {
            let before = try output.size
            rounds += 1
            let isThere = try await eventually(within: 60) {
                let news = try output.text(from: seen)
                arrived += news.components(separatedBy: "\"message\":\"slow\"").count - 1
                seen += UInt64(news.utf8.count)
                return arrived >= rounds * 100
            }
            try #require(isThere)
            worst = max(worst, seen - before)
            for file in 0..<100 { try workspace.append(["slow"], to: "slow\(file).log") }
        }
        print("\(rounds) lines of each of 100 slow files; at most \(worst >> 10) KiB of others came in between")
        #expect(rounds > 2)
        // What may be on its way at once, and what is written while the test looks.
        #expect(worst < 16 << 20)
        #expect(shipper.terminate() == 0)
    }

    // MARK: Many files

    /// Counted is what 10,000 files take more than one file with the same lines.
    @Test(.timeLimit(.minutes(10))) func `a quiet file costs at most 2 KiB, and next to no time`() async throws {
        let count = 10_000
        let one = try await quiet(count) { _ in "all/application.log" }
        let most = one.memory + count * 2048
        let many = try await quiet(count, atMost: most) { "service-\($0 % 100)/application-\($0).log" }
        let bytes = (many.memory - one.memory) / count
        print(
            "\(count) quiet files: \(bytes) bytes each, \((many.load * 1000).rounded() / 10) % of a processor; "
                + "\(many.memory >> 10) KiB in all, \(one.memory >> 10) KiB for one file with the same lines")
        #expect(bytes <= 2048)
        // Five times what an optimised build may take.
        #expect(many.load <= 0.05)
    }

    /// - Parameters:
    ///   - most: memory in bytes that it is given a minute to come down to, on a busy machine.
    ///   - name: of the file that each line goes to.
    /// - Returns: memory of its own in bytes once all is read and delivered, and the share of a processor in use then.
    private func quiet(
        _ lines: Int, atMost most: Int = .max, _ name: (Int) -> String
    ) async throws -> (memory: Int, load: Double) {
        let workspace = try Workspace()
        let output = try DocumentFile(workspace)
        for number in 0..<lines {
            let path = "\(workspace.logs)/\(name(number))"
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try workspace.append(["2026-01-01T00:00:00Z INFO line \(number)"], to: name(number))
        }
        let shipper = try Shipper(
            workspace, endpoint: 1,
            ["TAILRACE_OUTPUT": "stdout", "TAILRACE_PATHS": "\(workspace.logs)/*/*.log"], output: output.handle())
        #expect(try await eventually(within: 240) { try output.lineCount >= lines })
        // Until the positions have been saved as well.
        #expect(await eventually(within: 60) { await shipper.isQuiet(for: .seconds(2)) })
        // So long that one look at all files, of which there is one now and then, does not count for many, and that memory
        // which is no longer needed has been given back.
        let (begin, before) = (ContinuousClock.now, try shipper.processorTime())
        try await Task.sleep(for: .seconds(12))
        let load = (try shipper.processorTime() - before) / ((ContinuousClock.now - begin) / .seconds(1))
        _ = try await eventually(within: 60) { try shipper.ownMemory() <= most }
        let memory = try shipper.ownMemory()
        #expect(shipper.terminate() == 0)
        return (memory, load)
    }
}
