import TailraceCore
import TailraceRuntime

/// A program that logs, and the runtime that writes its log file: at odd byte boundaries, with rotations of all kinds.
///
/// It never destroys what nobody can have read: that no shipper can bring back.
final class SimulatedApp {
    enum Format: CaseIterable { case plain, cri, docker }

    private let name: String
    private let format: Format
    private let random: SeededRandom
    private let disk: SimulatedDisk
    private let time: VirtualTime
    private let endpoint: SimulatedEndpoint
    private var file: SimulatedFile
    private var unwritten: [UInt8] = []
    private var number = 0
    private var linesOfFile: [String] = []
    /// The newest first, as `<path>.1`, `<path>.2`, and so on, each perhaps compressed.
    private var rotated: [Rotated] = []
    /// What a copy lacks that is being made, before the file is emptied.
    private var copying: SimulatedFile?
    /// Still there beside its compressed form.
    private var compressed: String?
    /// What is left of a rotation, one change of the folder each.
    private var changes: [() -> Void] = []

    private struct Rotated {
        var isCompressed = false
        /// Made by copying, while this process looked, or none.
        var copiedIn: Int?
        var lines: [String]
    }

    /// Every line that was handed to the file, whole or not.
    private(set) var lines: [String] = []
    /// Lines that need not arrive once, and why.
    private(set) var excuses: [String: Unavoidable] = [:]

    init(
        _ name: String, _ format: Format, _ random: SeededRandom, _ disk: SimulatedDisk, _ time: VirtualTime,
        _ endpoint: SimulatedEndpoint, isSimple: Bool, trustsCheckpoints: Bool, scope: Simulation.Scope,
        provoked: Unavoidable?
    ) {
        self.isSimple = isSimple
        self.scope = scope
        self.provoked = provoked
        self.trustsCheckpoints = trustsCheckpoints
        self.name = name
        self.format = format
        self.random = SeededRandom(random.next())
        self.disk = disk
        self.time = time
        self.endpoint = endpoint
        hasBanner = format == .plain && random.happens(1, outOf: 2)
        file = disk.create("\(SimulatedDisk.folder)/\(name).log")
    }

    /// Does one thing.
    func step() {
        if !changes.isEmpty { return changes.removeFirst()() }
        if let copy = copying { return goOnCopying(copy) }
        if compressed != nil { return endCompressing() }
        if unwritten.isEmpty { log() }
        let count = random.happens(1, outOf: 3) ? random.within(1...unwritten.count) : unwritten.count
        disk.append(unwritten[..<count], to: file)
        unwritten.removeFirst(count)
        guard unwritten.isEmpty, disk.isKnown(path) else { return }
        if provoked == .copiedUnseen, format == .plain, !hasBanner, !disk.isWatched, random.happens(1, outOf: 4) {
            return copyUnseen()
        }
        guard random.happens(1, outOf: scope.writesPerRotation) else { return }
        switch isSimple ? 7 : random.below(8) {
        case 0: if mayEmpty() { truncate() }
        case 1: if provoked == .rewrittenAlike { writeAgain() } else if mayEmpty() { truncateAndRefill() }
        case 2: beginCopying()
        case 3: compress()
        case 4:
            // Faster than anybody can look.
            for _ in 0..<random.within(2...3) {
                rotate()
                finish()
                log()
                finish()
            }
        default: rotate()
        }
    }

    /// Writes what is left of the last line.
    func finish() {
        while !changes.isEmpty { changes.removeFirst()() }
        while let copy = copying { goOnCopying(copy) }
        endCompressing()
        flush()
    }

    private func flush() {
        disk.append(unwritten[...], to: file)
        unwritten = []
    }

    private var path: String { "\(SimulatedDisk.folder)/\(name).log" }

    private func isDelivered(_ lines: [String]) -> Bool { lines.allSatisfy { endpoint.isDone(with: $0) } }

    private func mayEmpty() -> Bool {
        if provoked == .emptiedUnread { excuse(undelivered(linesOfFile), .emptiedUnread) }
        return provoked == .emptiedUnread || isDelivered(linesOfFile)
    }

    private func undelivered(_ lines: [String]) -> [String] { lines.filter { endpoint.linesStored[$0] == nil } }

    private func excuse(_ lines: some Sequence<String>, _ reason: Unavoidable) {
        for line in lines { excuses[line] = reason }
    }

    // MARK: Rotations

    private func rotate() {
        shift()
        changes.append { [self] in disk.rename(path, to: "\(path).1") }
        // The program has the file open still.
        if random.happens(1, outOf: 3) {
            changes.append { [self] in
                log()
                flush()
            }
        }
        changes.append { [self] in
            rotated.insert(Rotated(lines: linesOfFile), at: 0)
            file = disk.create(path)
            linesOfFile = []
        }
        changes.append { [self] in deleteOld() }
    }

    /// `<path>.1` becomes `<path>.2`, and so on.
    private func shift() {
        for index in rotated.indices.reversed() {
            changes.append { [self] in disk.rename(place(index), to: place(index, shiftedBy: 1)) }
        }
    }

    private func place(_ index: Int, shiftedBy shift: Int = 0) -> String {
        "\(path).\(index + 1 + shift)" + (rotated[index].isCompressed ? ".gz" : "")
    }

    private func deleteOld() {
        while let last = rotated.last, rotated.count > 1, provoked == .deletedUnread || isSafe(last),
            rotated.count > 4 || random.happens(1, outOf: 2)
        {
            if provoked == .deletedUnread { excuse(undelivered(last.lines), .deletedUnread) }
            disk.delete(place(rotated.count - 1))
            rotated.removeLast()
        }
    }

