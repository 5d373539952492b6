/// Batches are acknowledged in any order; checkpoints move in the order in which batches were cut.
///
///     cut:      1 2 3 4 5        settled: 2, 3        released: nothing
///     settled:  1                                     released: 1 2 3
///
/// Otherwise a checkpoint would move past lines that are still on their way, and a crash would lose them.
package struct AckLedger: Sendable {
    private struct Entry: Sendable {
        var manifest: Manifest
        var isSettled = false
    }

    /// The number of the first entry.
    private var first: UInt64 = 1
    private var entries: [Entry] = []

    package init() {}

    /// Batches that were cut and are not released.
    package var pendingCount: Int { entries.count }

    /// - Returns: the number of a new batch: 1, 2, …
    package mutating func admit(_ manifest: Manifest) -> BatchNumber {
        entries.append(Entry(manifest: manifest))
        return BatchNumber(first + UInt64(entries.count - 1))
    }

    /// Every document of the batch is stored, or refused for good.
    ///
    /// - Returns: the manifests that became safe, the oldest first.
    package mutating func settle(_ number: BatchNumber) -> [Manifest] {
        precondition(
            number.value >= first && number.value - first < entries.count, "batch \(number.value) is not pending")
        let index = Int(number.value - first)
        precondition(!entries[index].isSettled, "batch \(number.value) is settled twice")
        entries[index].isSettled = true
        let safe = entries.prefix { $0.isSettled }.map(\.manifest)
        entries.removeFirst(safe.count)
        first += UInt64(safe.count)
        return safe
    }
}
