import TailraceCore
import Testing

@testable import TailraceRuntime

@Suite struct CaptureQueueTests {
    private let time = LinuxTimebase()
    private let line = [UInt8](repeating: UInt8(ascii: "a"), count: 65_535) + [UInt8(ascii: "\n")]

    private func put(_ bytes: [UInt8], into queue: CaptureQueue) { queue.put(bytes, of: .stdout, at: time.wallClock) }

    private func fill(_ queue: CaptureQueue) { for _ in 0..<15 { put(line, into: queue) } }

    private func takeAll(_ queue: CaptureQueue) -> [CaptureQueue.Piece] {
        var pieces: [CaptureQueue.Piece] = []
        while let some = queue.take(until: time.now), !some.isEmpty { pieces += some }
        return pieces
    }

    @Test func `to drop is not to wait, and what was dropped is counted and marked`() {
        let queue = CaptureQueue(.drop, time: time)
        fill(queue)
        for _ in 0..<10 { put(line, into: queue) }
        put(Array("half".utf8), into: queue)
        #expect(queue.takeLoss() == CaptureQueue.Loss(lines: 11, bytes: 10 * line.count + 4))
        #expect(takeAll(queue).count == 15)
        put(line, into: queue)
        guard case .gap(.stdout, isInsideLine: true) = takeAll(queue).first else {
            Issue.record("a gap comes before what follows it")
            return
        }
        #expect(queue.takeLoss() == CaptureQueue.Loss())
    }

    @Test func `the default waits once for a second, and then no more until there is room`() {
        let queue = CaptureQueue(.spool, time: time)
        fill(queue)
        let begin = time.now
        put(line, into: queue)
        #expect(time.now - begin >= CaptureSettings.patience)
        let later = time.now
        for _ in 0..<10 { put(line, into: queue) }
        #expect(time.now - later < CaptureSettings.patience * 10)
        #expect(queue.takeLoss().lines == 11)
    }

    @Test func `to block is to wait until there is room, and nothing is dropped`() async {
        let queue = CaptureQueue(.block, time: time)
        fill(queue)
        let writer = Task(executorPreference: ThreadExecutor(name: "writer")) { [line, time] in
            for _ in 0..<100 { queue.put(line, of: .stdout, at: time.wallClock) }
            queue.finish()
        }
        var bytes = 0
        while let pieces = queue.take(until: .distantFuture) {
            for case .bytes(let piece, _, _) in pieces { bytes += piece.count }
        }
        await writer.value
        #expect(bytes == 115 * line.count)
        #expect(queue.takeLoss() == CaptureQueue.Loss())
    }

    @Test func `whoever waits is let go at the end`() async {
        let queue = CaptureQueue(.block, time: time)
        fill(queue)
        let writer = Task(executorPreference: ThreadExecutor(name: "writer")) { [line, time] in
            queue.put(line, of: .stdout, at: time.wallClock)
        }
        queue.abandon()
        await writer.value
        #expect(queue.takeLoss().lines == 1)
        #expect(!queue.pause(.seconds(100)))
    }
}
