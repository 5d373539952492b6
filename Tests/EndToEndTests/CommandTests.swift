import Foundation
import FoundationNetworking
import Testing

/// The commands, as a person runs them.
@Suite(.timeLimit(.minutes(10))) struct CommandTests {
    private func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> (code: Int32, text: String)
    {
        try Shipper.command(arguments, environment)
    }

    @Test func `the demo ships its samples and loses nothing`() throws {
        let (code, text) = try run(["demo"])
        #expect(code == 0)
        #expect(text.contains("panic: runtime error"))
        #expect(text.contains(/records +72\n/))
        #expect(text.contains(/traces joined +18\n/))
        #expect(text.contains(/documents stored +72,/))
        #expect(text.contains(/lost +0\ntwice +0\n/))
    }

    @Test func `the demo ships files that are named`() throws {
        let workspace = try Workspace()
        try workspace.append(["one", "two"], to: "a.log")
        let (code, text) = try run(["demo", "\(workspace.logs)/*.log"])
        #expect(code == 0)
        #expect(text.contains("a.log one"))
        #expect(text.contains(/records +2\n/))
    }

    @Test func `check prints what is in force, tries it, and says what is wrong`() throws {
        let workspace = try Workspace()
        try workspace.append(["one"], to: "a.log")
        let port = try FreePort.find()
        let settings = [
            "TAILRACE_PATHS": "\(workspace.logs)/*.log", "TAILRACE_STATE_DIR": "\(workspace.root)/state",
            "TAILRACE_API_KEY": "sesame", "TAILRACE_ENDPOINT": "http://127.0.0.1:\(port)",
        ]
        let offline = try run(["check", "--offline"], settings)
        #expect(offline.code == 0)
        #expect(offline.text.contains("✓ \(workspace.logs)/a.log, 4 bytes"))
        #expect(offline.text.contains(/TAILRACE_API_KEY +set +\(set\)/))
        #expect(offline.text.contains(/TAILRACE_FORMAT +auto +\(default\)/))
        #expect(!offline.text.contains("sesame"))
        let online = try run(["check"], settings)
        #expect(online.code == 1)
        #expect(online.text.contains("✗ http://127.0.0.1:\(port): 127.0.0.1:\(port): Connection refused"))
    }

    @Test func `join tells a file that can't be read from settings that can't be used`() throws {
        let workspace = try Workspace()
        try workspace.append(["one", "two"], to: "a.log")
        let file = "\(workspace.logs)/a.log"
        let whole = try run(["join", file])
        #expect(whole.code == 0)
        #expect(whole.text == "one\n-----\ntwo\n")
        #expect(try run(["join", "\(workspace.logs)/no.log"]).code == 1)
        let mistaken = try run(["join", file], ["TAILRACE_MULTILINE": "jawa"])
        #expect(mistaken.code == 2)
        #expect(mistaken.text.contains("TAILRACE_MULTILINE"))
    }

    @Test func `state shows how far files are delivered, and forgets one`() throws {
        let workspace = try Workspace()
        try workspace.append(["one", "two"], to: "a.log")
        let settings = [
            "TAILRACE_PATHS": "\(workspace.logs)/*.log", "TAILRACE_STATE_DIR": "\(workspace.root)/state",
            "TAILRACE_OUTPUT": "stdout", "TAILRACE_ADMIN": "off",
        ]
        let shipper = try Shipper(workspace, endpoint: 1, settings)
        let isSaved = try polled { try run(["state"], settings).text.contains(/\s8 +8 +0 +\d+ s +followed +.*a.log\n/) }
        #expect(isSaved)
        #expect(
            try run(["state", "--reset", "\(workspace.logs)/a.log"], settings).text.contains("running Tailrace has it"))
        #expect(shipper.terminate() == 0)
        #expect(try run(["state", "--reset", "/no.log"], settings).code == 1)
        #expect(try run(["state", "--reset", "\(workspace.logs)/a.log"], settings).code == 0)
        #expect(try run(["state"], settings).text.contains("0 files, 0 done with"))
    }

    private func polled(_ condition: () throws -> Bool) throws -> Bool {
        let deadline = Date(timeIntervalSinceNow: 30)
        while Date() < deadline {
            if try condition() { return true }
            usleep(50_000)
        }
        return false
    }

    @Test func `a mistake ends the start, and says what to write`() throws {
        let (code, text) = try run(["run"], ["TAILRACE_ENDPOINTS": "http://a", "TAILRACE_MAX_LINE": "1 parsec"])
        #expect(code == 2)
        #expect(text.contains("Did you mean TAILRACE_ENDPOINT?"))
        #expect(text.contains("TAILRACE_MAX_LINE=256KiB"))
    }

    @Test func `help, version and what is no command`() throws {
        #expect(try run(["--version"]).text.hasPrefix("tailrace 0."))
        #expect(try run(["--help"]).code == 0)
        #expect(try run(["state", "--help"]).text.contains("--reset FILE"))
        #expect(try run(["join", "-h"]).code == 0)
        #expect(try run(["shout"]).code == 2)
        #expect(try run(["settings"]).text.contains("TAILRACE_PATHS"))
    }

    @Test func `new files are found, and the admin port tells how things stand`() async throws {
        let workspace = try Workspace()
        let output = "\(workspace.root)/output"
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        let handle = try #require(FileHandle(forWritingAtPath: output))
        let port = try FreePort.find()
        let shipper = try Shipper(
            workspace, endpoint: 1, adminPort: port,
            ["TAILRACE_OUTPUT": "stdout", "TAILRACE_PATHS": "\(workspace.logs)/**/*.log"],
            output: handle)
        let isReady = await eventually(within: 20) { await (try? page("/readyz", port)) == "ok\n" }
        #expect(isReady)
        try FileManager.default.createDirectory(atPath: "\(workspace.logs)/new", withIntermediateDirectories: true)
        try workspace.append(["hello"], to: "new/a.log")
        // A second for the file, and the time-outs of line and batch behind it.
        let isFound = try await eventually(within: 5) {
            try String(contentsOfFile: output, encoding: .utf8).contains("\"message\":\"hello\"")
        }
        #expect(isFound)
        let isCounted = await eventually(within: 5) {
            let metrics = (try? await page("/metrics", port)) ?? ""
            return metrics.contains("tailrace_events_settled_total{outcome=\"stored\"} 1\n")
                && metrics.contains("tailrace_events_pending 0\n")
        }
        #expect(isCounted)
        let status =
            try JSONSerialization.jsonObject(with: Data(try await page("/status", port).utf8)) as? [String: Any]
        #expect((status?["events"] as? [String: Int])?["read"] == 1)
        #expect(try await page("/livez", port) == "ok\n")
        #expect(shipper.terminate() == 0)
        shipper.expectBalancedLedger()
    }
}
