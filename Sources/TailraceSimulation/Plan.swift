import TailraceCore
package import TailraceRuntime

/// What a seed decides about a run before it begins.
///
/// Seeds below ``firstWithSpool`` are about log files, with no spool at all; those above are about the spool.
package struct Plan: Sendable {
    package static let firstWithSpool: UInt64 = 1_000_000

    package var hasSpool: Bool
    package var spool: SpoolSettings
    /// Requests under way at once.
    package var concurrency: Int
    /// Batches under way at once.
    package var senders: Int
    /// What was saved can't be, at times: lines may arrive twice after a crash, but none get lost.
    package var isStateFullAtTimes: Bool
    /// Crashes are losses of power: what was not synced may be gone, in part or as a whole.
    package var losesPower: Bool
    /// Bits of the spool flip.
    package var hasBitRot: Bool
    /// Calls fail now and then.
    package var hasIOErrors: Bool
    /// Some documents are refused for good, whenever they are sent.
    package var hasRefusals: Bool
    /// `TAILRACE_SPOOL` is another at each start.
    package var changesMode: Bool

    package init(_ seed: UInt64) {
        hasSpool = seed >= Self.firstWithSpool
        guard hasSpool else {
            spool = SpoolSettings(mode: .off, limits: SpoolIndex.Limits(bytes: 1 << 20, segmentBytes: 64 << 10))
            (concurrency, senders) = (2, 3)
            isStateFullAtTimes = seed % 4 == 3
            (losesPower, hasBitRot, hasIOErrors) = (false, false, false)
            (hasRefusals, changesMode) = (false, false)
            return
        }
        let random = SeededRandom(seed &* 0x2545_F491_4F6C_DD1D)
        let sync = SpoolSettings.Sync.allCases[random.below(3)]
        let isSmall = random.happens(1, outOf: 3)
        spool = SpoolSettings(
            mode: random.happens(1, outOf: 3) ? .always : .auto,
            limits: SpoolIndex.Limits(bytes: isSmall ? 16 << 10 : 1 << 20, segmentBytes: 4 << 10),
            sync: sync, whenFull: isSmall ? SpoolSettings.WhenFull.allCases[random.below(3)] : .block,
            minFree: random.happens(1, outOf: 4) ? 1000 : 0)
        concurrency = random.within(1...3)
        senders = concurrency == 1 ? 1 : concurrency + 1
        isStateFullAtTimes = random.happens(1, outOf: 10)
        losesPower = random.happens(2, outOf: 3)
        hasBitRot = random.happens(1, outOf: 4)
        hasIOErrors = random.happens(1, outOf: 2)
        hasRefusals = random.happens(1, outOf: 2)
        changesMode = random.happens(1, outOf: 6)
    }

    /// Documents are offered to the endpoint in the order of their file. Several requests at a time overtake each other,
    /// and what is read again because the disk had lost it comes late.
    var isInOrder: Bool {
        concurrency == 1 && !losesPower && !hasBitRot && !hasIOErrors && !isStateFullAtTimes && !mayDrop
    }

    /// What the kernel has not written is what `never` takes the risk of.
    var mayForget: Bool { losesPower && spool.sync == .never }

    var mayDrop: Bool { spool.whenFull != .block }

    /// Bytes that all batches may take.
    var memoryMax: Int {
        let payload = SimulatedProcess.batch.bytes + 8 << 10
        return SimulatedProcess.memoryLimit + SimulatedProcess.batch.bytes + (hasSpool ? senders * payload : 0)
    }

    /// Bytes on disk: the spool, and damaged segments that are kept for people.
    var diskMax: Int { spool.limits.bytes + 5 * (spool.limits.segmentBytes + 16 << 10) }
}
