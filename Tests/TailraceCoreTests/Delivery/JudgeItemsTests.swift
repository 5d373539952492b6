import TailraceCore
import Testing

@Suite struct ItemTests {
    /// One row or more for each line of the table of items: the item stands between two that are stored.
    @Test(
        arguments: [
            (stored, .accepted), (#"{"status":200}"#, .accepted),
            (#"{"status":201,"failure_store":"used"}"#, .accepted),
            (#"{"status":201,"error":null}"#, .accepted),
            (failed(409, "version_conflict_engine_exception"), .accepted),
            (failed(409, "document_already_exists_exception"), .accepted),
            (#"{"status":409}"#, .accepted),
            (failed(409, "unknown column: 'n'"), refused),
            (failed(429, "es_rejected_execution_exception"), retry(.busy)),
            (failed(429, "circuit_breaking_exception"), retry(.busy)),
            (failed(429, "cluster_block_exception", "disk usage exceeded flood-stage watermark"), retry(.full)),
            (failed(429, "es_rejected_execution_exception", "size [9] exceeds the maximum allowed limit [1]"), refused),
            (failed(503, "unavailable_shards_exception"), retry(.busy)), (failed(507, ""), retry(.busy)),
            (failed(408, "timeout"), retry(.unwell)), (failed(500, "internal"), retry(.unwell)),
            (failed(502, ""), retry(.unwell)), (failed(504, ""), retry(.unwell)),
            (failed(400, "resource_already_exists_exception"), retry(.unwell)),
            (failed(400, "document_parsing_exception"), refused), (failed(400, "mapper_parsing_exception"), refused),
            (failed(400, "mapper_parsing_exception", "Preview: 'pipeline with id [x]'"), refused),
            (failed(400, "strict_dynamic_mapping_exception"), refused),
            (failed(400, "illegal_argument_exception", "Limit of total fields [1000] has been exceeded"), refused),
            (failed(400, "illegal_argument_exception", "mapper [a] cannot be changed from type"), refused),
            (failed(400, "illegal_argument_exception", "Document contains at least one immense term"), refused),
            (
                failed(
                    400, "illegal_argument_exception",
                    "only write ops with an op_type of create are allowed in data streams"), retry(.index)
            ),
            (failed(400, "illegal_argument_exception", "no write index is defined for alias [logs]"), retry(.index)),
            (failed(400, "illegal_argument_exception", "pipeline with id [p] does not exist"), retry(.index)),
            (
                failed(
                    400, "illegal_argument_exception", "Document ID is not supported in create/index operation request"),
                retry(.index)
            ),
            (failed(400, "unsupported_operation_exception"), retry(.index)),
            (failed(400, "validation_exception", "this action would add [2] shards"), retry(.index)),
            (failed(400, "invalid_index_name_exception"), retry(.index)),
            (failed(400, "index_closed_exception"), retry(.index)),
            (failed(403, "security_exception"), retry(.credentials)),
            (failed(403, "cluster_block_exception"), retry(.index)),
            (failed(404, "index_not_found_exception"), retry(.index)),
            (failed(422, "TooOld"), refused), (failed(413, ""), refused), (failed(418, "whatever"), refused),
            (#"{"status":400,"failure_store":"failed","error":{"type":"document_parsing_exception"}}"#, refused),
            (#"{"status":429,"failure_store":"not_enabled","error":{"type":"x"}}"#, retry(.busy)),
            (failed(200, "mapper_parsing_exception"), refused),
            (failed(200, "es_rejected_execution_exception"), retry(.unwell)),
            ("{}", retry(.unwell)), (#"{"status":400,"error":"id must be set"}"#, refused),
        ] as [(String, Outcome)])
    func `each kind of item has its verdict`(item: String, expected: Outcome) {
        #expect(Outcome(judge(reply([stored, item, stored]), documentCount: 3)) == expected)
    }

    private static let refused = Outcome.partly(retry: [], refused: [1], nil)
    private static func retry(_ kind: Complaint.Kind) -> Outcome { .partly(retry: [1], refused: [], kind) }

    @Test func `what is accepted is counted apart`() {
        let verdict = judge(
            reply([
                stored, failed(409, "version_conflict_engine_exception"), #"{"status":409}"#,
                #"{"status":201,"failure_store":"used"}"#, stored, stored,
            ]), documentCount: 6)
        #expect(verdict == .accepted(AcceptedTally(stored: 3, alreadyThere: 2, redirected: 1)))
    }

    @Test func `a mixed reply is taken apart by position`() throws {
        let outcome = PostOutcome.reply(
            HTTPReply(status: 200, body: try Fixture.bytes("replies/elasticsearch-8-filtered-mixed.json")))
        guard case .partly(let tally, let retry, let refused, let complaint) = judge(outcome, documentCount: 5) else {
            Issue.record("not partly")
            return
        }
        #expect(tally == AcceptedTally(stored: 1, alreadyThere: 1))
        #expect(retry == [2, 4])
        #expect(refused.map(\.index) == [1])
        #expect(refused.first?.type == "document_parsing_exception")
        #expect(refused.first?.status == 400)
        #expect(complaint?.kind == .busy)
    }

    @Test func `if all have to wait, the same bytes are sent again`() {
        let busy = failed(429, "es_rejected_execution_exception")
        #expect(Outcome(judge(reply([busy, busy]), documentCount: 2)) == .later(.busy))
        #expect(Outcome(judge(reply([busy, failed(503, "x")]), documentCount: 2)) == .later(.busy))
        #expect(Outcome(judge(reply([failed(500, "x")]), documentCount: 1)) == .later(.unwell))
    }

    @Test func `if all fail by a fault for an operator, they are held`() {
        for (item, kind) in [
            (failed(404, "index_not_found_exception"), Complaint.Kind.index),
            (failed(403, "security_exception"), .credentials),
            (failed(429, "cluster_block_exception"), .full), (failed(400, "index_closed_exception"), .index),
        ] {
            for count in [1, 2, 50] {
                let items = Array(repeating: item, count: count)
                #expect(Outcome(judge(reply(items), documentCount: count, givesUp: kind != .index)) == .held(kind))
            }
        }
    }

    @Test func `a fault for an operator is named before any other`() {
        let items = [failed(429, "x"), failed(403, "security_exception"), stored, failed(500, "x")]
        #expect(
            Outcome(judge(reply(items), documentCount: 4))
                == .partly(retry: [0, 1, 3], refused: [], .credentials))
    }

    @Test(arguments: ["strict_dynamic_mapping_exception", "illegal_argument_exception", "never_seen_exception"])
    func `ten documents that fail alike accuse the index, not themselves`(type: String) {
        let alike = Array(repeating: failed(400, type), count: 10)
        #expect(Outcome(judge(reply(alike), documentCount: 10)) == .held(.index))
        #expect(
            Outcome(judge(reply(alike.dropLast()), documentCount: 9)) == .partly(retry: [], refused: Array(0..<9), nil))
        #expect(
            Outcome(judge(reply(alike + [stored]), documentCount: 11))
                == .partly(retry: [], refused: Array(0..<10), nil))
        #expect(
            Outcome(judge(reply(alike + [failed(400, "other")]), documentCount: 11))
                == .partly(retry: [], refused: Array(0..<11), nil))
    }

    @Test func `documents that cannot be parsed are refused, however many`() {
        let items = Array(repeating: failed(400, "mapper_parsing_exception"), count: 50)
        #expect(
            Outcome(judge(reply(items), documentCount: 50)) == .partly(retry: [], refused: Array(0..<50), nil))
    }

    @Test func `giving up refuses what the server or the index cannot stomach, and nothing else`() {
        let items = [failed(500, "x"), failed(429, "x"), failed(404, "index_not_found_exception"), failed(503, "x")]
        #expect(
            Outcome(judge(reply(items), documentCount: 4, givesUp: true))
                == .partly(retry: [1, 3], refused: [0, 2], .busy))
        let blocked = [failed(403, "cluster_block_exception"), failed(403, "security_exception")]
        #expect(Outcome(judge(reply(blocked), documentCount: 2, givesUp: true)) == .held(.index))
        #expect(
            Outcome(judge(reply([failed(500, "x")]), documentCount: 1, givesUp: true))
                == .partly(retry: [], refused: [0], nil))
    }

