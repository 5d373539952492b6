/// What stands in front of every line of a trace because a program or a tool put it there: a time, the number of a
/// process. What is behind it is judged as if it stood alone, as long as the lines of an event have the same. Nobody can
/// tell of a single line whether its record begins in front of it or behind; where that is certain, it is a
/// ``TransportPrefix``.
///
/// | Prefix | Who |
/// |---|---|
/// | `[   12.345678] `, `<4>[   12.345678][  T17] ` | the Linux kernel |
/// | `2024-05-01T12:34:56.789Z `, `[2024-05-01 12:34:56] `, `2024/05/01 12:34:56 `, `1714567890.123 ` | programs, `ts` |
/// | `2024-05-01 12:34:56.789 \| `, `Wed, May 1 2024 12:34:56 pm \| `, `2024-05-01 12:34:56.123456789  ` | Docker Desktop, Rancher, s6 |
/// | `app[17]: ` | syslog without its time |
/// | `[rank0]: `, `[default0]:`, `[1,0]<stderr>:` | PyTorch, torchrun, `mpirun --tag-output` |
/// | `(EngineCore_0 pid=17) `, `(train pid=17, ip=10.0.0.1) ` | vLLM, Ray |
/// | `kern  :warn  : ` | `dmesg -x`, before the time |
/// | `I/flutter (17): `, `E/AndroidRuntime(17): ` | `logcat -v brief` of Android |
/// | `flutter: ` | Flutter on iOS and on desks |
/// | `[01-May-2024 12:34:56] WARNING: [pool www] child 17 said into stderr: "` | PHP-FPM, with a quote at the end |
///
/// A name may stand before a time.
struct LinePrefix {
    /// The place behind it. Blanks that belong to the text are not part of it.
    let end: Int
    /// The same for all lines of one program: digits and letters of times don't count.
    let shape: UInt64
    /// The place behind the name that stands first; 0 when none does.
    let nameEnd: Int
    /// The shape of that name alone.
    let nameShape: UInt64

    init?(of line: Span<UInt8>) {
        guard line.count >= 8 else { return nil }
        var scan = PrefixScan(line)
        let isUptime = scan.uptime()
        let isNamed = !isUptime && scan.name()
        (nameEnd, nameShape) = isNamed ? (scan.index, scan.shape) : (0, 0)
        let isTimed = isUptime || scan.uptime() || scan.time()
        guard isNamed || isTimed else { return nil }
        if isTimed {
            _ = scan.childOfFPM() || scan.logcatTag() || scan.uptime() || scan.processName()
        }
        (end, shape) = (scan.index, scan.shape)
    }
}

extension LinePrefix {
    /// The prefix of `head` that is like that of a further line: a program may begin its record with a time of its own,
    /// behind the time that somebody put in front of every line.
    init?(of head: Span<UInt8>, like prefix: LinePrefix) {
        let whole = LinePrefix(of: head)
        guard whole?.shape != prefix.shape, head.count > prefix.end,
            let front = LinePrefix(of: head.extracting(first: prefix.end)), front.shape == prefix.shape
        else {
            guard let whole else { return nil }
            self = whole
            return
        }
        self = front
    }
}
