import TailraceCore
import Testing

@Suite struct GzipTests {
    /// Text with repetitions and noise, as logs have.
    static func sample(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = SeededBytes(seed)
        var bytes: [UInt8] = []
        while bytes.count < count {
            bytes += Array(
                "{\"create\":{\"_id\":\"\(random.next())\"}}\n{\"message\":\"GET /a/\(random.next() % 100)\"}\n".utf8)
        }
        return Array(bytes.prefix(count))
    }

    @Test(arguments: GzipEngine.allCases.filter(\.isBuiltIn), 1...9)
    func `what was compressed inflates to the same bytes`(engine: GzipEngine, level: Int) throws {
        let compressor = try GzipCompressor(level: level, engine: engine)
        for count in [0, 1, 2, 100, 4096, 70_000, 300_000, 5] {
            let raw = Self.sample(count, seed: UInt64(count))
            let packed = compressor.compress(raw.span)
            #expect(try GzipInflater.inflate(packed.span, limit: count) == raw)
        }
    }

    @Test func `the checksum is right for a text of any length`() throws {
        let compressor = try GzipCompressor(level: 1)
        for count in 0...400 {
            let raw = Self.sample(count, seed: UInt64(count))
            #expect(try GzipInflater.inflate(compressor.compress(raw.span).span, limit: count) == raw)
        }
    }

    @Test(arguments: GzipEngine.allCases.filter(\.isBuiltIn))
    func `noise that does not shrink survives too`(engine: GzipEngine) throws {
        var random = SeededBytes(7)
        let raw = (0..<100_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let compressor = try GzipCompressor(level: 6, engine: engine)
        for _ in 0..<3 {
            let packed = compressor.compress(raw.span)
            #expect(packed.count < raw.count + 1000)
            #expect(try GzipInflater.inflate(packed.span, limit: raw.count) == raw)
        }
    }

    @Test(arguments: GzipEngine.allCases.filter(\.isBuiltIn))
    func `each call makes one member with a bare header`(engine: GzipEngine) throws {
        let compressor = try GzipCompressor(level: 1, engine: engine)
        for count in [10, 200_000] {
            let packed = compressor.compress(Self.sample(count, seed: 1).span)
            // RFC 1952: magic, deflate, no flags, no time.
            #expect(packed.prefix(8) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0])
            // The trailer's size is the member's: all of the input, so there is no other member.
            #expect(packed.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) } == count)
        }
    }

    /// zlib gets them in pieces of 57,081 bytes at its fast levels.
    @Test(arguments: [1, 3])
    func `what ends around the end of a piece inflates to the same bytes`(level: Int) throws {
        let compressor = try GzipCompressor(level: level)
        var random = SeededBytes(11)
        let noise = (0..<120_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        for text in [Self.sample(120_000, seed: 2), noise] {
            for count in Array(57_078...57_084) + Array(114_159...114_165) {
                let packed = compressor.compress(text.span.extracting(first: count))
                #expect(try GzipInflater.inflate(packed.span, limit: count) == Array(text[..<count]), "\(count) bytes")
                #expect(packed.count < count + 1000)
            }
        }
    }

    @Test func `a body of many pieces is found once more from one to the next`() throws {
        var random = SeededBytes(8)
        let block = (0..<6000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let raw = (0..<60).flatMap { _ in block }
        // Pieces that knew nothing of those before them would each hold it anew.
        #expect(try GzipCompressor(level: 1).compress(raw.span).count < 3 * block.count)
    }

    @Test(arguments: [1, 6]) func `the same batch gives the same bytes, whatever came before`(level: Int) throws {
        let compressor = try GzipCompressor(level: level)
        let batch = Self.sample(150_000, seed: 3)
        let first = compressor.compress(batch.span)
        _ = compressor.compress([UInt8](repeating: 0, count: 200_000).span)
        #expect(compressor.compress(batch.span) == first)
    }

    @Test func `the fastest that is built in is taken by itself`() {
        #expect(GzipEngine.zlib.isBuiltIn)
        for level in 1...9 { #expect(GzipEngine.best(forLevel: level).isBuiltIn) }
        if GzipEngine.isal.isBuiltIn { #expect(GzipEngine.best(forLevel: 1) == .isal) }
        if GzipEngine.libdeflate.isBuiltIn { #expect(GzipEngine.best(forLevel: 9) == .libdeflate) }
    }

    @Test(.enabled(if: GzipEngine.isal.isBuiltIn)) func `ISA-L makes what is no larger than what zlib makes`() throws {
        let raw = Self.sample(1 << 20, seed: 9)
        let zlib = try GzipCompressor(level: 1).compress(raw.span)
        #expect(try GzipCompressor(level: 1, engine: .isal).compress(raw.span).count < zlib.count)
    }

    @Test func `members one after the other are all read`() throws {
        let compressor = try GzipCompressor(level: 1)
        let both = compressor.compress([1, 2].span) + compressor.compress([3].span)
        #expect(try GzipInflater.inflate(both.span, limit: 10) == [1, 2, 3])
    }

    @Test func `output beyond the limit is refused`() throws {
        let packed = try GzipCompressor(level: 9).compress([UInt8](repeating: 0, count: 1_000_000).span)
        #expect(throws: GzipError.tooLarge(limit: 999_999)) { try GzipInflater.inflate(packed.span, limit: 999_999) }
        #expect(try GzipInflater.inflate(packed.span, limit: 1_000_000).count == 1_000_000)
    }

    @Test func `cut at every byte it is never taken for whole`() throws {
        let packed = try GzipCompressor(level: 6).compress(Self.sample(600, seed: 5).span)
        for end in 0..<packed.count {
            #expect(throws: GzipError.truncated) {
                try GzipInflater.inflate(packed.span.extracting(..<end), limit: 600)
            }
        }
    }

    @Test func `a changed byte never passes as other text`() throws {
        let raw = Self.sample(600, seed: 6)
        let packed = try GzipCompressor(level: 6).compress(raw.span)
        for index in packed.indices {
            var changed = packed
            changed[index] ^= 0x10
            // Some bits say nothing about the content: the time in the header, the padding behind the last block.
            let inflated = try? GzipInflater.inflate(changed.span, limit: 1000)
            #expect(inflated == nil || inflated == raw, "byte \(index)")
        }
    }

    @Test func `what is not gzip is corrupt`() {
        for text in ["<html>", "plain text that is long enough for a header", "\0\0\0\0"] {
            #expect(throws: GzipError.corrupt("incorrect header check")) {
                try GzipInflater.inflate(Array(text.utf8).span, limit: 100)
            }
        }
    }

    @Test func `random bytes never crash it`() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededBytes(seed)
        for _ in 0..<2000 {
            let noise = (0..<Int(random.next() % 60)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let bytes = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + noise
            let output = try? GzipInflater.inflate(bytes.span, limit: 5000)
            #expect((output?.count ?? 0) <= 5000, "seed \(seed)")
        }
    }
}