    @Test(arguments: [0, 1, 3, 6000]) func `any other number of items acknowledges nothing`(count: Int) {
        #expect(Outcome(judge(reply([stored, stored]), documentCount: count)) == .later(.unconfirmed))
    }

    @Test(
        arguments: [
            ("elasticsearch-8-all-stored", 200, 2, .accepted),
            ("elasticsearch-9-failure-store", 200, 4, .partly(retry: [], refused: [2, 3], nil)),
            ("opensearch-3-mixed", 200, 3, .partly(retry: [], refused: [1], nil)),
            ("victorialogs-stored", 200, 3, .accepted),
            ("victorialogs-form-content-type", 200, 3, .later(.unconfirmed)),
            ("quickwit-stored", 200, 2, .accepted),
            ("quickwit-mixed", 200, 3, .partly(retry: [1, 2], refused: [], .index)),
            ("zincsearch-stopped", 200, 1, .later(.unconfirmed)),
            ("zincsearch-stopped", 200, 3, .later(.unconfirmed)),
            ("zincsearch-item-error", 200, 2, .partly(retry: [], refused: [1], nil)),
            ("manticore-409", 409, 3, .partly(retry: [], refused: [1, 2], nil)),
            ("openobserve-out-of-order", 200, 2, .poisoned),
            ("noida-first-member-only", 200, 2, .later(.unconfirmed)),
        ] as [(String, Int, Int, Outcome)])
    func `the replies of real servers`(name: String, status: Int, documents: Int, expected: Outcome) throws {
        let outcome = PostOutcome.reply(HTTPReply(status: status, body: try Fixture.bytes("replies/\(name).json")))
        #expect(Outcome(judge(outcome, documentCount: documents)) == expected)
    }

