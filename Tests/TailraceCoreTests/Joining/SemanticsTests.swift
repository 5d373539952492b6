@testable import TailraceCore
import Testing

/// What real traces ask for, one clause after the other.
@Suite struct JoiningSemanticsTests {
    private static let trace = """
        Traceback (most recent call last):
          File "/app/a.py", line 3, in <module>
            f()
        ValueError: x
        """

    /// Each element of `records` is one record; joining all their lines gives them back.
    private func expectRecords(_ records: [String], _ languages: TraceLanguages = .all, _ comment: Comment? = nil) {
        let lines = records.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
        #expect(join(lines, languages) == records, comment)
    }

    @Test func `a record of warning or above and the bare trace behind it are one`() {
        expectRecords(["2026-01-01 00:00:00 ERROR pay failed\n" + Self.trace, "2026-01-01 00:00:01 INFO next"])
        expectRecords(["WARN pay failed\njava.io.IOException: disk\n\tat a.b.C.d(C.java:1)"])
    }

    @Test func `a record below warning and a line of an access log stay alone`() {
        expectRecords(["2026-01-01 00:00:00 INFO request", Self.trace])
        expectRecords(["10.0.0.1 - - [01/Jan/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 500 5", Self.trace])
        expectRecords(["{\"level\":\"error\"}", Self.trace])
    }

    @Test func `a beginning that two records have in common is taken for a prefix only if frames have it, too`() {
        let head = "ERROR [bank] (main) java.io.IOException: disk"
        let frames = ["ERROR [bank] \tat a.b.C.d(C.java:1)", "ERROR [bank] Caused by: java.io.IOException: no"]
        expectRecords([([head, "ERROR [bank] java.io.IOException: disk"] + frames).joined(separator: "\n")])
        expectRecords([head, "ERROR [bank] java.io.IOException: disk", "ERROR [bank] next"])
        expectRecords([head, "ERROR [bank] java.io.IOException: disk\n\tat a.b.C.d(C.java:1)"])
        expectRecords(Array(repeating: head, count: 20))
    }

    @Test func `a frame behind a prefix that nobody knows needs a line before it with the same one`() {
        expectRecords(["api:dev: Error: x\napi:dev:     at f (/a.js:1:2)", "api:dev: listening"])
        expectRecords(["web:dev: Error: x", "api:dev:     at f (/a.js:1:2)"])
    }

    @Test func `a line without a level that begins with a failure announces a trace, and nothing else`() {
        expectRecords(["Error handling request\n" + Self.trace, "listening"])
        expectRecords(["!!! Exception during processing !!! x\n" + Self.trace])
        expectRecords(["Error handling request", "listening", Self.trace])
        expectRecords(["Errors: 0", Self.trace])
        expectRecords(["2024/05/01 12:34:56 pay: open db: refused\n" + Self.trace])
        expectRecords(["2024/05/01 12:34:56 listening on: 8080", Self.trace])
    }

    @Test func `behind a text and a blank line an exception still belongs to the alarm`() {
        let exception = "java.io.IOException: disk\n\tat a.b.C.d(C.java:1)"
        expectRecords(["ERROR pay failed: [GET]\nno such account. Stacktrace follows:\n\n" + exception, "listening"])
        expectRecords(["ERROR pay failed", "no such account", "", "listening", exception])
        expectRecords(["INFO paid", "for account 17", "", exception])
    }

    @Test func `a list in the text of an exception of Python is recognised by its announcement`() {
        expectRecords([Self.trace + "\nCall log:\n  - navigating to \"http://a\"", "listening"])
        expectRecords([Self.trace + "\nCall log:\n  - navigating", "  json: combine(timestamp(), json()),"])
        expectRecords([Self.trace, "Rates:", "listening"])
        expectRecords([Self.trace, "  - navigating"])
    }

    @Test func `between the record that announced a trace and the next one stands what the exception had to say`() {
        let head = "2026-01-01 00:00:00 ERROR load failed\n" + Self.trace
        for next in ["2026-01-01 00:00:01 INFO next", "INFO:     next", "{\"level\":\"info\"}"] {
            expectRecords([head + "\nwhile loading a\n\nTry again.", next])
        }
        // Whoever writes no records may write anything behind a trace.
        expectRecords([Self.trace, "while loading a", "2026-01-01 00:00:01 INFO next"])
        expectRecords([head, "while loading a"])
        expectRecords([head, "while loading a", Self.trace])
        expectRecords([
            "2026-01-01 00:00:00 INFO loading", Self.trace, "while loading a", "2026-01-01 00:00:01 INFO next",
        ])
    }

