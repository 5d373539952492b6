import Foundation
import Testing

/// What the file system and the kernel do to a program that follows files. Each line comes once all the same.
@Suite struct FileTroubleTests {
    private let workspace: Workspace
    private let output: DocumentFile

    init() throws {
        workspace = try Workspace()
        output = try DocumentFile(workspace)
    }

    private func count(_ text: String, in log: String) -> Int { log.components(separatedBy: text).count - 1 }

    // MARK: Permissions

    @Test(
        .timeLimit(.minutes(10)),
        .enabled(if: Machine.hasOtherUsers || !Machine.isRoot, "the program can't be run by another user here"))
    func `a file that may not be read is read once it may be`() async throws {
        try workspace.append(lines(0..<10), to: "secret.log")
        try workspace.append(lines(10..<20), to: "open.log")
        try workspace.shell("chmod 000 secret.log")
        let shipper = try output.start(
            shell: Machine.isRoot ? "chown 65534 '\(workspace.root)/state'; exec \(Machine.asNobody) \"$@\"" : nil)
        try await output.expectAll(lines(10..<20))
        #expect(await eventually(within: 20) { shipper.log.contains("secret.log: Permission denied") })
        try workspace.append(lines(20..<30), to: "open.log")
        try await output.expectAll(lines(10..<30))
        try workspace.shell("chmod 644 secret.log")
        try await output.expectAll(lines(0..<30))
        #expect(shipper.terminate() == 0)
        #expect(count("Permission denied", in: shipper.log) == 1, "said once a minute")
    }

    // MARK: Watching

    @Test(
        .timeLimit(.minutes(10)), .enabled(if: Machine.hasUserNamespaces, "user namespaces are forbidden here"),
        arguments: [("max_inotify_watches", 4), ("max_inotify_instances", 0)])
    func `without enough of inotify files are polled, which is said once`(_ limit: String, _ value: Int) async throws {
        let shipper = try output.start(
            shell: """
                exec unshare -Ur bash -c 'echo \(value) > /proc/sys/user/\(limit) && exec "$@"' bash "$@"
                """)
        for file in 0..<20 { try workspace.append(["file \(file) line 0"], to: "app\(file).log") }
        try await output.expectAll((0..<20).map { "file \($0) line 0" })
        for file in 0..<20 { try workspace.append(["file \(file) line 1"], to: "app\(file).log") }
        try workspace.append(["file 20 line 0"], to: "app20.log")
        try workspace.rotate("app7.log", to: "app7.log.1")
        try workspace.append(["file 7 line 2"], to: "app7.log")
        try await output.expectAll(
            (0..<20).flatMap { ["file \($0) line 0", "file \($0) line 1"] } + ["file 20 line 0", "file 7 line 2"])
        #expect(shipper.terminate() == 0)
        #expect(count("can be watched for changes", in: shipper.log) == 1)
    }

    /// The kernel's queue holds 16,384 events; while the program stands still, there are more.
    @Test(.timeLimit(.minutes(10))) func `when changes are lost everything is looked at again`() async throws {
        let shipper = try output.start()
        try workspace.append(["a begins"], to: "a.log")
        try workspace.append(["b begins"], to: "b.log")
        try await output.expectAll(["a begins", "b begins"])
        Foundation.kill(shipper.processIdentifier, SIGSTOP)
        let (a, b) = try (workspace.appender("a.log"), workspace.appender("b.log"))
        var expected = ["a begins", "b begins"]
        // Two events that are alike in a row are one.
        for number in 0..<10_000 {
            try a.write(contentsOf: Data("a \(number)\n".utf8))
            try b.write(contentsOf: Data("b \(number)\n".utf8))
            expected += ["a \(number)", "b \(number)"]
        }
        try workspace.rotate("b.log", to: "b.log.1")
        try workspace.append(["b again"], to: "b.log")
        try workspace.append(["c begins"], to: "c.log")
        Foundation.kill(shipper.processIdentifier, SIGCONT)
        try await output.expectAll(expected + ["b again", "c begins"])
        #expect(shipper.terminate() == 0)
    }

    // MARK: Limits of the system

    @Test(.timeLimit(.minutes(10))) func `without descriptors left fewer files are kept open`() async throws {
        for file in 0..<150 { try workspace.append(["file \(file) line 0"], to: "app\(file).log") }
        let shipper = try output.start(shell: "ulimit -n 48; exec \"$@\"")
        try await output.expectAll((0..<150).map { "file \($0) line 0" })
        for file in 0..<150 { try workspace.append(["file \(file) line 1"], to: "app\(file).log") }
        try await output.expectAll((0..<150).flatMap { ["file \($0) line 0", "file \($0) line 1"] })
        #expect(shipper.terminate() == 0)
        #expect(shipper.log.contains("are kept open from now on"))
        #expect(count("Too many open files", in: shipper.log) < 10)
    }

    @Test(.timeLimit(.minutes(10)), .enabled(if: Machine.hasMounts, "nothing can be mounted here"))
    func `a state folder that is full holds nothing up`() async throws {
        let state = "\(workspace.root)/state"
        try workspace.append(lines(0..<10), to: "app.log")
        let shipper = try output.start(
            shell: """
                exec \(Machine.unshareMounts) bash -c 'mount -t tmpfs -o size=64k tmpfs "\(state)" &&
                  { head -c 65536 /dev/zero > "\(state)/ballast" 2> /dev/null || true; } && exec "$@"' bash "$@"
                """)
        try await output.expectAll(lines(0..<10))
        #expect(await eventually(within: 20) { shipper.log.contains("No space left on device") })
        try workspace.append(lines(10..<20), to: "app.log")
        try workspace.rotate("app.log", to: "app.log.1")
        try workspace.append(lines(20..<30), to: "app.log")
        try await output.expectAll(lines(0..<30))
        // As its own processes see it.
        try workspace.shell("rm '/proc/\(shipper.processIdentifier)/root\(state)/ballast'")
        #expect(await eventually(within: 20) { shipper.log.contains("Checkpoints can be saved again.") })
        #expect(shipper.terminate() == 0)
        #expect(count("Checkpoints can't be saved", in: shipper.log) == 1)
    }

