import CLinux
import Glibc

/// One thread for jobs that block, so that they do not block the shared pool.
package final class ThreadExecutor: TaskExecutor {
    private let jobs = Monitor<[UnownedJob]>([])
    private let name: String

    /// The thread lives as long as the process.
    ///
    /// - Parameter name: as `top -H` shows it, at most 15 letters.
    package init(name: String) {
        self.name = name
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
        jobs.change { $0.append(job) }
    }

    private func work() -> Never {
        clinux_name_thread(name)
        let executor = asUnownedTaskExecutor()
        while true {
            let jobs = jobs.wait { waiting -> [UnownedJob]? in
                guard !waiting.isEmpty else { return nil }
                defer { waiting = [] }
                return waiting
            }
            for job in jobs ?? [] { job.runSynchronously(on: executor) }
        }
    }
}
