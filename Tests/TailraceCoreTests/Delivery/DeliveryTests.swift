import TailraceCore
import Testing

@Suite struct DeliveryTests {
    private func payload(_ count: Int) -> Payload {
        let text = (0..<count).map { "{\"create\":{\"_id\":\"\($0)\"}}\n{\"n\":\($0)}\n" }.joined()
        let bytes = Array(text.utf8)
        return Payload(sealing: bytes.span, number: BatchNumber(1), documentCount: count, with: nil)
    }

    private func reply(_ statuses: [Int]) -> PostOutcome {
        let items = statuses.map { status in
            status < 300
                ? "{\"create\":{\"status\":\(status)}}"
                : "{\"create\":{\"status\":\(status),\"error\":{\"type\":\(type(status)),\"reason\":\"r\"}}}"
        }
        let body = "{\"errors\":true,\"items\":[\(items.joined(separator: ","))]}"
        return .reply(HTTPReply(status: 200, body: Array(body.utf8)))
    }

    private func type(_ status: Int) -> String {
        switch status {
        case 409: "\"version_conflict_engine_exception\""
        case 429: "\"es_rejected_execution_exception\""
        default: "\"mapper_parsing_exception\""
        }
    }

    private func ids(_ payload: Payload?) throws -> [String] {
        guard let payload else { return [] }
        return try payload.documents(at: Array(0..<payload.documentCount)).map(\.document)
    }

    @Test func `only what remains is sent again, in its order`() throws {
        var delivery = Delivery(of: payload(5), backoff: Backoff(most: .seconds(1)))
        let step = delivery.take(reply([201, 429, 400, 409, 429]), random: 1)
        #expect(step.accepted == AcceptedTally(stored: 1, alreadyThere: 1))
        #expect(step.refused.map(\.index) == [2])
        #expect(try ids(delivery.next) == ["{\"n\":1}", "{\"n\":4}"])
        #expect(delivery.take(reply([201, 201]), random: 1).accepted.stored == 2)
        #expect(delivery.next == nil)
    }

    @Test func `a request that is too large is halved, down to the document that is`() throws {
        var delivery = Delivery(of: payload(4), backoff: Backoff(most: .seconds(1)))
        let tooLarge = PostOutcome.reply(HTTPReply(status: 413))
        #expect(delivery.take(tooLarge, random: 1).refused.isEmpty)
        #expect(try ids(delivery.next) == ["{\"n\":0}", "{\"n\":1}"])
        #expect(delivery.take(tooLarge, random: 1).refused.isEmpty)
        #expect(delivery.take(tooLarge, random: 1).refused.count == 1)
        #expect(delivery.take(reply([201]), random: 1).accepted.stored == 1)
        #expect(try ids(delivery.next) == ["{\"n\":2}", "{\"n\":3}"])
    }

    @Test(arguments: [401, 403, 404, 302])
    func `what a person has to mend is held, and nothing is dropped`(_ status: Int) {
        var delivery = Delivery(of: payload(2), backoff: Backoff(most: .seconds(1)))
        for _ in 0..<100 {
            let step = delivery.take(.reply(HTTPReply(status: status)), random: 1)
            #expect(step.refused.isEmpty)
            #expect(step.complaint?.needsOperator == true)
            #expect(step.wait == Delivery.holdInterval)
            #expect(delivery.next?.documentCount == 2)
        }
    }

