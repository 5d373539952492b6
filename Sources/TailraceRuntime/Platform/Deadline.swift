import TailraceCore

extension Timebase {
    /// What an operation comes to, unless it takes longer than `limit`: then it is cancelled, and not waited for, since not
    /// everything ends when it is cancelled (looking up a name does not).
    ///
    /// - Returns: `nil` when it took too long, or the task was cancelled.
    package func within<Value: Sendable>(
        _ limit: Duration, _ operation: @escaping @Sendable () async -> Value
    ) async -> Value? {
        let (results, result) = AsyncStream.makeStream(of: Value?.self)
        let work = Task { result.yield(await operation()) }
        let alarm = Task {
            try? await sleep(until: now + limit)
            result.yield(nil)
        }
        defer {
            work.cancel()
            alarm.cancel()
        }
        for await value in results { return value }
        return nil
    }
}
