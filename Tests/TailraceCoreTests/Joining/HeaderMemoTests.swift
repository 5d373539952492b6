import Testing

@testable import TailraceCore

@Suite("What is remembered of how lines begin")
struct HeaderMemoTests {
    @Test("says of the lines of all loggers, cut and damaged, what a reading word by word says")
    func agreesWithReading() {
        let seed = UInt64.random(in: 0...(.max))
        var random = SeededBytes(seed)
        let lines = TraceCollection.captured.logs.flatMap(\.lines).map { Array($0.utf8) }
            .filter { $0.count >= 48 && ((0x30...0x39).contains($0[0]) || (0x41...0x5A).contains($0[0])) }
        #expect(lines.count > 50)
        var memo = HeaderMemo()
        var remembered = 0
        for _ in 0..<20_000 {
            var line = lines.randomElement(using: &random) ?? []
            for index in line.indices where (0x30...0x39).contains(line[index]) {
                line[index] = 0x30 + UInt8.random(in: 0...9, using: &random)
            }
            if Bool.random(using: &random) {
                let place = Int.random(in: 0..<48, using: &random)
                line[place] =
                    [UInt8(ascii: " "), UInt8(ascii: "E"), UInt8(ascii: ":"), UInt8(ascii: "x")]
                    .randomElement(using: &random) ?? 0
            }
            if UInt8.random(in: 0..<10, using: &random) == 0 { line.removeLast(line.count - 48) }
            guard let header = memo.header(of: line.span) else { continue }
            remembered += 1
            #expect(
                header == RecordHeader(of: line.span, indent: 0),
                "seed \(seed): \(String(decoding: line, as: UTF8.self))")
        }
        #expect(remembered > 10_000)
    }

    @Test("does not take one level, or one kind of time, for another")
    func tellsApart() {
        var memo = HeaderMemo()
        let rest = " [main] c.a.cart.CartService took 17 ms for nothing at all"
        for _ in 0..<2 {
            #expect(memo.header(of: Array("2026-09-21T14:13:20.001 INFO \(rest)".utf8).span) == .calm)
            #expect(memo.header(of: Array("2026-09-21T14:13:20.002 ERROR\(rest)".utf8).span) == .alarm)
            #expect(memo.header(of: Array("2026-09-21T14:13:20.003 INFOS\(rest)".utf8).span) == .unrated)
            #expect(memo.header(of: Array("2026-09-21T14:13:20.004 \(rest)".utf8).span) == .unrated)
            #expect(memo.header(of: Array("2026 09 21T14:13:20.005 INFO \(rest)".utf8).span) == nil)
            #expect(memo.header(of: Array("INFO 2026-09-21T14:13:20.007 \(rest)".utf8).span) == .calm)
            #expect(memo.header(of: Array("INFOS 2026-09-21T14:13:20.008 \(rest)".utf8).span) == nil)
            #expect(memo.header(of: Array("WARNING:  \(rest)".utf8).span) == .alarm)
            #expect(memo.header(of: Array("\t2026-09-21T14:13:20.006 INFO \(rest)".utf8).span) == nil)
        }
    }
}
