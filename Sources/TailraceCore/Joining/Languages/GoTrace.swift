/// Panics, fatal errors and goroutine dumps of Go.
///
///     panic: account 17 [recovered]
///     ⇥panic: again
///     [signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x45]
///                                                                    (a blank line)
///     goroutine 1 [running]:
///     main.(*Bank).Pay(0xc000012345, {0x10, 0x20})
///     ⇥/app/bank.go:12 +0x1d
///     created by main.main in goroutine 1
///     ⇥/app/main.go:7 +0x65
///                                                                    (a blank line between goroutines)
///     goroutine 5 [chan receive]:
///     …
///     exit status 2                                                  (`go run`)
///
/// zap and `pkg/errors` print pairs of function and place without any line before them; between two stacks of
/// `pkg/errors` stands the text of the next error. gin prints places first, then the function and its source.
///
/// - SeeAlso: `runtime/panic.go` (`printpanics`), `runtime/traceback.go` (`printCreatedBy`, `goroutineheader`),
///   `runtime/signal_unix.go`; the report format of the race detector (ThreadSanitizer); `zap.Stack`;
///   `errors.StackTrace.Format` of `github.com/pkg/errors`.
enum GoTrace {
    private static let panic = TracePlaces.own(0)
    private static let goroutine = TracePlaces.own(1)
    private static let function = TracePlaces.own(2)
    private static let gap = TracePlaces.own(3)
    private static let registers = TracePlaces.own(4)
    private static let note = TracePlaces.own(5)
    private static let signal = TracePlaces.own(6)
    private static let raceRule = TracePlaces.own(7)
    private static let race = TracePlaces.own(8)
    private static let pairFunction = TracePlaces.own(9)
    private static let pairs = TracePlaces.own(10)
    private static let pairText = TracePlaces.own(11)
    private static let ginText = TracePlaces.own(12)
    private static let ginFrames = TracePlaces.own(13)
    private static let placesAlone = TracePlaces.own(14)
    private static let chiText = TracePlaces.own(15)
    private static let chiFrames = TracePlaces.own(16)
    private static let detail = TracePlaces.own(17)
    private static let details = TracePlaces.own(18)
    private static let value = TracePlaces.own(19)
    private static let stackInValue = TracePlaces.own(25)
    private static let field = TracePlaces.own(20)
    private static let fields = TracePlaces.own(21)
    private static let minio = TracePlaces.own(22)
    private static let layers = TracePlaces.own(23)
    private static let recovered = TracePlaces.own(24)
    private static let lastFunction = TracePlaces.own(26)
    private static let lastPlace = TracePlaces.own(27)
    private static let headGap = TracePlaces.own(28)

