import Foundation
import Testing

/// What happens to log files in real life, on real files. Each line has to come once, whatever happens to its file.
@Suite struct TailingTests {
    private let workspace: Workspace
    private let output: DocumentFile

    init() throws {
        workspace = try Workspace()
        output = try DocumentFile(workspace)
    }

    // MARK: Rotation

    @Test(.timeLimit(.minutes(10))) func `rotations that are faster than anybody looks`() async throws {
        let shipper = try output.start()
        try workspace.append(lines(0..<10), to: "app.log")
        try await output.expectAll(lines(0..<10))
        for round in 1...20 {
            for index in (1...20).reversed() where workspace.exists("app.log.\(index)") {
                try workspace.rotate("app.log.\(index)", to: "app.log.\(index + 1)")
            }
            try workspace.rotate("app.log", to: "app.log.1")
            try workspace.append(lines(round * 10..<round * 10 + 10), to: "app.log")
        }
        try await output.expectAll(lines(0..<210))
        #expect(shipper.terminate() == 0)
        #expect(try output.paths() == ["\(workspace.logs)/app.log"])
    }

    @Test(.timeLimit(.minutes(10))) func `hundreds of rotations while nothing runs`() async throws {
        let first = try output.start()
        try workspace.append(lines(0..<10), to: "app.log")
        try await output.expectAll(lines(0..<10))
        #expect(first.terminate() == 0)
        for round in 1...600 {
            try workspace.rotate("app.log", to: "app.log.\(601 - round)")
            try workspace.append(lines(round * 10..<round * 10 + 10), to: "app.log")
        }
        try workspace.shell("gzip app.log.*5")
        let second = try output.start()
        try await output.expectAll(lines(0..<6010))
        #expect(second.terminate() == 0)
    }

    @Test(.timeLimit(.minutes(10))) func `a program that goes on writing to the renamed file`() async throws {
        let shipper = try output.start()
        try workspace.append(lines(0..<10), to: "app.log")
        try await output.expectAll(lines(0..<10))
        try workspace.rotate("app.log", to: "app.log.1")
        try workspace.append(lines(10..<20), to: "app.log.1")
        try workspace.append(lines(20..<30), to: "app.log")
        try await Task.sleep(for: .seconds(2))
        try workspace.append(lines(30..<40), to: "app.log.1")
        try await output.expectAll(lines(0..<40))
        #expect(shipper.terminate() == 0)
    }

    @Test(.timeLimit(.minutes(10)), arguments: ["", "compress", "behind a link"])
    func `everything is rotated while nothing runs`(_ mode: String) async throws {
        var settings: [String: String] = [:]
        if mode == "behind a link" {
            // As under the kubelet: what rotates stands beside the file, not beside the link.
            try workspace.shell("mkdir links; ln -s ../app.log links/pod.log")
            settings["TAILRACE_PATHS"] = "\(workspace.logs)/links/*.log"
        }
        let first = try output.start(settings)
        try workspace.append(lines(0..<500), to: "app.log")
        try await output.expectAll(lines(0..<500))
        #expect(first.terminate() == 0)
        try workspace.append(lines(500..<1000), to: "app.log")
        for round in 1...3 {
            try workspace.shell(
                "[ ! -e app.log.2 ] || mv app.log.2 app.log.3; [ ! -e app.log.1 ] || mv app.log.1 app.log.2")
            try workspace.rotate("app.log", to: "app.log.1")
            try workspace.append(lines(round * 1000..<round * 1000 + 500), to: "app.log")
        }
        if mode == "compress" { try workspace.shell("gzip app.log.1 app.log.2 app.log.3") }
        let second = try output.start(settings)
        try await output.expectAll(lines(0..<1500) + lines(2000..<2500) + lines(3000..<3500))
        #expect(second.terminate() == 0)
    }

    @Test(.timeLimit(.minutes(10))) func `what was compressed after it was read does not come again`() async throws {
        let first = try output.start()
        try workspace.append(lines(0..<500), to: "app.log")
        try await output.expectAll(lines(0..<500))
        try workspace.rotate("app.log", to: "app.log.1")
        try workspace.append(lines(500..<600), to: "app.log")
        try await output.expectAll(lines(0..<600))
        try workspace.shell("gzip -c app.log.1 > app.log.1.gz; rm app.log.1")
        try await Task.sleep(for: .seconds(2))
        #expect(first.terminate() == 0)
        let second = try output.start()
        try workspace.append(lines(600..<700), to: "app.log")
        try await output.expectAll(lines(0..<700))
        #expect(second.terminate() == 0)
        #expect(try output.messages().count == 700)
    }

    // MARK: Truncation

    @Test(.timeLimit(.minutes(10))) func `copied and truncated, while it is being written`() async throws {
        let shipper = try output.start()
        try workspace.append(lines(0..<100), to: "app.log")
        try await output.expectAll(lines(0..<100))
        // What was written just before the copy has not been read by anybody.
        try workspace.append(lines(100..<5000), to: "app.log")
        try workspace.shell("cp app.log app.log.1; : > app.log")
        try workspace.append(lines(5000..<5100), to: "app.log")
        try await output.expectAll(lines(0..<5100))
        #expect(shipper.terminate() == 0)
    }

