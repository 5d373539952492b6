import Foundation
import Logging
import Synchronization
import TailraceCore
import TailraceRuntime
import Testing

@Suite(.timeLimit(.minutes(10))) struct DeadLettersTests {
    private let state = State()
    private let endpoint = Endpoint()
    private let counters = Counters()
    private let health = Health(now: LinuxTimebase().now)
    private let settled = Settled()

    /// A state folder that is full as often as it is told to be.
    private final class State: StateDirectory {
        let failures = Mutex(0)
        let text = Mutex("")
        let removes = Mutex(0)

        func read(_ name: String) throws(FileFailure) -> [UInt8]? { nil }
        func replace(_ name: String, with bytes: [UInt8]) throws(FileFailure) {}
        func setAside(_ name: String) throws(FileFailure) -> String { name }
        func append(_ lines: [UInt8], to files: BoundedFiles) throws(FileFailure) -> Int {
            let isFull = failures.withLock { count in
                count -= 1
                return count >= 0
            }
            if isFull { throw FileFailure("write", files.name, code: ENOSPC) }
            text.withLock { $0 += String(decoding: lines, as: UTF8.self) }
            return removes.withLock { $0 }
        }
    }

    /// Answers with these replies, one after the other.
    private final class Endpoint: BulkTransport {
        let outcomes = Mutex<[PostOutcome]>([])
        let requests = Mutex<[Payload]>([])

        func post(_ payload: Payload) async -> PostOutcome {
            requests.withLock { $0.append(payload) }
            return outcomes.withLock { $0.removeFirst() }
        }
        func shutDown() async {}
    }

    private final class Settled: Sendable {
        private let number = Mutex(0)
        var count: Int { number.withLock { $0 } }
        func settle() { number.withLock { $0 += 1 } }
    }

    private func deadLetters(_ target: DeadLetterSettings.Target) -> DeadLetters {
        let time = LinuxTimebase()
        let thread = ThreadExecutor(name: "test")
        let platform = Platform(
            time: time, logFiles: LinuxLogFiles(ChangeWatcher(time: time)), state: state, transport: endpoint,
            executors: Executors(ingest: thread, storage: thread, compute: nil))
        return DeadLetters(
            platform,
            settings: DeadLetterSettings(target: target, sizeMax: 1 << 20, backoffMax: .milliseconds(1)),
            counters: counters, health: health,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func letters(_ ids: String...) -> [DeadLetter] {
        ids.map { id in
            DeadLetter(
                Refusal(index: 0, status: 400, type: "t", reason: "r"),
                of: DocumentText(action: #"{"create":{"_index":"i","_id":"\#(id)"}}"#, document: #"{"n":"\#(id)"}"#),
                at: Timestamp(nanoseconds: 0))
        }
    }

    private func keep(_ letters: [DeadLetter], by keeper: DeadLetters) async {
        await keeper.keep(letters) { [settled] in settled.settle() }
    }

    private func reply(_ statuses: Int...) -> PostOutcome {
        let items = statuses.map { status in
            status < 300
                ? "{\"create\":{\"status\":\(status)}}"
                : "{\"create\":{\"status\":\(status),\"error\":{\"type\":\"\(status == 429 ? "busy" : "mapper_parsing_exception")\",\"reason\":\"\"}}}"
        }
        let body = "{\"items\":[\(items.joined(separator: ","))]}"
        return .reply(HTTPReply(status: 200, body: Array(body.utf8)))
    }

    @Test func `a batch is settled when its letters are on disk`() async {
        await keep(letters("a", "b"), by: deadLetters(.file))
        #expect(settled.count == 1)
        #expect(state.text.withLock { $0 }.split(separator: "\n").count == 2)
        #expect(counters.ledger.rejected == 2)
        #expect(counters.deadLettersFiled.value == 2)
    }

    @Test func `while the disk is full nothing is settled, and everybody is told`() async {
        let keeper = deadLetters(.file)
        state.failures.withLock { $0 = 3 }
        await keep(letters("a"), by: keeper)
        await keep(letters("b"), by: keeper)
        await keeper.tryAgain()
        #expect(settled.count == 0)
        #expect(counters.ledger.rejected == 0, "they are pending")
        #expect(counters.deadLettersFailed.value == 3)
        #expect(health.trouble?.kind == .deadLetter)
        #expect(health.trouble?.sentence.contains("No space left on device") == true)
        await keeper.tryAgain()
        #expect(settled.count == 2)
        #expect(health.trouble == nil)
        #expect(state.text.withLock { $0 }.contains(#""_id":"a""#))
        await keeper.tryAgain()
        #expect(state.text.withLock { $0 }.split(separator: "\n").count == 2, "each once")
    }

    @Test func `what had to make room is counted`() async {
        state.removes.withLock { $0 = 7 }
        await keep(letters("a"), by: deadLetters(.file))
        #expect(counters.deadLettersRemoved.value == 7)
    }

    @Test func `dropping is a wish, and counted`() async {
        await keep(letters("a"), by: deadLetters(.drop))
        #expect(settled.count == 1)
        #expect(counters.deadLettersDropped.value == 1)
        #expect(counters.ledger.rejected == 1)
        #expect(state.text.withLock { $0 }.isEmpty)
    }

    @Test func `what the index of dead letters refuses goes to the file, what is busy is sent again`() async throws {
        endpoint.outcomes.withLock { $0 = [reply(201, 429, 400), reply(201)] }
        await keep(letters("a", "b", "c"), by: deadLetters(.index("logs-dead")))
        #expect(settled.count == 1)
        let requests = endpoint.requests.withLock { $0 }
        #expect(requests.map(\.documentCount) == [3, 1])
        #expect(try requests[1].documents(at: [0]).first?.action == #"{"create":{"_index":"logs-dead","_id":"b"}}"#)
        let text = state.text.withLock { $0 }
        #expect(text.split(separator: "\n").count == 1)
        #expect(text.contains(#""record":{"n":"c"}"#), "as it was, for its own index")
        #expect(counters.deadLettersIndexed.value == 2)
        #expect(counters.deadLettersFiled.value == 1)
    }

    @Test(arguments: [401, 404, 413, 400, 200])
    func `an index of dead letters that does not work holds nothing up`(_ status: Int) async {
        endpoint.outcomes.withLock { $0 = [.reply(HTTPReply(status: status))] }
        await keep(letters("a", "b"), by: deadLetters(.index("logs-dead")))
        #expect(settled.count == 1)
        #expect(counters.deadLettersFiled.value == 2)
    }
}
