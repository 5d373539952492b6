import TailraceCore
import Testing

@Suite struct BulkReplyTests {
    static func parse(_ text: String) throws -> BulkReply { try parse(Array(text.utf8)) }

    // The array has a name: the 6.3 compiler breaks on the span of a temporary in a function that throws.
    static func parse(_ bytes: [UInt8]) throws -> BulkReply { try BulkReply(parsing: bytes.span) }

    static func fixture(_ name: String) throws -> BulkReply {
        try parse(Fixture.bytes("replies/\(name).json"))
    }

    /// Name, items, already there, redirected, positions and statuses of the other failures.
    @Test(
        arguments: [
            ("elasticsearch-8-all-stored", 2, 0, 0, []),
            ("elasticsearch-8-filtered-mixed", 5, 1, 0, [[1, 400], [2, 429], [4, 503]]),
            ("elasticsearch-9-failure-store", 4, 0, 1, [[2, 400], [3, 400]]),
            ("opensearch-3-mixed", 3, 1, 0, [[1, 400]]),
            ("victorialogs-stored", 3, 0, 0, []),
            ("victorialogs-form-content-type", 0, 0, 0, []),
            ("quickwit-stored", 2, 0, 0, []),
            ("quickwit-mixed", 3, 0, 0, [[1, 404], [2, 408]]),
            ("zincsearch-stopped", 1, 0, 0, []),
            ("zincsearch-item-error", 2, 0, 0, [[1, 400]]),
            ("manticore-409", 3, 0, 0, [[1, 409], [2, 409]]),
            ("openobserve-out-of-order", 2, 0, 0, [[0, 422]]),
            ("noida-first-member-only", 1, 0, 0, []),
        ] as [(String, Int, Int, Int, [[Int]])])
    func `the reply of each server is read`(
        name: String, items: Int, alreadyThere: Int, redirected: Int, failures: [[Int]]
    ) throws {
        let reply = try Self.fixture(name)
        #expect(reply.itemCount == items)
        #expect(reply.alreadyThereCount == alreadyThere)
        #expect(reply.redirectedCount == redirected)
        #expect(reply.failures.map { [$0.index, $0.status] } == failures)
        #expect((reply.error != nil) == (name == "zincsearch-stopped"))
        #expect(reply.isOutOfOrder == (name == "openobserve-out-of-order"))
    }

    @Test func `no fixture is left unread`() {
        #expect(Fixture.names(in: "replies").count == 13)
    }

