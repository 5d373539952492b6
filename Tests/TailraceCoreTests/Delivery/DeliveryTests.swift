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
}
