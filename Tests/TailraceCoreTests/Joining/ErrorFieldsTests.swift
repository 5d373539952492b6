import Foundation
import TailraceCore
import Testing

@Suite struct ErrorFieldsTests {
    /// The document of the first event that the lines make.
    private func document(_ lines: String, _ fields: ErrorFields = .all) throws -> [String: Any] {
        try document(Array(lines.utf8), fields)
    }

    private func document(_ lines: [UInt8], _ fields: ErrorFields) throws -> [String: Any] {
        var batch = Batch(limit: BatchLimit(bytes: 1 << 20, documents: 100))
        batch.use(
            DocumentTemplate(
                index: "i", fileID: FileID(high: 1, low: 2), path: "/p", staticFields: StaticFields(),
                isContainerFormat: false, errorFields: fields), created: Timestamp(nanoseconds: 0))
        var assembler = Assembler(
            AssemblyRules(joining: JoinRules(languages: .all), maxLineBytes: 1 << 20), format: .plain,
            resume: ResumeOffsets(0))
        let file = lines + [UInt8(ascii: "\n")]
        assembler.consume(
            file.span, readAt: Timestamp(nanoseconds: 0), now: Moment(nanoseconds: 0), into: &batch)
        assembler.flushEarly(.all, into: &batch)
        let line = try #require(Array(batch.body.span).split(separator: UInt8(ascii: "\n")).dropFirst().first)
        return try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
    }

    private static let cases: [(String, String, String?, String?, String?)] = [
        (
            "ERROR failed\njava.io.IOException: disk\nfull\n\tat a.b.C.d(C.java:1)", "java", "java.io.IOException",
            "disk\nfull", "java.io.IOException: disk\nfull\n\tat a.b.C.d(C.java:1)"
        ),
        (
            "Traceback (most recent call last):\n  File \"/a.py\", line 3, in f\n    g()\na.Overdrawn: no: 17",
            "python",
            "a.Overdrawn", "no: 17", nil
        ),
        (
            "panic: account 17\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:3 +0x1d", "go", "panic",
            "account 17", nil
        ),
        ("failed TypeError: x is not\n    at f (/a.js:1:2)", "node", "TypeError", "x is not", nil),
        ("ERROR failed\n  src/bank.cr:17:3 in 'pay'", "unknown", nil, nil, nil),
        (
            "Unhandled exception. System.FormatException: bad\n   at A.B.C() in /a.cs:line 3", "dotnet",
            "System.FormatException", "bad", nil
        ),
        (
            "/a.rb:3:in `f': account 17 (Acme::Overdrawn)\n\tfrom /a.rb:7:in `g'", "ruby", "Acme::Overdrawn",
            "account 17", nil
        ),
        (
            "thread 'main' panicked at src/main.rs:4:5:\naccount 17\nnote: run with `RUST_BACKTRACE=1`", "rust",
            "panic", "account 17", nil
        ),
        (
            "thread 'main' panicked at 'account 17', src/main.rs:4:5\nnote: run with `RUST_BACKTRACE=1`", "rust",
            "panic", "account 17", nil
        ),
        ("Error: no account\n\nCaused by:\n    0: no file", "rust", "Error", "no account", nil),
        (
            "panic: account 17 [recovered]\n\tpanic: again\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:3 +0x1d",
            "go", "panic", "account 17 [recovered]\n\tpanic: again", nil
        ),
        (
            "2026/01/01 00:00:00 http: panic serving 10.0.0.1:5000: account 17\ngoroutine 9 [running]:\nmain.f()\n\t/a.go:3",
            "go", "panic", "account 17", nil
        ),
        (
            "  + Exception Group Traceback (most recent call last):\n  |   File \"/a.py\", line 3, in f\n  |     g()\n"
                + "  | ExceptionGroup: two (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n"
                + "    | ValueError: bad\n    +------------------------------------",
            "python", "ExceptionGroup", "two (2 sub-exceptions)", nil
        ),
        (
            "Traceback (most recent call last):\n  File \"/a.py\", line 3, in f\n    g()\na.E: a\n[SQL: SELECT 1]",
            "python", "a.E", "a\n[SQL: SELECT 1]", nil
        ),
        (
            "Acme.Overdrawn: account 17\n   at A.B.C() in /a.cs:line 3", "dotnet", "Acme.Overdrawn", "account 17",
            nil
        ),
        ("Overdrawn: account 17\n    at pay (/a.js:1:2)", "node", "Overdrawn", "account 17", nil),
        (
            "PHP Fatal error:  Uncaught Acme\\Overdrawn: account 17 in /a.php:3\nStack trace:\n#0 {main}\n"
                + "  thrown in /a.php on line 3", "php", "Acme\\Overdrawn", "account 17", nil
        ),
        (
            "Acme\\Overdrawn: account 17 in /a.php:3\nStack trace:\n#0 {main}", "php", "Acme\\Overdrawn",
            "account 17", nil
        ),
        ("account 17 at /a.pl line 3.\n\tmain::pay(17) called at /a.pl line 7", "perl", nil, "account 17", nil),
        ("lua: a.lua:3: account 17\nstack traceback:\n\t[C]: in ?", "lua", nil, "a.lua:3: account 17", nil),
        ("Error in pay(17) : account 17\nCalls: take -> pay\nExecution halted", "r", nil, "account 17", nil),
        (
            "bank: account 17\nCallStack (from HasCallStack):\n  error, called at bank.hs:3:5 in main:Main",
            "haskell",
            nil, "account 17", nil
        ),
        (
            "Fatal error: exception Failure(\"account 17\")\nRaised at Bank.pay in file \"a.ml\", line 3, characters 4-9",
            "ocaml", "Failure", "(\"account 17\")", nil
        ),
        (
            "ERROR pay failed: Not_found\nRaised at Bank.pay in file \"a.ml\", line 3, characters 4-9", "ocaml",
            "Not_found", nil, nil
        ),
        (
            "Uncaught exception:\n  \n  (Failure \"account 17\")\n\n"
                + "Raised at Bank.pay in file \"a.ml\", line 3, characters 4-9", "ocaml", "Failure", "\"account 17\")",
            "(Failure \"account 17\")\n\nRaised at Bank.pay in file \"a.ml\", line 3, characters 4-9"
        ),
        (
            "Execution error (ExceptionInfo) at bank/pay (bank.clj:3).\naccount 17\n\nFull report at:\n/tmp/c.edn",
            "clojure", "ExceptionInfo", "account 17", nil
        ),
        (
            "Unhandled exception:\nFormatException: bad\n#0      main (file:///a.dart:3:5)", "dart",
            "FormatException",
            "bad", "FormatException: bad\n#0      main (file:///a.dart:3:5)"
        ),
        (
            "NoMethodError (undefined method `pay' for nil):\n  app/a.rb:3:in `f'", "ruby", "NoMethodError",
            "undefined method `pay' for nil", nil
        ),
        (
            "Traceback (most recent call last):\n\t1: from /a.rb:7:in `g'\n/a.rb:3:in `f': inner (Inner)\n"
                + "\t1: from /a.rb:7:in `g'\n/a.rb:5:in `rescue in f': outer (Outer)", "ruby", "Outer", "outer", nil
        ),
        (
            "main.c:5:7: runtime error: signed integer overflow\n    #0 0x55d0 in main /a.c:5", "cpp",
            "runtime error",
            "signed integer overflow", nil
        ),
        (
            "==17==ERROR: AddressSanitizer: heap-use-after-free on address 0x60\n    #0 0x55d0 in main /a.c:5",
            "cpp",
            "heap-use-after-free", "heap-use-after-free on address 0x60", nil
        ),
        (
            "escript: exception error: bad argument\n  in function  bank:pay/1 (bank.erl, line 3)", "erlang",
            "error",
            "bad argument", nil
        ),
        ("** (RuntimeError) account 17\n    a.exs:3: (file)", "erlang", "RuntimeError", "account 17", nil),
        (
            "terminate called after throwing an instance of 'std::runtime_error'\n  what():  account 17", "cpp",
            "std::runtime_error", "account 17", nil
        ),
    ]

