/// Compresses batches, each to exactly one gzip member (RFC 1952), with a header without time, name or comment.
///
/// One member, because some HTTP servers read only the first one and report success for the documents in it. The same
/// input gives the same bytes on every machine with the same library.
///
/// The working memory (`footprint`) is taken once and used again for every batch. An object belongs to one task at a
/// time: keep it in an actor, a `Mutex`, or the scope of a function.
package final class GzipCompressor {
    /// The library that does the work.
    package let engine: GzipEngine
    /// Bytes of working memory.
    package var footprint: Int { encoder.footprint }

    private let encoder: any GzipEncoder
    /// Compressed size by input size of the last batch; the next one is likely to resemble it.
    private var ratio = 0.2

    /// - Parameters:
    ///   - level: 1 (fast) to 9 (small). Level 0, no compression at all, is the caller's to decide.
    ///   - engine: one that ``GzipEngine/isBuiltIn``.
    /// - Throws: `GzipError.outOfMemory` when the working memory cannot be had.
    package init(level: Int, engine: GzipEngine = .zlib) throws(GzipError) {
        precondition((1...9).contains(level), "gzip level \(level) is not between 1 and 9")
        self.engine = engine
        encoder = try engine.encoder(level: level)
    }

    /// One gzip member that inflates to `input`, which must be shorter than 4 GiB.
    package func compress(_ input: Span<UInt8>) -> [UInt8] {
        precondition(input.count < Int(UInt32.max), "\(input.count) bytes are too many for one batch")
        var output: [UInt8] = []
        // A guess from the last batch, an eighth on top: the worst case would be as much as the input.
        let room = Int(Double(input.count) * ratio * 1.125) + 64
        input.withUnsafeBufferPointer { encoder.encode($0, into: &output, room: room) }
        if !input.isEmpty { ratio = min(Double(output.count) / Double(input.count), 1) }
        return output
    }
}

/// One library's way to make a gzip member.
protocol GzipEncoder: AnyObject {
    /// Bytes of working memory.
    var footprint: Int { get }

    /// Appends one member to `output`, which is empty.
    ///
    /// - Parameter room: bytes that it is likely to take.
    func encode(_ input: UnsafeBufferPointer<UInt8>, into output: inout [UInt8], room: Int)
}

extension GzipEncoder {
    /// Calls `write` with room for more, until it says that the member is complete.
    ///
    /// - Parameter write: writes behind what is there already, and answers how many bytes.
    @inline(__always)
    func write(
        into output: inout [UInt8], room: Int,
        _ write: (_ target: UnsafeMutableBufferPointer<UInt8>) -> (count: Int, isComplete: Bool)
    ) {
        var room = room
        var isComplete = false
        while !isComplete {
            output.append(addingCapacity: room) { target in
                target.withUnsafeMutableBufferPointer { bytes, count in
                    let target = UnsafeMutableBufferPointer(rebasing: bytes.prefix(Int(UInt32.max)))
                    (count, isComplete) = write(target)
                }
            }
            room = max(output.count / 4, 256)
        }
    }
}
