import Glibc
import Synchronization
import TailraceCore
import TailraceRuntime

/// Three services that write logs as container runtimes store them: Java and Python under Kubernetes (CRI), Go under
/// Docker. Their files are rotated as kubelet and Docker do it, by renaming.
final class SampleLogs: Sendable {
    private static let rounds = 24
    private static let pause = Duration.milliseconds(250)
    private static let roundsBetweenRotations = 9

    private let time: any Timebase
    private let services: [Service]
    private let written = Mutex<[String]>([])

    init(in folder: String, time: any Timebase) throws {
        self.time = time
        let pods = "\(folder)/pods"
        let container = String(repeating: "4f2a9c1e8b7d6035", count: 4)
        services = [
            Service(
                "\(pods)/shop_checkout-7d9f_0c4d2b1a-55aa-4a6e-9d5c-1f6f0e8a7b21/checkout/0.log", .cri,
                SampleRecords.java),
            Service(
                "\(pods)/shop_ranker-5b6c_9a8b7c6d-11bb-4c2d-8e9f-aabbccddeeff/ranker/0.log", .cri,
                SampleRecords.python),
            Service("\(folder)/docker/\(container)/\(container)-json.log", .docker, SampleRecords.go),
        ]
        for service in services { try service.open() }
    }

    /// The records that were written so far, as they have to arrive.
    var expected: [String] { written.withLock { $0 } }

    /// Writes for some seconds, and then asks for the end; earlier if somebody else does.
    func write(until shutdown: Shutdown) async throws {
        defer { shutdown.request() }
        var number = 0
        for round in 1...Self.rounds where !shutdown.isRequested {
            for service in services {
                let record = service.records[round % service.records.count].map {
                    $0.split(separator: "#", omittingEmptySubsequences: false).joined(separator: "\(1000 + number)")
                }
                number += 1
                try service.write(record, at: time.wallClock)
                written.withLock { $0.append(record.joined(separator: "\n")) }
                if round % Self.roundsBetweenRotations == 0 { try service.rotate(round / Self.roundsBetweenRotations) }
            }
            try await time.sleep(until: time.now + Self.pause)
        }
    }
}

/// One container's log file.
private final class Service: Sendable {
    enum Format { case cri, docker }

    let records: [[String]]
    private let path: String
    private let format: Format
    private let descriptor = Mutex<CInt>(-1)

    init(_ path: String, _ format: Format, _ records: [[String]]) {
        self.path = path
        self.format = format
        self.records = records
    }

    deinit { descriptor.withLock { _ = close($0) } }

    func open() throws(FileFailure) {
        for end in path.indices.dropFirst() where path[end] == "/" { mkdir(String(path[..<end]), 0o755) }
        let opened = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw FileFailure("open", path, code: errno) }
        descriptor.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = opened
        }
    }

    func rotate(_ number: Int) throws(FileFailure) {
        guard rename(path, "\(path).\(number)") == 0 else { throw FileFailure("rename", path, code: errno) }
        try open()
    }

    func write(_ lines: [String], at moment: Timestamp) throws(FileFailure) {
        var times = RFC3339Printer()
        let stream = lines.count > 1 ? "stderr" : "stdout"
        for line in lines {
            var bytes = OwnedBytes()
            switch format {
            case .cri:
                times.append(moment, to: &bytes)
                bytes.append(Array(" \(stream) F \(line)\n".utf8))
            case .docker:
                bytes.append("{\"log\":")
                bytes.appendJSON(line + "\n")
                bytes.append(Array(",\"stream\":\"\(stream)\",\"time\":\"".utf8))
                times.append(moment, to: &bytes)
                bytes.append("\"}\n")
            }
            let count = bytes.span.withUnsafeBytes { piece in
                descriptor.withLock { Glibc.write($0, piece.baseAddress, piece.count) }
            }
            guard count == bytes.count else { throw FileFailure("write", path, code: errno) }
        }
    }
}
