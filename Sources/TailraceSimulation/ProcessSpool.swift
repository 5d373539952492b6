import Glibc
import TailraceCore
import TailraceRuntime

/// The spool's folder as one life of the program sees it: calls fail, and the program dies in the middle of them.
// Sendable without a check: nothing but the thread of the simulation ever touches it.
final class ProcessSpool: SpoolDirectory, @unchecked Sendable {
    private let disk: SimulatedSpoolDisk
    private let time: VirtualTime
    private let plan: Plan
    private let random: SeededRandom
    private let sabotage: Sabotage
    private unowned let process: SimulatedProcess
    private let isFaulty: () -> Bool

    init(
        _ disk: SimulatedSpoolDisk, _ time: VirtualTime, _ plan: Plan, _ random: SeededRandom, _ sabotage: Sabotage,
        _ process: SimulatedProcess, isFaulty: @escaping () -> Bool
    ) {
        self.disk = disk
        self.time = time
        self.plan = plan
        self.random = SeededRandom(random.next())
        self.sabotage = sabotage
        self.process = process
        self.isFaulty = isFaulty
    }

    func prepare() throws(FileFailure) { try begin("make", "spool") }

    func list() throws(FileFailure) -> [SpoolFile] {
        try begin("list", "spool")
        let files = disk.files.map { SpoolFile(name: $0.name, size: UInt64($0.bytes.count)) }
        guard sabotage == .tailDroppedOnRecovery else { return files }
        return files.map { SpoolFile(name: $0.name, size: $0.size - min($0.size, 100)) }
    }

    func create(_ name: String) throws(FileFailure) {
        try begin("make", name, isWrite: true)
        _ = disk.create(name, isFolderSynced: sabotage != .folderSyncSkipped)
        try end("make", name)
    }

    func write(_ head: [UInt8], _ body: [UInt8], to name: String, at offset: UInt64) throws(FileFailure) {
        let file = try file("write", name)
        let bytes = head + body
        do throws(FileFailure) {
            try begin("write", name, isWrite: true)
        } catch {
            // A part of it may be there.
            if error.code != EROFS, random.happens(1, outOf: 2) {
                disk.write(bytes[..<random.below(bytes.count)], to: file, at: Int(offset))
            }
            throw error
        }
        disk.write(bytes[...], to: file, at: Int(offset))
        try end("write", name)
    }

    func read(_ name: String, at offset: UInt64, _ count: Int) throws(FileFailure) -> [UInt8] {
        try begin("read", name)
        let bytes = try file("read", name).bytes
        guard offset < UInt64(bytes.count) else { return [] }
        let read = Array(bytes[Int(offset)...].prefix(count))
        return sabotage == .checksumIgnored ? Sabotage.withFittingChecksums(read) : read
    }

    func sync(_ name: String) throws(FileFailure) {
        let file = try file("sync", name)
        do throws(FileFailure) {
            try begin("sync", name, isWrite: true)
        } catch {
            if !process.isKilled { disk.failToSync(file) }
            throw error
        }
        if random.happens(1, outOf: 20) { time.advance(to: time.now + .milliseconds(random.within(1...3000))) }
        if sabotage != .syncSkipped { disk.sync(file) }
        try end("sync", name)
    }

    func truncate(_ name: String, to size: UInt64) throws(FileFailure) {
        let file = try file("truncate", name)
        try begin("truncate", name, isWrite: true)
        disk.truncate(file, to: Int(size))
    }

    func rename(_ name: String, to target: String) throws(FileFailure) {
        let file = try file("rename", name)
        try begin("rename", name)
        disk.rename(file, to: target)
        try end("rename", name)
    }

    func remove(_ name: String) throws(FileFailure) {
        let file = try file("remove", name)
        try begin("remove", name)
        if sabotage != .segmentsKept { disk.remove(file) }
        try end("remove", name)
    }

    func freeBytes() throws(FileFailure) -> UInt64 {
        try begin("look at", "spool")
        return isFaulty() && random.happens(1, outOf: 10) ? 0 : 1 << 30
    }

    private func file(_ operation: String, _ name: String) throws(FileFailure) -> SimulatedSpoolDisk.File {
        guard let file = disk.file(name) else { throw FileFailure(operation, name, code: ENOENT) }
        return file
    }

    private func begin(_ operation: String, _ name: String, isWrite: Bool = false) throws(FileFailure) {
        guard !process.isKilled else { throw FileFailure(operation, name, code: EINTR) }
        guard isFaulty() else { return }
        if random.happens(1, outOf: 400) { try die(operation, name) }
        if plan.hasIOErrors, random.happens(1, outOf: 100) { throw FileFailure(operation, name, code: EIO) }
        if isWrite, let code = disk.trouble { throw FileFailure(operation, name, code: code) }
    }

    /// It has happened, but nobody will hear of it.
    private func end(_ operation: String, _ name: String) throws(FileFailure) {
        if isFaulty(), random.happens(1, outOf: 400) { try die(operation, name) }
    }

    private func die(_ operation: String, _ name: String) throws(FileFailure) {
        process.isKilled = true
        throw FileFailure(operation, name, code: EINTR)
    }
}
