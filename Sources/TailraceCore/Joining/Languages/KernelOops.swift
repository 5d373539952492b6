/// What the Linux kernel reports of its own faults, which the logs of nodes and machines hold behind the time since the
/// start, the header of syslog, or both.
///
///     BUG: kernel NULL pointer dereference, address: 0000000000000030
///     Oops: 0000 [#1] SMP NOPTI                                      (or `Internal error: Oops`, `WARNING: CPU: 0 PID: 17 at …`)
///     CPU: 0 PID: 17 Comm: bank Not tainted 6.1.0 #1
///     RIP: 0010:pay+0x1b/0x350 [bank]
///     RAX: ffff8b2212f16e40 RBX: 00007f5bf938e000 RCX: 0000000000000040
///     Call Trace:
///      <TASK>
///      take+0x1a1/0x3f0
///      </TASK>
///     ---[ end trace 0000000000000000 ]---
///
/// KASAN and lockdep draw rulers around theirs. Much of it reads like any text of the kernel, and is held until a part
/// comes that nothing else has.
///
/// - SeeAlso: `arch/x86/kernel/dumpstack.c` (`__show_regs`, `show_trace_log_lvl`), `kernel/panic.c`, `mm/kasan/report.c`,
///   `kernel/locking/lockdep.c`, `mm/oom_kill.c`.
enum KernelOops {
    private static let oops = TracePlaces.own(0)
    private static let ended = TracePlaces.own(1)
    private static let ruler = TracePlaces.own(2)

    static let grammar = TraceGrammar(
        language: .cpp,
        rules: [
            TraceRule(oops, .starts("---[ end "), .joins(ended)),
            TraceRule([oops, ended], part, .joins(oops)),
            TraceRule([oops, ended], .starts("Modules linked in: "), .joins(oops)),
            TraceRule(oops, .starts("============================"), .joins(ended)),
            TraceRule([oops, ended], .starts("Kernel panic - "), .joins(oops)),
            TraceRule([oops, ended], .starts("Kernel Offset: "), .joins(ended)),
            TraceRule([oops, ended], .starts("Rebooting in "), .joins(ended)),
            TraceRule(ended, .starts("---[ end Kernel panic"), .joins(ended)),
            TraceRule(oops, .starts("Memory cgroup out of memory: "), .joins(.end)),
            TraceRule(oops, .starts("Out of memory: Killed process "), .joins(.end)),
            TraceRule(oops, .starts("*** DEADLOCK ***", indented: .any), .joins(oops)),
            TraceRule(ruler, finding, .joins(oops)),

            TraceRule([.first, ruler], .starts("BUG: "), .waits(oops)),
            TraceRule([.first, ruler], .starts("WARNING: CPU: "), .waits(oops)),
            TraceRule([.first, ruler], .starts("WARNING: at "), .waits(oops)),
            TraceRule([.first, ruler], .starts("WARNING: possible "), .waits(oops)),
            TraceRule([.first, ruler], warningAtPlace, .waits(oops)),
            TraceRule([.first, ruler], .starts("ODEBUG: "), .waits(oops)),
            TraceRule([.first, ruler], .starts("INFO: task "), .waits(oops)),
            TraceRule([.first, ruler], .starts("INFO: rcu"), .waits(oops)),
            TraceRule([.first, ruler], .starts("rcu: INFO: "), .waits(oops)),
            TraceRule([.first, ruler], .starts("watchdog: BUG: "), .waits(oops)),
            TraceRule([.first, ruler], .starts("NMI watchdog: "), .waits(oops)),
            TraceRule([.first, ruler], .starts("kernel BUG at "), .waits(oops)),
            TraceRule([.first, ruler], .starts("Unable to handle kernel "), .waits(oops)),
            TraceRule([.first, ruler], .starts("general protection fault"), .waits(oops)),
            TraceRule([.first, ruler], .starts("Internal error: "), .waits(oops)),
            TraceRule([.first, ruler], .starts("Kernel panic - "), .waits(oops)),
            TraceRule([.first, ruler], .starts("------------[ cut here ]"), .waits(ruler)),
            TraceRule(.first, .starts("============================"), .waits(ruler)),

            // Behind a line that says nothing of a fault: of a process that asked for memory, of a driver.
            TraceRule(.anyHead, processor, .joins(oops)),
            TraceRule(.anyHead, code, .joins(.end)),

            TraceRule(oops, .starts("INFO: lockdep is turned off."), .waits(oops)),
            TraceRule([oops, ended], words, .joins(oops)),
            TraceRule(ruler, .unrecorded, .waits(ruler)),
            TraceRule(oops, .unrecorded, .waits(oops)),
            TraceRule(oops, .blank, .waits(oops)),

            // The rest of a report whose beginning is missing.
            TraceRule(.first, callTrace, .resumes(oops)),
            TraceRule(.first, .starts("RIP: 0010:"), .resumes(oops)),
            TraceRule(.first, processor, .resumes(oops)),
            TraceRule(.first, registers, .resumes(oops)),
            TraceRule(.first, .equals("<TASK>", indented: .some), .resumes(oops)),
            TraceRule(.first, .starts("Modules linked in: "), .resumes(oops)),
            TraceRule(.first, call, .resumes(oops)),
        ])

    /// `WARNING: fs/buffer.c:1183 at mark_buffer_dirty+0x299/0x3f0, CPU#1: bank/17`, from 6.19 on
    private static let warningAtPlace = LinePattern.shape(
        "a warning of the kernel", ByteSet(of: "W"), needs: [.colon, .digit], admitsRecords: true
    ) { line in
        guard line.has("WARNING: ", at: 0), let place = SourcePlace(in: line, from: 9), place.start == 9 else {
            return false
        }
        return line.has(" at ", at: place.end)
    }

