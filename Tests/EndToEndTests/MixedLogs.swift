import Foundation
import Testing

/// Numbered records in all formats, some of them stack traces, and what has to arrive of them.
struct MixedLogs {
    private(set) var expected: [String] = []

    /// Writes the next `count` records, a third of them to each of three files.
    mutating func append(_ count: Int, to workspace: Workspace) throws {
        var lines: [[String]] = [[], [], []]
        for _ in 0..<count {
            let number = expected.count
            let record = Self.record(number)
            lines[number % 3] += record.map { Self.wrap($0, format: number % 3) }
            expected.append(record.joined(separator: "\n"))
        }
        for (format, name) in ["plain.log", "cri.log", "docker.log"].enumerated() where !lines[format].isEmpty {
            try workspace.append(lines[format], to: name)
        }
    }

    private static func record(_ number: Int) -> [String] {
        guard number % 50 < 3 else { return ["2026-01-01 00:00:00 INFO request seq=\(number) took 12 ms"] }
        return [
            "2026-01-01 00:00:00 ERROR request seq=\(number) failed", "Traceback (most recent call last):",
            "  File \"/app/serve.py\", line 71, in rank", "    scores = model(features)",
            "ValueError: seq=\(number)",
        ]
    }

    private static func wrap(_ line: String, format: Int) -> String {
        switch format {
        case 0: return line
        case 1: return "2026-01-01T00:00:00.123456789Z stdout F \(line)"
        default:
            let text = line.replacingOccurrences(of: "\"", with: "\\\"")
            return "{\"log\":\"\(text)\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:00.123456789Z\"}"
        }
    }
}

extension MixedLogs {
    /// Waits for everything that was written, ends the shipper, and holds what arrived against it.
    func expectAll(in osmem: Osmem, from shipper: Shipper, within seconds: Double = 120) async throws {
        let count = expected.count
        _ = try await eventually(within: seconds) { try await osmem.count() >= count }
        #expect(shipper.terminate() == 0)
        shipper.expectBalancedLedger()
        let differences = differences(from: try await osmem.messages())
        #expect(differences.isEmpty, "\(differences) \(shipper.log)")
    }

    /// What is wrong with what arrived; empty when every record is there once and whole.
    func differences(from messages: [String]) -> String {
        var counts: [String: Int] = [:]
        for message in messages { counts[message, default: 0] += 1 }
        let lost = expected.filter { counts[$0] == nil }
        let twice = counts.filter { $0.value > 1 }.map(\.key)
        let strange = Array(Set(counts.keys).subtracting(expected))
        if lost.isEmpty, twice.isEmpty, strange.isEmpty { return "" }
        return """
            \(lost.count) lost \(lost.prefix(2)), \(twice.count) twice \(twice.prefix(2)), \
            \(strange.count) not as written \(strange.prefix(2))
            """
    }
}