    @Test func `a list behind an alarm that ends in a colon belongs to it if a record follows`() {
        let head = "2026-01-01 00:00:00 WARN java.lang.IllegalStateException: Validation Failed:"
        expectRecords([head + "\n     1 change\n          a.xml was changed\n", "2026-01-01 00:00:01 INFO next"])
        expectRecords([head, "1 change", "2026-01-01 00:00:01 INFO next"])
        expectRecords(["2026-01-01 00:00:00 WARN failed:", "1 change", "2026-01-01 00:00:01 INFO next"])
        expectRecords(["2026-01-01 00:00:00 INFO changes:", "     1 change", "2026-01-01 00:00:01 INFO next"])
    }

    @Test func `an exception without a stack belongs to the alarm before it if a record follows`() {
        expectRecords(["2026-01-01 00:00:00 ERROR failed\nTimeoutError: no answer", "2026-01-01 00:00:01 INFO next"])
        expectRecords(["2026-01-01 00:00:00 ERROR failed", "Error: no answer", "2026-01-01 00:00:01 INFO next"])
        expectRecords(["2026-01-01 00:00:00 INFO asked", "TimeoutError: no answer", "2026-01-01 00:00:01 INFO next"])
        expectRecords(["2026-01-01 00:00:00 ERROR failed", "TimeoutError: no answer", "next"])
    }

    @Test func `an error that is called error is no record, if frames follow`() {
        for head in ["[Nest] 17  - 01/01/2026, 0:00:00 AM   ERROR [ExceptionHandler] no such database"] {
            expectRecords([head + "\nerror: no such database\n    at f (/a.js:1:2)", "INFO next"])
            expectRecords([head, "error: no such database", "INFO next"])
        }
        let lines = [
            "app_1  | [Nest] 17  - 01/01/2026, 0:00:00 AM   ERROR [ExceptionHandler] no", "app_1  | error: no",
            "app_1  |     at f (/a.js:1:2)",
        ]
        expectRecords([lines.joined(separator: "\n")])
        expectRecords(["error: one", "error: two\n    at f (/a.js:1:2)"])
    }

    @Test func `two traces back to back are two records`() {
        expectRecords([Self.trace, Self.trace])
        let java = "java.io.IOException: disk\n\tat a.b.C.d(C.java:1)"
        expectRecords([java, java, Self.trace, java])
        expectRecords(["panic: a\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/a.go:3 +0x1d", "panic: b"])
    }

    @Test func `prose behind a trace is a record of its own`() {
        expectRecords([Self.trace, "listening on 8080", "bye"])
        expectRecords(["java.io.IOException: disk\n\tat a.b.C.d(C.java:1)", "listening on 8080"])
        expectRecords(["Error: x\n    at f (/a.js:1:2)", "listening on 8080"])
    }

    @Test func `lines with a time, a level or an object are never absorbed`() {
        for line in [
            "2026-01-01 00:00:00 a", "  INFO b", "E0101 00:00:00.000000 1 a.go:3] c", "level=info d", "{\"e\": 1}",
            "[error] f", "I, [2026-01-01T00:00:00.000000 #1]  INFO -- : g",
        ] {
            expectRecords(["Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in <module>", line])
            expectRecords(["java.io.IOException: disk", line])
            expectRecords(["panic: a", line])
        }
    }

    @Test func `a record ends a report in which any line may stand`() {
        let report =
            "=ERROR REPORT==== 1-Jan-2026::00:00:00.000000 ===\nError in process <0.9.0> with exit value:\n{badmatch,[]}"
        for line in [
            "{\"level\": \"info\"}", "[2026-01-01T00:00:00] bank.INFO: a", "[2026-01-01 00:00:00 +0000] [17] [INFO] b",
        ] {
            expectRecords([report, line])
        }
    }

