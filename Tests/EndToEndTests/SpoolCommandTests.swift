import Foundation
import Testing

/// `tailrace spool` on folders that a real outage has filled.
@Suite(.serialized, .timeLimit(.minutes(10))) struct SpoolCommandTests {
    private func run(
        _ workspace: Workspace, _ arguments: [String], endpoint: Int = 1
    ) throws -> (code: Int32, output: String, errors: String) {
        let wrapper = try Wrapper(workspace, endpoint: endpoint, ["spool"] + arguments)
        let code = wrapper.wait()
        return (code, wrapper.printedText, wrapper.log)
    }

    /// Ships while nobody listens, until so many lines are in the spool.
    private func fill(_ workspace: Workspace, _ lines: [String]) async throws {
        try workspace.append(lines, to: "a.log")
        let shipper = try Shipper(
            workspace, endpoint: 1,
            [
                "TAILRACE_SPOOL": "always", "TAILRACE_SPOOL_MIN_FREE": "0", "TAILRACE_BATCH_BYTES": "16KiB",
                "TAILRACE_SHUTDOWN_TIMEOUT": "1s",
            ])
        let isSpooled = await eventually(within: 60) {
            (try? run(workspace, []))?.output.contains(" \(lines.count) records waiting") == true
        }
        #expect(isSpooled, "\(shipper.log)")
        #expect(try run(workspace, ["--drain"]).errors.contains("a running Tailrace sends what is spooled by itself"))
        #expect(shipper.terminate() == 0)
    }

    private func segments(_ workspace: Workspace) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(workspace.root)/state/spool")
            .filter { $0.contains(".segment") }.sorted()
    }

    @Test func `what waits is listed, printed, checked and sent`() async throws {
        let workspace = try Workspace()
        #expect(try run(workspace, []).output.contains("There is no spool"))
        let lines = (1...300).map { "line \($0) \(String(repeating: "x", count: 100))" }
        try await fill(workspace, lines)

        let list = try run(workspace, [])
        #expect(list.code == 0)
        #expect(
            list.output.contains(
                /\n +\d+ +\d+ +300 +\d+ s +waiting +\d{20}\.segment\n1 segments, \d+ bytes, \d+ batches and 300/))
        let name = try #require(try segments(workspace).first)
        for arguments in [["--cat"], ["--cat", name]] {
            let cat = try run(workspace, arguments)
            #expect(cat.code == 0)
            let messages = try cat.output.split(separator: "\n").map { line -> String? in
                let document = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return document?["message"] as? String
            }
            #expect(messages == lines)
        }
        #expect(try run(workspace, ["--cat", "other"]).code == 1)
        let check = try run(workspace, ["--verify"])
        #expect(check.code == 0 && check.output.hasSuffix("All is well.\n"))

        let osmem = try await Osmem()
        let drain = try run(workspace, ["--drain"], endpoint: osmem.port)
        #expect(drain.code == 0, "\(drain)")
        #expect(drain.output == "300 stored, 0 were there already, 0 refused, 0 damaged, 0 left.\n")
        #expect(try await osmem.messages().sorted() == lines.sorted())
        #expect(try run(workspace, ["--drain"], endpoint: osmem.port).output.hasPrefix("Nothing waits"))
        // The checkpoints are as they were: nothing is read again.
        let shipper = try Shipper(workspace, endpoint: osmem.port)
        let isUp = await eventually(within: 30) { shipper.log.contains(" ships ") }
        #expect(isUp)
        #expect(shipper.terminate() == 0)
        #expect(try await osmem.count() == 300)
    }

    @Test func `a damaged batch is found, and the others are sent`() async throws {
        let workspace = try Workspace()
        let lines = (1...300).map { "line \($0) \(String(repeating: "x", count: 100))" }
        try await fill(workspace, lines)
        let name = try #require(try segments(workspace).first)
        let path = "\(workspace.root)/state/spool/\(name)"
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var bytes = whole
        // In the body of the first batch, and behind the last one.
        bytes[60] ^= 0xFF
        bytes += Data("half a frame".utf8)
        try bytes.write(to: URL(fileURLWithPath: path))

        let check = try run(workspace, ["--verify"])
        #expect(check.code == 1)
        #expect(check.errors.contains(/batch \d+ at byte 0 is damaged/), "\(check)")
        #expect(check.output.contains("12 bytes behind them are no whole batch"), "\(check)")
        let cat = try run(workspace, ["--cat"])
        #expect(cat.code == 1)
        let left = cat.output.split(separator: "\n").count
        #expect(left > 100 && left < 300)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes, "looking changes nothing")

        let osmem = try await Osmem()
        let drain = try run(workspace, ["--drain"], endpoint: osmem.port)
        #expect(drain.code == 1)
        #expect(
            drain.output.hasPrefix("\(left) stored, 0 were there already, 0 refused, \(300 - left) damaged, 0 left."),
            "\(drain)")
        #expect(try await osmem.count() == left)
        // Only what was lost is left of it.
        let list = try run(workspace, []).output
        #expect(list.contains(try Regex("\\d +1 +\(300 - left) +\\d+ s +set aside")), "\(list)")
        #expect(try segments(workspace) == [name + ".damaged"])
    }

    @Test func `a batch that was torn is not taken for one that is delivered`() async throws {
        let workspace = try Workspace()
        try await fill(workspace, ["one line"])
        let name = try #require(try segments(workspace).first)
        let path = "\(workspace.root)/state/spool/\(name)"
        try Data(contentsOf: URL(fileURLWithPath: path)).dropLast(10).write(to: URL(fileURLWithPath: path))
        let list = try run(workspace, []).output
        #expect(list.contains(/\d +0 +0 +- +torn +\d{20}\.segment/), "\(list)")
    }
}
