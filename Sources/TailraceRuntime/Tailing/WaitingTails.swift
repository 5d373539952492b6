import TailraceCore

/// The files with lines that wait to be joined, and how much memory those take.
struct WaitingTails {
    private var all: [Tail] = []
    /// Of all files, in bytes.
    private(set) var bytes = 0

    /// Keeps the books after something of the file was consumed, or it was closed.
    mutating func note(_ tail: Tail) {
        let now = tail.tailer?.pendingBytes ?? 0
        bytes += now - tail.waitingBytes
        tail.waitingBytes = now
        guard tail.joinDeadline != nil, !tail.isWaiting else { return }
        tail.isWaiting = true
        all.append(tail)
    }

    mutating func remove(_ tail: Tail) {
        bytes -= tail.waitingBytes
        tail.waitingBytes = 0
        all.removeAll { $0 === tail }
    }

    /// The one with most to give back; `nil` when none has anything.
    var largest: Tail? {
        guard let tail = all.max(by: { $0.waitingBytes < $1.waitingBytes }), tail.waitingBytes > 0 else { return nil }
        return tail
    }

    /// When the first of them is complete.
    var deadline: Moment { all.reduce(.distantFuture) { min($0, $1.joinDeadline ?? .distantFuture) } }

    /// Those that are complete.
    func due(_ now: Moment) -> [Tail] {
        all.filter { tail in
            guard !tail.isReady, let deadline = tail.joinDeadline else { return false }
            return deadline <= now
        }
    }

    mutating func removeEnded() {
        all.removeAll { tail in
            tail.isWaiting = tail.joinDeadline != nil
            return !tail.isWaiting
        }
    }
}
