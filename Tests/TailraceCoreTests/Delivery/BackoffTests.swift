import TailraceCore
import Testing

@Suite struct BackoffTests {
    @Test func `the ceiling doubles up to the most`() {
        var backoff = Backoff()
        let longest = (0..<9).map { _ in backoff.delay(random: .max) }
        for (delay, ceiling) in zip(longest, [0.5, 1, 2, 4, 8, 16, 30, 30, 30]) {
            #expect(delay <= .seconds(ceiling) && delay > .seconds(ceiling) - .milliseconds(1))
        }
    }

    @Test func `the most may be less than the usual first`() {
        var backoff = Backoff(most: .milliseconds(100))
        for _ in 0..<5 { #expect(backoff.delay(random: .max) <= .milliseconds(100)) }
    }

    @Test func `jitter is full`() {
        var backoff = Backoff(first: .seconds(8), most: .seconds(8))
        #expect(backoff.delay(random: 0) == .zero)
        #expect(backoff.delay(random: 1 << 63) == .seconds(4))
        #expect(backoff.delay(random: 1 << 62) == .seconds(2))
    }

    @Test func `success begins from the start`() {
        var backoff = Backoff()
        for _ in 0..<20 { _ = backoff.delay(random: .max) }
        backoff.reset()
        #expect(backoff == Backoff())
        #expect(backoff.delay(random: .max) <= .milliseconds(500))
    }

    @Test(arguments: [
        (Duration.seconds(-3), Duration.zero), (.zero, .zero), (.seconds(7), .seconds(7)),
        (.seconds(300), .seconds(300)), (.seconds(86_400), .seconds(300)),
    ])
    func `a wait that the server asks for is kept, up to five minutes`(asked: Duration, kept: Duration) {
        var backoff = Backoff()
        #expect(backoff.delay(random: 0, atLeast: asked) == kept)
        let jittered = backoff.delay(random: 1 << 63, atLeast: asked)
        #expect(jittered == kept + .milliseconds(500))
    }
}
