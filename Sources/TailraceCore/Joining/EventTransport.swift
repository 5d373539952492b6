/// The transport of one event's lines, as far as it is known: what is taken off the front of each before it is judged.
///
/// The first line decides, and the second whether a time was the program's own. A name counts for nothing where the
/// first line has none: in the text of an exception, tables look like that.
struct EventTransport {
    /// What a further line is judged by.
    enum View {
        /// The whole line.
        case whole
        /// What stands behind this place.
        case behind(Int)
        /// As `behind`, and the first line is to be judged anew, for which ``headEnd`` has been moved.
        case behindOther(Int)
        /// Nothing: somebody else wrote it.
        case foreign
    }

    private var first: TransportPrefix?
    /// How many parts of it are taken off all lines.
    private var count = 0
    /// What is taken off the first line, in bytes.
    private(set) var headEnd = 0
    /// Further lines have them as well.
    private var isShared = false
    /// One of them had fewer.
    private(set) var isMissing = false
    /// What the first two lines have in common, of which nothing else is known: it is taken off all of them.
    private var front: LoggerPrefix?

    init(of first: TransportPrefix? = nil) {
        self.first = first
        (count, headEnd) = (first?.count ?? 0, first?.end ?? 0)
    }

    /// - Parameter front: what the first line has at its front.
    init(front: Span<UInt8>) {
        self.front = LoggerPrefix(front: front)
        headEnd = front.count
    }

    /// Forgets everything; cheaper than another value.
    @inline(__always)
    mutating func clear() { (count, headEnd, front) = (0, 0, nil) }

    /// The place behind what a further line was sent with.
    func end(in line: Span<UInt8>) -> Int {
        if let front { return front.end(in: line) ?? 0 }
        return TransportPrefix(of: line)?.end ?? 0
    }

    var isNone: Bool { count == 0 && front == nil }

    /// - Parameters:
    ///   - line: the further line.
    ///   - isSecond: whether it is the line behind the first.
    ///   - isHolding: whether lines are held that may not belong to the event.
    mutating func view(of line: borrowing LineView, isSecond: Bool, isHolding: Bool) -> View {
        if let front { return front.end(in: line.bytes).map { .behind($0) } ?? .foreign }
        return view(of: line.transport, isSecond: isSecond, isHolding: isHolding)
    }

    fileprivate mutating func view(of prefix: TransportPrefix?, isSecond: Bool, isHolding: Bool) -> View {
        guard let first, count > 0 else { return .whole }
        let common = min(count, prefix?.countShared(with: first) ?? 0)
        let end = prefix?.end(of: common) ?? 0
        if common == count {
            isShared = true
            return .behind(end)
        }
        guard prefix == nil || common > 0 else { return .foreign }
        let rest = prefix == nil ? first.certainCount : common
        if isSecond, rest < count {
            // What is behind was the program's own.
            (count, headEnd) = (rest, first.end(of: rest))
            isMissing = common < rest
            return .behindOther(end)
        }
        // This goes on from the last of those that had it, at most.
        if isHolding, isShared { return .foreign }
        isMissing = true
        return .behind(end)
    }
}

extension EventTransport {
    /// Appends the lines of an event without what they were sent with, and without colours.
    ///
    /// - Parameter text: of the event.
    /// - Returns: false when they were not sent, as far as is known; then nothing is appended.
    static func remove(from text: Span<UInt8>, into bare: inout OwnedBytes) -> Bool {
        var plain = OwnedBytes()
        var lines = LineWalk()
        guard let first = lines.next(text) else { return false }
        let line = text.extracting(first)
        var rest = lines
        guard let second = rest.next(text) else { return false }
        guard line.firstIndex(of: ANSICodes.escape) != nil || TransportPrefix.mayBegin(line) else {
            return removeFront(of: line, and: text.extracting(second), from: text, into: &bare)
        }
        var transport = EventTransport(of: prefix(of: line, &plain))
        guard !transport.isNone else { return false }
        _ = transport.view(of: prefix(of: text.extracting(second), &plain), isSecond: true, isHolding: false)
        guard !transport.isNone else { return false }
        _ = prefix(of: line, &plain)
        bare.append(plain.span.extracting(transport.headEnd..<plain.count))
        while let line = lines.next(text) {
            let prefix = prefix(of: text.extracting(line), &plain)
            bare.append(UInt8(ascii: "\n"))
            let end =
                switch transport.view(of: prefix, isSecond: false, isHolding: false) {
                case .behind(let end), .behindOther(let end): end
                case .whole, .foreign: 0
                }
            bare.append(plain.span.extracting(end..<plain.count))
        }
        return true
    }

    /// As `remove`, of what all lines have in common at their front.
    ///
    /// - Parameter bare: empty.
    private static func removeFront(
        of first: Span<UInt8>, and second: Span<UInt8>, from text: Span<UInt8>, into bare: inout OwnedBytes
    ) -> Bool {
        guard let ends = LoggerPrefix.endsOfFront(first, second) else { return false }
        let front = LoggerPrefix(front: first.extracting(first: ends.inHead))
        var lines = LineWalk()
        while let range = lines.next(text) {
            let line = text.extracting(range)
            guard let end = front.end(in: line) else {
                bare.removeAll()
                return false
            }
            if lines.count > 1 { bare.append(UInt8(ascii: "\n")) }
            bare.append(line.extracting(end..<line.count))
        }
        return true
    }

    /// - Parameter plain: set to the line without colours.
    private static func prefix(of line: Span<UInt8>, _ plain: inout OwnedBytes) -> TransportPrefix? {
        plain.removeAll()
        ANSICodes.remove(from: line, into: &plain)
        return TransportPrefix(of: plain.span)
    }
}