    @Test func `a word in the text of a line makes no alarm of it`() {
        for line in [
            "2026/01/01 00:00:00 panic button is not pressed",
            "2026-01-01T00:00:00.000000Z [info     ] Exception handling is on",
            "2026-01-01T00:00:00Z Error handling is switched on", "2026-01-01 00:00:00\tinfo\tno error: all is well",
            "2026-01-01 00:00:00.000000: I tensorflow/core/a.cc:3] failed to find a GPU",
            "[I101 00:00:00.000000 a.cpp:3] error: none",
        ] {
            expectRecords([line, Self.trace])
        }
        for line in [
            "2026/01/01 00:00:00 http: panic serving 10.0.0.1:5: boom", "2026/01/01 00:00:00 payment failed",
            "2026-01-01T00:00:00.000000Z [error    ] no", "2026/01/01 00:00:00 Error while paying",
            "2026-01-01 00:00:00\terror\tno",
            "2026-01-01 00:00:00.000000: E tensorflow/core/a.cc:3] no", "[E0101 00:00:00.000000 a.cpp:3] no",
            "[Thu Jan 01 00:00:00.000000 2026] [core:error] [pid 17] no",
        ] {
            expectRecords([line + "\n" + Self.trace])
        }
    }

    @Test func `lines behind an alarm are held until a frame shows that they are an exception's`() {
        for text in [
            "Overdrawn: account 17\n    at pay (/app/a.js:1:2)",
            "account 17 at /app/a.pl line 3.\n\tmain::f(17) called at /app/a.pl line 7",
            "a.lua:3: account 17\nstack traceback:\n\t[C]: in function 'error'",
            "Overdrawn: account\n17\n   at Acme.Bank.Pay() in /app/a.cs:line 3",
        ] {
            expectRecords(["ERROR failed\n" + text, "INFO next"])
        }
        expectRecords(["ERROR failed", "one", "two", "three", "four\n    at f (/a.js:1:2)"])
        expectRecords(["INFO fine", "Overdrawn: account 17\n    at f (/a.js:1:2)"])
        expectRecords(["ERROR failed", "prose", Self.trace])
    }

    @Test func `a record that tells an exception or announces more may have a text of several lines`() {
        let java = "java.sql.SQLException: no\n\tat a.b.C.d(C.java:1)"
        for record in [
            "ERROR failed: ValueError: x\naccount 17", "ERROR failed:\naccount 17",
            "ERROR failed [a.b.BankException: \n### Error querying\n### The error may exist in a/Bank.xml\n### Cause: no]",
        ] {
            expectRecords([record + "\n" + Self.trace, "INFO next"])
            expectRecords([record + "\n" + java, "INFO next"])
        }
        let hints =
            "For debugging consider passing CUDA_LAUNCH_BLOCKING=1.\nCompile with `TORCH_USE_CUDA_DSA` to enable"
        expectRecords(["ERROR CUDA error: no\n\(hints)\n\(Self.trace)", "INFO next"])
        expectRecords(["INFO retrying: a.b.BankException: no", "prose", java])
    }

    @Test func `what Node.js, Spark, SQL Server and Mono say beside frames belongs to them`() {
        expectRecords([
            """
            events.js:292
                  throw er; // Unhandled 'error' event
                  ^

            Error: listen EADDRINUSE: address already in use :::80
                at Server.listen (net.js:1318:16)
            Emitted 'error' event on Server instance at:
                at emitErrorNT (net.js:1345:8) {
              port: 80
            }
            """, "listening on 81",
        ])
        let spark = "a.b.SparkException: Job aborted: no\n\tat a.b.C.d(C.scala:1)"
        expectRecords([
            "26/01/01 00:00:00 ERROR Writer: aborting\n" + spark
                + "\n\nDriver stacktrace:\n\tat a.b.C.d(C.scala:7)\nCaused by: a.b.NoException: no\n\tat a.b.C.d(C.scala:9)",
            "26/01/01 00:00:01 INFO Writer: next",
        ])
        expectRecords([
            """
            { QueryFailedError: duplicate key
                at f (/app/a.js:1:2)
              severity: 'ERROR',
              code: '23505' }
            """, "next",
        ])
        expectRecords([
            """
            Acme.UpdateException: no
             ---> Acme.SqlException (0x80131904): duplicate key
               at Acme.Bank.Pay()
            ClientConnectionId:17
            Error Number:2627,State:1,Class:14
               --- End of inner exception stack trace ---
               at Acme.Bank.Pay()
            """, "next",
        ])
        let missing = "System.IO.FileNotFoundException: Could not load file or assembly 'A'\nFile name: 'A'"
        expectRecords(["Unhandled Exception:\n" + missing, "[ERROR] FATAL UNHANDLED EXCEPTION: " + missing, "next"])
        expectRecords(["Unhandled Exception:\nSystem.TimeoutException: no", "next"])
    }

