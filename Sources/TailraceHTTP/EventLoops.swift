import NIOCore
import NIOPosix

/// The one thread that serves all sockets. Requests are few and large: more threads would cost memory and bring nothing.
package final class EventLoops: Sendable {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    package init() {}

    /// Nothing may use the loops afterwards.
    package func shutDown() async { try? await group.shutdownGracefully() }
}
