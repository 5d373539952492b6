import Foundation
import Testing

/// How soon a line goes out. `Benchmarks/footprint.py` measures it; here it has to hold on a machine that does other things
/// as well, so it is told from waiting alone.
@Suite(.serialized) struct LatencyTests {
    @Test(.timeLimit(.minutes(10))) func `without a flush interval, a line does not wait for others`() throws {
        let workspace = try Workspace()
        let documents = Pipe()
        let log = "\(workspace.logs)/app.log"
        try Data().write(to: URL(fileURLWithPath: log))
        let shipper = try Shipper(
            workspace, endpoint: 1, ["TAILRACE_OUTPUT": "stdout", "TAILRACE_FLUSH_INTERVAL": "0ms"],
            output: documents.fileHandleForWriting)
        let file = try #require(FileHandle(forWritingAtPath: log))
        var fastest = Duration.seconds(60)
        for number in 0..<30 {
            let begin = ContinuousClock.now
            file.write(Data("2026-01-01T00:00:00.000 INFO  [main] line \(number) of 30\n".utf8))
            var text = ""
            while !text.contains("line \(number) of 30") {
                text += String(decoding: documents.fileHandleForReading.availableData, as: UTF8.self)
            }
            // The first one also waits for the program to start.
            if number > 0 { fastest = min(fastest, ContinuousClock.now - begin) }
        }
        // Any timer in the way would show in each of them: the shortest that there is is 100 ms.
        #expect(fastest < .milliseconds(60), "\(fastest)")
        #expect(shipper.terminate() == 0)
    }
}