    @Test(arguments: Fixture.names(in: "replies"))
    func `a reply cut at any byte acknowledges nothing`(name: String) throws {
        let bytes = try Fixture.bytes("replies/\(name)")
        let whole = bytes.count - (bytes.last == UInt8(ascii: "\n") ? 1 : 0)
        for end in 0..<whole {
            let outcome = PostOutcome.reply(HTTPReply(status: 200, body: Array(bytes.prefix(end))))
            for count in 1...5 {
                #expect(Outcome(judge(outcome, documentCount: count)) == .later(.unconfirmed), "\(end) bytes")
            }
        }
    }

    @Test func `every document is accounted for exactly once`() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededBytes(seed)
        let kinds = [
            stored, failed(409, "version_conflict_engine_exception"), failed(429, "x"), failed(500, "x"),
            failed(400, "mapper_parsing_exception"), failed(404, "index_not_found_exception"), failed(418, "x"),
        ]
        for _ in 0..<1000 {
            let items = (0...Int(random.next() % 14)).map { _ in kinds.randomElement(using: &random) ?? stored }
            switch judge(reply(items), documentCount: items.count, givesUp: random.next() % 2 == 0) {
            case .accepted(let tally):
                #expect(tally.total == items.count, "seed \(seed)")
            case .partly(let tally, let retry, let refused, let complaint):
                #expect(tally.total + retry.count + refused.count == items.count, "seed \(seed)")
                #expect(Set(retry).isDisjoint(with: refused.map(\.index)), "seed \(seed)")
                #expect(retry == retry.sorted() && (complaint == nil) == retry.isEmpty, "seed \(seed)")
                #expect((retry + refused.map(\.index)).allSatisfy { items[$0] != stored }, "seed \(seed)")
            case .later(let complaint, _):
                #expect(!complaint.needsOperator && !items.contains(stored), "seed \(seed)")
            case .held(let complaint):
                #expect(complaint.needsOperator && !items.contains(stored), "seed \(seed)")
            case .tooLarge, .poisoned:
                Issue.record("seed \(seed): \(items)")
            }
        }
    }
}
