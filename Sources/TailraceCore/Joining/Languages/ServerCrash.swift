/// What servers that are written in C and C++ say of their own crash.
///
///     12:34:56 UTC - mysqld got signal 11 ;                          (MySQL; MariaDB: `[ERROR] mysqld got signal 11 ;`)
///     This could be because you hit a bug. …
///     key_buffer_size=8388608
///     /usr/sbin/mysqld(handle_fatal_signal+0x4a)[0x55d0…]
///     information that should help you find out what is causing the crash.
///     Core pattern: core                                             (and other lines about the core)
///
///     2024-05-01 12:34:56 0x7f3c… InnoDB: Assertion failure in file bank.cc line 3
///     InnoDB: Failing assertion: account
///
///     === REDIS BUG REPORT START: Cut & paste starting from here ===
///     17:M 01 May 2024 12:34:56.789 # Redis 7.2.4 crashed by signal: 11, si_code: 0
///     ------ STACK TRACE ------
///     === REDIS BUG REPORT END. Make sure to include from START to END. ===
///
///     /build/src/bank.cc: In function 'void pay()' thread 7f3c… time 2024-05-01T12:34:56.789012+0000     (Ceph)
///     /build/src/bank.cc: 3: FAILED ceph_assert(account)
///
///     *** Caught signal (Segmentation fault) **                      (also behind the time of a record)
///      in thread 7f3c… thread_name:bank
///      ceph version 17.2.6 (…) quincy (stable)
///      1: /lib64/libc.so.6(+0x54db0) [0x7f3c…]
///      NOTE: a copy of the executable, or `objdump -rdS <executable>` is needed to interpret this.
///
///     ===============================================================
///     INTERNAL ERROR: Signal 11 in pid 17 (4.15.5)                   (Samba)
///     ===============================================================
///     PANIC (pid 17): internal error in 4.15.5
///     BACKTRACE: 17 stack frames:
///      #0 /usr/lib/samba/libgenrand.so(smb_panic+0x9) [0x7f3c…]
///     dumping core in /var/log/samba/cores/smbd
///
///     ================================================================
///     handle_crash: Program crashed with signal 11                   (Godot)
///     [1] /lib/libc.so.6(+0x42520) [0x7f3c…] (??:0)
///     -- END OF BACKTRACE --
///     ================================================================
///
/// - SeeAlso: Samba's `lib/util/fault.c`; MySQL's `sql/signal_handler.cc` (`print_fatal_signal`); Redis's `debug.c` (`bugReportStart`, `bugReportEnd`);
///   Ceph's `global/signal_handler.cc`, `common/BackTrace.cc`.
enum ServerCrash {
    private static let mysql = TracePlaces.own(0)
    private static let redis = TracePlaces.own(1)
    private static let ceph = TracePlaces.own(2)
    private static let request = TracePlaces.own(3)
    private static let core = TracePlaces.own(4)
    private static let innodb = TracePlaces.own(5)
    private static let ruler = TracePlaces.own(6)
    private static let samba = TracePlaces.own(7)
    private static let godot = TracePlaces.own(8)

