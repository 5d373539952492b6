import TailraceCore
import Testing

/// Copies that somebody made beside a log file, while nothing can be read because the endpoint is away.
@Suite struct CopiedFilesTests {
    private let world: TailWorld

    init() throws {
        world = try TailWorld()
        try world.start()
    }

    /// How soon a file is known to be emptied depends on when the kernel tells of it; and what may be a copy in the making is
    /// left for a while.
    private func readInMinute() throws -> [String] {
        var lines: [String] = []
        for _ in 0..<40 {
            try world.look()
            lines += try world.read()
        }
        return lines
    }

    /// Seed 840 of the simulation.
    @Test func `what begins like another file is not taken for its copy when it has grown`() throws {
        try world.folder.write("app.log", "line 10\nline 11\n")
        try world.look()
        #expect(try world.read() == ["line 10", "line 11"])
        // The first six bytes of "line 17", which are also those of "line 10".
        try world.folder.write("app.log.1", "line 1")
        try world.look()
        try world.move("app.log", to: "app.log.2")
        try world.look()
        try world.folder.append("app.log.1", "7\n")
        world.wait()
        #expect(try world.read().isEmpty)
        try world.look()
        #expect(try world.read() == ["line 17"])
    }

    /// Seed 1000139 of the simulation.
    @Test func `a file that is closed, emptied, compressed and deleted before it is read again`() throws {
        try world.start(openFilesMax: 1)
        try world.folder.write("app.log", "line 1\nline 2\n")
        try world.look()
        #expect(try world.read() == ["line 1", "line 2"])
        try world.folder.write("other.log", "other\n")
        try world.look()
        #expect(try world.read() == ["other"])
        try world.copy("app.log", to: "app.log.1")
        try world.refill("app.log", with: "line 3\nline 4\nline 5\n")
        try world.look()
        try world.copy("app.log", to: "app.log.2")
        try world.remove("app.log")
        try world.look()
        try world.look()
        #expect(try world.read().sorted() == ["line 3", "line 4", "line 5"])
    }

    /// Seed 1000818 of the simulation.
    @Test func `a file that was emptied and deleted, and the process was killed before it could read on`() throws {
        try world.folder.write("app.log", "line 1\nline 2\n")
        try world.look()
        #expect(try world.read() == ["line 1", "line 2"])
        try world.copy("app.log", to: "app.log.1")
        try world.refill("app.log", with: "line 3\n")
        try world.look()
        try world.move("app.log", to: "app.log.2")
        try world.look()
        try world.remove("app.log.2")
        try world.folder.write("app.log", "line 4\n")
        try world.look()
        try world.start()
        try world.look()
        #expect(try world.read() == ["line 4"])
    }

    /// Seed 13084 of the simulation of the tailer: what it says is not its own is as long as a fingerprint.
    @Test func `a file that begins like one that was emptied is not taken for an unfinished copy of it`() throws {
        let banner = String(repeating: "=", count: 1200) + "\n"
        try world.folder.write("app.log", banner + "line 1\nline 2\n")
        try world.look()
        #expect(try world.read().count == 3)
        try world.waitForFileTimes()
        try world.folder.write("app.log.1", banner + "line 3\n")
        try world.refill("app.log", with: "line 4\n")
        let lines = try readInMinute().filter { $0.hasPrefix("line") }
        #expect(lines == ["line 4", "line 3"])
    }

    @Test func `a file that was read on between its copy and its end does not come again`() throws {
        let lines = (0..<50).map { "line \($0) " + String(repeating: ".", count: 90) + "\n" }
        try world.folder.write("app.log", lines[..<40].joined())
        try world.look()
        #expect(try world.read().count == 40)
        try world.folder.append("app.log", lines[40])
        try world.look()
        #expect(try world.read().count == 1)
        try world.folder.append("app.log", lines[41])
        try world.copy("app.log", to: "app.log.1")
        try world.folder.append("app.log", lines[42])
        try world.look()
        #expect(try world.read().count == 2)
        try world.waitForFileTimes()
        try world.refill("app.log", with: "new\n")
        #expect(try readInMinute() == ["new"])
    }

    /// So many rotations while the oldest file is still read: after a crash, only what is remembered of the others tells
    /// that they are not new.
    @Test func `files that were read behind one that is still written to do not come again`() throws {
        try world.folder.write("app.log", "line 0\n")
        try world.look()
        #expect(try world.read() == ["line 0"])
        try world.move("app.log", to: "app.log.100")
        for number in 1...40 {
            try world.folder.append("app.log.100", "still \(number)\n")
            try world.folder.write("app.log", "line \(number)\n")
            try world.look()
            #expect(try world.read().sorted() == ["line \(number)", "still \(number)"])
            try world.move("app.log", to: "app.log.\(number)")
            try world.look()
            world.wait()
            try world.folder.append("app.log.100", "on \(number)\n")
            try world.look()
            #expect(try world.read() == ["on \(number)"])
        }
        try world.start()
        try world.look()
        #expect(try world.read().isEmpty)
    }