    static let grammar = TraceGrammar(
        language: .go,
        rules: [
            // Pairs of function and place.
            TraceRule([goroutine, function], place, .joins(goroutine)),
            // Its place is missing where the process died while it wrote.
            TraceRule(goroutine, functionWithArguments, .joins(function)),
            TraceRule(goroutine, functionLine, .waits(function)),
            // Echo leaves out what is beyond 4 KiB.
            TraceRule(goroutine, beginOfFunction, .joins(.end)),
            TraceRule(pairFunction, place, .joins(pairs)),
            // The last frame of a stack of `pkg/errors`; what it was wrapped in follows.
            TraceRule([pairs, pairText], .equals("runtime.goexit"), .waits(lastFunction)),
            TraceRule(lastFunction, place, .joins([pairs, lastPlace])),
            TraceRule(lastPlace, .free, .waits([pairText, .closingLine])),
            TraceRule([.anyHead, pairs, pairText], functionWithArguments, .waits(pairFunction)),
            TraceRule([.anyHead, pairs, pairText], functionName, .waits(pairFunction)),
            TraceRule(.alarmHead, .blank, .waits([pairText, headGap])),
            TraceRule(pairs, .starts("created by "), .waits(function)),
            TraceRule(pairs, .free, .waits(pairText)),
            TraceRule(goroutine, .starts("..."), .joins(goroutine)),
            TraceRule([goroutine, gap], .starts("[originating from goroutine "), .joins(goroutine)),
            TraceRule([.first, goroutine], .starts("created by "), .waits(function)),
            TraceRule([goroutine, function], notePlace, .joins(goroutine)),
            TraceRule(goroutine, damage, .joins(goroutine)),
            // Syslog and journald take off the tab, and a place may have been cut.
            TraceRule(function, barePlace, .joins(goroutine)),
            TraceRule(function, .starts("/", indented: .some), .joins(goroutine)),
            TraceRule(.first, functionWithArguments, .waits(pairFunction)),
            TraceRule(.first, goPlace, .resumes(goroutine)),

            // Goroutines.
            TraceRule(
                [.first, .alarmHead, .tellingHead, headGap, ginText, panic, goroutine, function, gap, registers],
                goroutineLine,
                .joins(goroutine)),
            TraceRule([.tellingHead, headGap], .blank, .waits(headGap)),
            TraceRule([panic, gap], .starts("runtime stack:"), .joins(goroutine)),
            TraceRule([goroutine, gap], .blank, .waits(gap)),
            TraceRule([panic, goroutine, gap, registers], .starts("exit status "), .joins(.end)),
            TraceRule([goroutine, gap, registers], PythonFault.abortion, .joins(.end)),
            TraceRule([goroutine, gap, registers], register, .joins(registers)),
            TraceRule(registers, .blank, .waits(registers)),

            // What happened.
            TraceRule([.first, recovered], recoveredPanic, .joins([panic, recovered])),
            TraceRule([.first, recovered], .starts("panic: "), .joins(panic)),
            TraceRule([.first, note], .starts("fatal error: "), .joins(panic)),
            TraceRule(panic, .starts("panic: ", indented: .some), .joins(panic)),
            TraceRule(panic, .starts("[signal "), .joins(panic)),
            TraceRule(panic, .free, .waits(panic)),
            TraceRule(panic, .blank, .waits(panic)),
            TraceRule([.first, note], .starts("runtime: "), .waits(note)),
            TraceRule(.first, .starts("unexpected fault address "), .waits(note)),
            TraceRule(.first, .starts("runtime/cgo: "), .waits(note)),
            TraceRule(note, .starts("fatal: "), .joins(panic)),
            TraceRule([.first, note], signalLine, .waits(signal)),
            TraceRule(signal, .starts("PC=0x"), .joins(panic)),

            // Places alone, as klog printed them of old.
            TraceRule([.alarmHead, placesAlone], placeAlone, .joins(placesAlone)),

            // Values of several lines: klog puts a tab before them, hclog a bar.
            TraceRule(.bracketHead, tabbed, .joins(value)),
            TraceRule(.bracketHead, goroutineInValue, .joins(stackInValue)),
            TraceRule(stackInValue, .indented, .joins(stackInValue)),
            TraceRule(stackInValue, .equals(">", indented: .some), .joins(.end)),
            TraceRule(value, tabbed, .joins(value)),
            TraceRule(value, .equals(">", indented: .some), .joins(.end)),
            TraceRule([.anyHead, fields], fieldOfLines, .waits(field)),
            TraceRule([field, fields], .starts("|", indented: .some), .joins(fields)),
            TraceRule(fields, .blank, .joins(.end)),

            // gin, which prints the request before it.
            TraceRule([.anyHead, ginText, ginFrames], ginPlace, .joins(ginFrames)),
            TraceRule(ginFrames, .indented, .joins(ginFrames)),
            TraceRule([.tellingHead, ginText], .free, .waits(ginText)),
            TraceRule([.tellingHead, ginText], .blank, .waits(ginText)),

            // chi indents all of it.
            TraceRule(.first, .starts("panic: ", indented: .some), .waits(chiText)),
            TraceRule([chiText, chiFrames], .starts("-> ", indented: .some), .joins(chiFrames)),
            TraceRule(chiText, .blank, .waits(chiText)),
            TraceRule(chiFrames, .indented, .joins(chiFrames)),
            TraceRule(chiFrames, .blank, .waits(chiFrames)),

            // The details of `golang.org/x/xerrors`.
            TraceRule(detail, place, .joins(details)),
            TraceRule([.anyHead, details], indentedFunction, .waits(detail)),
            TraceRule(details, .starts("- ", indented: .some), .joins(details)),

            // `github.com/cockroachdb/errors`.
            TraceRule(.anyHead, .starts("(1) "), .waits(layers)),
            TraceRule(layers, .starts("-- stack trace:", indented: .some), .joins(layers)),
            TraceRule(layers, .starts("| ", indented: .some), .joins(layers)),
            TraceRule(layers, .starts("Wraps: ("), .joins(layers)),
            TraceRule(layers, .starts("Error types: (1) "), .joins(.end)),

            // MinIO.
            TraceRule(.first, .starts("API: "), .waits(minio)),
            TraceRule(minio, fieldOfMinIO, .joins(minio)),
            TraceRule(minio, frameOfMinIO, .joins(minio)),

            // The race detector draws a line above and below.
            TraceRule(.first, .equals("=================="), .waits(raceRule)),
            TraceRule(raceRule, .equals("WARNING: DATA RACE"), .joins(race)),
            TraceRule(race, .equals("=================="), .joins(.end)),
            TraceRule(race, .indented, .joins(race)),
            TraceRule(race, .unrecorded, .waits(race)),
            TraceRule(race, .blank, .waits(race)),
        ])

