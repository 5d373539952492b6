import CLinux
import TailraceCore

/// Gives memory back that was needed once: for the start, and for a burst of lines that is over. A sidecar is quiet most of
/// the time, and there are many of them.
package struct MemoryTrim: Sendable {
    private static let firstInterval = Duration.milliseconds(25)
    private static let lastInterval = Duration.seconds(10)

    private let time: any Timebase
    private let counters: Counters

    package init(time: any Timebase, counters: Counters) {
        self.time = time
        self.counters = counters
    }

    /// Before anything else.
    package static func settleAllocator() { clinux_settle_allocator() }

    /// At once, and then whenever something was read and the last time is a while ago, and once more after that: what was read
    /// last is delivered, and its checkpoints are saved, when it may have been done already. In the first seconds more often,
    /// since most of what the start takes is not needed once the first batch has been delivered. Until the task is cancelled.
    package func run() async {
        var bytesRead = -1
        var isBehind = true
        var interval = Self.firstInterval
        while true {
            let now = counters.bytesRead.value
            let isSettled = interval == Self.lastInterval
            let hasRead = now != bytesRead
            if !isSettled || hasRead || isBehind { clinux_return_memory() }
            isBehind = hasRead
            if isSettled { bytesRead = now }
            guard (try? await time.sleep(until: time.now + interval)) != nil else { return }
            interval = min(interval * 4, Self.lastInterval)
        }
    }
}
