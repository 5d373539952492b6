import Logging
import Synchronization
import TailraceRuntime

/// A secret, and what its file has become: passwords are changed, and the tokens that Kubernetes projects into a Pod are
/// replaced before they expire.
final class RenewedText: Sendable {
    private struct State {
        var text: String
        var stamp: FileStamp?
        var isReported = false
    }

    private let file: String?
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameter file: `nil` for a text that never changes.
    init(_ text: String, file: String?, logger: Logger) {
        self.file = file
        self.logger = logger
        // Without a stamp: what has changed since it was read is seen at the first use.
        state = Mutex(State(text: text))
    }

    convenience init(_ secret: Secret, logger: Logger) {
        self.init(secret.revealed, file: secret.file, logger: logger)
    }

    /// As it is in the file now; the last one that could be read when it can't be.
    ///
    /// - Parameter again: reads the file even if nothing tells that it has changed.
    func current(again: Bool = false) -> String {
        guard let file else { return state.withLock(\.text) }
        let stamp = FileStamp(of: file)
        return state.withLock { state in
            if !again, stamp == state.stamp, stamp != nil { return state.text }
            do throws(FileFailure) {
                var text = try ProcessEnvironment.readFile(file)
                while text.utf8.last == 0x0A || text.utf8.last == 0x0D { text.unicodeScalars.removeLast() }
                // A file is often emptied a moment before it is filled.
                guard !text.isEmpty else { return state.text }
                if state.text != text { logger.info("The secret in \(file) was renewed.") }
                state = State(text: text, stamp: stamp)
            } catch {
                if !state.isReported { logger.error("\(error). The secret that was read before stays in use.") }
                state.isReported = true
            }
            return state.text
        }
    }
}
