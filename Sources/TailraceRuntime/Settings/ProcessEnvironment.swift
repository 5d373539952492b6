import Glibc

/// What the process was started with.
package enum ProcessEnvironment {
    /// A secret is short; a file that is longer was named by mistake.
    private static let secretBytesMax = 64 << 10

    package static func variables() -> [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next += 1
        }
        if variables["HOSTNAME"] == nil { variables["HOSTNAME"] = hostname() }
        return variables
    }

    /// The text of a file that holds a secret.
    package static func readFile(_ path: String) throws(FileFailure) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure("open", path, code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &piece, piece.count)
            guard count >= 0 else { throw FileFailure("read", path, code: errno) }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece[..<count]
            guard bytes.count <= secretBytesMax else { throw FileFailure("read", path, code: EFBIG) }
        }
    }

    private static func hostname() -> String? {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return nil }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
