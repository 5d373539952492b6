import TailraceCore
import Testing

@testable import TailraceRuntime

@Suite struct GzipLogFileTests {
    /// Lines that hardly compress.
    private func lines(_ count: Int) -> [UInt8] {
        var state: UInt64 = 1
        return (0..<count).flatMap { number -> [UInt8] in
            state = state &* 6_364_136_223_846_793_005 &+ 1
            return Array("line \(number) \(state)\n".utf8)
        }
    }

    /// As a tailer reads: from the last whole line on, with the bytes before it, and a look at the first bytes each time.
    @Test func `a compressed file is inflated twice, however long it is`() throws {
        let text = lines(100_000)
        let raw = MemoryFile(try GzipCompressor(level: 1).compress(text.span))
        let size = Int(try raw.status().size)
        let file = try GzipLogFile(raw, "app.log.1.gz")
        #expect(raw.bytesRead == size)
        let buffer = ReadBuffer()
        var position: UInt64 = 0
        var read: [UInt8] = []
        while position < text.count {
            #expect(try Head(of: file).bytes == Array(text.prefix(Fingerprint.lengthMax)))
            let overlap = Int(min(position, UInt64(Trail.lengthMax)))
            let count = try buffer.fill(from: file, at: position, overlap: overlap)
            try #require(count > 0)
            if overlap > 0 { #expect(buffer.overlap[0] == text[Int(position) - overlap]) }
            // A batch is full after a part of it.
            let consumed = min(count, 100_000)
            for index in 0..<consumed { read.append(buffer.bytes[index]) }
            position += UInt64(consumed)
        }
        #expect(read == text)
        #expect(raw.bytesRead <= 2 * size)
        // While it waits to be let go.
        for _ in 0..<10 { #expect(try buffer.fill(from: file, at: position, overlap: Trail.lengthMax) == 0) }
        #expect(raw.bytesRead <= 2 * size)
    }

    @Test func `going back further begins anew`() throws {
        let text = lines(50_000)
        let file = try GzipLogFile(MemoryFile(try GzipCompressor(level: 1).compress(text.span)), "app.log.1.gz")
        for offset in [1_000_000, 2000, 900_000, 1023, 0, 1024, text.count - 10, text.count] {
            let expected = text[offset...].prefix(5000)
            #expect(try Head(of: file, at: UInt64(offset), most: 5000).bytes == Array(expected))
        }
    }
}
