/// The libraries that can compress. zlib is always there; the others are traits of the package (`ISAL`, `Libdeflate`).
///
/// What they take for real bulk bodies is in README.md, "Measured"; the wire knows no difference: each makes one gzip
/// member for a batch, which zlib inflates.
package enum GzipEngine: String, Sendable, CaseIterable {
    case zlib
    /// Intel's igzip, which uses what the processor has, also on arm64.
    case isal
    case libdeflate

    /// Whether this program was built with it.
    package var isBuiltIn: Bool {
        switch self {
        case .zlib: true
        case .isal:
            #if ISAL
                true
            #else
                false
            #endif
        case .libdeflate:
            #if Libdeflate
                true
            #else
                false
            #endif
        }
    }

    /// Of those that are built in, the one that does most for its time. igzip is the fastest by far, but its best is not
    /// small: whoever asks for small bodies gets libdeflate.
    package static func best(forLevel level: Int) -> GzipEngine {
        let order: [GzipEngine] = level <= 3 ? [.isal, .libdeflate] : [.libdeflate]
        return order.first { $0.isBuiltIn } ?? .zlib
    }

    func encoder(level: Int) throws(GzipError) -> any GzipEncoder {
        switch self {
        case .zlib: return try ZlibEncoder(level: level)
        case .isal:
            #if ISAL
                return try ISALEncoder(level: level)
            #else
                preconditionFailure("this program was built without \(rawValue)")
            #endif
        case .libdeflate:
            #if Libdeflate
                return try LibdeflateEncoder(level: level)
            #else
                preconditionFailure("this program was built without \(rawValue)")
            #endif
        }
    }
}