    @Test(.timeLimit(.minutes(10))) func `copied and truncated while nothing runs`() async throws {
        let first = try output.start()
        try workspace.append(lines(0..<100), to: "app.log")
        try await output.expectAll(lines(0..<100))
        #expect(first.terminate() == 0)
        try workspace.append(lines(100..<200), to: "app.log")
        try workspace.shell("cp app.log app.log.1; : > app.log")
        try workspace.append(lines(200..<300), to: "app.log")
        let second = try output.start()
        try await output.expectAll(lines(0..<300))
        #expect(second.terminate() == 0)
    }

    @Test(.timeLimit(.minutes(10))) func `a copy beside the file is not read`() async throws {
        let shipper = try output.start(["TAILRACE_PATHS": "\(workspace.logs)/app.log*"])
        try workspace.append(lines(0..<100), to: "app.log")
        try await output.expectAll(lines(0..<100))
        try workspace.shell("cp app.log app.log.bak")
        try await Task.sleep(for: .seconds(2))
        try workspace.append(lines(100..<200), to: "app.log")
        try await output.expectAll(lines(0..<200))
        #expect(shipper.terminate() == 0)
        #expect(try output.messages().count == 200)
    }

    @Test(.timeLimit(.minutes(10))) func `emptied and filled beyond its old size between two looks`() async throws {
        let shipper = try output.start()
        try workspace.append(lines(0..<100), to: "app.log")
        try await output.expectAll(lines(0..<100))
        let new = lines(0..<200, "other")
        try workspace.shell("printf '%s\\n' \(new.map { "'\($0)'" }.joined(separator: " ")) > app.log")
        try await output.expectAll(lines(0..<100) + new)
        #expect(shipper.terminate() == 0)
    }

    @Test(.timeLimit(.minutes(10))) func `files with the same long beginning are different files`() async throws {
        let banner = (0..<60).map { "== server version 1.2.3, line \($0) of the banner ==" }
        let first = try output.start()
        try workspace.append(banner + ["first"], to: "a.log")
        try workspace.append(banner + ["second"], to: "b.log")
        try await output.expectAll(banner + banner + ["first", "second"])
        try workspace.shell("rm a.log")
        try workspace.append(banner + ["third"], to: "c.log")
        try await output.expectAll(banner + banner + banner + ["first", "second", "third"])
        #expect(first.terminate() == 0)
    }

    // MARK: Deletion

    @Test(.timeLimit(.minutes(10))) func `a deleted file is read to its end and let go`() async throws {
        let shipper = try output.start(["TAILRACE_CLOSE_DELETED_AFTER": "1s"])
        try workspace.append(lines(0..<100), to: "app.log")
        try await output.expectAll(lines(0..<100))
        let writer = try #require(FileHandle(forWritingAtPath: "\(workspace.logs)/app.log"))
        try writer.seekToEnd()
        try workspace.shell("rm app.log")
        // Its last line never gets a newline.
        try writer.write(contentsOf: Data("line 100\nline 101".utf8))
        try await output.expectAll(lines(0..<102))
        #expect(try await eventually(within: 10) { try shipper.openFiles().allSatisfy { !$0.contains("(deleted)") } })
        #expect(shipper.terminate() == 0)
    }

    @Test(.timeLimit(.minutes(10))) func `a line is not sent before its newline has come`() async throws {
        let shipper = try output.start()
        try workspace.shell("printf 'half' > app.log")
        try workspace.append(["whole"], to: "other.log")
        try await output.expectAll(["whole"])
        try await Task.sleep(for: .seconds(1))
        #expect(try output.messages() == ["whole"])
        try workspace.shell("printf ' a line\\n' >> app.log")
        try await output.expectAll(["whole", "half a line"])
        #expect(shipper.terminate() == 0)
    }

    // MARK: Paths

    @Test(.timeLimit(.minutes(10))) func `links as the kubelet makes them`() async throws {
        try workspace.shell(
            "mkdir -p pods/a containers; ln -s ../pods/a/0.log containers/a.log; ln -s nowhere containers/b.log")
        let shipper = try output.start(["TAILRACE_PATHS": "\(workspace.logs)/containers/*.log"])
        try workspace.append(lines(0..<10), to: "pods/a/0.log")
        try await output.expectAll(lines(0..<10))
        // The container is started again: another file, and the link is swapped.
        try workspace.append(lines(10..<20), to: "pods/a/1.log")
        try workspace.shell("ln -s ../pods/a/1.log containers/.new; mv -T containers/.new containers/a.log")
        try await output.expectAll(lines(0..<20))
        try workspace.append(lines(20..<30), to: "pods/a/0.log")
        try await output.expectAll(lines(0..<30))
        #expect(shipper.terminate() == 0)
    }

