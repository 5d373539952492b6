import Foundation
import FoundationNetworking
import Testing

/// Records that a real endpoint refuses: kept, sent again when the mapping is mended, and nothing twice.
@Suite(.timeLimit(.minutes(10))) struct DeadLetterTests {
    /// An index in which `labels.size` is a number: records that have text there are refused, the others are not.
    private func endpoint() async throws -> Osmem {
        let osmem = try await Osmem(index: "dead")
        try await osmem.put(
            "/logs",
            #"{"settings":{"index.max_result_window":1000000},"mappings":{"properties":{"labels":{"properties":{"size":{"type":"long"}}}}}}"#
        )
        return osmem
    }

    private func mend(_ osmem: Osmem) async throws {
        try await osmem.delete("/logs")
        try await osmem.put("/logs", #"{"settings":{"index.max_result_window":1000000}}"#)
    }

    private let bad = ["TAILRACE_FIELDS": "labels.size=large"]

    private func letters(_ workspace: Workspace) throws -> [[String: Any]] {
        let text = try String(contentsOfFile: "\(workspace.root)/state/dead-letters.ndjson", encoding: .utf8)
        return try text.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    private func ship(_ lines: [String], _ workspace: Workspace, _ osmem: Osmem, _ settings: [String: String])
        async throws
        -> Shipper
    {
        if !lines.isEmpty { try workspace.append(lines, to: "a.log") }
        let shipper = try Shipper(workspace, endpoint: osmem.port, settings)
        // Before that, a signal ends it at once.
        _ = await eventually(within: 60) { shipper.log.contains(" ships ") }
        #expect(shipper.terminate() == 0)
        shipper.expectBalancedLedger()
        return shipper
    }

    @Test func `refused records are kept, and arrive once each when the mapping is mended`() async throws {
        let workspace = try Workspace()
        let osmem = try await endpoint()
        _ = try await ship(["good"], workspace, osmem, [:])
        let shipper = try await ship(["bad 1", "bad 2", "bad 3"], workspace, osmem, bad)
        #expect(shipper.ledger["rejected"] == 3)
        #expect(try await osmem.messages() == ["good"])
        let kept = try letters(workspace)
        #expect(
            kept.compactMap { ($0["record"] as? [String: Any])?["message"] as? String } == ["bad 1", "bad 2", "bad 3"])
        #expect(kept.allSatisfy { $0["index"] as? String == "logs" && $0["status"] as? Int == 400 })
        #expect(kept.allSatisfy { ($0["type"] as? String)?.isEmpty == false && $0["@timestamp"] is String })

        let early = try replay(workspace, osmem)
        #expect(early.code == 1)
        #expect(early.text.contains("0 stored, 0 were there already, 3 refused again"), "\(early.text)")
        #expect(try letters(workspace).count == 3)

        try await mend(osmem)
        _ = try await ship(["good 2"], workspace, osmem, [:])
        let mended = try replay(workspace, osmem)
        #expect(mended.code == 0)
        #expect(mended.text.contains("3 stored, 0 were there already, 0 refused again"), "\(mended.text)")
        #expect(try await osmem.messages().sorted() == ["bad 1", "bad 2", "bad 3", "good 2"])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(workspace.root)/state").allSatisfy {
                !$0.hasPrefix("dead-letters") || $0.hasSuffix(".lock")
            })
    }

    @Test func `a file with letters is sent again under the same ids, while a Tailrace is running`() async throws {
        let workspace = try Workspace()
        let osmem = try await endpoint()
        _ = try await ship(["bad 1", "bad 2"], workspace, osmem, bad)
        let live = "\(workspace.root)/state/dead-letters.ndjson"
        let copy = "\(workspace.root)/copy"
        try FileManager.default.copyItem(atPath: live, toPath: copy)
        let foreign = try #require(FileHandle(forWritingAtPath: copy))
        try foreign.seekToEnd()
        try foreign.write(contentsOf: Data("{\"half a".utf8))
        try foreign.close()
        try await mend(osmem)
        let running = try Shipper(workspace, endpoint: osmem.port)
        _ = await eventually(within: 30) { running.log.contains(" ships ") }
        #expect(try replay(workspace, osmem, live).code == 2, "that one is in use")
        let first = try replay(workspace, osmem, copy)
        #expect(first.code == 1)
        #expect(first.text.contains("2 stored"), "\(first.text)")
        #expect(first.text.contains("1 lines are no dead letters"), "\(first.text)")
        #expect(try String(contentsOfFile: copy, encoding: .utf8) == "{\"half a\n")
        let second = try replay(workspace, osmem)
        #expect(second.code == 0)
        #expect(second.text.contains("0 stored, 2 were there already"), "\(second.text)")
        #expect(try await osmem.messages().sorted() == ["bad 1", "bad 2"])
        #expect(running.terminate() == 0)
    }

    @Test func `an endpoint that is away leaves the letters where they are`() async throws {
        let workspace = try Workspace()
        let osmem = try await endpoint()
        _ = try await ship(["bad 1"], workspace, osmem, bad)
        let proxy = try FaultProxy(to: osmem.port, .everyRequestUnauthorized)
        let result = try replay(workspace, osmem, endpoint: proxy.port)
        #expect(result.code == 1)
        #expect(result.text.contains("1 not sent"), "\(result.text)")
        #expect(result.text.contains("Check the credentials"), "\(result.text)")
        try await mend(osmem)
        #expect(try replay(workspace, osmem).code == 0)
        #expect(try await osmem.messages() == ["bad 1"])
    }

    @Test func `dead letters go to an index of their own, or nowhere, as it is wished`() async throws {
        let workspace = try Workspace()
        let osmem = try await endpoint()
        let settings = bad.merging(["TAILRACE_DEAD_LETTER": "index", "TAILRACE_DEAD_LETTER_INDEX": "dead"]) { $1 }
        let shipper = try await ship(["bad 1", "bad 2"], workspace, osmem, settings)
        #expect(shipper.ledger["rejected"] == 2)
        let originals = try await osmem.messages("dead")
        #expect(originals.count == 2)
        #expect(originals.allSatisfy { $0.contains(#""labels":{"size":"large"}"#) }, "\(originals)")
        let dropped = try await ship(["bad 3"], workspace, osmem, bad.merging(["TAILRACE_DEAD_LETTER": "drop"]) { $1 })
        #expect(dropped.ledger["rejected"] == 1)
        #expect(!FileManager.default.fileExists(atPath: "\(workspace.root)/state/dead-letters.ndjson"))
    }

    /// A limit on the size of files stands in for a disk that is full; checkpoints are smaller than it.
    @Test func `while letters can't be written their batch stays open, and they are not lost`() async throws {
        let workspace = try Workspace()
        let osmem = try await endpoint()
        try workspace.append((1...20).map { "bad \($0)" }, to: "a.log")
        let port = try FreePort.find()
        let shipper = try Shipper(
            workspace, endpoint: osmem.port, adminPort: port, bad,
            shell: "trap '' XFSZ; ulimit -f 2; exec \"$@\"")
        let isTold = await eventually(within: 60) { shipper.log.contains("can't be kept") }
        #expect(isTold, "\(shipper.log)")
        #expect(shipper.log.contains("TAILRACE_DEAD_LETTER=drop"))
        let isUnready = await eventually(within: 10) {
            (try? await page("/readyz", port))?.contains("can't be kept") == true
        }
        #expect(isUnready)
        let metrics = try await page("/metrics", port)
        #expect(metrics.contains(/tailrace_dead_letter_failures_total [1-9]/))
        #expect(metrics.contains(/tailrace_events_pending [1-9]/))
        shipper.kill()
        let next = try await ship([], workspace, osmem, bad)
        #expect((next.ledger["rejected"] ?? 0) > 0)
        let ids = try letters(workspace).map { letter in
            try #require(((letter["action"] as? [String: Any])?["create"] as? [String: Any])?["_id"] as? String)
        }
        #expect(Set(ids).count == 20)
    }

    private func replay(
        _ workspace: Workspace, _ osmem: Osmem, _ file: String? = nil, endpoint: Int? = nil
    ) throws -> (code: Int32, text: String) {
        try Shipper.command(
            ["replay"] + (file.map { [$0] } ?? []),
            [
                "TAILRACE_STATE_DIR": "\(workspace.root)/state", "TAILRACE_LOG_FORMAT": "text",
                "TAILRACE_ENDPOINT": "http://127.0.0.1:\(endpoint ?? osmem.port)",
            ])
    }
}