    @Test func `a goroutine's last function counts without its place, and the shell's last word`() {
        let panic = "panic: a\n\ngoroutine 1 [running]:\nmain.pay(0xc000012345)\n\t/app/a.go:3 +0x1d"
        expectRecords([panic + "\nmain.main()"])
        expectRecords([panic + "\nAborted (core dumped)", "next"])
        expectRecords([
            "E0101 00:00:00.000000 1 a.go:3] Observed a panic: \"no\"\n/app/a.go:76\n/usr/local/go/src/runtime/asm_amd64.s:1337",
            "/app/b.go: ok",
        ])
    }

    @Test func `an exception with a package needs no frames behind an alarm`() {
        expectRecords(["WARN poll\norg.acme.errors.TimeoutException: Timeout of 1ms expired", "prose"])
        expectRecords(["INFO poll", "org.acme.errors.TimeoutException: Timeout of 1ms expired"])
        expectRecords(["WARN poll", "org.acme.settings: none", "acme.Bank: a"])
        // An array of Node.js that goes on is no frame that was left out.
        expectRecords(["acme.Bank: (1.W042) a", "    ... 20 more items"])
    }

    @Test func `what Nest says to try is in the record, and again in the error`() {
        let hints = "\n\nPotential solutions:\n- Is it a valid module?\n  @Module({\n    imports: []\n  })\n\n"
        let record = "[Nest] 17  - 01/01/2026, 12:00:00 AM   ERROR [ExceptionHandler] Nest can't resolve Bank (?)."
        expectRecords([
            record + hints + "Error: Nest can't resolve Bank (?)." + hints + "    at f (/app/injector.js:1:2)", "next",
        ])
        expectRecords([record, "", "next"])
    }

    @Test func `an exception behind a failure of the console logger need not be indented`() {
        expectRecords(["fail: Acme.Bank[13]\n      failed\nAcme.BankException: no\n   at Acme.Bank.Pay()", "next"])
        expectRecords(["info: Acme.Bank[13]\n      fine", "Acme.BankException: no\n   at Acme.Bank.Pay()"])
    }

    @Test func `a letter before the time, an exponent in it and a long name behind it hide no level`() {
        for record in [
            "E 01-01 00:00:00 a.py:3] failed", "1.7647200001234567e+09\tERROR\ta.go:3\tfailed",
            "2026-01-01 00:00:00,000 [" + String(repeating: "a", count: 80) + "] ERROR failed",
        ] {
            expectRecords([record + "\n" + Self.trace, "next"])
        }
        expectRecords(["I 01-01 00:00:00 a.py:3] fine", Self.trace, "1.5 is a number", Self.trace])
    }

    @Test func `an object of Elasticsearch 7 has one frame on each of its lines`() {
        let object = "{\"level\": \"ERROR\", \"message\": \"failed\", "
        let frames =
            "\"stacktrace\": [\"a.b.BankException: no\",\n\"at a.b.C.d(C.java:1)\",\n\"at a.b.C.d(C.java:3)\"] }"
        expectRecords([object + "\n" + frames, "{\"level\": \"INFO\", \"message\": \"next\"}"])
        expectRecords([object, "\"a\": 1", "next"])
    }

    @Test func `a time without a year begins a record`() {
        expectRecords([
            "01-01 00:00:00.000  17  17 E Bank: failed\n" + Self.trace, "01-01 00:00:00.001  17  17 I Bank: a",
        ])
        expectRecords([Self.trace, "10.12.13.14 is an address", "06/07 is a day"])
    }

    @Test func `indented prose behind a trace is a record of its own`() {
        for trace in [
            Self.trace, "java.io.IOException: disk\n\tat a.b.C.d(C.java:1)", "Error: x\n    at f (/a.js:1:2)",
            "panic: a\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/a.go:3 +0x1d",
            "** (RuntimeError) no\n    a.exs:3: (file)", "thread 'main' panicked at src/main.rs:4:5:\nx",
        ] {
            expectRecords([trace, "    indented prose", "INFO next"])
        }
    }

