/// The one number that bounds the memory of all batches between reading and acknowledgement, in bytes.
package struct MemoryBudget: Sendable {
    package let limit: Int
    package private(set) var used = 0

    package init(limit: Int) {
        precondition(limit > 0, "a budget of \(limit) bytes")
        self.limit = limit
    }

    /// Sets bytes aside. The first lease is always granted, so that nothing stands still however small the limit is.
    package mutating func lease(_ bytes: Int) -> Bool {
        guard hasRoom(for: bytes) else { return false }
        used += bytes
        return true
    }

    package func hasRoom(for bytes: Int) -> Bool { used == 0 || used + bytes <= limit }

    /// A lease turned out to need more or less. One event larger than a batch can go beyond the limit by its own size.
    package mutating func resize(from old: Int, to new: Int) {
        precondition(old <= used, "\(old) of \(used) bytes")
        used += new - old
    }
}