    static let grammar = TraceGrammar(
        language: .cpp,
        rules: [
            TraceRule(.anyHead, .starts("This could be because you hit a bug."), .joins(mysql)),
            TraceRule(.anyHead, .starts("Most likely, you have hit a bug, "), .joins(mysql)),
            TraceRule(.anyHead, .starts("Sorry, we probably made a mistake, and this is a bug."), .joins(mysql)),
            TraceRule(mysql, .starts("information that should help you find out "), .joins(core)),
            TraceRule([mysql, core], .starts("Kernel version: "), .joins(.end)),
            TraceRule(core, knownOfMySQL, .joins(core)),
            TraceRule(core, CPPTrace.aborted, .joins(.end)),
            TraceRule(core, .blank, .waits(core)),
            TraceRule(mysql, knownOfMySQL, .joins(mysql)),
            TraceRule(mysql, symbol, .joins(mysql)),
            TraceRule(mysql, .unrecorded, .waits(mysql)),
            TraceRule(mysql, .blank, .waits(mysql)),

            TraceRule(.anyHead, .starts("InnoDB: Failing assertion: "), .joins(innodb)),
            TraceRule(innodb, .starts("InnoDB: "), .joins(innodb)),

            TraceRule(.first, .starts("=== REDIS BUG REPORT START: "), .joins(redis)),
            TraceRule(redis, .starts("=== REDIS BUG REPORT END. "), .joins(request)),
            TraceRule(request, requestOfRedis, .joins(request)),
            TraceRule(request, .blank, .waits(request)),
            TraceRule(redis, .starts("*** Preparing to test memory region "), .joins(redis)),
            TraceRule(redis, lineOfRedis, .joins(redis)),
            TraceRule(redis, knownOfRedis, .joins(redis)),
            TraceRule(redis, symbol, .joins(redis)),
            TraceRule(redis, .unrecorded, .waits(redis)),
            TraceRule(redis, .blank, .waits(redis)),

            TraceRule(.first, .starts("=================================================="), .waits(ruler)),
            TraceRule([.first, ruler], .starts("INTERNAL ERROR: "), .joins(samba)),
            TraceRule(samba, .starts("=================================================="), .waits(samba)),
            TraceRule(samba, .starts("If you are running a recent Samba version"), .joins(samba)),
            TraceRule(samba, .starts("PANIC (pid "), .joins(samba)),
            TraceRule(samba, .starts("unable to produce a stack trace"), .joins(samba)),
            TraceRule(samba, .starts("BACKTRACE: "), .joins(samba)),
            TraceRule(samba, .starts("#", indented: .some), .joins(samba)),
            TraceRule(samba, .starts("dumping core in "), .joins(.end)),
            TraceRule(samba, .starts("coredump is handled by "), .joins(.end)),
            TraceRule(samba, .starts("Can not dump core"), .joins(.end)),

            TraceRule([.first, ruler], .starts("handle_crash: Program crashed with signal "), .joins(godot)),
            TraceRule(godot, .starts("["), .joins(godot)),
            TraceRule(godot, .starts("-- END OF BACKTRACE --"), .joins(godot)),
            TraceRule(godot, .starts("=================================================="), .joins(.end)),
            TraceRule(godot, .unrecorded, .waits(godot)),

            TraceRule(.first, .starts("*** Caught signal ("), .joins(ceph)),
            TraceRule(.first, functionOfCeph, .joins(ceph)),
            TraceRule(ceph, failureOfCeph, .joins(ceph)),
            TraceRule([.anyHead, ceph], .starts("in thread 7f", indented: .some), .joins(ceph)),
            TraceRule(ceph, lineOfCeph, .joins(ceph)),
            TraceRule(ceph, .starts("NOTE: a copy of the executable, ", indented: .some), .joins(.end)),
            TraceRule(ceph, .blank, .waits(ceph)),
        ])

    /// `/usr/sbin/mysqld(handle_fatal_signal+0x4a)[0x55d0]`, `/usr/sbin/mysqld[0x55d0]`
    private static let symbol = LinePattern.shape(
        "a frame of glibc", .letters.union(ByteSet(of: "/.[")), indented: .any, needs: .squareBracket
    ) { endsInAddress($0) }

    static func endsInAddress(_ line: borrowing LineView) -> Bool {
        line.index(of: "[0x", from: 0) != nil && line.ends(with: "]")
    }

    /// What is said of every crash, `thread_count=1`, `Hope that's ok; …`
    private static let knownOfMySQL = LinePattern.shape("what mysqld says of a crash", .letters) { line in
        if line.marks.contains(.oneWord) {
            guard !isUpper(line.firstByte), let value = line.index(of: UInt8(ascii: "="), from: 1) else { return false }
            return line.index(of: UInt8(ascii: "_"), from: 1).map { $0 < value } ?? false
        }
        for start in saidByMySQL where line.has(start, at: 0) { return true }
        return false
    }

