import TailraceCore
import TailraceRuntime

/// An endpoint that knows ids, and misbehaves in every way that the field knows while it is told to.
// Sendable without a check: nothing but the thread of the simulation ever touches it.
final class SimulatedEndpoint: BulkTransport, @unchecked Sendable {
    private let random: SeededRandom
    private let time: VirtualTime
    private let trace: Trace
    var isFaulty = true
    var isAway = false
    /// Replies take no time.
    var isInstant = false
    private(set) var messages: [String: String] = [:]
    /// In the order in which they were stored.
    private(set) var ids: [String] = []
    private(set) var conflicts = 0
    /// What must never happen, in words.
    private(set) var violations: [String] = []
    private(set) var linesStored: [String: Int] = [:]
    /// Misbehaves in more ways.
    var isThorough = false
    /// Some documents are refused for good; which ones, their text decides.
    var hasRefusals = false
    /// Ids of documents that were refused for good, by the lines in them.
    private var refused: [String: String] = [:]
    /// The document with this id is among the dead letters.
    var isKept: (String) -> Bool = { _ in false }
    /// Documents have to come in the order of their file and stream.
    var isInOrder = false
    /// Where the newest document begins that was offered, by file and stream.
    private var newest: [String: UInt64] = [:]
    private var offered: Set<String> = []

    init(_ random: SeededRandom, _ time: VirtualTime, _ trace: Trace) {
        self.random = SeededRandom(random.next())
        self.time = time
        self.trace = trace
    }

    /// It is stored, or refused for good and kept.
    func isDone(with line: String) -> Bool { linesStored[line] != nil || (refused[line].map { isKept($0) } ?? false) }

    func toggle() {
        isAway.toggle()
        trace.tell("endpoint: \(isAway ? "away" : "back")")
    }

    func post(_ payload: Payload) async -> PostOutcome {
        let number = payload.number.value
        trace.tell("endpoint: request with \(payload.documentCount) documents of batch or frame \(number)")
        let outcome = await take(payload)
        trace.tell("endpoint: \(Self.word(for: outcome)) for batch or frame \(number)")
        return outcome
    }

    private static func word(for outcome: PostOutcome) -> String {
        switch outcome {
        case .reply(let reply): "answer \(reply.status)"
        case .failed(let failure): "no answer, \(failure.kind)"
        case .taken: "taken"
        }
    }

