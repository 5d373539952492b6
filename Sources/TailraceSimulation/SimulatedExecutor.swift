/// Runs all tasks of one simulated process on the thread of the simulation, in an order that the seed decides.
// Sendable without a check: nothing but that thread ever touches it.
final class SimulatedExecutor: TaskExecutor, @unchecked Sendable {
    private var jobs: [UnownedJob] = []

    var hasJobs: Bool { !jobs.isEmpty }

    func enqueue(_ job: consuming ExecutorJob) { jobs.append(UnownedJob(job)) }

    func runOne(_ random: SeededRandom) {
        jobs.remove(at: random.below(jobs.count)).runSynchronously(on: asUnownedTaskExecutor())
    }
}