    @Test func `type and reason are kept`() throws {
        let failure = try #require(try Self.fixture("opensearch-3-mixed").failures.first)
        #expect(failure.error.type == "mapper_parsing_exception")
        #expect(failure.error.reason.hasSuffix("Preview of field's value: 'x'"))
        #expect(
            try Self.fixture("zincsearch-item-error").failures.first?.error == EndpointError(reason: "id must be set"))
        #expect(try Self.fixture("zincsearch-stopped").error == EndpointError(reason: "bufio.Scanner: token too long"))
    }

    @Test(arguments: [
        #"{"status":201}"#, #"{"status":200,"error":null}"#, #"{"error":null,"status":299}"#,
        #"{"_id":"x","status":201,"_shards":{"failed":1}}"#,
    ])
    func `an item without a fault is stored`(item: String) throws {
        let reply = try Self.parse("{\"items\":[{\"create\":\(item)}]}")
        #expect(reply.itemCount == 1)
        #expect(reply.failures.isEmpty)
    }

    @Test(arguments: [
        #"{}"#, #"{"status":300}"#, #"{"status":199}"#, #"{"status":0}"#, #"{"status":"201"}"#, #"{"status":201.0}"#,
        #"{"status":null}"#, #"{"status":201,"error":{}}"#, #"{"status":201,"error":"no"}"#,
        #"{"status":201,"error":""}"#, #"{"status":201,"error":false}"#, #"{"status":201,"error":[1]}"#,
        #"{"status":201,"error":1}"#, #"{"status":409}"#, #"{"status":409,"error":{"type":"other"}}"#,
        #"{"status":200,"error":{"type":"version_conflict_engine_exception"}}"#,
    ])
    func `an item that does not say it is stored is a failure`(item: String) throws {
        let reply = try Self.parse("{\"items\":[{\"create\":\(item)}]}")
        #expect(reply.failures.map(\.index) == [0])
        #expect(reply.alreadyThereCount == 0)
    }

    @Test(arguments: [
        "[]", "1", "\"ok\"", "null", "{}", #"{"errors":false}"#, #"{"items":null}"#, #"{"items":{}}"#,
        #"{"items":[1]}"#,
        #"{"items":[null]}"#, #"{"items":[[]]}"#, #"{"items":[{}]}"#, #"{"items":[{"create":1}]}"#,
        #"{"items":[{"create":{"status":201},"index":{"status":201}}]}"#, #"{"items":[{"create":[{"status":201}]}]}"#,
    ])
    func `JSON of another shape is no bulk reply`(text: String) {
        #expect(throws: BulkReplyError.notBulk) { try Self.parse(text) }
    }

    @Test(arguments: ["", "ok", "<html>", #"{"items":[]"#, #"{"items":[]}}"#, #"{"items":[]} {"items":[]}"#])
    func `what is not JSON is no bulk reply`(text: String) {
        #expect(throws: BulkReplyError.self) { try Self.parse(text) }
    }

    @Test func `an empty error beside the items is none`() throws {
        #expect(try Self.parse(#"{"items":[],"error":""}"#).error == nil)
        #expect(try Self.parse(#"{"items":[],"error":null}"#).error == nil)
        #expect(try Self.parse(#"{"items":[],"error":true}"#).error != nil)
    }

    @Test func `reasons and types are bounded`() throws {
        let long = String(repeating: "é", count: 5000)
        let reply = try Self.parse(
            #"{"items":[{"create":{"status":400,"error":{"type":"\#(long)","reason":"\#(long)"}}}]}"#)
        let error = try #require(reply.failures.first?.error)
        #expect(error.reason.utf8.count == EndpointError.reasonMax)
        #expect(error.type.utf8.count == EndpointError.typeMax)
    }

    @Test(arguments: Fixture.names(in: "replies"))
    func `cut at any byte it is no reply`(name: String) throws {
        let bytes = try Fixture.bytes("replies/\(name)")
        let whole = bytes.count - (bytes.last == UInt8(ascii: "\n") ? 1 : 0)
        for end in 0..<whole {
            #expect(throws: BulkReplyError.self, "\(end) bytes") {
                try BulkReply(parsing: bytes.span.extracting(..<end))
            }
        }
    }

    @Test func `damaged replies never crash it`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededBytes(seed)
        for name in Fixture.names(in: "replies") {
            let bytes = try Fixture.bytes("replies/\(name)")
            for _ in 0..<300 {
                var damaged = bytes
                for _ in 0...random.next() % 3 {
                    let index = Int.random(in: damaged.indices, using: &random)
                    damaged[index] = random.next() % 2 == 0 ? UInt8(truncatingIfNeeded: random.next()) : bytes[0]
                }
                guard let reply = try? Self.parse(damaged) else { continue }
                #expect(reply.failures.allSatisfy { $0.index < reply.itemCount }, "seed \(seed), \(name)")
            }
        }
        for _ in 0..<2000 { _ = try? Self.parse(random.text(upTo: 80)) }
    }

    @Test func `five thousand stored documents leave only a count`() throws {
        let item = #"{"create":{"status":201}}"#
        let reply = try Self.parse("{\"items\":[" + Array(repeating: item, count: 5000).joined(separator: ",") + "]}")
        #expect(reply.itemCount == 5000)
        #expect(reply.failures.isEmpty)
    }
}