    private func take(_ payload: Payload) async -> PostOutcome {
        if isInOrder { checkOrder(of: payload) }
        await pause()
        if isAway { return .failed(TransportFailure(.unreachable, "away")) }
        guard isFaulty, random.happens(1, outOf: 3) else {
            let reply = store(payload)
            await pause()
            return reply
        }
        switch random.below(isThorough ? 13 : 9) {
        case 9: return .reply(HTTPReply(status: 401))
        case 10:
            // Of fewer documents than were sent.
            _ = store(payload)
            return .reply(HTTPReply(status: 200, body: Array(#"{"errors":false,"items":[]}"#.utf8)))
        case 11:
            try? await time.sleep(until: time.now + .seconds(random.within(1...60)))
            return store(payload)
        case 12:
            _ = store(payload)
            try? await time.sleep(until: time.now + .seconds(60))
            return .failed(TransportFailure(.timedOut, "stored, and silent"))
        case 0: return .failed(TransportFailure(.timedOut, "the request was lost"))
        case 1:
            _ = store(payload)
            await pause()
            return .failed(TransportFailure(.cut, "the reply was lost"))
        case 2: return .reply(HTTPReply(status: 429, retryAfter: .seconds(random.below(3))))
        case 3: return .reply(HTTPReply(status: 503))
        case 4: return .reply(HTTPReply(status: 502, body: Array("<html>bad gateway</html>".utf8)))
        case 5: return .reply(HTTPReply(status: 200, body: Array("{}".utf8)))
        case 6: return payload.documentCount > 2 ? .reply(HTTPReply(status: 413)) : store(payload)
        default: return store(payload, refusing: random.within(1...3))
        }
    }

    func shutDown() async {}

    private func pause() async {
        if isInstant { return }
        try? await time.sleep(until: time.now + .milliseconds(random.within(1...120)))
    }

    /// - Parameter period: every so many documents, one is told to come again later.
    private func store(_ payload: Payload, refusing period: Int = .max) -> PostOutcome {
        guard let documents = try? payload.documents(at: Array(0..<payload.documentCount)) else {
            violations.append("a payload that can't be read")
            return .taken
        }
        var items: [String] = []
        for (index, document) in documents.enumerated() {
            if refuses(document) {
                items.append(
                    #"{"create":{"status":400,"error":{"type":"document_parsing_exception","reason":"failed"}}}"#)
            } else if period != .max, index % (period + 1) == period {
                items.append(
                    #"{"create":{"status":429,"error":{"type":"es_rejected_execution_exception","reason":"busy"}}}"#)
            } else if store(document) {
                items.append(#"{"create":{"status":201}}"#)
            } else {
                conflicts += 1
                items.append(
                    #"{"create":{"status":409,"error":{"type":"version_conflict_engine_exception","reason":"there"}}}"#)
            }
        }
        let body = "{\"took\":1,\"errors\":true,\"items\":[\(items.joined(separator: ","))]}"
        return .reply(HTTPReply(status: 200, body: Array(body.utf8)))
    }

    /// For good.
    private func refuses(_ document: DocumentText) -> Bool {
        guard hasRefusals, let id = Self.string("_id", in: document.action),
            let message = Self.string("message", in: document.document)
        else { return false }
        var hash: UInt32 = 0x811C_9DC5
        for byte in message.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        guard hash >> 8 & 31 == 0 else { return false }
        for line in message.split(separator: "\n", omittingEmptySubsequences: false) { refused[String(line)] = id }
        return true
    }

    /// - Returns: false when the id was there already.
    private func store(_ document: DocumentText) -> Bool {
        guard let id = Self.string("_id", in: document.action),
            let message = Self.string("message", in: document.document)
        else {
            violations.append("a document without id or message: \(document)")
            return true
        }
        if let other = messages[id] {
            if other != message { violations.append("two events share the id \(id): \(other) and \(message)") }
            return false
        }
        messages[id] = message
        ids.append(id)
        for line in message.split(separator: "\n", omittingEmptySubsequences: false) {
            linesStored[String(line), default: 0] += 1
        }
        return true
    }

    /// Whatever becomes of the request: what is offered for the first time is newer than all that was offered before.
    private func checkOrder(of payload: Payload) {
        for document in (try? payload.documents(at: Array(0..<payload.documentCount))) ?? [] {
            guard let id = Self.string("_id", in: document.action), offered.insert(id).inserted,
                let stream = Self.string("stream", in: document.document)
            else { continue }
            let parts = id.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count >= 3, let start = UInt64(parts[parts.count - 2], radix: 16) else { continue }
            let key = "\(parts.dropLast(2).joined(separator: "-")) \(stream)"
            if let last = newest[key], start < last {
                violations.append("out of order: \(id) of \(stream) comes behind \(String(last, radix: 16))")
            }
            newest[key] = max(newest[key] ?? 0, start)
        }
    }

    /// A field of the object itself; fields of that name in objects within it are others.
    static func string(_ name: StaticString, in json: String) -> String? {
        let bytes = Array(json.utf8)
        var scanner = JSONScanner(bytes.span)
        // The action of a document is an object in an object.
        let depthMax = json.hasPrefix("{\"create\":") ? 2 : 1
        var depth = 0
        while let token = try? scanner.next(), token != .end {
            switch token {
            case .beginObject: depth += 1
            case .endObject: depth -= 1
            case .key(let range):
                guard depth <= depthMax, scanner.isEqual(range, name), case .string(let text)? = try? scanner.next()
                else { continue }
                return scanner.text(text)
            default: continue
            }
        }
        return nil
    }
}
