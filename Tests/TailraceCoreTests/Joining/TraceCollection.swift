import Foundation

/// One error as a program printed it, without the newline at its end.
struct CapturedTrace: CustomStringConvertible, Sendable {
    let language: String
    let name: String
    let lines: [String]
    /// True when the first line says by itself that something failed: see `Tests/Traces/README.md`.
    let isNamed: Bool

    var text: String { lines.joined(separator: "\n") }
    var description: String { "\(language)/\(name)" }
}

/// Lines of one logger, each a record of its own.
struct CapturedLog: CustomStringConvertible, Sendable {
    let name: String
    let lines: [String]
    /// An error that announces what follows; `nil` when the format has no such line.
    let header: String?

    var description: String { name }
}

/// What `Tests/Traces` captured, or the folder that `TAILRACE_TRACES` names, in the same layout.
struct TraceCollection: Sendable {
    let traces: [CapturedTrace]
    let logs: [CapturedLog]

    static let captured = TraceCollection()

    private init() {
        let folder =
            ProcessInfo.processInfo.environment["TAILRACE_TRACES"].map { URL(fileURLWithPath: $0) }
            ?? Bundle.module.url(forResource: "Fixtures", withExtension: nil)
        guard let folder else { preconditionFailure("no folder of traces") }
        let fixtures = Bundle.module.url(forResource: "Fixtures/loggers", withExtension: nil)
        traces = Self.names(in: folder.appending(path: "traces")).flatMap { language in
            let place = folder.appending(path: "traces/\(language)")
            return Self.names(in: place).map { name in
                CapturedTrace(
                    language: language, name: name, lines: Self.lines(of: place.appending(path: name)),
                    isNamed: name.hasSuffix(".named"))
            }
        }
        let loggers = fixtures ?? folder.appending(path: "loggers")
        logs = Self.names(in: loggers).map { name in
            let lines = Self.lines(of: loggers.appending(path: name))
            guard name.hasSuffix(".log"), let last = lines.last else {
                return CapturedLog(name: name, lines: lines, header: nil)
            }
            // An object in JSON would hold the trace itself.
            return CapturedLog(name: name, lines: lines.dropLast(), header: last.hasPrefix("{") ? nil : last)
        }
    }

    private static func names(in folder: URL) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    }

    private static func lines(of file: URL) -> [String] {
        let bytes = (try? Data(contentsOf: file)) ?? Data()
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
