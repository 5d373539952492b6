/// SplitMix64 (Steele, Lea, Flood: *Fast splittable pseudorandom number generators*): the same numbers for a seed,
/// everywhere.
final class SeededRandom {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    /// True in `count` of `outOf` cases.
    func happens(_ count: Int, outOf total: Int) -> Bool { below(total) < count }
}
