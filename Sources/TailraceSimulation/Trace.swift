import Logging
import TailraceCore

/// Tells a person what happens in a run, one line each, with the virtual time.
// Sendable without a check: nothing but the thread of the simulation ever touches it.
final class Trace: LogHandler, @unchecked Sendable {
    private let time: VirtualTime
    private let isOn: Bool

    init(_ time: VirtualTime, isOn: Bool) {
        self.time = time
        self.isOn = isOn
    }

    func tell(_ what: @autoclosure () -> String) {
        guard isOn else { return }
        let milliseconds = time.now.nanoseconds / 1_000_000
        print("\(milliseconds / 1000).\(String(1000 + milliseconds % 1000).dropFirst()) \(what())")
    }

    // MARK: Of the process

    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level {
        get { isOn ? .trace : .critical }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
        tell("    tailrace: \(event.message) \(metadata.joined(separator: " "))")
    }
}
