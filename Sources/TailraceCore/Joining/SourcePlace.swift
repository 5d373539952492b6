/// A place in a source, as traces of all languages write it: `/app/bank.rs:12`, `lib/bank.ex:12:5`.
///
/// What stands before the colon must end like the name of a source: `db.example.com:5432` is an address.
struct SourcePlace {
    /// Where the path starts: behind a blank, a bracket or a quote.
    let start: Int
    /// The place behind the last digit.
    let end: Int

    /// The first one in the line at or behind `start`.
    init?(in line: borrowing LineView, from start: Int) {
        var colon = start
        while let next = line.index(of: UInt8(ascii: ":"), from: colon) {
            colon = next + 1
            guard colon < line.count, isDigit(line.bytes[unchecked: colon]),
                Self.endsSource(line.bytes, at: next, from: start)
            else { continue }
            var first = next
            while first > start, !Self.isBeforePath(line.bytes[unchecked: first - 1]) { first -= 1 }
            self.start = first
            end = Self.endOfNumbers(line, from: colon)
            return
        }
        return nil
    }

    private static func endOfNumbers(_ line: borrowing LineView, from start: Int) -> Int {
        var end = line.endOfDigits(from: start)
        for mark in [":", "-"] as [StaticString] where line.has(mark, at: end) {
            let next = line.endOfDigits(from: end + 1)
            if next > end + 1 { end = next }
        }
        return end
    }

    private static func isBeforePath(_ byte: UInt8) -> Bool {
        isBlank(byte) || byte == UInt8(ascii: "(") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "\"")
            || byte == UInt8(ascii: "@")
    }

    /// True when the name of a source ends at `end`.
    private static func endsSource(_ line: Span<UInt8>, at end: Int, from start: Int) -> Bool {
        var packed: UInt64 = 0
        var index = end - 1
        while index > start, end - index <= 6 {
            let byte = line[unchecked: index]
            guard byte != UInt8(ascii: ".") else { return extensions.contains(packed) }
            packed |= UInt64(byte | 0x20) << UInt64(8 * (end - 1 - index))
            index -= 1
        }
        return false
    }

    /// The ends of names of sources, last byte lowest.
    private static let extensions: Set<UInt64> = {
        let names: [StaticString] = [
            "c", "cc", "cpp", "cxx", "h", "hh", "hpp", "inc", "m", "mm", "rs", "go", "zig", "nim", "swift", "d", "asm",
            "s",
            "py", "pyx", "rb", "erb", "pl", "pm", "php", "lua", "r", "jl", "tcl", "hs", "ml", "mli", "ex", "exs",
            "heex",
            "erl", "hrl", "clj", "cljs", "cljc", "java", "kt", "scala", "groovy", "cs", "fs", "vb", "js", "jsx", "mjs",
            "cjs",
            "ts", "tsx", "dart", "cr", "v", "sv", "f90", "pas", "adb", "el", "lisp", "scm", "rkt", "sql", "sh", "vue",
            "svelte",
        ]
        return Set(
            names.map { name in
                (0..<name.utf8CodeUnitCount).reduce(0) { $0 << 8 | UInt64(name.utf8Start[$1] | 0x20) }
            })
    }()
}
