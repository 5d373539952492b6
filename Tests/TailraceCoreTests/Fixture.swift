import Foundation
import Testing

/// Test data, found by its path inside `Fixtures`.
enum Fixture {
    static func bytes(_ path: String) throws -> [UInt8] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/\(path)", withExtension: nil))
        return try [UInt8](Data(contentsOf: url))
    }

    /// The names of all files in a folder, in order.
    static func names(in folder: String) -> [String] {
        guard let url = Bundle.module.url(forResource: "Fixtures/\(folder)", withExtension: nil),
            let names = try? FileManager.default.contentsOfDirectory(atPath: url.path)
        else { return [] }
        return names.sorted()
    }
}
