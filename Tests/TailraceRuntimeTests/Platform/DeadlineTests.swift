import TailraceCore
import TailraceRuntime
import Testing

@Suite(.timeLimit(.minutes(10))) struct DeadlineTests {
    @Test func `what comes in time is handed on`() async {
        #expect(await LinuxTimebase().within(.seconds(500)) { 7 } == 7)
    }

    @Test func `what takes too long is not waited for, even if nothing can end it`() async {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let value = await LinuxTimebase().within(.milliseconds(20)) { () -> Int in
            // Another task, which knows nothing of the cancellation.
            let stubborn = Task.detached { for await _ in ends { return } }
            await stubborn.value
            return 7
        }
        #expect(value == nil)
        end.yield()
    }
}
