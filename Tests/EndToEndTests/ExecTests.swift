import Foundation
import Testing

/// `tailrace exec` with real apps.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ExecTests {
    private func exec(
        _ workspace: Workspace, _ endpoint: Int, _ script: String, _ settings: [String: String] = [:],
        shell: String? = nil
    ) throws -> Wrapper {
        try Wrapper(workspace, endpoint: endpoint, ["exec", "--", "bash", "-c", script], settings, shell: shell)
    }

    @Test func `what the app prints comes out as it is, and so does its exit code`() async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem()
        var random = SystemRandomNumberGenerator()
        let (out, err) = (
            Data((0..<70_000).map { _ in UInt8.random(in: 0...255, using: &random) }),
            Data((0..<20_000).map { _ in UInt8.random(in: 0...255, using: &random) })
        )
        try out.write(to: URL(fileURLWithPath: "\(workspace.root)/a"))
        try err.write(to: URL(fileURLWithPath: "\(workspace.root)/b"))
        let wrapper = try exec(
            workspace, osmem.port, "cat \(workspace.root)/a; cat \(workspace.root)/b >&2; exit 7")
        #expect(wrapper.wait() == 7)
        #expect(wrapper.printed == out)
        #expect(wrapper.printedErrors == err)
        let expected = [out, err].reduce(0) { sum, bytes in
            sum + bytes.count { $0 == UInt8(ascii: "\n") } + 1
        }
        // Some of such lines may look as if they belonged together.
        let count = try await osmem.count()
        #expect(count > expected * 9 / 10 && count <= expected, "\(count) of \(expected)")
        #expect(wrapper.captured == 0, "what is delivered is removed")
    }

    @Test func `both streams are shipped under their names, and each is joined by itself`() async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem()
        let script = #"""
            echo begin
            printf 'Traceback (most recent call last):\n' >&2; sleep 0.05
            echo between
            printf '  File "a.py", line 1, in <module>\nValueError: bad\n' >&2
            sleep 0.05; printf 'no newline'
            """#
        #expect(try exec(workspace, osmem.port, script).wait() == 0)
        let documents = try await osmem.documents()
        let lines = documents.compactMap { document -> String? in
            guard let stream = document["stream"] as? String, let message = document["message"] as? String else {
                return nil
            }
            return "\(stream): \(message)"
        }
        #expect(
            lines.sorted() == [
                "stderr: Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nValueError: bad",
                "stdout: begin", "stdout: between", "stdout: no newline",
            ])
    }

    @Test func `a signal goes to the app, and its last lines are shipped`() async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem()
        let script = """
            trap 'echo hup' HUP; trap 'echo usr1' USR1; trap 'echo bye; exit 3' TERM
            echo ready; while :; do sleep 0.05; done
            """
        let wrapper = try exec(workspace, osmem.port, script)
        for (signal, word) in [(SIGHUP, "ready"), (SIGUSR1, "hup"), (SIGTERM, "usr1")] {
            let isThere = await eventually(within: 30) { wrapper.printedText.contains(word) }
            #expect(isThere, "\(word)")
            wrapper.send(signal)
        }
        #expect(wrapper.wait() == 3)
        #expect(try await osmem.messages().sorted() == ["bye", "hup", "ready", "usr1"])
    }

    @Test func `exit codes are those of shells`() throws {
        let workspace = try Workspace()
        let settings = ["TAILRACE_SHUTDOWN_TIMEOUT": "0ms"]
        #expect(try exec(workspace, 1, "kill -KILL $$", settings).wait() == 137)
        #expect(try exec(workspace, 1, "kill -TERM $$", settings).wait() == 143)
        let missing = try Wrapper(workspace, endpoint: 1, ["exec", "--", "no-such-program"], settings)
        #expect(missing.wait() == 127)
        #expect(missing.log.contains("no-such-program can't be run: No such file or directory."))
        #expect(try Wrapper(workspace, endpoint: 1, ["exec", "--", "/etc/passwd"], settings).wait() == 126)
        let mistaken = try exec(workspace, 1, "echo never", ["TAILRACE_MAX_LINE": "long"])
        #expect(mistaken.wait() == 125)
        #expect(mistaken.printed.isEmpty)
    }

    @Test func `the app has the signals and variables of before, without our settings`() throws {
        let workspace = try Workspace()
        let settings = ["TAILRACE_SHUTDOWN_TIMEOUT": "0ms", "TAILRACE_API_KEY": "sesame", "OTHER": "kept"]
        let wrapper = try exec(
            workspace, 1,
            "env | grep -c TAILRACE; echo $OTHER; grep -E 'Sig(Blk|Ign)' /proc/self/status; ls -l /proc/self/fd",
            settings)
        #expect(wrapper.wait() == 0)
        let lines = wrapper.printedText.split(separator: "\n").map(String.init)
        #expect(lines[...1] == ["0", "kept"])
        #expect(lines[2].hasSuffix("0000000000000000"), "\(lines[2])")
        #expect(lines[4...].allSatisfy { !$0.contains(workspace.root + "/state") }, "\(lines[4...])")
    }

    /// Needs the right to make a PID namespace, which root has.
    @Test func `as process 1 it takes leave of orphans, and ends with the app`() async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem()
        let script = """
            for number in $(seq 30); do (sleep 0.0$number &); done
            sleep 1; grep -l '^State:.Z' /proc/[0-9]*/status | wc -l
            cat /proc/1/comm; (sleep 1000; echo orphan) & exit 5
            """
        let wrapper = try exec(
            workspace, osmem.port, script, shell: #"exec unshare --pid --fork --kill-child --mount-proc "$@""#)
        #expect(wrapper.wait() == 5, "\(wrapper.log)")
        #expect(try await osmem.messages() == ["0", "tailrace"])
    }

    /// Writes lines of 1 KB as fast as it can, and prints the longest that one of them took, in milliseconds, to a file.
    private func writer(_ lines: Int, _ workspace: Workspace) -> String {
        """
        exec python3 -c '
        import os, time
        longest = 0
        for number in range(\(lines)):
            line = (b"line %d " % number).ljust(1023, b".") + b"\\n"
            begin = time.monotonic()
            os.write(1, line)
            longest = max(longest, time.monotonic() - begin)
        with open("\(workspace.root)/part", "w") as file: file.write(str(int(longest * 1000)))
        os.rename("\(workspace.root)/part", "\(workspace.root)/longest")'
        """
    }

    private func longest(_ workspace: Workspace) throws -> Int {
        try #require(try Int(String(contentsOfFile: "\(workspace.root)/longest", encoding: .utf8)))
    }

    @Test func `the app does not notice that the endpoint is away, and nothing is lost`() async throws {
        let workspace = try Workspace()
        let port = try FreePort.find()
        let wrapper = try exec(workspace, port, writer(6_000, workspace))
        let isDone = await eventually(within: 60) { (try? longest(workspace)) != nil }
        #expect(isDone)
        // 1 s is the bound; the rest is for a busy machine.
        #expect(try longest(workspace) < 2500)
        let osmem = try await Osmem(port: port)
        #expect(wrapper.wait() == 0, "\(wrapper.log)")
        let messages = try await osmem.messages()
        #expect(messages.count == 6_000)
        #expect(Set(messages.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }).count == 6_000)
    }

    @Test(arguments: ["spool", "drop"])
    func `without any room lines are dropped, whole ones, and the app goes on`(_ whenFull: String) async throws {
        let workspace = try Workspace()
        let settings = [
            "TAILRACE_EXEC_WHEN_FULL": whenFull, "TAILRACE_CAPTURE_MAX_SIZE": "4MiB", "TAILRACE_SPOOL": "off",
            "TAILRACE_MEMORY_LIMIT": "2MiB",
        ]
        let port = try FreePort.find()
        let wrapper = try exec(workspace, port, writer(8_000, workspace), settings)
        let isDone = await eventually(within: 60) { (try? longest(workspace)) != nil }
        #expect(isDone)
        #expect(try longest(workspace) < 2500)
        let osmem = try await Osmem(port: port)
        #expect(wrapper.wait() == 0)
        let told = wrapper.log.matches(of: /(\d+) lines of the app/).compactMap { Int($0.output.1) }.reduce(0, +)
        let messages = try await osmem.messages()
        #expect(told > 0, "\(wrapper.log)")
        // Where the pipe was cut in the middle of a line, that one is counted on both sides, or its head is shipped.
        #expect(abs(messages.count + told - 8_000) < 600, "\(messages.count) shipped, \(told) dropped")
        #expect(messages.count { $0.utf8.count == 1023 } > messages.count * 9 / 10)
        #expect(Set(messages).count == messages.count)
    }

    @Test func `if it is wished the app waits, and nothing is dropped`() async throws {
        let workspace = try Workspace()
        let port = try FreePort.find()
        let settings = [
            "TAILRACE_EXEC_WHEN_FULL": "block", "TAILRACE_CAPTURE_MAX_SIZE": "4MiB", "TAILRACE_MEMORY_LIMIT": "2MiB",
        ]
        let wrapper = try exec(workspace, port, writer(8_000, workspace), settings)
        let isFull = await eventually(within: 60) { wrapper.captured > 3 << 20 }
        #expect(isFull)
        #expect(!FileManager.default.fileExists(atPath: "\(workspace.root)/longest"), "it waits")
        let osmem = try await Osmem(port: port)
        #expect(wrapper.wait() == 0)
        let messages = try await osmem.messages()
        #expect(messages.count == 8_000 && Set(messages).count == 8_000)
    }

    @Test func `an app that is ended while it waits is not waited for`() async throws {
        let workspace = try Workspace()
        let settings = [
            "TAILRACE_EXEC_WHEN_FULL": "block", "TAILRACE_CAPTURE_MAX_SIZE": "4MiB", "TAILRACE_SHUTDOWN_TIMEOUT": "2s",
        ]
        let wrapper = try exec(workspace, try FreePort.find(), writer(100_000, workspace), settings)
        // Half a megabyte more than there is room for in files.
        let isFull = await eventually(within: 60) { wrapper.printed.count > 9 << 19 }
        #expect(isFull)
        wrapper.send(SIGTERM)
        let hasEnded = await eventually(within: 60) { !wrapper.process.isRunning }
        #expect(hasEnded)
        wrapper.send(SIGKILL)
        #expect(wrapper.wait() == 128 + SIGTERM)
        #expect(wrapper.log.contains("lines of the app"), "what memory held is said to be dropped")
    }

    @Test func `what was captured survives SIGKILL, and comes once`() async throws {
        let workspace = try Workspace()
        let port = try FreePort.find()
        let script = "for number in $(seq 500); do echo line $number; done; while sleep 0.1; do echo tick; done"
        let wrapper = try exec(workspace, port, script)
        let isCaptured = await eventually(within: 60) {
            wrapper.printedText.contains("line 500\n") && wrapper.captured > 500 * 40
        }
        #expect(isCaptured)
        wrapper.send(SIGKILL)
        _ = wrapper.wait()
        let osmem = try await Osmem(port: port)
        let first = try exec(workspace, port, "while sleep 0.1; do echo tick; done")
        let isOnItsWay = await eventually(within: 60) { (try? await osmem.count()) ?? 0 > 0 }
        #expect(isOnItsWay)
        first.send(SIGKILL)
        _ = first.wait()
        #expect(try exec(workspace, port, "echo last").wait() == 0)
        let messages = try await osmem.messages().filter { $0 != "tick" }
        #expect(messages.count == 501 && Set(messages) == Set((1...500).map { "line \($0)" } + ["last"]))
    }

    /// Needs the right to mount, which root has.
    @Test func `a root that is read-only is made do with`() async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem()
        let shell = """
            exec unshare --mount bash -c 'mount -t tmpfs -o ro none /var/lib; exec "$@"' bash "$@"
            """
        let settings = ["TAILRACE_STATE_DIR": "", "TMPDIR": "\(workspace.root)/state"]
        let wrapper = try exec(workspace, osmem.port, "echo hello", settings, shell: shell)
        #expect(wrapper.wait() == 0)
        #expect(wrapper.log.contains("is used as TAILRACE_STATE_DIR"), "\(wrapper.log)")
        #expect(try await osmem.messages() == ["hello"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(workspace.root)/state").isEmpty)
    }
}
