import NIOCore
import NIOHTTP1
import TailraceCore

/// How much of a reply may come, and what is made of it.
struct ReplyPlan: Sendable {
    /// Bytes, before and after decompression.
    var limit: Int
    /// Documents of a bulk request; `nil` where the body is wanted as it is.
    var documentCount: Int?
}

/// Takes in the body of a reply while it comes: decompressed, and read where it is a bulk reply, so that none is ever in
/// memory as a whole. Whatever is not wanted as it is leaves its beginning, for messages.
struct ReplyBody {
    /// What is wrong with it.
    enum Fault: Error {
        case tooLong(limit: Int)
        case damaged
    }

    /// Of a body that says what is wrong with a request.
    private static let errorMax = 64 << 10
    private static let beginningMax = 1 << 10
    private static let scratchSize = 32 << 10

    private let limit: Int
    private let kept: Int
    private var beginning: [UInt8] = []
    private var reader: BulkReplyReader?
    private var inflater: GzipReader?
    private var received = 0
    private var inflated = 0

    init(_ head: HTTPResponseHead, _ plan: ReplyPlan) {
        limit = plan.limit
        let isBulk = HTTPReply.mayHaveItems(Int(head.status.code))
        if let count = plan.documentCount {
            reader = isBulk ? BulkReplyReader(documentCount: count) : nil
            kept = isBulk ? Self.beginningMax : Self.errorMax
        } else {
            kept = plan.limit
        }
        if head.headers[canonicalForm: "content-encoding"].contains("gzip") { inflater = GzipReader() }
    }

    mutating func take(_ bytes: ByteBuffer) throws(Fault) {
        received += bytes.readableBytes
        guard received <= limit else { throw .tooLong(limit: limit) }
        guard let inflater else { return try bytes.withSpan { (span) throws(Fault) in try keep(span) } }
        try inflate(bytes, inflater)
    }

    /// What the body has come to.
    mutating func end() throws(Fault) -> (body: [UInt8], items: Result<BulkReply, BulkReplyError>?) {
        if let inflater { try inflate(ByteBuffer(), inflater, isLast: true) }
        guard let reader else { return (beginning, nil) }
        do throws(BulkReplyError) {
            return (beginning, .success(try reader.end()))
        } catch {
            return (beginning, .failure(error))
        }
    }

    private mutating func inflate(_ bytes: ByteBuffer, _ inflater: GzipReader, isLast: Bool = false) throws(Fault) {
        var bytes = bytes
        var scratch = [UInt8](repeating: 0, count: Self.scratchSize)
        while true {
            let outcome = scratch.withUnsafeMutableBytes { scratch in
                inflater.read(into: scratch) { target in
                    let count = min(target.count, bytes.readableBytes)
                    bytes.readWithUnsafeReadableBytes { source in
                        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count]))
                        return count
                    }
                    return count
                }
            }
            switch outcome {
            case .bytes(let count):
                inflated += count
                guard inflated <= limit else { throw .tooLong(limit: limit) }
                try keep(scratch.span.extracting(..<count))
            case .end: return
            case .cut: if isLast { throw .damaged } else { return }
            case .corrupt: throw .damaged
            }
        }
    }

    private mutating func keep(_ bytes: Span<UInt8>) throws(Fault) {
        if beginning.count < kept {
            beginning += Array(bytes.extracting(..<min(bytes.count, kept - beginning.count)))
        }
        reader?.read(bytes)
        if reader?.isTooLong == true { throw .tooLong(limit: BulkReplyReader.partMax) }
    }
}

extension ByteBuffer {
    fileprivate func withSpan<Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
        var result: Result<Void, Failure> = .success(())
        withUnsafeReadableBytes { bytes in
            do throws(Failure) {
                try body(bytes.bindMemory(to: UInt8.self).span)
            } catch {
                result = .failure(error)
            }
        }
        try result.get()
    }
}
