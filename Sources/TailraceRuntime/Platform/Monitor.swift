import Glibc
package import TailraceCore

/// A value that several threads use in turn, and can wait for. For threads that may block; tasks have actors.
// Locked by hand: a condition variable needs the mutex it goes with. Sendable without a check: the pointers never change,
// and the value is reached under the lock only.
package final class Monitor<Value>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

    package init(_ initial: Value) {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
        value.initialize(to: initial)
    }

    deinit {
        value.deinitialize(count: 1)
        value.deallocate()
        pthread_cond_destroy(condition)
        condition.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Changes the value, and wakes all who wait.
    package func change<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        let result = body(&value.pointee)
        pthread_mutex_unlock(mutex)
        // Not before: who wakes would wait again, for the lock.
        pthread_cond_broadcast(condition)
        return result
    }

    /// Calls `body` until it gives something, at once and after each change.
    ///
    /// - Parameter deadline: of the monotonic clock.
    /// - Returns: `nil` when it did not by then.
    package func wait<Result>(until deadline: Moment = .distantFuture, for body: (inout Value) -> Result?) -> Result? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value.pointee) { return result }
            if deadline == .distantFuture {
                pthread_cond_wait(condition, mutex)
                continue
            }
            let (seconds, rest) = deadline.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
            var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(rest))
            if pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { return body(&value.pointee) }
        }
    }
}