    private static let saidByMySQL: [StaticString] = [
        "Hope that's ok", "Attempting backtrace. ", "terribly wrong...", "Thread pointer: ", "stack_bottom = ",
        "something is definitely wrong", "collection process might fail.", "Query (", "Connection ID", "Status: ",
        "Server version: ", "Writing a core file", "Working directory at ", "Resource Limits", "Limit  ", "Max ",
        "Core pattern: ",
    ]

    /// `17:M 01 May 2024 12:34:56.789 # Redis 7.2.4 crashed by signal: 11`, `[17] 01 May 12:34:56.789 # …`
    private static let lineOfRedis = LinePattern.shape(
        "a line of Redis", ByteSet.digits.union(ByteSet(of: "[")), admitsRecords: true
    ) { line in
        guard let mark = line.index(of: " # ", from: 0), mark < 40 else { return false }
        let digits = line.endOfDigits(from: line.firstByte == UInt8(ascii: "[") ? 1 : 0)
        // What is being started writes `17:C`.
        return line.has(":M ", at: digits) || line.has(":S ", at: digits) || line.has("] ", at: digits)
    }

    /// `------ INFO OUTPUT ------`, `# Server`, `redis_version:7.2.4`
    private static let knownOfRedis = LinePattern.shape(
        "a part of the report", .letters.union(ByteSet(of: "-#"))
    ) { line in
        switch line.firstByte {
        case UInt8(ascii: "-"): line.has("------ ", at: 0)
        case UInt8(ascii: "#"): line.has("# ", at: 0)
        default: isField(line)
        }
    }

    private static func isField(_ line: borrowing LineView) -> Bool {
        guard line.marks.isSuperset(of: [.oneWord, .colon]), let colon = line.index(of: UInt8(ascii: ":"), from: 1),
            let mark = line.index(of: UInt8(ascii: "_"), from: 1)
        else { return false }
        return mark < colon
    }

    /// `  Suspect RAM error? …`, behind the report
    private static let requestOfRedis = LinePattern.shape(
        "what Redis asks for", ByteSet(of: "PhISs"), indented: .some
    ) { line in
        line.has("Please report the crash ", at: line.indent) || line.has("http", at: line.indent)
            || line.has("If a ", at: line.indent) || line.has("Suspect RAM error?", at: line.indent)
            || line.has("Some other issues ", at: line.indent)
    }

    /// `/build/src/bank.cc: In function 'void pay()' thread 7f3c time 2024-05-01T12:34:56.789012+0000`
    private static let functionOfCeph = LinePattern.shape(
        "an assertion of Ceph", .letters.union(ByteSet(of: "/._")), needs: [.colon, .quote, .digit]
    ) { line in
        line.index(of: ": In function '", from: 1).flatMap { line.index(of: "' thread 7f", from: $0) } != nil
    }

    /// `/build/src/bank.cc: 3: FAILED ceph_assert(account)`
    private static let failureOfCeph = LinePattern.shape(
        "an assertion of Ceph", .letters.union(ByteSet(of: "/._")), needs: [.colon, .digit]
    ) { line in
        line.index(of: ": FAILED ", from: 1) != nil
    }

    /// ` ceph version 17.2.6 (…)`, ` 1: (main()+0x17) [0x55d0]`
    private static let lineOfCeph = LinePattern.shape(
        "a line of Ceph", ByteSet.digits.union(ByteSet(of: "c")), indented: .some
    ) { line in
        if line.firstByte == UInt8(ascii: "c") { return line.has("ceph version ", at: line.indent) }
        return line.indent <= 2 && line.has(": ", at: line.endOfDigits(from: line.indent))
            && (line.ends(with: "]") || line.ends(with: ")"))
    }
}