    @Test(.timeLimit(.minutes(10)), .enabled(if: SmallDisk.canBeHad, SmallDisk.need))
    func `a state folder that is read-only at the start holds nothing up`() async throws {
        let disk = try SmallDisk(bytes: 1 << 20)
        disk.setReadOnly(true)
        try workspace.append(lines(0..<10), to: "app.log")
        let shipper = try output.start(["TAILRACE_STATE_DIR": "\(disk.path)/state"])
        try await output.expectAll(lines(0..<10))
        #expect(await eventually(within: 20) { shipper.log.contains("Read-only file system") })
        disk.setReadOnly(false)
        #expect(await eventually(within: 20) { shipper.log.contains("Checkpoints can be saved again.") })
        #expect(shipper.terminate() == 0)
        try workspace.append(lines(10..<20), to: "app.log")
        let next = try output.start(["TAILRACE_STATE_DIR": "\(disk.path)/state"])
        try await output.expectAll(lines(0..<20))
        #expect(next.terminate() == 0)
    }

    // MARK: Places

    @Test(.timeLimit(.minutes(10)), .enabled(if: Machine.hasMounts, "nothing can be mounted here"))
    func `a folder that is mounted in two places is read once`() async throws {
        let other = "\(workspace.root)/other"
        try workspace.shell("mkdir '\(other)'")
        try workspace.append(lines(0..<10), to: "app.log")
        let shipper = try output.start(
            ["TAILRACE_PATHS": "\(other)/*.log,\(workspace.logs)/*.log"],
            shell: """
                exec \(Machine.unshareMounts) bash -c 'mount --bind "\(workspace.logs)" "\(other)" && exec "$@"' bash "$@"
                """)
        try await output.expectAll(lines(0..<10))
        try workspace.append(lines(10..<20), to: "app.log")
        try workspace.rotate("app.log", to: "app.log.1")
        try workspace.append(lines(20..<30), to: "app.log")
        try await output.expectAll(lines(0..<30))
        try workspace.append(lines(30..<40), to: "new.log")
        try await output.expectAll(lines(0..<40))
        #expect(shipper.terminate() == 0)
        #expect(try output.messages().count == 40)
    }

    @Test(.timeLimit(.minutes(10))) func `a file that is replaced in place is another one`() async throws {
        let shipper = try output.start()
        try workspace.append(lines(0..<10), to: "app.log")
        try await output.expectAll(lines(0..<10))
        for round in 1...5 {
            try workspace.append(lines(round * 20 - 10..<round * 20), to: "app.log")
            try workspace.append(lines(round * 20..<round * 20 + 10), to: ".new")
            try workspace.shell("mv .new app.log")
        }
        // Of those between, only those that somebody had open when they were replaced can be read.
        let certain = lines(0..<20) + lines(100..<110)
        #expect(try await eventually(within: 60) { Set(try output.messages()).isSuperset(of: certain) })
        let messages = try output.messages()
        #expect(Set(messages).count == messages.count)
        #expect(shipper.terminate() == 0)
    }

    // MARK: Contents

    @Test(.timeLimit(.minutes(10))) func `what is cut or repaired is flagged and counted`() async throws {
        let port = try FreePort.find()
        let shipper = try output.start(["TAILRACE_ADMIN": "127.0.0.1:\(port)"])
        let long = String(repeating: "x", count: 3 << 20)
        try workspace.append(["\u{FEFF}first\r", "second\r", long, "third"], to: "app.log")
        try workspace.shell("printf 'bad \\377\\n' >> app.log")
        let expected = ["second\r", String(long.prefix(1 << 20)), "third", "bad \u{FFFD}"]
        #expect(try await eventually(within: 60) { try output.lineCount == expected.count + 1 })
        // Foundation leaves the mark out, wherever it decodes text.
        #expect(try output.bytes.range(of: Data("\"message\":\"\u{FEFF}first\\r\"".utf8)) != nil)
        #expect(try output.messages().dropFirst() == expected[...])
        let cut = try output.documents().first { ($0["message"] as? String)?.hasPrefix("xxx") == true }
        #expect(((cut?["log"] as? [String: Any])?["flags"] as? [String]) == ["truncated"])
        for (flag, count) in [("truncated", 1), ("invalid_utf8", 1), ("malformed", 0)] {
            let isCounted = await eventually(within: 20) {
                await (try? page("/metrics", port))?
                    .contains("tailrace_events_flagged_total{flag=\"\(flag)\"} \(count)\n") == true
            }
            #expect(isCounted, "\(flag)")
        }
        #expect(shipper.terminate() == 0)
    }

    /// A program that writes on where it was, although its file was emptied, leaves a hole.
    @Test(.timeLimit(.minutes(10))) func `a hole at the start of an emptied file`() async throws {
        let shipper = try output.start(["TAILRACE_MAX_LINE": "1KiB"])
        try workspace.append(lines(0..<1000), to: "app.log")
        try await output.expectAll(lines(0..<1000))
        try workspace.shell(
            "size=$(stat -c %s app.log); : > app.log; truncate -s $size app.log; echo 'line 1000' >> app.log")
        try await output.expectAll(lines(0..<1001))
        try workspace.append(lines(1001..<1010), to: "app.log")
        try await output.expectAll(lines(0..<1010))
        #expect(shipper.terminate() == 0)
    }
}
