import CLinux
import Glibc

/// One thread for jobs that block, so that they do not block the shared pool.
package final class ThreadExecutor: TaskExecutor {
    // Locked by hand: a condition variable needs the mutex it goes with.
    // Sendable without a check: the pointers never change, and what they lead to is made for many threads.
    private struct Gate: @unchecked Sendable {
        let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        let jobs = UnsafeMutablePointer<[UnownedJob]>.allocate(capacity: 1)
    }

    private let gate = Gate()
    private let name: String

    /// The thread lives as long as the process.
    ///
    /// - Parameter name: as `top -H` shows it, at most 15 letters.
    package init(name: String) {
        self.name = name
        pthread_mutex_init(gate.mutex, nil)
        pthread_cond_init(gate.condition, nil)
        gate.jobs.initialize(to: [])
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        // The default of 8 MiB is only address space, but some container platforms count it.
        pthread_attr_setstacksize(&attributes, 1 << 20)
        let code = pthread_create(
            &thread, &attributes,
            { context in
                Unmanaged<ThreadExecutor>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue().work()
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(code == 0, "no thread can be started: errno \(code)")
        pthread_detach(thread)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pthread_mutex_lock(gate.mutex)
        gate.jobs.pointee.append(job)
        pthread_cond_signal(gate.condition)
        pthread_mutex_unlock(gate.mutex)
    }

    private func work() -> Never {
        clinux_name_thread(name)
        let executor = asUnownedTaskExecutor()
        while true {
            pthread_mutex_lock(gate.mutex)
            while gate.jobs.pointee.isEmpty { pthread_cond_wait(gate.condition, gate.mutex) }
            var jobs: [UnownedJob] = []
            swap(&jobs, &gate.jobs.pointee)
            pthread_mutex_unlock(gate.mutex)
            for job in jobs { job.runSynchronously(on: executor) }
        }
    }
}