    /// `⇥/app/bank.go:12 +0x1d`
    private static let place = LinePattern.shape("a place in Go", .all, indented: .some) { isPlace($0) }

    /// `/app/bank.go:12 +0x1d`
    private static let barePlace = LinePattern.shape(
        "a place in Go", .letters.union(ByteSet(of: "/_.")), needs: .colon
    ) { line in
        isPlace(line) && (line.firstByte == UInt8(ascii: "/") || line.index(of: ".go:", from: 0) != nil)
    }

    /// `/app/bank.go:12`
    private static let placeAlone = LinePattern.shape(
        "a place in Go", ByteSet(of: "/"), needs: [.oneWord, .endsInDigit, .colon]
    ) { line in
        guard let colon = line.startOfLineNumber(endingAt: line.count) else { return false }
        return line.has(".go", at: colon - 3) || line.has(".s", at: colon - 2)
    }

    /// What is said of a stack that can't be read, with a piece of the memory.
    private static let damage = LinePattern.shape("a damaged stack", ByteSet(of: "rs0"), needs: .colon) { line in
        line.has("runtime: ", at: 0) || line.has("stack: frame={", at: 0)
            || (line.has("0x", at: 0) && isMemory(line))
    }

    /// `0x00007ffeefbfef48: <0x00000000046c4efc  0x0000000004b0d3e0`
    private static func isMemory(_ line: borrowing LineView) -> Bool {
        let end = line.endOfHexDigits(from: 2)
        return end > 9 && line.has(": ", at: end) && line.has("0x", at: end + 3)
    }

    /// `⇥goroutine running on other thread; stack unavailable`
    private static let notePlace = LinePattern.shape("a note in place of frames", ByteSet(of: "g("), indented: .some) {
        line in
        line.has("goroutine running on other thread", at: line.indent) || line.has("(...", at: line.indent)
    }

    /// As `place`, and certainly Go.
    private static let goPlace = LinePattern.shape(
        "a place in Go", .letters.union(ByteSet(of: "/_.")), indented: .some
    ) { line in
        line.bytes[0] == 0x09 && isPlace(line) && line.index(of: ".go:", from: line.indent) != nil
    }

    private static func isPlace(_ line: borrowing LineView) -> Bool {
        var end = line.count
        if let offset = line.index(of: " +0x", from: line.indent) {
            end = offset
        } else if let frame = line.index(of: " fp=0x", from: line.indent) {
            end = frame
        }
        return line.startOfLineNumber(endingAt: end) != nil
    }

    /// `net.(*conn).Read(0xc000014080, {0xc000079f31?, 0xc0000`
    private static let beginOfFunction = LinePattern.shape(
        "the beginning of a function of Go", .letters, needs: [.dot, .roundBracket]
    ) { line in
        guard let end = line.index(of: "(0x", from: 1) ?? line.index(of: "({0x", from: 1) else { return false }
        return line.index(of: 0x20, from: 0).map { $0 > end } ?? true
    }

    /// `main.main()`, `main.(*Bank).Pay(0xc000, {0x1, 0x2})`, `github.com/acme/bank.Pay`, `panic({0x1, 0x2})`
    private static let functionLine = LinePattern.shape(
        "a function of Go", .letters.union(.digits).union(ByteSet(of: "_"))
    ) { line in
        isFunction(line) || line.has("created by ", at: 0)
    }

    /// A function without a goroutine's line before it, which must show its arguments: a bare name could be anything.
    private static let functionWithArguments = LinePattern.shape(
        "a function of Go", .letters.union(ByteSet(of: "_")), needs: .endsInRoundBracket
    ) {
        line in
        (line.ends(with: ")") || line.ends(with: "(...)")) && isFunction(line)
    }

    /// As zap and `pkg/errors` print it: `github.com/acme/bank.Pay`
    private static let functionName = LinePattern.shape(
        "a function of Go", .letters.union(ByteSet(of: "_")), needs: [.oneWord, .dot]
    ) { line in
        isFunction(line)
    }

