import Foundation
import TailraceRuntime
import Testing

@Suite struct BoundedFilesTests {
    private let folder: Folder
    private let files = BoundedFiles(name: "letters", fileMax: 100, count: 3)

    init() throws { folder = try Folder() }

    private func append(_ text: String) throws -> Int { try files.append(Array(text.utf8), in: folder.path) }

    private func text(_ name: String) -> String? {
        try? String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
    }

    @Test func `a full file moves on, the oldest goes, and its lines are counted`() throws {
        let line = String(repeating: "x", count: 39) + "\n"
        var removed = 0
        for _ in 0..<20 { removed += try append(line) }
        #expect(try names == ["letters", "letters.1", "letters.2", "letters.lock"])
        let left = ["letters", "letters.1", "letters.2"].compactMap(text).joined()
        #expect(left.utf8.count <= 300)
        #expect(left.split(separator: "\n").count + removed == 20)
    }

    @Test func `half a line of a process that was killed does not spoil the next one`() throws {
        try folder.write("letters", "{\"half")
        #expect(try append("{\"whole\":1}\n") == 0)
        #expect(text("letters") == "{\"half\n{\"whole\":1}\n")
    }

    @Test func `what is claimed is out of the way, the oldest first, also when claimed in two goes`() throws {
        for number in 0..<5 { _ = try append("\(number)" + String(repeating: "x", count: 60) + "\n") }
        #expect(try files.claim(as: "replay", in: folder.path) == (1...3).map { "letters.replay-\($0)" })
        #expect((1...3).map { text("letters.replay-\($0)")?.first } == ["2", "3", "4"])
        _ = try append("new\n")
        #expect(text("letters") == "new\n")
        #expect(try files.claim(as: "replay", in: folder.path).count == 4)
        #expect(text("letters.replay-4") == "new\n")
    }

    @Test func `a folder that can't be written to is an error`() throws {
        #expect(throws: FileFailure.self) { try files.append([0x78, 0x0A], in: folder.path + "/none") }
    }

    @Test func `files that are written to are known, under whatever name`() throws {
        _ = try append("a\n")
        try folder.write("other", "a\n")
        try folder.link("link", to: "letters")
        #expect(files.isLive("\(folder.path)/letters", in: folder.path))
        #expect(files.isLive("\(folder.path)/link", in: folder.path))
        #expect(!files.isLive("\(folder.path)/other", in: folder.path))
    }
}
