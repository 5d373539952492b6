import Synchronization

/// The wish to end, which is not the same as being cancelled: what has been read is still delivered.
package final class Shutdown: Sendable {
    private struct State {
        var isRequested = false
        var listeners: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var isRequested: Bool { state.withLock(\.isRequested) }

    /// From any thread; once is enough.
    package func request() {
        let listeners = state.withLock { state in
            state.isRequested = true
            defer { state.listeners = [] }
            return state.listeners
        }
        for listener in listeners { listener() }
    }

    /// Calls `listener` when the end is asked for, at once if it has been.
    package func onRequest(_ listener: @escaping @Sendable () -> Void) {
        let isRequested = state.withLock { state in
            if !state.isRequested { state.listeners.append(listener) }
            return state.isRequested
        }
        if isRequested { listener() }
    }

    /// Returns when the end is asked for, or the task is cancelled.
    func wait() async {
        let (requests, continuation) = AsyncStream.makeStream(of: Void.self)
        onRequest { continuation.finish() }
        for await _ in requests {}
    }
}
