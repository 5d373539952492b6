import Glibc
import TailraceCore
import TailraceRuntime

/// A machine, an endpoint, some programs that log, and the shipper, which is killed and started again. The seed decides
/// everything.
package struct Simulation {
    package struct Outcome: Sendable {
        package var seed: UInt64
        /// Empty when all went well.
        package var faults: [String]
        package var lines: Int
        package var documents: Int
        package var conflicts: Int
        package var crashes: Int
        /// Lines that were lost or came twice, and may.
        package var unavoidable: [Unavoidable: Int]
        /// In seconds.
        package var virtualTime: Int
        /// The same for the same seed and the same build: an optimised one may go from one actor to the next with fewer steps.
        package var hash: UInt64
    }

    /// What misbehaves.
    package enum Scope: Sendable {
        /// Everything: files, the state folder, the endpoint, memory that is short.
        case pipeline
        /// The files, and the process that is killed. What is sent is stored at once, so that ten thousand seeds take a
        /// minute; more is rotated, and more often while nothing runs.
        case tailing

        var steps: Int { self == .pipeline ? 6000 : 400 }
        var writesPerRotation: Int { self == .pipeline ? 15 : 6 }
        /// Of how many steps one is a crash.
        var stepsPerCrash: Int { self == .pipeline ? 1500 : 250 }
    }

    private static let drainMax = Duration.seconds(1800)

    private let seed: UInt64
    private let scope: Scope
    private let plan: Plan
    private let sabotage: Sabotage
    private let random: SeededRandom
    private let time: VirtualTime
    private let disk: SimulatedDisk
    private let spoolDisk: SimulatedSpoolDisk
    private let endpoint: SimulatedEndpoint
    private let apps: [SimulatedApp]
    private let trace: Trace
    private var process: SimulatedProcess
    /// Tasks of processes that died still exist, and refer to these.
    private var graveyard: [SimulatedProcess] = []
    private var faults: [String] = []
    private var crashes = 0
    private var unavoidable: [Unavoidable: Int] = [:]
    /// By processes that have died.
    private var dropped = 0
    private var restartAt: Moment?
    private var nextWrite: Moment

    /// - Parameter plan: instead of what the seed decides before it begins.
    package init(
        seed: UInt64, scope: Scope = .pipeline, plan: Plan? = nil, sabotage: Sabotage = .none, isTraced: Bool = false
    ) {
        self.seed = seed
        self.scope = scope
        let plan = plan ?? Plan(seed)
        self.plan = plan
        self.sabotage = sabotage
        let random = SeededRandom(seed)
        let time = VirtualTime(random)
        let trace = Trace(time, isOn: isTraced)
        let disk = SimulatedDisk(random, time, trace)
        let endpoint = SimulatedEndpoint(random, time, trace)
        if scope == .tailing {
            endpoint.isFaulty = false
            endpoint.isInstant = true
            disk.isHarsh = true
            disk.isDeadly = !Self.hasClockSet(seed)
        }
        let spoolDisk = SimulatedSpoolDisk(SeededRandom(seed &+ 1), trace)
        self.trace = trace
        self.spoolDisk = spoolDisk
        endpoint.isInOrder = plan.hasSpool && plan.isInOrder
        endpoint.isThorough = plan.hasSpool
        endpoint.hasRefusals = plan.hasRefusals
        endpoint.isKept = { disk.deadLetterIDs.contains($0) }
        (self.random, self.time, self.disk, self.endpoint) = (random, time, disk, endpoint)
        apps = SimulatedApp.Format.allCases.enumerated().map { index, format in
            SimulatedApp(
                "app\(index)", format, random, disk, time, endpoint, isSimple: plan.isStateFullAtTimes,
                trustsCheckpoints: plan.hasSpool, scope: scope,
                provoked: scope == .tailing ? Unavoidable.provoked(by: seed) : nil)
        }
        process = SimulatedProcess(disk, time, endpoint, random, seed, plan, spoolDisk, sabotage, trace)
        nextWrite = time.now
    }

    /// Returns when everything is delivered, or something is wrong.
    package mutating func run() -> Outcome {
        disk.meanwhile = { [apps, random] in apps[random.below(apps.count)].step() }
        for _ in 0..<scope.steps {
            step()
            if scope == .tailing, Self.hasClockSet(seed) {
                setClock()
            } else if restartAt == nil, random.happens(1, outOf: scope.stepsPerCrash) || process.isKilled {
                crash()
            }
            if scope == .pipeline, random.happens(1, outOf: 400) { endpoint.toggle() }
            if plan.isStateFullAtTimes, random.happens(1, outOf: 700) { disk.isStateFull.toggle() }
            if plan.hasSpool { troubleSpool() }
        }
        calm()
        drain()
        check()
        defer { endProcesses() }
        return Outcome(
            seed: seed, faults: faults + endpoint.violations, lines: apps.reduce(0) { $0 + $1.lines.count },
            documents: endpoint.ids.count, conflicts: endpoint.conflicts, crashes: crashes,
            unavoidable: unavoidable, virtualTime: Int(time.now.nanoseconds / 1_000_000_000), hash: hash)
    }

    private mutating func endProcesses() {
        time.forgetSleepers()
        time.wakeTheDead()
        for process in graveyard + [process] { process.end(random) }
        graveyard = []
    }

    /// Runs a job, or lets time pass until something happens.
    private mutating func step(isWriting: Bool = true) {
        if restartAt == nil, process.executor.hasJobs {
            process.executor.runOne(random)
            checkBounds()
            return
        }
        let alarm = min(isWriting ? nextWrite : .distantFuture, restartAt ?? time.nextAlarm)
        guard alarm != .distantFuture else { return }
        time.advance(to: alarm)
        if isWriting, time.now >= nextWrite {
            apps[random.below(apps.count)].step()
            nextWrite = time.now + .milliseconds(random.happens(1, outOf: 40) ? 2000 : random.within(1...60))
        }
        if let restartAt, time.now >= restartAt {
            self.restartAt = nil
            disk.beginLife()
            trace.tell("start with \(String(decoding: disk.state ?? [], as: UTF8.self))")
            process = SimulatedProcess(disk, time, endpoint, random, seed, plan, spoolDisk, sabotage, trace)
        }
    }

    /// In some runs of the tailer somebody sets the clock, forward and back. In those the process is not killed: what was
    /// rotated while nothing ran is told from what is old by nothing but the time of day.
    private static func hasClockSet(_ seed: UInt64) -> Bool { seed % 8 == 0 }

    /// Back and forward between two looks is more than anybody can notice.
    private func setClock() {
        guard disk.isLooked, random.happens(1, outOf: 50) else { return }
        disk.isLooked = false
        time.shift += Int64(random.within(-3600...3600)) * 1_000_000_000
        trace.tell("the clock is set to \(time.wallClock)")
    }

    /// What may happen to the disk that the spool is on.
    private func troubleSpool() {
        if random.happens(1, outOf: 1000) {
            spoolDisk.trouble = spoolDisk.trouble == nil ? [ENOSPC, EDQUOT, EROFS][random.below(3)] : nil
        }
        if plan.hasBitRot, random.happens(1, outOf: 800) { spoolDisk.rot() }
    }

    private mutating func checkBounds() {
        let memory = process.counters.memoryUsed.value
        if memory > plan.memoryMax { fault("memory in use: \(memory), allowed: \(plan.memoryMax)") }
        guard plan.hasSpool, spoolDisk.used > plan.diskMax else { return }
        fault("disk in use: \(spoolDisk.used), allowed: \(plan.diskMax)")
    }

    private mutating func crash() {
        crashes += 1
        dropped += process.counters.eventsDropped.value
        trace.tell(process.isKilled ? "crash in the middle of a call" : "crash")
        if plan.losesPower { spoolDisk.losePower(excusesLoss: plan.mayForget) }
        graveyard.append(process)
        time.forgetSleepers()
        disk.onChange = { _ in }
        disk.closeAll()
        if sabotage == .stateForgotten { disk.state = nil }
        restartAt = time.now + .milliseconds(random.within(1...5000))
    }

    /// From now on nothing goes wrong any more.
    private mutating func calm() {
        disk.meanwhile = nil
        endpoint.isFaulty = false
        endpoint.isAway = false
        disk.isFaulty = false
        disk.isStateFull = false
        spoolDisk.trouble = nil
        for app in apps { app.finish() }
    }

    private mutating func drain() {
        let begin = time.now
        let lines = apps.flatMap(\.lines)
        let excuses = excuses
        while time.now - begin < Self.drainMax, faults.isEmpty {
            if restartAt == nil, process.isKilled { crash() }
            if restartAt == nil, lines.allSatisfy({ isAccountedFor($0) || excuses[$0]?.fate == .lost }) { break }
            // Which lines were dropped nobody knows: once nothing moves any more, they are those that are missing.
            if restartAt == nil, plan.mayDrop, time.now - begin > .seconds(300), process.counters.ledger.pending == 0 {
                break
            }
            for _ in 0..<500 { step(isWriting: false) }
        }
        process.shutdown.request()
        while !process.isOver, time.now - begin < Self.drainMax * 2, faults.isEmpty { step(isWriting: false) }
        if !process.isOver { fault("the process does not end") }
    }

    /// It is stored, or kept as a dead letter, or was in a frame of the spool that has been damaged.
    private func isAccountedFor(_ line: String) -> Bool {
        endpoint.isDone(with: line) || spoolDisk.excused.contains(line)
    }

    private var excuses: [String: Unavoidable] {
        scope == .pipeline ? [:] : apps.reduce(into: [:]) { $0.merge($1.excuses) { $1 } }
    }

    private mutating func check() {
        let excuses = excuses
        let missing = apps.flatMap(\.lines).filter { !isAccountedFor($0) }
        let lost = missing.filter { excuses[$0]?.fate != .lost }
        for line in missing {
            if let reason = excuses[line], reason.fate == .lost { unavoidable[reason, default: 0] += 1 }
        }
        for (line, reason) in excuses where reason == .rewrittenAlike && endpoint.linesStored[line] == 1 {
            unavoidable[reason, default: 0] += 1
        }
        dropped += process.counters.eventsDropped.value
        // No event has more lines than that.
        if let first = lost.first, lost.count > dropped * 6 {
            let bytes = Array(first.utf8)
            for (path, file) in disk.files {
                let isThere = file.bytes.indices.contains { file.bytes[$0...].starts(with: bytes) }
                trace.tell("\(isThere ? "LOST" : "    ") \(path), inode \(file.inode), \(file.bytes.count) bytes")
            }
            fault("\(lost.count) lines lost, the first: \(first)")
        }
        let lines = apps.flatMap(\.lines)
        let expected = Set(lines)
        for id in endpoint.ids {
            for line in (endpoint.messages[id] ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
                let line = String(line)
                guard line != SimulatedApp.banner, !expected.contains(line), !isBeginning(line, excuses) else {
                    continue
                }
                fault("never written: \(line)")
            }
        }
        for line in lines {
            guard let count = endpoint.linesStored[line], count > 1 else { continue }
            if plan.isStateFullAtTimes, crashes > 0 {
                unavoidable[.unsaved, default: 0] += 1
            } else if let reason = excuses[line], reason.fate == .onceOrTwice, count == 2 {
                if reason != .rewrittenAlike { unavoidable[reason, default: 0] += 1 }
            } else {
                let ids = endpoint.ids.filter { endpoint.messages[$0]?.contains(line) == true }
                fault("\(count) times: \(line), in \(ids.joined(separator: " and "))")
            }
        }
        let ledger = process.counters.ledger
        if ledger.pending != 0 || ledger.rejected != 0 && !plan.hasRefusals {
            fault("the ledger at the end: \(ledger)")
        }
        if let segment = spoolDisk.segmentNames.first { fault("left in the spool: \(segment)") }
        if process.counters.memoryUsed.value != 0 {
            fault("memory not given back: \(process.counters.memoryUsed.value)")
        }
    }

    /// What came of a line in two pieces, the second of which is lost.
    private func isBeginning(_ text: String, _ excuses: [String: Unavoidable]) -> Bool {
        excuses.contains { $0.value.fate == .lost && $0.key.hasPrefix(text) }
    }

    private mutating func fault(_ text: String) {
        if faults.count < 10 { faults.append(text) }
    }

    /// Of what was stored, in its order, and the time it took.
    private var hash: UInt64 {
        (endpoint.ids + ["\(time.now.nanoseconds)"]).reduce(fnv("")) { fnv($1, $0) }
    }
}

/// FNV-1a.
func fnv(_ text: String, _ before: UInt64 = 0xCBF2_9CE4_8422_2325) -> UInt64 {
    text.utf8.reduce(before) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
