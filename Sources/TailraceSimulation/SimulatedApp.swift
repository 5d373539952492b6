import TailraceCore
import TailraceRuntime

/// A program that logs, and the runtime that writes its log file: at odd byte boundaries, with rotations.
final class SimulatedApp {
    enum Format: CaseIterable { case plain, cri, docker }

    private let name: String
    private let format: Format
    private let random: SeededRandom
    private let disk: SimulatedDisk
    private let time: VirtualTime
    private let endpoint: SimulatedEndpoint
    private var file: SimulatedFile
    private var unwritten: [UInt8] = []
    private var number = 0
    private var rotations = 0
    private var linesOfFile: [String] = []
    /// Every line that was handed to the file, whole or not.
    private(set) var lines: [String] = []

    init(
        _ name: String, _ format: Format, _ random: SeededRandom, _ disk: SimulatedDisk, _ time: VirtualTime,
        _ endpoint: SimulatedEndpoint
    ) {
        self.name = name
        self.format = format
        self.random = SeededRandom(random.next())
        self.disk = disk
        self.time = time
        self.endpoint = endpoint
        file = disk.create("\(SimulatedDisk.folder)/\(name).log")
    }

    /// Does one thing.
    func step() {
        if unwritten.isEmpty { log() }
        let count = random.happens(1, outOf: 3) ? random.within(1...unwritten.count) : unwritten.count
        disk.append(unwritten[..<count], to: file)
        unwritten.removeFirst(count)
        guard unwritten.isEmpty, random.happens(1, outOf: 25) else { return }
        if random.happens(1, outOf: 4), isDelivered {
            truncate()
        } else if file.isKnown {
            rotate()
        }
    }

    /// Writes what is left of the last line.
    func finish() {
        disk.append(unwritten[...], to: file)
        unwritten = []
    }

    private var path: String { "\(SimulatedDisk.folder)/\(name).log" }

    /// Otherwise bytes would be destroyed that nobody can have read.
    private var isDelivered: Bool { linesOfFile.allSatisfy { endpoint.linesStored[$0] != nil } }

    private func rotate() {
        rotations += 1
        disk.rename(path, to: "\(path).\(rotations)")
        if isDelivered, random.happens(1, outOf: 2) { disk.delete("\(path).\(rotations)") }
        file = disk.create(path)
        linesOfFile = []
    }

    private func truncate() {
        disk.truncate(file)
        linesOfFile = []
    }

    private func log() {
        number += 1
        let tag = "\(name)-\(number)"
        let texts: [String]
        switch random.below(12) {
        case 0:
            texts = [
                "2026-01-01 00:00:00 ERROR \(tag) failed", "Traceback (most recent call last):#\(tag)",
                "  File \"/app/\(tag).py\", line 1, in a", "    call(\(tag))", "ValueError: \(tag)",
            ]
        case 1:
            texts = [
                "java.lang.IllegalStateException: \(tag)", "\tat com.shop.A.\(tag)(A.java:1)",
                "\tat com.shop.B.\(tag)(B.java:2)", "Caused by: java.io.IOException: \(tag)",
                "\tat com.shop.C.\(tag)(C.java:3)", "\t... 4 more \(tag)",
            ]
        case 2: texts = ["2026-01-01 00:00:00 INFO \(tag) " + String(repeating: "long ", count: random.below(200))]
        default: texts = ["2026-01-01 00:00:00 INFO \(tag) ok"]
        }
        let stream = random.happens(1, outOf: 3) ? "stderr" : "stdout"
        for text in texts {
            lines.append(text)
            linesOfFile.append(text)
            unwritten += Array(wrap(text, stream).utf8)
        }
    }

    private func wrap(_ text: String, _ stream: String) -> String {
        let time = "2026-01-01T00:00:00.\(100_000_000 + number)Z"
        switch format {
        case .plain: return text + "\n"
        case .cri:
            guard text.utf8.count > 10, random.happens(1, outOf: 4) else { return "\(time) \(stream) F \(text)\n" }
            let middle = text.index(text.startIndex, offsetBy: random.within(1...text.count - 1))
            return "\(time) \(stream) P \(text[..<middle])\n\(time) \(stream) F \(text[middle...])\n"
        case .docker:
            let escaped = text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
                .split(separator: "\t", omittingEmptySubsequences: false).joined(separator: "\\t")
            return "{\"log\":\"\(escaped)\\n\",\"stream\":\"\(stream)\",\"time\":\"\(time)\"}\n"
        }
    }
}
