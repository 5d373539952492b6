import Testing

@testable import TailraceCore

/// Records of unknown forms, which have a time of day among their first words.
struct RecordClockTests {
    private func header(_ line: String) -> RecordHeader { LineView(Array(line.utf8).span).header }

    @Test func `a time among the first words makes a record, and a level behind it counts`() {
        #expect(header("{17} 12:34:56 E/bank payment failed") == .alarm)
        #expect(header("{17} 12:34:56 I/bank payment done") == .calm)
        #expect(header("[ 12:34:56 ]: payment failed") == .unrated)
        #expect(header("[1] Sun, 29 Nov 2026 21:20:13 GMT ready") == .unrated)
        #expect(header("bank 2024/05/01 12:34:56 ERROR payment failed") == .alarm)
        #expect(header("#1 INFO (29/11 21:18:20) ready") == .calm)
        #expect(header("bank: 2024/05/01 12:34:56 ready") == .unrated)
        #expect(header("bank.log.1.2024-05-01_12:34:56 2024-05-01 12:34:55.789 17 WARNING slow") == .alarm)
        #expect(header("localhost - - [12/Mar/2023:10:00:00 +0000] \"GET /error HTTP/1.1\" 200 170") == .access)
    }

    @Test(arguments: [
        "Deadline 12:34:56 passed", "Pay 2024-05-01 12:34:56 a:b", "|  1 | alice | 2024-05-01 12:34:56 |",
        "17 root 00:00:03 init: x", "serial 12:34:56:78:9a", "SHA1 10:20:30:40:50", "Time: 12:34:56 UTC",
        "xgboost.core.XGBoostError: [19:57:33] text", "created_at=12:34:56", "name \"a\" 12:34:56", "12:34:5",
        "a 99:99:99 x", "started: 2024/05/01 12:34:56", "bank.log_12:34:56 text",
    ])
    func `sentences, tables and values with a time are none`(line: String) {
        #expect(header(line) == .none)
    }

    @Test(arguments: [
        "12:34:56", " 12:34:56", "[12:34:56", "{1} 12:34:56", "{1} 12:34:56Z", "{1} 12:34:56 E", "T12:34:56",
        "a: 2024/05/01 12:34:56 x", "a_12:34:56 x", "[2024-05-01 12:34:56] {a} INFO - [2024-05-01 12:34:56] ERROR x",
        "Started GET \"/\"", "Processing by A#b", "Completed 200 OK in 5ms", "START RequestId: ",
    ])
    func `a line may end anywhere`(line: String) {
        for count in 0...line.utf8.count { _ = header(String(line.prefix(count))) }
    }
}