    @Test func `the first line of a trace starts another when it comes again`() {
        let ruby = "/app/a.rb:3:in `rescue in f': account 17 (Overdrawn)\n\tfrom /app/a.rb:7:in `g'"
        expectRecords([ruby, ruby])
        expectRecords([ruby + "\n/app/a.rb:2:in `f': no (IOError)\n\tfrom /app/a.rb:7:in `g'"])
        let stack = "goroutine 1 [running]:\nmain.main()\n\t/app/a.go:3 +0x1d"
        expectRecords([stack, stack])
    }

    @Test func `frames without indentation make a trace of the line before them`() {
        expectRecords(["2026-01-01T00:00:00.000Z\tERROR\ta.go:3\tfailed\nmain.main\n\t/app/a.go:3", "next"])
        expectRecords(["boom\nmain.f\n\t/app/a.go:3\nmain.main\n\t/app/a.go:9", "next"])
        expectRecords([
            "E, [2026-01-01T00:00:00.000000 #1] ERROR -- : boom\n/app/a.rb:3:in `f'\n/app/a.rb:7:in `g'", "next",
        ])
    }

    @Test func `free lines are held until a frame confirms them, else they are records of their own`() {
        expectRecords(["java.sql.SQLException: no\nSELECT a\n\nFROM b\n\tat a.b.C.d(C.java:1)"])
        expectRecords(["java.sql.SQLException: no", "SELECT a", "", "FROM b", "done"])
        // More than are held.
        let lines = (0..<TraceMachine.heldLinesMax + 5).map { "line \($0)" }
        expectRecords(["java.sql.SQLException: no"] + lines + ["last\n\tat a.b.C.d(C.java:1)"])
    }

    @Test func `behind a blank line or Python's last line only connectors carry on`() {
        let link = "\n\nDuring handling of the above exception, another exception occurred:\n\n"
        expectRecords([Self.trace + link + Self.trace])
        expectRecords([Self.trace, "", "Server listening"])
        expectRecords([
            "java.io.IOException: a\n\tat a.b.C.d(C.java:1)\n\nCaused by: java.io.IOException: b\n\tat a.b.C.e(C.java:2)"
        ])
        expectRecords([
            "panic: a\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/a.go:3 +0x1d\n\ngoroutine 2 [select]:\nmain.f()\n\t/app/a.go:5 +0x1d",
            "", "next",
        ])
    }

    @Test(arguments: [
        "Exception in thread \"main\" java.lang.Error: x\n\tat a.b.C.d(C.java:1)", "panic: x\n\ngoroutine 1 [running]:",
        "PHP Fatal error:  Uncaught E: x in /a.php:3\nStack trace:\n#0 {main}\n  thrown in /a.php on line 3",
        "thread 'main' panicked at src/main.rs:4:5:\nx",
    ])
    func `what names itself belongs to nothing before it`(_ trace: String) {
        expectRecords(["2026-01-01 00:00:00 ERROR failed", trace])
        expectRecords(["it failed with an error:", trace])
    }

    @Test func `indentation alone joins nothing, unless it is asked for`() {
        let lines = ["2026-01-01 00:00:00 ERROR a", "  b", "\tc", "d"]
        expectRecords(lines)
        let rules = JoinRules(languages: .all, joinsIndented: true)
        #expect(join(lines, rules) == ["2026-01-01 00:00:00 ERROR a\n  b\n\tc", "d"])
        #expect(join(["INFO a", "  b", "", "  c"], rules) == ["INFO a\n  b", "", "  c"])
    }

    @Test func `colours, carriage returns, tabs and blanks do not disturb it, and stay`() {
        expectRecords([
            "\u{1B}[31mERROR\u{1B}[0m failed\r\njava.io.IOException: disk\r\n    at a.b.C.d(C.java:1)\r", "next\r",
        ])
        expectRecords(["\u{1B}[1mTypeError\u{1B}[0m: x\n\u{1B}[90m    at f (/a.js:1:2)\u{1B}[39m", "next"])
    }