    private static func isFunction(_ line: borrowing LineView) -> Bool {
        guard !line.isRecord, line.marks.contains(.roundBracket) || line.marks.contains(.dot),
            // Java's `Bank#pay(String)`.
            line.index(of: UInt8(ascii: "#"), from: 0) == nil
        else { return false }
        let blank = line.index(of: 0x20, from: 0)
        let name = blank ?? line.count
        let bracket = line.index(of: UInt8(ascii: "("), from: 0) ?? line.count
        let dot = line.index(of: UInt8(ascii: "."), from: 0) ?? line.count
        // Blanks stand only between arguments.
        if blank != nil, bracket > name || !line.ends(with: ")") { return line.has(" fp=0x", at: name) }
        if dot >= name { return line.has("panic(", at: 0) || line.has("goexit(", at: 0) }
        return dot > 0 && dot + 1 < line.count && line.index(of: UInt8(ascii: ":"), from: 0) == nil
            && line.index(of: UInt8(ascii: "="), from: 0) == nil
    }

    private static let tabbed = LinePattern.shape("a line with a tab in front", .all, indented: .some) { line in
        line.bytes[0] == 0x09
    }

    /// `  stack=`
    private static let fieldOfLines = LinePattern.shape(
        "a field of several lines", .letters, indented: .some, needs: .oneWord
    ) { line in
        line.indent == 2 && line.lastByte == UInt8(ascii: "=")
    }

    private static let fieldOfMinIO = LinePattern.shape("what MinIO says", ByteSet(of: "TDRHUE"), needs: .colon) {
        line in
        for name in ["Time: ", "DeploymentID: ", "RequestID: ", "RemoteHost: ", "Host: ", "UserAgent: ", "Error: "]
            as [StaticString]
        where line.has(name, at: 0) {
            return true
        }
        return false
    }

    /// `       6: internal/logger/logger.go:258:logger.LogIf()`
    private static let frameOfMinIO = LinePattern.shape(
        "a frame of MinIO", .digits, indented: .some, needs: .endsInRoundBracket
    ) { line in
        line.has(": ", at: line.endOfDigits(from: line.indent)) && line.index(of: ".go:", from: line.indent) != nil
    }

    /// `    main.pay`
    private static let indentedFunction = LinePattern.shape(
        "a function of Go", .letters, indented: .some, needs: [.oneWord, .dot]
    ) { line in
        line.indent >= 4 && !line.marks.contains(.colon) && line.index(of: UInt8(ascii: "="), from: line.indent) == nil
    }

    /// `/app/main.go:12 (0x7a3b1c)`, `net/http/server.go:2136 (0x6c1e43)` of a program that was built with `-trimpath`
    private static let ginPlace = LinePattern.shape(
        "a place from gin", .letters.union(ByteSet(of: "/")), needs: [.endsInRoundBracket, .colon, .digit]
    ) {
        line in
        guard line.ends(with: ")"), let offset = line.index(of: " (0x", from: 1) else { return false }
        return line.startOfLineNumber(endingAt: offset) != nil
    }

    /// `panic: account 17 [recovered]`: another one follows, by some without its tab.
    private static let recoveredPanic = LinePattern.shape(
        "a panic that was recovered from", ByteSet(of: "p"), needs: [.colon, .squareBracket]
    ) { line in
        line.has("panic: ", at: 0) && line.ends(with: " [recovered]")
    }

    /// `goroutine 1 [chan receive, 2 minutes]:`
    private static let goroutineLine = LinePattern.shape(
        "a goroutine", ByteSet(of: "g"), needs: [.endsInColon, .squareBracket]
    ) { line in
        startsGoroutine(line)
    }

    /// With fewer blanks than a tab is made into.
    private static let goroutineInValue = LinePattern.shape(
        "a goroutine", ByteSet(of: "g"), indented: .some, needs: [.endsInColon, .squareBracket]
    ) { startsGoroutine($0) }

    private static func startsGoroutine(_ line: borrowing LineView) -> Bool {
        guard line.has("goroutine ", at: line.indent) else { return false }
        let end = line.endOfDigits(from: line.indent + 10)
        guard end > line.indent + 10, line.has(" ", at: end) else { return false }
        return line.index(of: "[", from: end) != nil && line.ends(with: "]:")
    }

    /// `SIGQUIT: quit`
    private static let signalLine = LinePattern.shape("a signal", ByteSet(of: "S")) { line in
        guard line.has("SIG", at: 0), let colon = line.index(of: UInt8(ascii: ":"), from: 3) else { return false }
        return colon < 10 && line.has(": ", at: colon)
    }

    /// `rax    0xca`
    private static let register = LinePattern.shape("a register", ByteSet(of: "rcefgsxlpt")) { line in
        guard let value = line.index(of: " 0x", from: 1), value < 12, let blank = line.index(of: 0x20, from: 0),
            blank <= 6
        else { return false }
        return line.index(of: 0x20, from: value + 1) == nil
    }
}
