/// Names one life of one log file: drawn at random when the file is first seen, and drawn anew when it is truncated.
///
/// It is saved in the state folder *before* the first event that carries it is sent. Every document's `_id` begins with
/// it; `ARCHITECTURE.md` says why that makes ids neither repeat nor change.
package struct FileID: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt32

    package init(high: UInt64, low: UInt32) {
        self.high = high
        self.low = low
    }

    /// The 16 characters that stand for it in ids and in the state folder (base64url of the 96 bits, RFC 4648 §5).
    package var text: String {
        String(unsafeUninitializedCapacity: Self.textLength) { buffer in
            for index in 0..<Self.textLength { buffer[index] = Self.alphabet[sextet(index)] }
            return Self.textLength
        }
    }

    /// - Returns: `nil` unless `text` is exactly what ``text`` gives.
    package init?(text: some StringProtocol) {
        guard text.utf8.count == Self.textLength else { return nil }
        var bits: (high: UInt64, low: UInt64) = (0, 0)
        for (index, character) in text.utf8.enumerated() {
            guard let value = Self.alphabet.firstIndex(of: character) else { return nil }
            let shift = 90 - 6 * index
            if shift >= 32 {
                bits.high |= UInt64(value) << UInt64(shift - 32)
            } else {
                bits.low |= UInt64(value) << UInt64(shift)
                bits.high |= UInt64(value) >> UInt64(32 - shift)
            }
        }
        self.init(high: bits.high, low: UInt32(truncatingIfNeeded: bits.low))
    }

    package static let textLength = 16

    private func sextet(_ index: Int) -> Int {
        let shift = 90 - 6 * index
        let value =
            shift >= 32
            ? high >> UInt64(shift - 32)
            : (UInt64(low) >> UInt64(shift)) | (high << UInt64(32 - shift))
        return Int(value & 63)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}