    @Test(arguments: cases)
    func `name, text, stack and language of an exception`(
        _ text: String, _ language: String, _ type: String?, _ message: String?, _ stack: String?
    ) throws {
        let document = try document(text)
        let error = try #require(document["error"] as? [String: String])
        #expect(error["language"] == language)
        #expect(error["type"] == type)
        if let message { #expect(error["message"] == message) }
        #expect(error["stack_trace"] == stack ?? text)
        #expect(document["message"] as? String == text)
    }

    @Test(arguments: cases, transports.indices)
    func `what the lines were sent with is no part of it`(
        _ exception: (text: String, language: String, type: String?, message: String?, stack: String?), _ transport: Int
    ) throws {
        let lines = exception.text.split(separator: "\n", omittingEmptySubsequences: false)
        let sent = lines.enumerated().map { transports[transport].prefix($0) + $1 }.joined(separator: "\n")
        let document = try document(sent)
        let error = try #require(document["error"] as? [String: String])
        #expect(error["language"] == exception.language)
        #expect(error["type"] == exception.type)
        if let message = exception.message { #expect(error["message"] == message) }
        #expect(error["stack_trace"] == exception.stack ?? exception.text)
        #expect(document["message"] as? String == sent)
    }

    @Test(arguments: ["web-5d7f8 app ", "web: ", "[2026-01-01T00:00:01.123Z] "])
    func `nor is a front that nobody knows`(front: String) throws {
        let text = "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/a.go:3 +0x1d"
        let sent = text.split(separator: "\n", omittingEmptySubsequences: false).map { front + $0 }
        let document = try document(sent.joined(separator: "\n"))
        let error = try #require(document["error"] as? [String: String])
        #expect(error["message"] == "boom")
        #expect(error["stack_trace"] == text)
        #expect(document["message"] as? String == sent.joined(separator: "\n"))
    }

    @Test func `brief leaves out the stack, off everything`() throws {
        let text = "java.io.IOException: disk\n\tat a.b.C.d(C.java:1)"
        #expect(try (document(text, .brief)["error"] as? [String: String])?["stack_trace"] == nil)
        #expect(try (document(text, .brief)["error"] as? [String: String])?["type"] == "java.io.IOException")
        #expect(try document(text, .off)["error"] == nil)
    }

    @Test func `single lines are no errors`() throws {
        #expect(try document("ERROR failed")["error"] == nil)
        #expect(try document("java.io.IOException: disk")["error"] == nil)
    }

    @Test func `whatever the text is, the places are inside it`() throws {
        for seed in 0..<300 as Range<UInt64> {
            var random = SeededBytes(seed)
            let pool = [
                "ERROR ", "a.b.CException", ": ", "\n\tat a.b.C(D.java:1)", "(", "'",
                "Traceback (most recent call last):", "\n", "panic: ", "é", "** (",
            ]
            let text =
                "panic: x\ngoroutine 1 [running]:\n"
                + (0..<20).map { _ in pool[Int(random.next() % UInt64(pool.count))] }.joined()
            #expect(try document(text)["message"] as? String == document(text, .off)["message"] as? String)
        }
    }

    @Test(arguments: [[], [0xE2, 0x82], [0xFF]] as [[UInt8]], [[], [0xE2, 0x82], [0xFF]] as [[UInt8]])
    func `bytes that are damaged before and in the stack are repaired once each`(front: [UInt8], inside: [UInt8])
        throws
    {
        let lines =
            Array("ERROR x ".utf8) + front + Array("\njava.io.IOException: disk ".utf8) + inside
            + Array("\n\tat a.b.C.d(C.java:1)".utf8)
        let document = try document(lines, .all)
        let flags = (document["log"] as? [String: Any])?["flags"] as? [String] ?? []
        #expect(document["message"] as? String == String(decoding: lines, as: UTF8.self))
        #expect(flags.contains("invalid_utf8") == !(front + inside).isEmpty)
    }
}

@Suite struct JoiningPropertyTests {
    /// Lines of both streams of a container's log, cut into reads anywhere, with time-outs between.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func `no byte is lost, doubled or moved, however the log is read`(_ seed: UInt64) throws {
        var random = SeededBytes(seed)
        var pool: [String] = []
        for name in Fixture.names(in: "joining") where name.hasSuffix(".in") {
            let text = String(decoding: try Fixture.bytes("joining/\(name)"), as: UTF8.self)
            pool += text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
        let hasTimeouts = seed % 2 == 0
        var file: [UInt8] = []
        var written: [LogStream: [String]] = [.stdout: [], .stderr: []]
        var start = Int(random.next() % UInt64(pool.count))
        for _ in 0..<400 {
            // Runs of lines that belong together, from time to time from elsewhere.
            if random.next() % 12 == 0 { start = Int(random.next() % UInt64(pool.count)) }
            let line = pool[start]
            start = (start + 1) % pool.count
            let stream: LogStream = random.next() % 3 == 0 ? .stderr : .stdout
            let head = "2026-01-01T00:00:00.000000000Z \(stream)"
            // A time-out between two pieces makes two lines of them.
            if !hasTimeouts, random.next() % 10 == 0, line.utf8.count > 2, line.utf8.allSatisfy({ $0 < 0x80 }) {
                let cut = line.index(line.startIndex, offsetBy: line.count / 2)
                file += Array("\(head) P \(line[..<cut])\n\(head) F \(line[cut...])\n".utf8)
            } else {
                file += Array("\(head) F \(line)\n".utf8)
            }
            written[stream]?.append(line)
        }
        let limits = JoinLimits(maxLines: 2 + Int(random.next() % 60), maxBytes: 500 + Int(random.next() % 5000))
        var assembler = Assembler(
            AssemblyRules(joining: JoinRules(languages: .all, limits: limits), maxLineBytes: 1 << 20), format: .cri,
            resume: ResumeOffsets(0))
        var sink = JoinedEvents()
        var end = 0
        while end < file.count {
            end = min(file.count, end + 1 + Int(random.next() % 900))
            let chunk = Array(file[Int(assembler.position)..<end])
            assembler.consume(
                chunk.span, readAt: Timestamp(nanoseconds: 0), now: Moment(nanoseconds: 0), sink: &sink)
            if hasTimeouts, random.next() % 8 == 0 {
                assembler.flushEarly(random.next() % 2 == 0 ? .stdout : .all, into: &sink)
            }
        }
        assembler.flushEarly(.all, into: &sink)
        for stream in LogStream.allCases {
            let texts = zip(sink.events, sink.texts).filter { $0.0.stream == stream }.map(\.1)
            #expect(
                texts.joined(separator: "\n") == written[stream]?.joined(separator: "\n"), "seed \(seed), \(stream)")
        }
    }
}
