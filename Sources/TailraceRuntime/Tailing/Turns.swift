/// The files that have something to read. Rotated ones, which can disappear, have every other turn.
struct Turns {
    private var urgent: [Tail] = []
    private var others: [Tail] = []
    private var first = 0
    private var isUrgentNext = true

    mutating func append(_ tail: Tail, isUrgent: Bool) {
        if isUrgent { urgent.append(tail) } else { others.append(tail) }
    }

    mutating func next() -> Tail? {
        defer { isUrgentNext.toggle() }
        if isUrgentNext || first == others.count, let tail = urgent.popLast() { return tail }
        guard first < others.count else {
            others.removeAll(keepingCapacity: true)
            first = 0
            return nil
        }
        first += 1
        let tail = others[first - 1]
        if first > 512, first * 2 > others.count {
            others.removeFirst(first)
            first = 0
        }
        return tail
    }
}