    @Test func `colours behind lines that were held in vain`() {
        let held = ["java.io.IOException: disk", "no frame", "\u{1B}[31mWARN\u{1B}[0m next"]
        let trace = Self.trace.split(separator: "\n").map { "\u{1B}[31m\($0)\u{1B}[0m" }
        #expect(join(held + ["INFO a"] + trace) == held + ["INFO a", trace.joined(separator: "\n")])
    }

    @Test(arguments: [
        "2026-01-01T00:00:00.123456Z ", "[2026-01-01 00:00:00,123] ", "2026/01/01 00:00:00 ",
        "Jan  1 00:00:00 host app[17]: ", "web-1  | ", "[pod/web-0/app] ", "2026-01-01T00:00:00+00:00 app[web.1]: ",
        "[rank0]: ", "[default0]:", "[1,0]<stderr>:", "(EngineCore_0 pid=17) ", "(train pid=17, ip=10.0.0.1) ",
        "web-1  | 2026-01-01T00:00:00.123Z ", "00:00:00 web.1  | ", "flutter: ",
        "<13>1 2026-01-01T00:00:00.123Z host app 17 - - ", "<13>1 2026-01-01T00:00:00Z host app 17 id [a b=\"c\"] ",
    ])
    func `the same prefix before every line does not hide a trace`(_ prefix: String) {
        for text in [Self.trace, "java.io.IOException: disk\n\tat a.b.C.d(C.java:1)\nCaused by: b.C: d\n\t... 3 more"] {
            let lines = text.split(separator: "\n").map { prefix + $0 }
            #expect(join(lines + [prefix + "next"]) == [lines.joined(separator: "\n"), prefix + "next"])
        }
    }

    @Test func `a name in front does not make less of a record`() {
        let trace = Self.trace.split(separator: "\n").map { "web-1  | \($0)" }.joined(separator: "\n")
        expectRecords(["web-1  | 2026-01-01 00:00:00 ERROR failed\n" + trace, "web-1  | 2026-01-01 00:00:00 INFO next"])
        expectRecords(["web-1  | 2026-01-01 00:00:00 INFO fine", trace])
    }

    @Test(arguments: [
        "ERROR 01-01 00:00:00 [core.py:702] ", "(EngineCore_0 pid=17) ERROR 01-01 00:00:00 [core.py:702] ",
        "2026-01-01T00:00:00,123 [WARN ] W-9000-bank-stderr MODEL_LOG - ",
        "2026-01-01T00:00:00,123 [INFO ] W-9000-bank-stdout MODEL_LOG - ", "2026-01-01 00:00:00 INFO bank: ",
        "2026-01-01 00:00:00 bank: ",
    ])
    func `a trace of which a logger made records is one`(_ prefix: String) {
        let trace =
            Self.trace + "\n\nDuring handling of the above exception, another exception occurred:\n\n" + Self.trace
        let lines = trace.split(separator: "\n", omittingEmptySubsequences: false).map { prefix + $0 }
        let text = lines.joined(separator: "\n")
        // Another record comes from another line of the source, or later.
        expectRecords([text, prefix.replacing("702", with: "9") + "next"])
        expectRecords([text, "INFO other", text])
        let isAlarm = prefix.contains("ERROR") || prefix.contains("WARN")
        expectRecords(isAlarm ? [prefix + "failed\n" + text] : [prefix + "failed", text])
    }

    @Test func `what a logger wrote from one line of its source at one time is one record`() {
        let prefix = "ERROR 01-01 00:00:00 [core.py:702] "
        let lines = (Self.trace + "\nwhat it was about\n\nand more").split(
            separator: "\n", omittingEmptySubsequences: false
        ).map { prefix + $0 }
        for other in ["ERROR 01-01 00:00:01 [core.py:702] next", "ERROR 01-01 00:00:00 [core.py:703] next"] {
            expectRecords([lines.joined(separator: "\n"), other])
        }
        expectRecords(Array(repeating: lines.joined(separator: "\n"), count: 2))
        // The next failure at the same time.
        expectRecords(
            ["request 17 failed", "request 18 failed"].map {
                ([prefix + $0] + lines).joined(separator: "\n")
            })
    }

    @Test func `what some process forwards of another's calm lines does not belong to a trace in them`() {
        let prefix = "INFO 01-01 00:00:00 [forwarder.py:30] "
        let trace = Self.trace.split(separator: "\n", omittingEmptySubsequences: false).map { prefix + $0 }
        expectRecords([trace.joined(separator: "\n"), prefix + "request 18 came", prefix + "request 19 came"])
    }

