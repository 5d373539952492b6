/// How bodies are compressed: what the settings say, and what makes a compressor of it.
package struct Compression: Sendable, Equatable {
    /// 0 leaves bodies as they are; 1 (fast) to 9 (small).
    package var level: Int
    package var engine: GzipEngine

    package static let off = Compression(level: 0)

    /// - Parameter engine: one that is built in.
    package init(level: Int, engine: GzipEngine = .zlib) {
        precondition(engine.isBuiltIn, "this program was built without \(engine)")
        self.level = level
        self.engine = engine
    }

    /// - Returns: `nil` at level 0.
    package func compressor() throws(GzipError) -> GzipCompressor? {
        level == 0 ? nil : try GzipCompressor(level: level, engine: engine)
    }
}
