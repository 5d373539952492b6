/// Random texts that can be had again from their seed (SplitMix64), rich in what log lines trip over.
struct SeededBytes: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Quotes, escapes, controls, characters of every length and damaged bytes, between runs of letters.
    mutating func text(upTo most: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        let count = Int.random(in: 0...most, using: &self)
        while bytes.count < count {
            switch UInt8.random(in: 0..<12, using: &self) {
            case 0: bytes.append(UInt8.random(in: 0...255, using: &self))
            case 1: bytes.append(UInt8.random(in: 0x80...0xFF, using: &self))
            case 2: bytes.append(UInt8.random(in: 0..<0x20, using: &self))
            case 3: bytes += [0x22, 0x5C].shuffled(using: &self)
            case 4: bytes += Array("é".utf8)
            case 5: bytes += Array("世".utf8)
            case 6: bytes += Array("🌍".utf8)
            case 7: bytes += Array(#"\u00e9\n"#.utf8)
            default: bytes += [UInt8](repeating: 0x61, count: Int.random(in: 1...9, using: &self))
            }
        }
        return Array(bytes[..<count])
    }
}
