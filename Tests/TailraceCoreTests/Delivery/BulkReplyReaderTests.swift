import Testing

@testable import TailraceCore

@Suite struct BulkReplyReaderTests {
    private func read(_ bytes: [UInt8], pieces: () -> Int, documentCount: Int = .max) throws -> BulkReply {
        var reader = BulkReplyReader(documentCount: documentCount)
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieces()))
            rest = rest.dropFirst(piece.count)
            reader.read(piece.span)
        }
        return try reader.end()
    }

    @Test(arguments: Fixture.names(in: "replies"))
    func `a reply says the same in whatever pieces it comes`(_ name: String) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededBytes(seed)
        let bytes = try Fixture.bytes("replies/\(name)")
        let whole = try BulkReply(parsing: bytes.span)
        #expect(try read(bytes, pieces: { 1 }) == whole)
        for _ in 0..<50 {
            #expect(try read(bytes, pieces: { 1 + Int(random.next() % 90) }) == whole, "seed \(seed)")
        }
    }

    @Test func `damaged replies have the same fault in whatever pieces they come`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededBytes(seed)
        func result(_ body: () throws -> BulkReply) -> Result<BulkReply, BulkReplyError>? {
            do { return .success(try body()) } catch { return (error as? BulkReplyError).map { .failure($0) } }
        }
        for name in Fixture.names(in: "replies") {
            let bytes = try Fixture.bytes("replies/\(name)")
            for _ in 0..<60 {
                var damaged = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
                if let place = damaged.indices.randomElement(using: &random) {
                    damaged[place] = random.next() % 2 == 0 ? UInt8(truncatingIfNeeded: random.next()) : bytes[0]
                }
                let whole = result { try BulkReply(parsing: damaged.span) }
                let inPieces = result { try read(damaged, pieces: { 1 + Int(random.next() % 30) }) }
                #expect(whole == inPieces, "seed \(seed), \(name)")
            }
        }
    }

    @Test func `items that are the same bytes count as others do`() throws {
        let kinds = [
            #"{"create":{"status":201}}"#, #"{"create":{"status":200}}"#, #"{"create":{"status":2011}}"#,
            #"{"create":{"status":400,"error":{"type":"t","reason":"r"}}}"#,
            #"{"create":{"status":201,"failure_store":"used"}}"#,
            #"{"create":{"status":409,"error":{"type":"version_conflict_engine_exception"}}}"#,
        ]
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededBytes(seed)
        for _ in 0..<200 {
            var items: [String] = []
            while items.count < 60 {
                let kind = kinds[Int(random.next() % UInt64(kinds.count))]
                items += Array(repeating: kind, count: Int(random.next() % 20))
            }
            let fast = Array(#"{"items":[\#(items.joined(separator: ","))]}"#.utf8)
            // With blanks before the commas nothing can be skipped.
            let slow = Array(#"{"items":[\#(items.joined(separator: " ,"))]}"#.utf8)
            #expect(try BulkReply(parsing: fast.span) == BulkReply(parsing: slow.span), "seed \(seed)")
            let inPieces = try read(fast, pieces: { 1 + Int(random.next() % 90) })
            #expect(try inPieces == BulkReply(parsing: slow.span), "seed \(seed)")
        }
    }

    @Test func `a number at the end of a piece may go on`() throws {
        let reply = try read(Array(#"{"took":1234,"items":[{"create":{"status":201}}],"x":1}"#.utf8), pieces: { 1 })
        #expect(reply.itemCount == 1)
        #expect(throws: BulkReplyError.notBulk) { try read(Array("12".utf8), pieces: { 1 }) }
        #expect(throws: BulkReplyError.self) { try read(Array(#"{"items":[],"x":1"#.utf8), pieces: { 1 }) }
    }

    // MARK: Bounds

    @Test func `a huge reply leaves nothing behind but its count`() throws {
        let item = Array(
            #"{"create":{"_index":"i","status":201,"junk":"\#(String(repeating: "x", count: 900))"}},"#.utf8)
        var reader = BulkReplyReader()
        reader.read(Array(#"{"items":["#.utf8).span)
        for _ in 0..<2000 {
            reader.read(item.span)
            #expect(reader.memory < 8 << 10)
        }
        reader.read(Array(#"{"create":{"status":201}}]}"#.utf8).span)
        let reply = try reader.end()
        #expect(reply.itemCount == 2001)
        #expect(reply.failures.isEmpty)
    }

    @Test(arguments: [
        #"{"items":[{"create":{"status":400,"reason":""#, #"{"x":""#, #"{"items":[                "#, #"{"x":[1,"#,
    ])
    func `a part without an end is not kept for ever`(_ beginning: String) {
        var reader = BulkReplyReader()
        reader.read(Array(beginning.utf8).span)
        let piece = [UInt8](repeating: UInt8(ascii: " "), count: 256 << 10)
        for _ in 0..<20 {
            reader.read(piece.span)
            #expect(reader.memory <= BulkReplyReader.partMax + piece.count)
        }
        #expect(reader.isTooLong)
        #expect(throws: BulkReplyError.tooLong) { try reader.end() }
    }

    @Test func `items beyond the documents are counted, and not kept`() throws {
        let items = (0..<1000).map { #"{"create":{"status":400,"error":{"type":"t","reason":"\#($0)"}}}"# }
        let bytes = Array(#"{"items":[\#(items.joined(separator: ","))]}"#.utf8)
        let reply = try read(bytes, pieces: { 4096 }, documentCount: 3)
        #expect(reply.itemCount == 1000)
        #expect(reply.failures.map(\.index) == [0, 1, 2])
        #expect(
            judge(.reply(HTTPReply(status: 200, items: .success(reply))), documentCount: 3)
                == judge(.reply(HTTPReply(status: 200, body: bytes)), documentCount: 3))
    }

    @Test func `many long reasons are cut, so that they fit`() throws {
        let long = String(repeating: "y", count: 500)
        let items = (0..<12_000).map { #"{"create":{"status":400,"error":{"type":"t","reason":"\#($0) \#(long)"}}}"# }
        let reply = try read(Array(#"{"items":[\#(items.joined(separator: ","))]}"#.utf8), pieces: { 16 << 10 })
        let kept = reply.failures.reduce(0) { $0 + $1.error.reason.utf8.count }
        #expect(kept < BulkReplyReader.textsMax + 12_000 * BulkReplyReader.shortReason)
        #expect(reply.failures.last?.error.reason.hasPrefix("11999 yyy") == true)
    }
}
