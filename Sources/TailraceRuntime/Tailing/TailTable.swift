import TailraceCore

/// The files that are followed, and what each of them is found by.
struct TailTable {
    /// In the order in which they were found: that of a dictionary differs from run to run.
    private(set) var all: [Tail] = []
    private var byKey: [FileKey: Tail] = [:]
    /// The oldest of each path, which leads to the others: nearly always there is but one.
    private var byHome: [String: Tail] = [:]

    subscript(key: FileKey) -> Tail? { byKey[key] }

    /// The number of a closed file that is gone may have been given to another.
    func isKnown(_ status: FileStatus) -> Bool {
        guard let tail = byKey[status.key] else { return false }
        return tail.tailer != nil || tail.checkpoint.mayDescribe(status)
    }

    /// Those that were written under this path, without links.
    func at(_ home: String) -> [Tail] {
        var found: [Tail] = []
        var next = byHome[home]
        while let tail = next {
            found.append(tail)
            next = tail.nextAtHome
        }
        return found
    }

    func isAny(at home: String) -> Bool { byHome[home] != nil }

    /// True when there is something to read that was written under the same path before `tail` was, and was rotated away.
    func isRestLeft(before tail: Tail) -> Bool {
        guard tail.nextAtHome != nil || byHome[tail.home] !== tail else { return false }
        let isRest = tail.tailer?.isRest ?? false
        return at(tail.home).contains { other in
            guard other !== tail, other.isReady, other.tailer?.isRest ?? false else { return false }
            return !isRest || other.checkpoint.birth < tail.checkpoint.birth
        }
    }

    /// Since when each of those was there.
    func floors(at home: String) -> [Timestamp] { at(home).map { FileMemory.floor($0.checkpoint) } }

    var homes: some Sequence<String> { byHome.keys }

    mutating func insert(_ tail: Tail) {
        all.append(tail)
        byKey[tail.key] = tail
        guard var last = byHome[tail.home] else {
            byHome[tail.home] = tail
            return
        }
        while let next = last.nextAtHome { last = next }
        last.nextAtHome = tail
    }

    mutating func remove(_ tail: Tail) {
        all.removeAll { $0 === tail }
        if byKey[tail.key] === tail { byKey[tail.key] = nil }
        if byHome[tail.home] === tail {
            byHome[tail.home] = tail.nextAtHome
        } else {
            at(tail.home).first { $0.nextAtHome === tail }?.nextAtHome = tail.nextAtHome
        }
        tail.nextAtHome = nil
    }

    /// What was left of the file is in another one now. Its number belongs to another life from now on.
    mutating func move(_ tail: Tail, to file: OpenedFile) {
        byKey[tail.key] = nil
        tail.hasMoved(to: file)
        byKey[tail.key] = tail
    }

    mutating func removeAll() {
        // A chain of thousands of objects would be freed by as deep a recursion.
        for tail in all { tail.nextAtHome = nil }
        self = TailTable()
    }
}
