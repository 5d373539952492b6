import TailraceCore
import TailraceRuntime

/// The folder of the spool. Survives the death of the process; what was not synced may not survive a loss of power.
// Sendable without a check: nothing but the thread of the simulation ever touches it.
final class SimulatedSpoolDisk: @unchecked Sendable {
    fileprivate enum Change {
        case write(offset: Int, bytes: ArraySlice<UInt8>)
        case truncate(Int)
    }

    final class File {
        let name: String
        /// As every process sees it.
        fileprivate(set) var bytes: [UInt8] = []
        /// As it is on the disk.
        fileprivate var durable: [UInt8] = []
        /// What the disk does not have yet.
        fileprivate var changes: [Change] = []
        /// A sync has failed: the kernel takes what it could not write for written.
        fileprivate var isDoomed = false
        fileprivate var isNameDurable: Bool

        fileprivate var isDurable: Bool { isNameDurable && changes.isEmpty }

        fileprivate func isDurable(_ range: Range<Int>) -> Bool {
            isNameDurable && range.upperBound <= durable.count && durable[range] == bytes[range]
        }

        fileprivate init(_ name: String, isNameDurable: Bool, bytes: [UInt8] = []) {
            self.name = name
            self.isNameDurable = isNameDurable
            self.bytes = bytes
        }
    }

    private static let sectorSize = 512

    private let random: SeededRandom
    private let trace: Trace
    private(set) var files: [File] = []
    /// They come back if power is lost before the folder is written.
    private var removed: [File] = []
    /// Lines in frames that were damaged: they may be lost.
    private(set) var excused: Set<String> = []
    /// What every write fails with for now.
    var trouble: CInt?

    init(_ random: SeededRandom, _ trace: Trace) {
        self.random = SeededRandom(random.next())
        self.trace = trace
    }

    var used: Int { files.reduce(0) { $0 + $1.bytes.count } }

    var segmentNames: [String] { files.map(\.name).filter { SegmentName.number(of: $0) != nil } }

    func file(_ name: String) -> File? { files.first { $0.name == name } }

    // MARK: What a process can do

    func create(_ name: String, isFolderSynced: Bool) -> File {
        files.removeAll { $0.name == name }
        let file = File(name, isNameDurable: isFolderSynced)
        files.append(file)
        if isFolderSynced { syncFolder() }
        trace.tell("spool: create \(name)")
        return file
    }

    func write(_ bytes: ArraySlice<UInt8>, to file: File, at offset: Int) {
        let change = Change.write(offset: offset, bytes: bytes)
        file.changes.append(change)
        Self.apply(change, to: &file.bytes)
        trace.tell("spool: write \(bytes.count) bytes to \(file.name) at \(offset)")
    }

    func truncate(_ file: File, to size: Int) {
        file.changes.append(.truncate(size))
        Self.apply(.truncate(size), to: &file.bytes)
        trace.tell("spool: truncate \(file.name) to \(size)")
    }

    func sync(_ file: File) {
        trace.tell("spool: sync \(file.name)")
        guard !file.isDoomed else { return }
        file.durable = file.bytes
        file.changes = []
    }

    func failToSync(_ file: File) {
        trace.tell("spool: sync of \(file.name) fails")
        file.isDoomed = true
    }

    func rename(_ file: File, to target: String) {
        trace.tell("spool: rename \(file.name) to \(target)")
        files.removeAll { $0.name == target || $0 === file }
        let renamed = File(target, isNameDurable: true, bytes: file.bytes)
        (renamed.durable, renamed.changes, renamed.isDoomed) = (file.durable, file.changes, file.isDoomed)
        files.append(renamed)
        syncFolder()
    }

    func remove(_ file: File) {
        trace.tell("spool: remove \(file.name)")
        files.removeAll { $0 === file }
        removed.append(file)
    }

    private func syncFolder() {
        removed = []
        for file in files { file.isNameDurable = true }
    }

    // MARK: What the world can do

