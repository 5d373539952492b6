import Foundation
import Testing

/// What is in one file.
@Suite struct TailerTests {
    private let world: TailWorld

    init() throws {
        world = try TailWorld()
        try world.start()
    }

    /// A program that writes on where it was, although its file was emptied, leaves one. Lines have at most 1,024 bytes
    /// here, a read 262,144.
    @Test(arguments: [2_000, 262_144, 1_000_000]) func `the line behind a hole is read`(_ size: Int) throws {
        try world.folder.write("app.log", "line 1\n")
        let file = try #require(FileHandle(forWritingAtPath: "\(world.folder.path)/app.log"))
        defer { try? file.close() }
        try file.seek(toOffset: UInt64(size))
        try file.write(contentsOf: Data("line 2\nline 3\n".utf8))
        try world.look()
        #expect(try world.read() == ["line 1", "line 2", "line 3"])
    }

    @Test func `what was rotated away is read before what was written to its path since`() throws {
        try world.folder.write("app.log", "line 0\n")
        try world.look()
        #expect(try world.read() == ["line 0"])
        for number in 1...4 {
            try world.folder.append("app.log", "line \(number * 2 - 1)\n")
            for old in (1..<number).reversed() { try world.move("app.log.\(old)", to: "app.log.\(old + 1)") }
            try world.move("app.log", to: "app.log.1")
            try world.waitForFileTimes()
            try world.folder.write("app.log", "line \(number * 2)\n")
        }
        try world.start()
        try world.look()
        #expect(try world.read() == (1...8).map { "line \($0)" })
        try world.folder.append("app.log", "line 9\n")
        try world.move("app.log", to: "app.log.0")
        try world.folder.write("app.log", "line 10\n")
        try world.look()
        #expect(try world.read() == ["line 9", "line 10"])
    }
}
