import TailraceCore
import Testing

@Suite struct CRC32CTests {
    /// The read command of RFC 3720, appendix B.4, which has the others as well; the text is the usual check value.
    private static let command: [UInt8] =
        [0x01, 0xC0] + zeros(14) + [0x14] + zeros(5) + [0x04] + zeros(4) + [0x14] + zeros(3) + [0x18, 0x28] + zeros(7)
        + [0x02] + zeros(7)

    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    @Test func `known checksums`() {
        let known: [(bytes: [UInt8], checksum: UInt32)] = [
            (Self.zeros(32), 0x8A91_36AA), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            ([UInt8](0..<32), 0x46DD_794E), ((0..<32).reversed(), 0x113F_DB5C), (Self.command, 0xD996_3A56),
            (Array("123456789".utf8), 0xE306_9283), ([], 0),
        ]
        for (bytes, checksum) in known { #expect(CRC32C.checksum(bytes.span) == checksum, "\(bytes)") }
    }

    @Test func `it goes on from any byte`() {
        let bytes = (0..<100).map { UInt8($0 * 7 & 0xFF) }
        let whole = CRC32C.checksum(bytes.span)
        for middle in bytes.indices {
            let front = CRC32C.checksum(bytes.span.extracting(..<middle))
            #expect(CRC32C.checksum(bytes.span.extracting(middle...), after: front) == whole)
        }
    }
}
