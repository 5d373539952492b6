import Glibc

/// File names are bytes, and strings are Unicode. A byte that is part of no UTF-8 becomes a character of the last plane for
/// private use, U+10FF00 and the byte, so that a file with such a name can be opened.
enum FileName {
    private static let base: UInt32 = 0x10FF00

    static func text(_ name: UnsafePointer<CChar>) -> String {
        if let text = String(validatingCString: name) { return text }
        var scalars = String.UnicodeScalarView()
        var rest = UnsafeRawBufferPointer(start: name, count: strlen(name))[...]
        while let byte = rest.first {
            let length = (1...min(4, rest.count)).first { String(validating: rest.prefix($0), as: UTF8.self) != nil }
            if let length {
                scalars.append(contentsOf: String(decoding: rest.prefix(length), as: UTF8.self).unicodeScalars)
            } else if let scalar = Unicode.Scalar(base + UInt32(byte)) {
                scalars.append(scalar)
            }
            rest = rest.dropFirst(length ?? 1)
        }
        return String(scalars)
    }

    /// Calls `body` with the bytes of a path, which end with a NUL.
    static func withBytes<Result>(of path: String, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        // With it begins the UTF-8 of all characters of that plane.
        guard path.utf8.contains(0xF4) else { return path.withCString(body) }
        var bytes: [UInt8] = []
        for scalar in path.unicodeScalars {
            if scalar.value >= base, let byte = UInt8(exactly: scalar.value - base) {
                bytes.append(byte)
            } else {
                bytes += String(scalar).utf8
            }
        }
        bytes.append(0)
        return bytes.withUnsafeBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self) { body($0.baseAddress.unsafelyUnwrapped) }
        }
    }
}