    @Test func `files that were read, but not delivered before a crash, have the same ids afterwards`() throws {
        for number in 1...40 {
            try world.folder.write("app.log", "line \(number)\n")
            try world.look()
            #expect(try world.read(isDelivered: false) == ["line \(number)"])
            try world.move("app.log", to: "app.log.\(number)")
            try world.look()
            world.wait()
            #expect(try world.read(isDelivered: false).isEmpty)
        }
        #expect(world.actions.count == 40)
        try world.start()
        try world.look()
        #expect(try world.read().count == 40)
        #expect(world.actions.count == 40)
    }

    @Test func `an old file that begins like the one that was emptied is not its copy`() throws {
        try world.folder.write("app.log.1", "a banner\nold\n")
        try world.waitForFileTimes()
        try world.folder.write("app.log", "a banner\n")
        try world.look()
        #expect(try world.read() == ["a banner"])
        try world.refill("app.log", with: "new\n")
        // A list of a folder that has just changed may lack the copy.
        try world.waitForFileTimes()
        try world.lookAtOnce()
        #expect(try world.read() == ["new"])
    }

    @Test(arguments: ["app.log.1.gz", "app.log.2.gz"])
    func `a damaged file from before does not hold up one that was emptied`(_ name: String) throws {
        try world.folder.write("old", "line 1\nline 2\n")
        try world.compress("old", to: name, most: 12)
        try world.waitForFileTimes()
        try world.folder.write("app.log", "line 1\nline 2\n")
        try world.look()
        #expect(try world.read().count == 2)
        try world.refill("app.log", with: "line 3\n")
        // A list of a folder that has just changed may lack the copy.
        try world.waitForFileTimes()
        try world.lookAtOnce()
        #expect(try world.read() == ["line 3"])
    }

    /// It is waited for a minute, since what is compressed while this looks at it can't be read either.
    @Test func `a copy that can't be read for long holds nothing up, and is read when it can be`() throws {
        try world.folder.write("app.log", "line 1\nline 2\n")
        try world.look()
        #expect(try world.read().count == 2)
        try world.folder.append("app.log", "line 3\n")
        try world.copy("app.log", to: "whole")
        try world.compress("whole", to: "app.log.1.gz", most: 12)
        try world.refill("app.log", with: "line 4\n")
        try world.look()
        #expect(try world.read().isEmpty)
        world.waitForAll(.seconds(61))
        try world.look()
        #expect(try world.read() == ["line 4"])
        try world.compress("whole", to: "app.log.1.gz")
        try world.look()
        #expect(try world.read() == ["line 3"])
    }

    @Test func `a file that is open, and was emptied and deleted with its folder, is let go`() throws {
        try world.folder.write("app/app.log", "line 1\nline 2\n")
        try world.start(in: "app")
        try world.look()
        #expect(try world.read().count == 2)
        try world.refill("app/app.log", with: "line 3\n")
        try world.remove("app")
        try world.look()
        #expect(try world.read() == ["line 3"])
        for _ in 0..<40 {
            world.wait()
            try world.look()
            #expect(try world.read().isEmpty)
        }
        #expect(world.followed == 0)
    }

    /// Seed 18084 of the simulation of the tailer.
    @Test func `what waits to be joined is read from a copy, when the file was closed and emptied`() throws {
        try world.start(openFilesMax: 1, format: .cri)
        let lines = (1...40).map { "2026-01-01T00:00:00.000000000Z stdout F line \($0)\n" }.joined()
        try world.folder.write("app.log", lines + "2026-01-01T00:00:00.000000000Z stderr P part\n")
        try world.look()
        #expect(try world.read().count == 40)
        try world.copy("app.log", to: "app.log.1")
        try world.folder.append("app.log", "2026-01-01T00:00:00.000000000Z stdout F behind its copy\n")
        try world.look()
        #expect(try world.read() == ["behind its copy"])
        try world.folder.write("other.log", "2026-01-01T00:00:00.000000000Z stdout F other\n")
        try world.look()
        #expect(try world.read() == ["other"])
        try world.refill("app.log", with: "")
        try world.look()
        var read = try world.read()
        world.wait()
        for _ in 0..<2 {
            try world.look()
            read += try world.read()
        }
        #expect(read == ["part"])
    }

    /// It goes on writing to the file that it has open, although that is being compressed.
    @Test(arguments: [false, true]) func `a program that writes on while its file is compressed`(_ isLate: Bool) throws
    {
        let lines = (0..<100).map { "line \($0)" }
        try world.folder.write("app.log", lines.joined(separator: "\n") + "\n")
        try world.look()
        if !isLate { #expect(try world.read() == lines) }
        try world.waitForFileTimes()
        try world.compress("app.log", to: "app.log.1.gz")
        try world.move("app.log", to: "unseen")
        try world.folder.append("unseen", "more\n")
        try world.folder.write("app.log", "new\n")
        try world.look()
        try world.look()
        if isLate {
            // What was not delivered is in the compressed file only.
            try world.remove("unseen")
            try world.start()
            try world.look()
            #expect(try world.read().sorted() == (lines + ["new"]).sorted())
            return
        }
        #expect(try world.read().sorted() == ["more", "new"])
        try world.look()
        #expect(try world.read().isEmpty)
        try world.remove("unseen")
        try world.move("app.log.1.gz", to: "app.log.2.gz")
        try world.start()
        try world.look()
        #expect(try world.read().isEmpty)
    }
}