    @Test func `no outage is long enough to drop anything`() {
        var delivery = Delivery(of: payload(3), backoff: Backoff(most: .seconds(4)))
        for number in 0..<1000 {
            let failure = TransportFailure(number % 2 == 0 ? .unreachable : .timedOut, "away")
            let step = delivery.take(.failed(failure), random: UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
            #expect(step.wait <= .seconds(4))
            #expect(step.refused.isEmpty)
        }
        #expect(delivery.next?.documentCount == 3)
        #expect(delivery.take(.taken, random: 1).accepted.stored == 3)
    }

    @Test func `a proxy's page is no acknowledgement`() {
        var delivery = Delivery(of: payload(1), backoff: Backoff(most: .seconds(1)))
        let page = PostOutcome.reply(HTTPReply(status: 200, body: Array("<html>welcome</html>".utf8)))
        #expect(delivery.take(page, random: 1).accepted.total == 0)
        #expect(delivery.take(reply([201, 201]), random: 1).accepted.total == 0, "two items for one document")
        #expect(delivery.next?.documentCount == 1)
    }

    @Test func `Retry-After is kept when only some documents have to wait`() {
        var delivery = Delivery(of: payload(2), backoff: Backoff(most: .seconds(1)))
        guard case .reply(var busy) = reply([201, 429]) else { return }
        busy.retryAfter = .seconds(17)
        #expect(delivery.take(.reply(busy), random: 0).wait == .seconds(17))
    }

    @Test func `a payload beyond the known limit is divided before it is sent`() throws {
        let whole = payload(40)
        var delivery = Delivery(of: whole, backoff: Backoff(most: .seconds(1)), sizeMax: whole.rawSize / 5)
        var seen: [String] = []
        while let part = delivery.next {
            #expect(part.rawSize <= whole.rawSize / 5)
            seen += try ids(part)
            _ = delivery.take(.taken, random: 1)
        }
        #expect(seen == (0..<40).map { "{\"n\":\($0)}" })
    }

    /// An endpoint that ends the connection whenever it sees certain documents.
    private func run(
        _ count: Int, poison: Set<Int>, storedElsewhere: (Int) -> Int = { _ in 0 }, rounds: Int = 1000
    ) throws -> (stored: [String], refused: [String], requests: Int, isDone: Bool) {
        var delivery = Delivery(of: payload(count), backoff: Backoff(most: .seconds(1)))
        let bad = poison.map { "{\"n\":\($0)}" }
        var stored: [String] = []
        var refused: [String] = []
        for round in 0..<rounds {
            guard let part = delivery.next else { return (stored, refused, round, true) }
            let documents = try ids(part)
            let isPoison = documents.contains { bad.contains($0) }
            let outcome = isPoison ? PostOutcome.failed(TransportFailure(.cut, "reset")) : .taken
            let step = delivery.take(outcome, random: 1, storedElsewhere: storedElsewhere(round))
            if !isPoison { stored += documents }
            refused += step.refused.map { documents[$0.index] }
        }
        return (stored, refused, rounds, delivery.next == nil)
    }

    @Test(arguments: [[0], [17], [99], [3, 4], [0, 50, 99]] as [Set<Int>])
    func `what makes the endpoint hang up is found, and its neighbours are stored`(_ poison: Set<Int>) throws {
        // Another delivery goes on meanwhile.
        let result = try run(100, poison: poison, storedElsewhere: { $0 / 4 })
        #expect(result.isDone)
        #expect(Set(result.refused) == Set(poison.map { "{\"n\":\($0)}" }))
        #expect(result.stored.count == 100 - poison.count)
        #expect(Set(result.stored).count == 100 - poison.count)
        #expect(result.requests < 80 * poison.count)
    }

    @Test func `an endpoint that hangs up on everybody loses nothing`() throws {
        let result = try run(8, poison: Set(0..<8))
        #expect(!result.isDone)
        #expect(result.refused.isEmpty)
    }

    @Test func `a document whose index never takes it is refused after ten rounds in which others were stored`() {
        let missing =
            #"{"errors":true,"items":[{"create":{"status":404,"error":{"type":"index_not_found_exception","reason":"r"}}}]}"#
        let outcome = PostOutcome.reply(HTTPReply(status: 200, body: Array(missing.utf8)))
        var alone = Delivery(of: payload(1), backoff: Backoff(most: .seconds(1)))
        let never = (0..<100).map { _ in alone.take(outcome, random: 1, storedElsewhere: 7).refused.count }
        #expect(never == Array(repeating: 0, count: 100))
        var among = Delivery(of: payload(1), backoff: Backoff(most: .seconds(1)))
        let refused = (0..<12).map { among.take(outcome, random: 1, storedElsewhere: $0).refused.count }
        #expect(refused == Array(repeating: 0, count: 11) + [1])
    }

    @Test func `while a host is left alone nothing is learnt, and nothing forgotten`() {
        var delivery = Delivery(of: payload(2), backoff: Backoff(most: .seconds(60)))
        let resting = TransportFailure(.cut, "reset", retryIn: .seconds(9))
        for _ in 0..<50 {
            let step = delivery.take(.failed(resting), random: .max)
            #expect(step.wait >= .seconds(9) && step.wait < .seconds(10))
            #expect(step.complaint?.kind == .unanswered)
        }
        #expect(delivery.next?.documentCount == 2, "not halved")
    }
}
