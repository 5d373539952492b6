/// Colours and other codes for terminals: `ESC [`, parameters, one final byte.
///
/// - SeeAlso: ECMA-48, 5.4 (control sequences).
enum ANSICodes {
    static let escape: UInt8 = 0x1B

    /// Appends `text` without its codes to `plain`. An escape that begins no control sequence stays, and so does one of a
    /// text that is nothing but codes: see ``LineView/isCodes``.
    static func remove(from text: Span<UInt8>, into plain: inout OwnedBytes) {
        let start = plain.count
        var index = 0
        while let code = text.firstIndex(of: escape, from: index) {
            plain.append(text.extracting(index..<code))
            index = endOfCode(in: text, at: code)
            if index == code {
                plain.append(escape)
                index += 1
            }
        }
        plain.append(text.extracting(index..<text.count))
        if plain.count == start, !text.isEmpty { plain.append(escape) }
    }

    /// - Returns: the place behind the code, or `start` when there is none.
    private static func endOfCode(in text: Span<UInt8>, at start: Int) -> Int {
        guard start + 1 < text.count, text[start + 1] == UInt8(ascii: "[") else { return start }
        var index = start + 2
        // Parameter and intermediate bytes are 0x20...0x3F, final bytes 0x40...0x7E.
        while index < text.count, text[index] >= 0x20, text[index] < 0x40 { index += 1 }
        guard index < text.count, text[index] >= 0x40, text[index] < 0x7F else { return start }
        return index + 1
    }
}
