import Dispatch
import Glibc

/// Turns SIGTERM and SIGINT into a wish to end. A second one ends the process at once.
package final class SignalWatcher {
    // Kept alive, otherwise the signals are no longer heard.
    private let sources: [any DispatchSourceSignal]

    /// - Parameter shutdown: told at the first signal.
    package init(_ shutdown: Shutdown) {
        // A reader of standard output, or of a socket, that goes away is an error of `write`, not our end.
        signal(SIGPIPE, SIG_IGN)
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInteractive))
            source.setEventHandler {
                // As a shell reports a process that this signal has killed.
                if shutdown.isRequested { _exit(128 + number) }
                shutdown.request()
            }
            source.resume()
            return source
        }
    }
}
