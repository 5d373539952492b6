import Testing

@testable import TailraceRuntime

/// Where reading begins, and what is remembered of files that are gone.
@Suite struct FileFinderTests {
    private let world: TailWorld

    init() throws { world = try TailWorld() }

    @Test func `what was written while this was not running is read, also from the end of new files`() throws {
        try world.folder.write("app.log", "line 1\n")
        try world.start(readFrom: .end)
        try world.look()
        try world.folder.append("app.log", "line 2\n")
        #expect(try world.read() == ["line 2"])
        try world.folder.append("app.log", "line 3\n")
        try world.move("app.log", to: "app.log.1")
        try world.folder.write("app.log", "line 4\n")
        try world.folder.write("other.log", "old\n")
        try world.start(readFrom: .end)
        try world.look()
        #expect(try world.read().sorted() == ["line 3", "line 4"])
    }

    @Test(arguments: [TailRules.ReadFrom.end, .checkpointOnly])
    func `old rotated files that a pattern leads to are left like others`(_ readFrom: TailRules.ReadFrom) throws {
        for number in 1...3 { try world.folder.write("app.log.\(number)", "old \(number)\n") }
        try world.waitForFileTimes()
        try world.folder.write("app.log", "line 1\n")
        try world.start(pattern: "app.log*", readFrom: readFrom)
        try world.lookAtOnce()
        try world.lookAtOnce()
        #expect(try world.read().isEmpty)
        try world.folder.append("app.log", "line 2\n")
        try world.lookAtOnce()
        #expect(try world.read() == (readFrom == .end ? ["line 2"] : []))
    }

    @Test func `what is compressed in a way that can't be read is nothing that was rotated`() throws {
        try world.folder.write("app.log", "line 1\n")
        try world.start()
        try world.look()
        #expect(try world.read() == ["line 1"])
        for ending in ["xz", "zst", "bz2", "zip", "lz4"] {
            try world.folder.write("app.log.1.\(ending)", "7z no line\n")
            try world.folder.write("app.log.\(ending)", "7z no line\n")
        }
        try world.look()
        try world.look()
        #expect(try world.read().isEmpty)
    }

    @Test func `nothing is remembered of a file that was empty and is gone`() throws {
        try world.folder.write("app.log", "")
        try world.start()
        try world.look()
        #expect(try world.read().isEmpty)
        #expect(world.remembered == 1)
        try world.waitForFileTimes()
        try world.folder.append("app.log", "line 1\n")
        try world.compress("app.log", to: "app.log.1.gz")
        try world.remove("app.log")
        try world.folder.write("app.log", "line 2\n")
        try world.start()
        try world.look()
        #expect(try world.read().sorted() == ["line 1", "line 2"])
        for _ in 0..<3 where world.remembered != 2 {
            try world.look()
            #expect(try world.read().isEmpty)
        }
        #expect(world.remembered == 2)
    }

    @Test func `a file that no pattern leads to any more is left, and known when one does again`() throws {
        try world.folder.write("app.log", "line 1\n")
        try world.folder.write("other.log", "other 1\n")
        try world.start()
        try world.look()
        #expect(try world.read().sorted() == ["line 1", "other 1"])
        for isRotated in [false, true] {
            try world.folder.append("app.log", "line 2\n")
            if isRotated { try world.move("app.log", to: "app.log.1") }
            try world.start(excluded: ["app.log"])
            try world.look()
            #expect(try world.read().isEmpty)
        }
        try world.move("app.log.1", to: "app.log")
        try world.start()
        try world.look()
        #expect(try world.read() == ["line 2", "line 2"])
    }

    @Test func `a file under the name that its rotation gave it belongs to the path that it was written under`() throws
    {
        try world.folder.write("app.log", "line 1\n")
        try world.start(pattern: "app.log*")
        try world.look()
        #expect(try world.read() == ["line 1"])
        try world.move("app.log", to: "app.log.1")
        try world.folder.append("app.log.1", "line 2\n")
        try world.folder.write("app.log", "line 3\n")
        try world.start()
        try world.look()
        #expect(try world.read().sorted() == ["line 2", "line 3"])
    }

    /// A container that is started again logs to another file of the same folder.
    @Test(arguments: [false, true]) func `a path that is new, and was rotated before anybody looked`(
        _ isRestarted: Bool
    ) throws {
        try world.folder.write("0.log", "line 1\n")
        try world.folder.write("1.log.0", "old\n")
        try world.waitForFileTimes()
        try world.start()
        try world.look()
        #expect(try world.read() == ["line 1"])
        try world.waitForFileTimes()
        try world.folder.write("1.log", "line 2\n")
        try world.compress("1.log", to: "1.log.1.gz")
        try world.folder.write("1.log", "line 3\n")
        if isRestarted { try world.start() }
        try world.look()
        #expect(try world.read().sorted() == ["line 2", "line 3"])
    }
}
