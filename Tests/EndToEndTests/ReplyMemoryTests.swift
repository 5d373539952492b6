import Foundation
import Testing

/// A reply is read while it comes: how long it is costs no memory.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ReplyMemoryTests {
    /// Ships some lines to an endpoint whose reply has `junk` bytes for each.
    ///
    /// - Returns: the most memory that the process ever had, in KiB.
    private func peak(junk: Int) async throws -> Int {
        let workspace = try Workspace()
        let text = String(repeating: "x", count: junk)
        let server = try ScriptedServer { request in
            guard request.path == "/_bulk" else { return .json([:], 404) }
            let count = request.body.count { $0 == 0x0A } / 2
            let item = #"{"create":{"junk":"\#(text)","status":201}}"#
            let items = Array(repeating: item, count: count).joined(separator: ",")
            return ScriptedServer.Answer(body: Data(#"{"errors":false,"items":[\#(items)]}"#.utf8))
        }
        try workspace.append((0..<1500).map { "line \($0)" }, to: "a.log")
        let shipper = try Shipper(
            workspace, endpoint: server.port, ["TAILRACE_COMPRESSION_LEVEL": "0", "TAILRACE_FLUSH_INTERVAL": "3s"])
        let isDone = await eventually(within: 60) {
            let count = server.requests.reduce(0) { $0 + $1.body.count { $0 == 0x0A } / 2 }
            return count >= 1500
        }
        #expect(isDone, "\(shipper.log)")
        // The reply is being read now; only then does it end.
        let status = try shipper.waitForEnd()
        #expect(shipper.ledger["stored"] == 1500, "\(shipper.log)")
        return status
    }

    @Test func `a reply of eleven megabytes takes hardly more than one of fifty kilobytes`() async throws {
        let small = try await peak(junk: 1)
        let large = try await peak(junk: 7500)
        print("peak with a short reply \(small) KiB, with a long one \(large) KiB")
        #expect(large - small < 6 << 10)
    }
}
