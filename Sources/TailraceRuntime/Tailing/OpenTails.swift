import TailraceCore

/// The files that have a descriptor, of which there are only so many.
struct OpenTails {
    private(set) var all: [Tail] = []
    /// Rotated files, which can't be opened again, may be more.
    private(set) var most: Int
    /// Counts the turns of all files.
    private var turn = 0

    init(most: Int) { self.most = most }

    var count: Int { all.count }
    var isFull: Bool { all.count >= most }
    var isOverfull: Bool { all.count > most }

    mutating func insert(_ tail: Tail) { all.append(tail) }
    mutating func remove(_ tail: Tail) { all.removeAll { $0 === tail } }
    mutating func removeAll() { all = [] }

    mutating func noteTurn(of tail: Tail) {
        turn += 1
        tail.lastTurn = turn
    }

    /// The one to close first: quiet for longest. One with lines that wait, which must be read again, only if there is no
    /// other.
    var quietest: Tail? {
        all.filter { !$0.isDraining }
            .min { ($0.isWaiting ? 1 : 0, $0.lastTurn) < ($1.isWaiting ? 1 : 0, $1.lastTurn) }
    }

    /// The system gives no more descriptors: others of this process need some too.
    ///
    /// - Returns: false when there is nothing to close.
    mutating func lowerLimit() -> Bool {
        let lower = max(1, all.count - max(1, all.count / 8))
        guard lower < most else { return false }
        most = lower
        return true
    }
}
