/// Puts the pieces of a line back together that a container runtime cut (every 16 KiB, as a rule). One for each stream.
///
/// Memory: the bytes of one line, at most `maxBytes`; what goes beyond is left out and the line is flagged.
struct PartialJoiner: ~Copyable {
    private var text = OwnedBytes()
    /// Describes the pieces so far; `nil` when no line is unfinished.
    private(set) var stamp: LineStamp?

    private let maxBytes: Int
    /// What is kept between lines, in bytes.
    private static let keptCapacity = 32 << 10

    init(maxBytes: Int) { self.maxBytes = maxBytes }

    /// Takes a further piece. Only the first one's time counts: it is when the program wrote.
    mutating func append(_ piece: Span<UInt8>, _ pieceStamp: LineStamp) {
        if stamp == nil {
            stamp = pieceStamp
        } else {
            stamp?.end = pieceStamp.end
            stamp?.flags.formUnion(pieceStamp.flags)
        }
        let room = maxBytes - text.count
        if piece.count > room { stamp?.flags.insert(.truncated) }
        text.append(piece.extracting(first: min(piece.count, room)))
    }

    /// Bytes so far.
    var count: Int { text.count }

    /// Hands out the line, and begins anew. Giving the memory back with ``reuse(_:)`` saves the next line an allocation.
    mutating func take() -> OwnedBytes {
        var line = OwnedBytes()
        swap(&line, &text)
        stamp = nil
        return line
    }

    mutating func reuse(_ memory: inout OwnedBytes) {
        memory.removeAll(keepingAtMost: Self.keptCapacity)
        swap(&text, &memory)
    }
}
