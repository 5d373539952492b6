import TailraceCore

/// The one queue between reading and delivery, and the one place where reading has to wait: for memory.
///
///     senders ◀── [frames in the spool] ◀── [batches in memory] ◀── ingest
///                            ▲                        │
///                            └──────── parker ◀───────┘  while the overflow is on
///
/// Whoever takes something out gets the oldest, wherever it is. What senders have taken stays known here until it is
/// settled, so that it can be parked as well.
actor Outbox {
    /// A payload from memory that a sender has.
    private struct Flight {
        var number: BatchNumber
        /// `nil` while the sender compresses it.
        var shipment: Shipment?
        /// Of its copy in the spool.
        var frame: UInt64?
    }

    /// What the parker is to do next.
    enum Parking: Sendable {
        /// A sender has it, and may yet deliver it.
        case flight(Shipment)
        case parcel(Parcel)
        /// What was written is to be made safe.
        case sync
    }

    /// How soon a batch is cut that is not full.
    enum Pace: Sendable {
        case asUsual
        /// It will wait on disk: there is no hurry, but it is to be there.
        case slow
        /// It would only wait.
        case whenFull
    }

    /// A spool that is drained as fast as it is filled is no reason to send less often.
    private static let framesBeforeSlow = 4

    private let keeper: CheckpointKeeper
    private let spool: Spool?
    private let time: any Timebase
    private let counters: Counters
    /// Called when a lease was refused and there is room again. May be called from any task.
    private let onRoom: @Sendable () -> Void

    private var budget: MemoryBudget
    private var overflow: Overflow
    private var queue: [Parcel] = []
    private var flights: [Flight] = []
    /// Batches that the ledger waits for. One that is in the spool and in the hands of a sender is settled by whoever is
    /// done first.
    private var unsettled: Set<BatchNumber> = []
    /// Frames that do not survive a loss of power yet, and what they were made from.
    private var unsafeFrames: [UInt64: BatchNumber] = [:]
    /// Frames that this process wrote and that are not settled.
    private var framesHeld = 0
    private var isParking = false
    /// Grows whenever something is on its way from memory to disk.
    private var parkings = 0
    private var parkingPausedUntil: Moment?
    private var idleSenders: [CheckedContinuation<Void, Never>] = []
    private var idleParkers: [CheckedContinuation<Void, Never>] = []
    private var isClosed = false
    private var isStopped = false
    /// The lease that was refused last, in bytes.
    private var refusedLease: Int?
    private var lastSettled: Moment

    init(
        budget: MemoryBudget, overflow: Overflow, spool: Spool?, keeper: CheckpointKeeper, time: any Timebase,
        counters: Counters, onRoom: @escaping @Sendable () -> Void
    ) {
        self.budget = budget
        self.overflow = overflow
        self.spool = spool
        self.keeper = keeper
        self.time = time
        self.counters = counters
        self.onRoom = onRoom
        lastSettled = time.now
    }

    // MARK: For ingest

    var pace: Pace {
        if overflow.isOn, framesHeld > Self.framesBeforeSlow { return .slow }
        return queue.isEmpty ? .asUsual : .whenFull
    }

    /// Sets memory aside for a batch that is about to be filled.
    ///
    /// - Returns: false when there is none now; `onRoom` tells when to ask again.
    func lease(_ bytes: Int) -> Bool {
        guard budget.lease(bytes) else {
            refusedLease = bytes
            return false
        }
        refusedLease = nil
        counters.memoryUsed.set(budget.used)
        return true
    }

    /// A lease turned out to need more or less than was set aside; zero gives it back.
    func resize(from old: Int, to new: Int) {
        budget.resize(from: old, to: new)
        counters.memoryUsed.set(budget.used)
        guard let wanted = refusedLease, budget.hasRoom(for: wanted) else { return }
        refusedLease = nil
        onRoom()
    }

    func enqueue(_ batch: CutBatch) {
        unsettled.insert(batch.number)
        queue.append(.batch(batch))
        wakeSender()
        if overflow.isOn { wake() }
    }

    /// What the files hold that is not delivered: whether it is time for the spool.
    func note(_ backlog: Backlog, isEnding: Bool) {
        guard spool != nil else { return }
        let now = time.now
        let isStuck = !flights.isEmpty && now - lastSettled >= Overflow.patience
        overflow.note(
            backlog, isHeldUp: refusedLease != nil || !queue.isEmpty || isStuck,
            isEnding: isEnding && refusedLease != nil, now: now)
        if overflow.isOn { wake() }
    }

    /// Nothing more will be enqueued.
    func close() {
        isClosed = true
        wake()
    }

    // MARK: For senders

    /// - Returns: the oldest that nobody has; `nil` when none will come any more.
    func next() async -> Parcel? {
        while !isStopped {
            let parkingsBefore = parkings
            let isDiskFirst = await spool?.hasWaiting ?? false
            if isDiskFirst {
                if let shipment = await takeFrame() {
                    wakeSender()
                    return .shipment(shipment)
                }
                // Another may have taken the last one.
                if await spool?.hasWaiting == false { continue }
            }
            // While nobody looked, the oldest in memory may have become the newest on disk.
            guard parkingsBefore == parkings else { continue }
            if !isDiskFirst, !isParking {
                if queue.isEmpty, isClosed { return nil }
                if !queue.isEmpty, !mayPark {
                    let parcel = takeFromMemory()
                    if !queue.isEmpty { wakeSender() }
                    return parcel
                }
            }
            await withCheckedContinuation { idleSenders.append($0) }
        }
        return nil
    }

    private func takeFrame() async -> Shipment? {
        guard let spool, let (payload, sequence) = await spool.take() else { return nil }
        // Beyond the limit if need be: otherwise memory full of what comes later would keep the disk from being drained.
        budget.resize(from: 0, to: payload.body.count)
        counters.memoryUsed.set(budget.used)
        return Shipment(payload, from: .frame(sequence), stateVersion: 0)
    }

    private func takeFromMemory() -> Parcel {
        let parcel = queue.removeFirst()
        switch parcel {
        case .batch(let batch): flights.append(Flight(number: batch.number))
        case .shipment(let shipment):
            if case .batch(let number) = shipment.origin { flights.append(Flight(number: number, shipment: shipment)) }
        }
        if flights.count == 1 { lastSettled = time.now }
        return parcel
    }

    /// A sender has sealed the batch that it took. Its memory is free.
    func begin(_ batch: CutBatch, as payload: Payload) -> Shipment {
        let shipment = Shipment(payload, from: .batch(batch.number), stateVersion: batch.stateVersion)
        resize(from: batch.lease, to: shipment.lease)
        if let index = flights.firstIndex(where: { $0.number == batch.number }) { flights[index].shipment = shipment }
        if overflow.isOn { wake() }
        return shipment
    }

    /// Every document of it is stored, or refused for good.
    func settle(_ shipment: Shipment) async {
        lastSettled = time.now
        switch shipment.origin {
        case .batch(let number):
            let flight = flights.firstIndex { $0.number == number }.map { flights.remove(at: $0) }
            await settleBatch(number)
            if let frame = flight?.frame { await settleFrame(frame) }
        case .frame(let frame): await settleFrame(frame)
        }
        resize(from: shipment.lease, to: 0)
        guard overflow.isOn else { return }
        if queue.isEmpty, !isParking, flights.isEmpty, await spool?.isEmpty ?? true { overflow.end() }
        wake()
    }

    private func settleFrame(_ frame: UInt64) async {
        await letGo(frame)
        await spool?.settle(frame)
    }

    private func letGo(_ frame: UInt64) async {
        framesHeld = max(0, framesHeld - 1)
        if let number = unsafeFrames.removeValue(forKey: frame) { await settleBatch(number) }
    }

    private func settleBatch(_ number: BatchNumber) async {
        guard unsettled.remove(number) != nil else { return }
        await keeper.settle(number)
    }

    // MARK: For the parker

    private var mayPark: Bool {
        guard spool != nil, overflow.isOn else { return false }
        return parkingPausedUntil.map { time.now >= $0 } ?? true
    }

    /// - Parameter syncAt: when what was written is to be made safe, if anything was.
    /// - Returns: `nil` when everything has come to an end.
    func nextToPark(syncAt: Moment?) async -> Parking? {
        while true {
            if mayPark, let parking = takeToPark() { return parking }
            if let syncAt, isStopped || time.now >= syncAt { return .sync }
            if isStopped { return nil }
            await withCheckedContinuation { idleParkers.append($0) }
        }
    }

    /// What senders have goes first, since it is older.
    private func takeToPark() -> Parking? {
        if let flight = flights.first(where: { $0.frame == nil }) {
            guard let shipment = flight.shipment else { return nil }
            beginParking()
            return .flight(shipment)
        }
        guard !queue.isEmpty else { return nil }
        beginParking()
        return .parcel(queue.removeFirst())
    }

    private func beginParking() {
        isParking = true
        parkings += 1
    }

    /// It is written. It is not safe yet.
    func haveParked(_ number: BatchNumber, as frame: UInt64, isFlight: Bool, lease: Int) async {
        framesHeld += 1
        if unsettled.contains(number) { unsafeFrames[frame] = number }
        if isFlight, let index = flights.firstIndex(where: { $0.number == number }) {
            flights[index].frame = frame
        } else if isFlight {
            // Delivered while it was being written.
            await settleFrame(frame)
        } else {
            resize(from: lease, to: 0)
        }
        isParking = false
        wake()
    }

    /// These frames survive whatever the setting says that they do: reading never goes back to their lines.
    func areSafe(_ frames: [UInt64]) async {
        for frame in frames {
            if let number = unsafeFrames.removeValue(forKey: frame) { await settleBatch(number) }
        }
    }

    /// There was no room for it, and it is not to be kept.
    func haveDropped(_ number: BatchNumber, lease: Int) async {
        await settleBatch(number)
        resize(from: lease, to: 0)
        isParking = false
        wake()
    }

    /// They had to make room for others on disk, and nobody will deliver them.
    func haveDropped(_ frames: [UInt64]) async {
        for frame in frames { await letGo(frame) }
    }

    /// It stays in memory.
    ///
    /// - Parameter shipment: `nil` for what a sender has.
    func couldNotPark(_ shipment: Shipment?, until moment: Moment) {
        if let shipment { queue.insert(.shipment(shipment), at: 0) }
        parkingPausedUntil = moment
        isParking = false
        wake()
    }

    // MARK: The end

    /// The time for delivery is over. What is left can be parked, or is read again after the next start.
    func stop() {
        isClosed = true
        isStopped = true
        overflow.begin()
        parkingPausedUntil = nil
        wake()
    }

    /// Something may be due.
    func tick() { wake() }

    // MARK: Waiting

    /// Something has changed that anybody may wait for.
    private func wake() {
        let woken = idleSenders + idleParkers
        (idleSenders, idleParkers) = ([], [])
        for waiter in woken { waiter.resume() }
    }

    /// There is something to take for one of those who wait. It wakes the next one if there is more: each that wakes in
    /// vain costs as much as one that doesn't.
    private func wakeSender() { idleSenders.popLast()?.resume() }
}