    @Test(.timeLimit(.minutes(10))) func `one file under several names is read once`() async throws {
        try workspace.append(lines(0..<10), to: "app.log")
        try workspace.shell("ln app.log hard.log; ln -s app.log soft.log; mkdir there; ln -s .. there/here")
        let shipper = try output.start(["TAILRACE_PATHS": "\(workspace.logs)/*.log,\(workspace.logs)/there/here/*.log"])
        try await output.expectAll(lines(0..<10))
        try workspace.append(lines(10..<20), to: "app.log")
        try await output.expectAll(lines(0..<20))
        #expect(shipper.terminate() == 0)
        #expect(try output.messages().count == 20)
    }

    @Test(.timeLimit(.minutes(10))) func `a folder that comes later, goes, and comes again`() async throws {
        let shipper = try output.start(["TAILRACE_PATHS": "\(workspace.logs)/*/deep/*.log"])
        try await Task.sleep(for: .milliseconds(500))
        try workspace.shell("mkdir -p a/deep")
        try workspace.append(lines(0..<10), to: "a/deep/app.log")
        try await output.expectAll(lines(0..<10))
        try workspace.shell("mv a b")
        try workspace.append(lines(10..<20), to: "b/deep/app.log")
        try await output.expectAll(lines(0..<20))
        try workspace.shell("rm -r b; mkdir -p a/deep")
        try workspace.append(lines(20..<30), to: "a/deep/app.log")
        try await output.expectAll(lines(0..<30))
        #expect(shipper.terminate() == 0)
    }

    // MARK: Contents

    @Test(.timeLimit(.minutes(10))) func `bytes of every kind`() async throws {
        let shipper = try output.start(["TAILRACE_MAX_LINE": "1KiB"])
        let long = String(repeating: "x", count: 5000)
        try workspace.shell(
            "printf 'a\\0b\\nc\\377d\\ne\\357\\273\\277f\\n\\n\(long)\\nlast\\n' > app.log; truncate -s +4096 app.log")
        try await output.expectAll(["a\0b", "c\u{FFFD}d", "e\u{FEFF}f", "", String(long.prefix(1024)), "last"])
        try workspace.append([" after the hole"], to: "app.log")
        try await output.expectAll(
            [
                "a\0b", "c\u{FFFD}d", "e\u{FEFF}f", "", String(long.prefix(1024)), "last",
                " after the hole",
            ])
        #expect(shipper.terminate() == 0)
    }

    // MARK: Where reading begins

    @Test(.timeLimit(.minutes(10))) func `from the end of what is there, and all of what comes`() async throws {
        try workspace.append(lines(0..<10), to: "old.log")
        let shipper = try output.start(["TAILRACE_READ_FROM": "end"])
        #expect(
            await eventually(within: 20) { (try? shipper.openFiles().contains { $0.hasSuffix("old.log") }) == true })
        try workspace.append(lines(10..<20), to: "old.log")
        try workspace.append(lines(20..<30), to: "new.log")
        try await output.expectAll(lines(10..<30))
        #expect(shipper.terminate() == 0)
    }

    @Test(.timeLimit(.minutes(10))) func `files that are too old are left until they are written to`() async throws {
        try workspace.append(lines(0..<10), to: "old.log")
        try workspace.shell("touch -d '3 days ago' old.log")
        let port = try FreePort.find()
        let shipper = try output.start(["TAILRACE_IGNORE_OLDER": "48h", "TAILRACE_ADMIN": "127.0.0.1:\(port)"])
        try workspace.append(lines(10..<20), to: "new.log")
        try await output.expectAll(lines(10..<20))
        #expect(try await page("/metrics", port).contains("tailrace_files_skipped_total 1\n"))
        #expect(shipper.log.contains("old.log was last written to 72 h ago, and is not read."))
        try workspace.append(lines(20..<30), to: "old.log")
        try await output.expectAll(lines(0..<30))
        #expect(shipper.terminate() == 0)
    }

    // MARK: Many files

    @Test(.timeLimit(.minutes(10))) func `more files than may be open`() async throws {
        for file in 0..<300 { try workspace.append(["file \(file) line 0"], to: "app\(file).log") }
        let shipper = try output.start(["TAILRACE_MAX_OPEN_FILES": "8"])
        try await output.expectAll((0..<300).map { "file \($0) line 0" }, within: 60)
        for file in 0..<300 { try workspace.append(["file \(file) line 1"], to: "app\(file).log") }
        try await output.expectAll((0..<300).flatMap { ["file \($0) line 0", "file \($0) line 1"] }, within: 60)
        #expect(try shipper.openFiles().filter { $0.hasSuffix(".log") }.count <= 8)
        // Rotated while it was closed.
        try workspace.append(["file 7 line 2"], to: "app7.log")
        try workspace.rotate("app7.log", to: "app7.log.1")
        try workspace.append(["file 7 line 3"], to: "app7.log")
        try await output.expectAll(
            (0..<300).flatMap { ["file \($0) line 0", "file \($0) line 1"] } + ["file 7 line 2", "file 7 line 3"])
        #expect(shipper.terminate() == 0)
    }
}
