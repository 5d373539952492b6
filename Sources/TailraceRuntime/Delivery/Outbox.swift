import TailraceCore

/// The queue between reading and delivery, and the one place where reading has to wait: for memory.
actor Outbox {
    private var budget: MemoryBudget
    private var queue: [CutBatch] = []
    private var takers: [CheckedContinuation<CutBatch?, Never>] = []
    private var isClosed = false
    private var isLeaseRefused = false
    private let counters: Counters
    /// Called when a lease was refused and there is room again. May be called from any task.
    private let onRoom: @Sendable () -> Void

    init(budget: MemoryBudget, counters: Counters, onRoom: @escaping @Sendable () -> Void) {
        self.budget = budget
        self.counters = counters
        self.onRoom = onRoom
    }

    /// True when batches wait for a sender: there is no hurry to cut another one.
    var isBackedUp: Bool { !queue.isEmpty }

    /// Sets memory aside for a batch that is about to be filled.
    ///
    /// - Returns: false when there is none now; `onRoom` tells when to ask again.
    func lease(_ bytes: Int) -> Bool {
        guard budget.lease(bytes) else {
            isLeaseRefused = true
            return false
        }
        counters.memoryUsed.set(budget.used)
        return true
    }

    /// A lease turned out to need more or less than was set aside; zero gives it back.
    func resize(from old: Int, to new: Int) {
        budget.resize(from: old, to: new)
        counters.memoryUsed.set(budget.used)
        guard isLeaseRefused, new < old else { return }
        isLeaseRefused = false
        onRoom()
    }

    func enqueue(_ batch: CutBatch) {
        if takers.isEmpty {
            queue.append(batch)
        } else {
            takers.removeFirst().resume(returning: batch)
        }
    }

    /// - Returns: the oldest batch; `nil` when none will come any more.
    func next() async -> CutBatch? {
        if !queue.isEmpty { return queue.removeFirst() }
        if isClosed { return nil }
        return await withCheckedContinuation { takers.append($0) }
    }

    /// Nothing more will be enqueued.
    func close() {
        isClosed = true
        for taker in takers { taker.resume(returning: nil) }
        takers = []
    }

    /// The time for delivery is over: what is queued stays undelivered, and is read again after the next start.
    func abandon() {
        queue = []
        close()
    }
}
