import Foundation
import TailraceFuzzing
import Testing

/// Damaged inputs for everything that reads bytes of others; `make fuzz` does the same for longer.
@Suite(.timeLimit(.minutes(10))) struct FuzzingTests {
    /// Of each; in all, 100,000, and some of settings, which take longer.
    private static let inputs = Int(ProcessInfo.processInfo.environment["TAILRACE_FUZZ_INPUTS"] ?? "") ?? 10_000

    @Test(arguments: FuzzTarget.all.map(\.name))
    func `no input makes a reader crash, hang or hold on to memory`(_ name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        FileHandle.standardError.write(Data("fuzz --target \(name) --seed \(seed) --inputs \(Self.inputs)\n".utf8))
        target.run(inputs: Self.inputs, seed: seed)
    }
}