    /// Nobody needs the file any more: its lines are stored, or the shipper has told so by its checkpoint, and has them on
    /// a disk of its own.
    private func isSafe(_ last: Rotated) -> Bool {
        isDelivered(last.lines) || trustsCheckpoints && !last.isCompressed && disk.isCovered(place(rotated.count - 1))
    }

    private func compress() {
        // What is older than the last few is not recognised any more, once it is another file with another time.
        guard !hasBanner || scope == .tailing,
            let index = rotated.prefix(2).indices.last(where: { !rotated[$0].isCompressed })
        else {
            return
        }
        let plain = place(index)
        rotated[index].isCompressed = true
        excuseCopies()
        disk.compress(plain, to: place(index), keepsTime: random.happens(1, outOf: 2))
        compressed = plain
    }

    private func endCompressing() {
        if let compressed { disk.delete(compressed) }
        compressed = nil
    }

    private func truncate() {
        disk.truncate(file)
        linesOfFile = []
    }

    /// Before anybody can look.
    private func truncateAndRefill() {
        let size = file.bytes.count
        truncate()
        while file.bytes.count <= size {
            log()
            finish()
        }
    }

    /// What had been read is not known to have been read.
    private func writeAgain() {
        let bytes = file.bytes
        disk.truncate(file)
        disk.append(bytes[...], to: file)
        excuse(linesOfFile, .rewrittenAlike)
    }

    private func beginCopying() {
        shift()
        changes.append { [self] in
            copying = disk.create("\(path).1")
            rotated.insert(Rotated(copiedIn: disk.isWatched ? disk.life : 0, lines: linesOfFile), at: 0)
        }
    }

    /// A file is gone, perhaps the one that these are of.
    private func excuseCopies() {
        guard format == .plain else { return }
        for other in rotated {
            if let life = other.copiedIn, life != disk.life || !disk.isWatched { excuse(other.lines, .copiedUnseen) }
        }
    }

    /// The copy is all that is left of the file.
    private func copyUnseen() {
        finish()
        beginCopying()
        finish()
        log()
        finish()
        rotate()
        finish()
        rotated[0].isCompressed = true
        disk.compress("\(path).1", to: "\(path).1.gz", keepsTime: false)
        compressed = "\(path).1"
        endCompressing()
        excuseCopies()
    }

    private func goOnCopying(_ copy: SimulatedFile) {
        let rest = file.bytes[copy.bytes.count...]
        guard !rest.isEmpty, !isWrittenBehindCopy else {
            if provoked == .writtenBehindCopy, !isWrittenBehindCopy {
                isWrittenBehindCopy = true
                let count = linesOfFile.count
                log()
                flush()
                excuse(linesOfFile[count...], .writtenBehindCopy)
                return
            }
            if isWrittenBehindCopy { excuse(rotated.first?.lines ?? [], .copyOvertaken) }
            isWrittenBehindCopy = false
            copying = nil
            truncate()
            return
        }
        disk.append(rest.prefix(random.within(1...rest.count)), to: copy)
    }

    private func log() {
        if linesOfFile.isEmpty, hasBanner { write(Self.banner, "stdout", isChecked: false) }
        number += 1
        let tag = "\(name)-\(number)"
        let texts: [String]
        switch random.below(12) {
        case 0:
            texts = [
                "2026-01-01 00:00:00 ERROR \(tag) failed", "Traceback (most recent call last):#\(tag)",
                "  File \"/app/\(tag).py\", line 1, in a", "    call(\(tag))", "ValueError: \(tag)",
            ]
        case 1:
            texts = [
                "java.lang.IllegalStateException: \(tag)", "\tat com.shop.A.\(tag)(A.java:1)",
                "\tat com.shop.B.\(tag)(B.java:2)", "Caused by: java.io.IOException: \(tag)",
                "\tat com.shop.C.\(tag)(C.java:3)", "\t... 4 more \(tag)",
            ]
        case 2: texts = ["2026-01-01 00:00:00 INFO \(tag) " + String(repeating: "long ", count: random.below(200))]
        default: texts = ["2026-01-01 00:00:00 INFO \(tag) ok"]
        }
        let stream = random.happens(1, outOf: 3) ? "stderr" : "stdout"
        for text in texts { write(text, stream) }
    }

    private func write(_ text: String, _ stream: String, isChecked: Bool = true) {
        if isChecked {
            lines.append(text)
            linesOfFile.append(text)
        }
        unwritten += Array(wrap(text, stream).utf8)
    }

    /// As long as a fingerprint, and the same in every file.
    static let banner = String(repeating: "=", count: 1200)
    private let hasBanner: Bool
    /// Only renames. What nobody could take note of can't be recognised when it is copied or compressed.
    private let isSimple: Bool
    private let scope: Simulation.Scope
    /// What may happen to lines that cannot be helped.
    private let provoked: Unavoidable?
    private var isWrittenBehindCopy = false
    /// Files are deleted as soon as checkpoints cover them, whether their lines have arrived or not.
    private let trustsCheckpoints: Bool

    private func wrap(_ text: String, _ stream: String) -> String {
        let time = "2026-01-01T00:00:00.\(100_000_000 + number)Z"
        switch format {
        case .plain: return text + "\n"
        case .cri:
            guard text.utf8.count > 10, random.happens(1, outOf: 4) else { return "\(time) \(stream) F \(text)\n" }
            let middle = text.index(text.startIndex, offsetBy: random.within(1...text.count - 1))
            return "\(time) \(stream) P \(text[..<middle])\n\(time) \(stream) F \(text[middle...])\n"
        case .docker:
            let escaped = text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
                .split(separator: "\t", omittingEmptySubsequences: false).joined(separator: "\\t")
            return "{\"log\":\"\(escaped)\\n\",\"stream\":\"\(stream)\",\"time\":\"\(time)\"}\n"
        }
    }
}