    /// - Parameter excusesLoss: nothing that was not synced has to survive.
    func losePower(excusesLoss: Bool) {
        trace.tell("power is lost")
        if excusesLoss { for file in files where !file.isDurable { excuse(file) { !file.isDurable($0) } } }
        for file in removed where random.happens(1, outOf: 2) { files.append(file) }
        removed = []
        files.removeAll { !$0.isNameDurable }
        for file in files {
            var bytes = file.durable
            for change in file.changes {
                switch change {
                case .truncate: if random.happens(1, outOf: 2) { Self.apply(change, to: &bytes) }
                case .write(let offset, let written): keepSome(of: written, at: offset, in: &bytes)
                }
            }
            (file.bytes, file.durable, file.changes, file.isDoomed) = (bytes, bytes, [], false)
        }
    }

    /// All of it, none of it, or any of its sectors.
    private func keepSome(of written: ArraySlice<UInt8>, at offset: Int, in bytes: inout [UInt8]) {
        let kind = random.below(3)
        guard kind > 0 else { return }
        var start = 0
        while start < written.count {
            let end = min(written.count, ((offset + start) / Self.sectorSize + 1) * Self.sectorSize - offset)
            if kind == 1 || random.happens(1, outOf: 2) {
                let sector = written.dropFirst(start).prefix(end - start)
                Self.apply(.write(offset: offset + start, bytes: sector), to: &bytes)
            }
            start = end
        }
    }

    /// Behind the mark that a segment begins with: see `docs/spool.md`.
    private static let versionPlace = 4

    /// Flips one bit. What stands in the frame around it may be lost.
    func rot() {
        let there = files.filter { SegmentName.number(of: $0.name) != nil && !$0.bytes.isEmpty }
        guard !there.isEmpty else { return }
        let file = there[random.below(there.count)]
        let place = random.below(file.bytes.count)
        // A segment whose version has changed is left alone for the Tailrace that wrote it, and there is none here.
        guard place != Self.versionPlace else { return }
        excuse(file) { $0.contains(place) }
        let mask = UInt8(1) << UInt8(random.below(8))
        trace.tell("spool: byte \(place) of \(file.name) rots")
        file.bytes[place] ^= mask
        // On the disk as well, which what is written later does not mend.
        if place < file.durable.count { file.durable[place] ^= mask }
        for (index, change) in file.changes.enumerated() {
            guard case .write(let offset, var bytes) = change, (offset..<offset + bytes.count).contains(place) else {
                continue
            }
            bytes[bytes.startIndex + place - offset] ^= mask
            file.changes[index] = .write(offset: offset, bytes: bytes)
        }
    }

    /// Lines in these frames may be lost.
    private func excuse(_ file: File, where isHit: (_ frame: Range<Int>) -> Bool) {
        var walk = SegmentWalk(size: UInt64(file.bytes.count), sequence: SegmentName.number(of: file.name) ?? 0)
        while true {
            let finding = walk.next { offset, count in Array(file.bytes[Int(offset)...].prefix(count)) }
            switch finding {
            case .end: return
            case .damage, .tail: break
            case .frame(let header, let offset):
                let start = Int(offset)
                guard isHit(start..<start + header.frameSize) else { continue }
                let body = Array(file.bytes[start + FrameHeader.size..<start + header.frameSize])
                guard let payload = header.payload(body) else { continue }
                for document in (try? payload.documents(at: Array(0..<payload.documentCount))) ?? [] {
                    let message = SimulatedEndpoint.string("message", in: document.document) ?? ""
                    excused.formUnion(message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
                }
            }
        }
    }

    private static func apply(_ change: Change, to bytes: inout [UInt8]) {
        switch change {
        case .truncate(let size): if size < bytes.count { bytes.removeLast(bytes.count - size) }
        case .write(let offset, let written):
            if bytes.count < offset + written.count {
                bytes += [UInt8](repeating: 0, count: offset + written.count - bytes.count)
            }
            bytes.replaceSubrange(offset..<offset + written.count, with: written)
        }
    }
}