    @Test(arguments: [
        "[2024-05-01 12:34:56] ", "[12:34:56.789 +0000] ", "[01-May-2024 12:34:56 UTC] ", "[2024-05-01 12:34:56] X",
    ]) func `a time in brackets may have nothing behind it`(_ line: String) {
        expectRecords([line, "next"])
        expectRecords(["ERROR failed", line, "next"])
    }

    /// Wherever a line is cut, it is still a line.
    @Test func `every beginning of a line can be read`() {
        let rules = JoinRules(languages: .all)
        let captured = TraceCollection.captured.traces.flatMap(\.lines) + TraceCollection.captured.logs.flatMap(\.lines)
        let lines = Set(captured.map { Array($0.utf8.prefix(80)) }).sorted { $0.lexicographicallyPrecedes($1) }
        for line in stride(from: 0, to: lines.count, by: 10).map({ lines[$0] }) {
            var joiner = MultilineJoiner(stream: .stdout, rules: rules)
            var sink = JoinedEvents()
            for end in line.indices {
                for ending: [UInt8] in [[], [0x20], [0x0D]] {
                    let stamp = LineStamp(time: Timestamp(nanoseconds: 0), start: 0, end: 1)
                    let text = Array(line[..<end]) + ending
                    joiner.add(text.span, stamp, now: Moment(nanoseconds: 0), into: &sink)
                }
            }
            joiner.flush(into: &sink, timedOut: false)
            #expect(sink.events.reduce(0) { $0 + $1.lineCount } == 3 * line.count)
        }
    }

    @Test func `a name that ends in a dollar sign names nothing`() {
        for name in ["price$", "com.acme$", "a.b$.$", "$$$$$$"] {
            expectRecords(["java.io.IOException: disk", "\(name): 5"])
            expectRecords(["ERROR failed", name])
            expectRecords(["java.io.IOException: disk\n\tat a.b.C.d(C.java:1)", name + ": 5"])
        }
    }

    @Test func `other prefixes are other programs`() {
        let lines = ["web-1  | TypeError: x", "web-2  |     at f (/a.js:1:2)"]
        #expect(join(lines) == lines)
    }

    @Test func `an object that holds a trace is left whole`() {
        expectRecords([
            #"{"msg":"x","stack_trace":"java.io.IOException: x\n\tat a.b.C(D.java:1)"}"#, "\tat a.b.C.d(C.java:1)",
        ])
    }

    @Test func `what waits is timed from the arrival of its last line, whatever time the line has`() {
        var joiner = MultilineJoiner(stream: .stdout, rules: JoinRules(languages: .all))
        var sink = JoinedEvents()
        for (text, arrival) in [("java.io.IOException: disk", 5), ("\tat a.b.C.d(C.java:1)", 7)] as [(String, Int64)] {
            let bytes = Array(text.utf8)
            let stamp = LineStamp(time: Timestamp(nanoseconds: 1), start: 0, end: 1)
            joiner.add(bytes.span, stamp, now: Moment(nanoseconds: arrival), into: &sink)
            #expect(joiner.lastArrival == Moment(nanoseconds: arrival))
        }
        #expect(sink.texts.isEmpty)
        joiner.flush(into: &sink, timedOut: true)
        #expect(joiner.lastArrival == nil)
        #expect(sink.events.map(\.lineCount) == [2])
        #expect(sink.events.allSatisfy { $0.flags.contains(.timedOut) })
    }

    @Test func `beyond its limits an event goes on as a continuation`() {
        var joiner = MultilineJoiner(
            stream: .stdout, rules: JoinRules(languages: .all, limits: JoinLimits(maxLines: 3, maxBytes: 1000)))
        var sink = JoinedEvents()
        let lines = ["java.io.IOException: disk"] + (0..<5).map { "\tat a.b.C.d\($0)(C.java:1)" }
        for line in lines {
            let bytes = Array(line.utf8)
            joiner.add(
                bytes.span, LineStamp(time: Timestamp(nanoseconds: 0), start: 0, end: 1), now: Moment(nanoseconds: 0),
                into: &sink)
        }
        joiner.flush(into: &sink, timedOut: false)
        #expect(sink.texts.joined(separator: "\n") == lines.joined(separator: "\n"))
        #expect(sink.events.map(\.lineCount) == [3, 3])
        #expect(sink.events.map { $0.flags.contains(.continuation) } == [false, true])
    }
}