    /// `[ INFO: possible circular locking dependency detected ]`, `[ BUG: bad unlock balance detected! ]`
    private static let finding = LinePattern.shape("a finding of lockdep", ByteSet(of: "["), admitsRecords: true) {
        line in
        (line.has("[ INFO: ", at: 0) || line.has("[ BUG: ", at: 0)) && line.ends(with: " ]")
    }

    /// True of a report without a prefix that begins like a record.
    static func startsReport(_ line: borrowing LineView) -> Bool {
        guard line.firstByte == UInt8(ascii: "W"), line.has("WARNING: ", at: 0) else { return false }
        return line.has("CPU: ", at: 9) || line.has("at ", at: 9) || SourcePlace(in: line, from: 9)?.start == 9
    }

    /// `CPU: 2 PID: 17 Comm: bank Not tainted 6.1.0 #1`
    private static let processor = LinePattern.shape(
        "where the kernel was", ByteSet(of: "C"), needs: [.colon, .digit]
    ) { line in
        line.has("CPU: ", at: 0) && line.index(of: " Comm: ", from: 5) != nil
    }

    /// `Code: 00 00 c3 <8b> 00 5d c3`, behind the line of a process that was killed
    private static let code = LinePattern.shape("instructions", ByteSet(of: "C"), needs: .colon) { line in
        line.has("Code: ", at: 0)
            && (line.endOfHexDigits(from: 6) == 8 && line.has(" ", at: 8) && line.endOfHexDigits(from: 9) == 11
                || line.has("Unable to access opcode bytes", at: 6))
    }

    private static let callTrace = LinePattern.shape("the start of a stack", ByteSet(of: "C"), needs: .endsInColon) {
        isCallTrace($0)
    }

    private static func isCallTrace(_ line: borrowing LineView) -> Bool {
        line.has("Call Trace:", at: line.indent) || line.has("Call trace:", at: line.indent)
    }

    /// ` ? pay+0x1a1/0x3f0 [bank]`, ` [<ffffffffc01cc3aa>] pay+0x1aa/0x2f0`
    private static let call = LinePattern.shape(
        "a frame of the kernel", .letters.union(ByteSet(of: "_?[")), indented: .some, needs: [.slash, .digit]
    ) { isCall($0) }

    /// `pay+0x1a1/0x3f0`: the place in a function, and how long that is.
    private static func isCall(_ line: borrowing LineView) -> Bool {
        guard let offset = line.index(of: "+0x", from: line.indent) else { return false }
        return line.has("/0x", at: line.endOfHexDigits(from: offset + 3))
    }

    /// ` 0000000000000072 ffff88020211fa60 …`: the stack. Digits alone read like a time.
    private static let words = LinePattern.shape(
        "words of the stack", ByteSet(of: "0123456789abcdef"), indented: .any, admitsRecords: true
    ) { line in
        let end = line.endOfHexDigits(from: line.indent)
        guard end - line.indent == 16 || end - line.indent == 8, line.has(" ", at: end) else { return false }
        return line.endOfHexDigits(from: end + 1) - end == end - line.indent + 1
    }

    private static let part = LinePattern.shape("a part of a report", .all, indented: .any) { line in
        if isCall(line) { return true }
        let start = line.indent
        switch line.firstByte {
        // <TASK>, </IRQ>; [<ffffffffc01cc3aa>] 0xffffffffc01cc3aa; >ffff8801b0b7ee08: fb fb
        case UInt8(ascii: "<"): return line.ends(with: ">") && line.count - start <= 14
        case UInt8(ascii: "["): return line.has("[<", at: start)
        case UInt8(ascii: ">"): return line.endOfHexDigits(from: start + 1) >= start + 9
        case UInt8(ascii: "^"): return line.count == start + 1
        case UInt8(ascii: "C"):
            return line.has("Code: ", at: start) || isCallTrace(line) || line.has("CPU: ", at: start)
                || hasRegister(line)
        default: return hasRegister(line)
        }
    }

    /// `R10: 0000000000000000 R11: 0000000020803d03 R12: ffffd2151992ebd0`
    private static let registers = LinePattern.shape("registers", ByteSet(of: "RECFD"), needs: [.colon, .digit]) {
        line in
        hasRegister(line) && line.count >= 40
    }

    /// `RAX: ffff8b2212f16e40 RBX: …`, `FS:  0000000000000000(0000) GS:…`, `RIP: 0010:pay`, `RIP  [<ffffffff81171b02>]`,
    /// `x29: ffff8000`, `pc : pay`
    private static func hasRegister(_ line: borrowing LineView) -> Bool {
        let start = line.indent
        var index = start
        while index < line.count, isUpper(line.bytes[index]) || isDigit(line.bytes[index]) { index += 1 }
        if index == start {
            // `x29: ffff0000cb427d30`, `pc : generic_shutdown_super+0x100/0x110`
            let isNumbered = line.has("x", at: start)
            index = isNumbered ? line.endOfDigits(from: start + 1) : start + 2
            if !isNumbered {
                guard line.has(" : ", at: index) else { return false }
                return line.endOfHexDigits(from: index + 3) - index >= 11
            }
        }
        guard index - start >= 2, index - start <= 8, start <= 1 else { return false }
        if line.has(":", at: index) { index += 1 }
        var value = index
        while value < line.count, line.bytes[value] == 0x20 { value += 1 }
        guard value > index else { return false }
        return line.has("[<", at: value) || line.has("<ffff", at: value)
            || line.endOfHexDigits(from: value) - value >= 4
    }
}
