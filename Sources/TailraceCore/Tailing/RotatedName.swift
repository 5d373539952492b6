/// How rotations name what they put aside.
///
/// | Who | `app.log` becomes |
/// |---|---|
/// | logrotate | `app.log.1`, `app.log-20260101`, `app-20260101.log` (`extension`), each also with `.gz` |
/// | Docker | `<id>-json.log.1`, `<id>-json.log.2.gz` |
/// | kubelet | `0.log.20260101-120000`, later `….gz` |
/// | logback, log4j | `app.2026-01-01.0.log`, `app-1.log.gz` |
/// | people | `app.log.old`, `app.log.bak` |
package enum RotatedName {
    /// What is compressed in another way can't be read, and is no rotation of anything.
    private static let compression = ".gz"

    package static func isCompressed(_ name: String) -> Bool { name.hasSuffix(compression) }

    /// The names that a file was perhaps written under before it was given this one, the likeliest first.
    package static func origins(of name: String) -> [String] {
        var plain = Array(name.utf8)
        if isCompressed(name) { plain.removeLast(compression.utf8.count) }
        var origins: [String] = plain.count < name.utf8.count ? [String(decoding: plain, as: UTF8.self)] : []
        for index in plain.indices.reversed() where index > 0 && isSeparator(plain[index]) {
            origins.append(String(decoding: plain[..<index], as: UTF8.self))
            guard let dot = plain[(index + 1)...].lastIndex(of: UInt8(ascii: ".")),
                plain[(index + 1)..<dot].allSatisfy(isStamp)
            else { continue }
            origins.append(String(decoding: plain[..<index] + plain[dot...], as: UTF8.self))
        }
        return origins
    }

    /// True when nothing but a number, a date or a word like `old` was added to `origin`: certainly a rotation, not
    /// another log that happens to have a longer name.
    package static func isStamped(_ name: String, origin: String) -> Bool {
        var plain = Substring(name)
        if isCompressed(name) { plain = plain.dropLast(compression.count) }
        guard plain != origin else { return true }
        if plain.hasPrefix(origin) {
            let added = plain.dropFirst(origin.count)
            return added.utf8.allSatisfy(isStamp) || [".old", ".prev", ".bak", "~"].contains(String(added))
        }
        guard let dot = origin.lastIndex(of: "."), plain.hasPrefix(origin[..<dot]), plain.hasSuffix(origin[dot...])
        else {
            return false
        }
        return plain.dropFirst(origin[..<dot].count).dropLast(origin[dot...].count).utf8.allSatisfy(isStamp)
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "~")
    }

    /// What numbers and dates are made of.
    private static func isStamp(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || isSeparator(byte) || byte == UInt8(ascii: "T")
            || byte == UInt8(ascii: "Z") || byte == UInt8(ascii: ":")
    }
}