@Suite struct OptionalJoiningTests {
    @Test func `objects over several lines`() {
        let lines = ["{", "  \"a\": {", "    \"b\": 1", "  }", "}", "INFO answer: {", "  \"a\": 1", "}", "next"]
        #expect(
            join(lines, [.json]) == [
                lines[0...4].joined(separator: "\n"), lines[5...7].joined(separator: "\n"), "next",
            ])
        #expect(join(lines) == lines)
    }

    @Test func `elements over several lines`() {
        let lines = ["<?xml version=\"1.0\"?>", "<a>", "  <b>1</b>", "</a>", "next"]
        #expect(join(lines, [.xml]) == [lines[0...3].joined(separator: "\n"), "next"])
    }

    @Test func `statements of databases`() {
        let postgres = [
            "2026-01-01 00:00:00.000 UTC [1] LOG:  statement: SELECT a", "\tFROM b",
            "2026-01-01 00:00:00.000 UTC [1] LOG:  next",
        ]
        #expect(join(postgres, [.postgresql]) == [postgres[0...1].joined(separator: "\n"), postgres[2]])
        let mysql = [
            "# Time: 2026-01-01T00:00:00.000000Z", "# User@Host: a[a] @ b []", "SET timestamp=1;", "SELECT a",
            "FROM b;",
        ]
        #expect(join(mysql + mysql, [.mysql]) == [mysql.joined(separator: "\n"), mysql.joined(separator: "\n")])
        let general = [
            "2026-01-01T00:00:00.000000Z\t    1 Connect\ta@b on  using Socket",
            "2026-01-01T00:00:00.000000Z\t    1 Query\tSELECT a,", "  c", "FROM b", "\t\t     1 Query\tSELECT 1",
            "\t\t     1 Quit\t",
        ]
        #expect(
            join(general, [.mysql]) == [
                general[0], general[1...3].joined(separator: "\n"), general[4], general[5],
            ])
        #expect(join(general) == general)
    }

    @Test func `lines that syslog wrapped`() {
        let lines = [
            "Jan  1 00:00:00 host app[17]: INFO long", "Jan  1 00:00:00 host app[17]:   more",
            "Jan  1 00:00:00 host app[17]: next", "Jan  1 00:00:00 host app[17]: #011a tab, as rsyslog writes it",
        ]
        #expect(
            join(lines, [.syslog]) == [lines[0...1].joined(separator: "\n"), lines[2...3].joined(separator: "\n")])
    }
}

@Suite struct JoinPatternTests {
    private func records(_ pattern: String, _ mode: JoinPattern.Mode, _ lines: [String], maxLines: Int = 100) throws
        -> [String]
    {
        let limits = JoinLimits(maxLines: maxLines, maxBytes: 10_000)
        return join(lines, JoinRules(languages: [], limits: limits, pattern: try JoinPattern(pattern, mode: mode)))
    }

    @Test func `a pattern says where records start, go on, or end`() throws {
        #expect(try records("^\\d", .starts, ["1 a", "b", "c", "2 d"]) == ["1 a\nb\nc", "2 d"])
        #expect(try records("^ ", .continues, ["a", " b", " c", "d"]) == ["a\n b\n c", "d"])
        #expect(try records(";$", .ends, ["a", "b;", "c;", "d"]) == ["a\nb;", "c;", "d"])
        #expect(try records("^\\d", .starts, ["1 a", "b", "c"], maxLines: 2) == ["1 a\nb", "c"])
    }

    @Test func `a fault is told with its place`() {
        #expect(throws: JoinPattern.Invalid.self) { try JoinPattern("a(b", mode: .starts) }
        do throws(JoinPattern.Invalid) {
            _ = try JoinPattern("ab[z-a]", mode: .starts)
        } catch {
            #expect(error.offset == 6 || error.offset == 5)
            #expect(error.reason.contains("range out of order"))
        }
    }

    @Test(.timeLimit(.minutes(10))) func `no pattern hangs the process`() throws {
        let line = String(repeating: "a", count: 8000) + "b"
        #expect(try records("^(a+)+$", .starts, [line, "c"]) == [line + "\nc"])
    }
}
