/// Batches are acknowledged in any order; checkpoints move in the order in which batches were cut.
///
///     cut:      1 2 3 4 5        settled: 2, 3        released: nothing
///     settled:  1                                     released: 1 2 3
///
/// Otherwise a checkpoint would move past lines that are still on their way, and a crash would lose them. What is settled
/// side by side is kept as one, so that a batch that is stuck for days does not cost memory for each one behind it.
package struct AckLedger: Sendable {
    private struct Entry: Sendable {
        /// The number of the batch; of several that are settled, the last one.
        var number: UInt64
        var manifest: Manifest
        var isSettled = false
    }

    private var last: UInt64 = 0
    private var entries: [Entry] = []

    package init() {}

    /// Batches that were cut and are not released; those that are settled side by side count as one.
    package var pendingCount: Int { entries.count }

    /// - Returns: the number of a new batch: 1, 2, …
    package mutating func admit(_ manifest: Manifest) -> BatchNumber {
        last += 1
        entries.append(Entry(number: last, manifest: manifest))
        return BatchNumber(last)
    }

    /// Every document of the batch is stored, or refused for good.
    ///
    /// - Returns: what became safe by it.
    package mutating func settle(_ number: BatchNumber) -> Manifest? {
        guard var index = entries.firstIndex(where: { $0.number >= number.value }) else {
            preconditionFailure("batch \(number.value) is not pending")
        }
        precondition(
            entries[index].number == number.value && !entries[index].isSettled,
            "batch \(number.value) is not pending, or is settled twice")
        entries[index].isSettled = true
        if index > 0, entries[index - 1].isSettled {
            index -= 1
            absorbNext(index)
        }
        if index + 1 < entries.count, entries[index + 1].isSettled { absorbNext(index) }
        return index == 0 ? entries.removeFirst().manifest : nil
    }

    private mutating func absorbNext(_ index: Int) {
        let next = entries.remove(at: index + 1)
        entries[index].number = next.number
        entries[index].manifest.absorb(next.manifest)
    }
}
