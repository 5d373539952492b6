/// Makes damaged inputs out of valid ones. Everything follows from the seed (SplitMix64).
package struct Mutator: RandomNumberGenerator {
    private static let words: [String] = [
        "\"", "\\", "\\u", "\\ud800", "{", "}", "[", "]", ":", ",", "\n", "\r\n", "\0", " ", "\t", "-", "=", "%", "%2",
        "null", "true", "1e999", "-0", "18446744073709551616", "9223372036854775808", "4294967295", "0x", "items",
        "create",
        "error", "status", "log", "stream", "stdout", "stderr", " F ", " P ", "time", "Z", "+14:00", "\u{FEFF}", "é",
        "file ", "cut ", "end ", "TLRF", "(a+)+$", "(?<x>", "[[:alpha:]", "KiB", "ms", "http://", "unix:", "@", "**",
        "?",
    ]

    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// - Returns: at most `most` bytes.
    package mutating func mutate(_ corpus: [[UInt8]], most: Int = 4096) -> [UInt8] {
        var bytes = pick(corpus) ?? []
        // Some stay valid, so that what comes behind the first check is reached as well.
        for _ in 0..<Int.random(in: 0...4, using: &self) { change(&bytes, corpus) }
        return Array(bytes.prefix(most))
    }

    private mutating func change(_ bytes: inout [UInt8], _ corpus: [[UInt8]]) {
        let place = Int.random(in: 0...bytes.count, using: &self)
        let end = min(bytes.count, place + Int.random(in: 0...24, using: &self))
        switch UInt8.random(in: 0..<9, using: &self) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
        case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &self)
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 4: bytes.removeSubrange(place...)
        case 5: bytes.insert(contentsOf: Array((pick(Self.words) ?? "").utf8), at: place)
        case 6:
            let other = pick(corpus) ?? []
            bytes = Array(bytes[..<place] + other[min(place, other.count)...])
        case 7:
            let byte = UInt8.random(in: 0...255, using: &self)
            bytes.insert(contentsOf: [UInt8](repeating: byte, count: Int.random(in: 1...300, using: &self)), at: place)
        default: bytes.insert(contentsOf: (0..<8).map { _ in UInt8.random(in: 0...255, using: &self) }, at: place)
        }
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element? { elements.randomElement(using: &self) }
}
