import Testing

/// Files that were rotated, as later looks and later starts find them.
@Suite struct RotatedFilesTests {
    private let world: TailWorld

    init() throws {
        world = try TailWorld()
        try world.start()
    }

    /// With a start every few seconds, no file would ever be watched for long enough.
    @Test func `what was delivered and rotated long before a start is done with in one look`() throws {
        for number in 1...200 {
            try world.folder.write("app.log", "line \(number)\n")
            try world.lookAtOnce()
            #expect(try world.read() == ["line \(number)"])
            try world.move("app.log", to: "app.log.\(number)")
        }
        #expect(world.remembered == 200)
        world.waitForAll(.seconds(40))
        try world.start()
        try world.look()
        #expect(world.followed == 0)
        #expect(try world.read().isEmpty)
    }

    @Test func `what was rotated just before a start is watched for a while`() throws {
        try world.folder.write("app.log", "line 1\n")
        try world.look()
        #expect(try world.read() == ["line 1"])
        try world.move("app.log", to: "app.log.1")
        try world.start()
        try world.look()
        #expect(world.followed == 1)
    }

    @Test(arguments: [false, true])
    func `whoever writes to a rotated file long after it was let go is heard`(isStarted: Bool) throws {
        try world.folder.write("app.log", "line 1\n")
        try world.look()
        #expect(try world.read() == ["line 1"])
        try world.move("app.log", to: "app.log.1")
        if isStarted {
            world.waitForAll(.seconds(40))
            try world.start()
        }
        try world.folder.write("app.log", "line 2\n")
        try world.look()
        #expect(try world.read() == ["line 2"])
        world.wait()
        try world.look()
        #expect(try world.read().isEmpty)
        try world.look()
        #expect(world.followed == 1)
        try world.folder.append("app.log.1", "late\n")
        try world.look()
        #expect(try world.read() == ["late"])
    }
}
