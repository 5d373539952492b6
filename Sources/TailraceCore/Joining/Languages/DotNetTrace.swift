/// Exceptions of .NET and Mono.
///
///     Unhandled exception. System.InvalidOperationException: text    (Mono: `Unhandled Exception:`, then the exception)
///      ---> System.Exception: the inner one
///        at Acme.Bank.Pay(Int32 account) in /app/Bank.cs:line 12
///        --- End of inner exception stack trace ---
///        at Acme.Program.Main () [0x00007] in <4f2c>:0               (Mono)
///     --- End of stack trace from previous location ---
///      ---> (Inner Exception #1) System.Exception: another           (AggregateException; Mono: no blank in front)
///        at Acme.Bank.Take()<---
///                                                                    (a blank line before the next inner exception)
///
/// The console logger writes each record in two lines or more:
///
///     fail: Acme.Bank[0]
///           text
///           System.Exception: text
///
/// PowerShell shows a place instead of frames: `At C:\app\pay.ps1:3 char:5`, or `Line |` and the source.
///
/// - SeeAlso: `Exception.ToString`, `AggregateException.ToString` and `StackTrace.ToString` in `dotnet/runtime`;
///   `SimpleConsoleFormatter`; `mono/metadata/exception.c`.
enum DotNetTrace {
    private static let message = TracePlaces.own(0)
    private static let frames = TracePlaces.own(1)
    private static let gap = TracePlaces.own(2)
    private static let announced = TracePlaces.own(3)
    private static let console = TracePlaces.own(4)
    private static let data = TracePlaces.own(5)
    private static let consoleFailure = TracePlaces.own(6)
    private static let overflow = TracePlaces.own(7)
    private static let shell = TracePlaces.own(8)
    private static let terminated = TracePlaces.own(9)

    static let grammar = TraceGrammar(
        language: .dotnet,
        rules: [
            // What `Environment.FailFast` was called with comes last.
            TraceRule(terminated, frame, .joins([frames, terminated])),
            TraceRule(terminated, .exceptionName, .joins(message)),
            TraceRule([.anyHead, message, frames, announced, overflow], frame, .joins(frames)),
            TraceRule([message, frames], readableFrame, .joins(frames)),
            TraceRule([message, frames], frameAtMargin, .joins(frames)),
            TraceRule([message, frames, announced], translatedFrame, .joins(frames)),
            TraceRule(.alarmHead, translatedFrameWithSource, .joins(frames)),
            TraceRule(.anyHead, indentedInner, .joins(message)),
            TraceRule([message, frames, gap], inner, .joins(message)),
            TraceRule([message, frames, data], endOfStack, .joins(frames)),
            TraceRule([message, frames], translatedEnd, .joins(frames)),
            TraceRule([message, frames], .starts("<---", indented: .any), .joins(frames)),
            TraceRule([frames, overflow], .starts("Repeat "), .joins(frames)),
            // Functions of Azure, and Application Insights.
            TraceRule([message, frames], .starts("Stack:    at "), .joins(frames)),
            TraceRule(frames, .starts("End of inner exception", indented: .some), .joins(frames)),
            TraceRule(frames, .equals("--------------------------------"), .joins(frames)),
            TraceRule(frames, .blank, .waits(gap)),
            // Mono leaves a line blank behind the end of a stack that was passed on.
            TraceRule(gap, frame, .joins(frames)),
            // SQL Server.
            TraceRule(frames, .starts("ClientConnectionId:"), .joins(frames)),
            TraceRule(frames, .starts("Error Number:"), .joins(frames)),
            // Npgsql.
            TraceRule(frames, .starts("Exception data:", indented: .some), .joins(data)),
            TraceRule(data, datum, .joins(data)),

            // Unity.
            TraceRule([message, frames], frameOfUnity, .joins(frames)),
            TraceRule(frames, methodOfUnity, .joins(frames)),
            TraceRule([message, frames, gap], .starts("(Filename: "), .joins(.end)),

            // PowerShell.
            TraceRule([.anyHead, message], .equals("Line |"), .waits(shell)),
            TraceRule([.anyHead, message], placeOfShell, .joins(shell)),
            TraceRule(shell, sourceOfShell, .joins(shell)),

            // What names itself.
            TraceRule(.first, .equals("Stack overflow."), .waits(overflow)),
            TraceRule(.first, .starts("Process terminated. "), .waits([message, terminated])),
            TraceRule(.first, .starts("Fatal error. "), .waits(message)),
            TraceRule(.first, .starts("Unhandled exception. "), .joins(message)),
            TraceRule(.first, .equals("Unhandled Exception:"), .waits(announced)),
            TraceRule(.first, .starts("Unhandled Exception: "), .joins(message)),
            TraceRule(announced, .exceptionName, .joins(message)),
            TraceRule(announced, .unrecorded, .waits(message)),
            TraceRule([.tellingHead, message], .starts("File name: '"), .joins(message)),

            // An exception that stands alone, or behind the record that announces it.
            TraceRule(.first, .exceptionName, .waits(message)),
            // One of whatever language without a stack, if a record follows.
            TraceRule(.alarmHead, exceptionOfItsOwn, .waits([message, .closingText])),
            TraceRule(.closingText, .blank, .waits([message, .closingText])),
            TraceRule(.alarmHead, .exceptionName, .waits(message)),
            TraceRule(.alarmHead, .indentedExceptionName, .waits(message)),
            TraceRule([.tellingHead, message], .free, .waits(message)),
            TraceRule([.alarmHead, .tellingHead, message], .blank, .waits(message)),

            // The console logger.
            TraceRule(.first, consoleAlarm, .joins(consoleFailure)),
            TraceRule(.first, consoleRecord, .joins(console)),
            TraceRule(console, consoleText, .joins(console)),
            TraceRule(consoleFailure, consoleText, .joins(consoleFailure)),
            TraceRule(console, .blank, .waits(console)),
            TraceRule(consoleFailure, .blank, .waits(consoleFailure)),
            // .NET Core 1 did not indent exceptions.
            TraceRule(consoleFailure, .exceptionName, .waits(message)),

            // The rest of a trace whose beginning is missing.
            TraceRule(.first, frame, .resumes(frames)),
            TraceRule(.first, endOfStack, .resumes(frames)),
        ])

    /// `at Acme.Bank.Pay[T](Int32 account) in /app/Bank.cs:line 12`, `at Acme.Main () [0x00007] in <4f2c>:0`
    private static let frame = LinePattern.shape(
        "a frame of .NET", ByteSet(of: "a"), indented: .some, needs: [.roundBracket]
    ) { line in
        guard line.has("at ", at: line.indent), let bracket = line.index(of: UInt8(ascii: "("), from: line.indent + 4),
            line.index(of: UInt8(ascii: ")"), from: bracket) != nil
        else { return false }
        let name = line.index(of: UInt8(ascii: "."), from: line.indent + 3) ?? line.count
        return name < bracket || line.has("(wrapper ", at: line.indent + 3)
            || line.has("lambda_method", at: line.indent + 3)
    }

    /// `at new Program(Action action)+() => { }` of Ben.Demystifier
    private static let readableFrame = LinePattern.shape(
        "a frame of .NET", ByteSet(of: "a"), indented: .some, needs: .roundBracket
    ) { line in
        line.indent <= 3 && line.has("at ", at: line.indent)
    }

    /// `at Acme.Bank.Pay(Int32 account)`, of who takes blanks off
    private static let frameAtMargin = LinePattern.shape(
        "a frame of .NET", ByteSet(of: "a"), needs: [.roundBracket, .dot]
    ) { line in
        guard line.has("at ", at: 0), let bracket = line.index(of: UInt8(ascii: "("), from: 3),
            let dot = line.index(of: UInt8(ascii: "."), from: 3)
        else { return false }
        return dot < bracket && (line.index(of: 0x20, from: 3).map { $0 > bracket } ?? true)
    }

    /// `bei Acme.Bank.Pay(Int32 account) in C:\Bank.cs:Zeile 12`: .NET Framework speaks the language of the system.
    private static let translatedFrame = LinePattern.shape(
        "a frame of .NET", .all, indented: .some, needs: [.roundBracket, .dot]
    ) { isTranslatedFrame($0) }

    private static let translatedFrameWithSource = LinePattern.shape(
        "a frame of .NET", .all, indented: .some, needs: [.roundBracket, .dot, .colon, .endsInDigit]
    ) { isTranslatedFrame($0) }

    /// Three blanks, a word, and a method with its parameters.
    private static func isTranslatedFrame(_ line: borrowing LineView) -> Bool {
        guard line.indent == 3, let blank = line.index(of: 0x20, from: 3), blank <= 24,
            let dot = line.index(of: UInt8(ascii: "."), from: 3), dot > blank + 1,
            let bracket = line.index(of: UInt8(ascii: "("), from: blank), dot < bracket,
            line.index(of: UInt8(ascii: ")"), from: bracket) != nil
        else { return false }
        return line.index(of: 0x20, from: blank + 1).map { $0 > bracket } ?? true
    }

    /// `--- Ende der internen Ausnahmestapelüberwachung ---`
    private static let translatedEnd = LinePattern.shape(
        "the end of an inner stack", ByteSet(of: "-"), indented: .some
    ) { line in
        line.has("--- ", at: line.indent) && line.ends(with: " ---")
    }

    /// `TimeoutError: no answer`; what is only called `Error` may be somebody else's last words.
    private static let exceptionOfItsOwn = LinePattern.shape(
        "the name of an exception", .letters, needs: .name
    ) { line in
        ExceptionText.endOfName(in: line.bytes, from: 0).map { $0 > 9 } ?? false
    }

    /// `At C:\app\pay.ps1:3 char:5`
    private static let placeOfShell = LinePattern.shape(
        "a place in PowerShell", ByteSet(of: "A"), needs: [.colon, .endsInDigit]
    ) { line in
        guard line.has("At ", at: 0), let number = line.index(of: " char:", from: 3) else { return false }
        return line.startOfLineNumber(endingAt: number) != nil
    }

    /// `   3 |  throw 'account 17'`, `     |  ~~~~~`, `+ throw 'account 17'`, `    + CategoryInfo          : …`
    private static let sourceOfShell = LinePattern.shape(
        "a source of PowerShell", ByteSet.digits.union(ByteSet(of: "|+")), indented: .any
    ) { line in
        line.has("+ ", at: line.indent) || line.indent > 0 && line.has(" | ", at: line.endOfDigits(from: line.indent))
            || line.indent > 3 && line.has("| ", at: line.indent)
    }

    /// `Shop.Cart.Total () (at Assets/Cart.cs:17)`
    private static let frameOfUnity = LinePattern.shape(
        "a frame of Unity", .letters, needs: [.endsInRoundBracket, .colon, .digit]
    ) { line in
        line.index(of: ") (at ", from: 1) != nil && line.startOfLineNumber(endingAt: line.count - 1) != nil
    }

    /// `UnityEngine.Debug:Log(Object)`
    private static let methodOfUnity = LinePattern.shape(
        "a frame of Unity", .letters, needs: [.endsInRoundBracket, .colon]
    ) { line in
        guard let colon = line.index(of: UInt8(ascii: ":"), from: 1), isLetter(line.bytes[colon + 1]),
            let bracket = line.index(of: UInt8(ascii: "("), from: colon)
        else { return false }
        return line.index(of: 0x20, from: 0).map { $0 > bracket } ?? true
    }

    private static let datum = LinePattern.shape("data of the exception", .letters, indented: .some, needs: .colon) {
        $0.indent >= 4
    }

    private static let inner = LinePattern.starts("---> ", indented: .any)
    private static let indentedInner = LinePattern.starts("---> ", indented: .some)

    private static let endOfStack = LinePattern.shape(
        "the end of an inner stack", ByteSet(of: "-"), indented: .any
    ) { line in
        line.has("--- End of ", at: line.indent)
    }

    /// `fail: Acme.Bank[0]`, also behind a time or the name of a container
    static func startsConsoleRecord(_ line: borrowing LineView) -> Bool { startsConsoleRecord(line.bytes) }

    static func startsConsoleRecord(_ line: Span<UInt8>) -> Bool {
        guard line.count > 8, line[line.count - 1] == UInt8(ascii: "]") else { return false }
        var start = line.count - 1
        while start > 0, line[start - 1] != 0x20 { start -= 1 }
        start -= 6
        guard start == 0 || (start > 2 && line[start - 1] == 0x20) else { return false }
        guard start == 0 || (start > 8 && !isLetter(line[0])) || line[start - 2] == UInt8(ascii: "|") else {
            return false
        }
        for level in ["info: ", "fail: ", "warn: ", "dbug: ", "crit: ", "trce: "] as [StaticString]
        where line.has(level, at: start) {
            return line.firstIndex(of: UInt8(ascii: "["), from: start + 7) != nil
        }
        return false
    }

    private static let consoleRecord = LinePattern.shape(
        "a record of the console logger", startOfConsoleRecord, needs: [.colon, .squareBracket], admitsRecords: true
    ) {
        startsConsoleRecord($0)
    }

    private static let consoleAlarm = LinePattern.shape(
        "a failure of the console logger", startOfConsoleRecord, needs: [.colon, .squareBracket], admitsRecords: true
    ) { line in
        line.header == .alarm && startsConsoleRecord(line)
    }

    private static let startOfConsoleRecord = ByteSet.digits.union(ByteSet(of: "ifwdct["))

    private static let consoleText = LinePattern.shape("text of the console logger", .all, indented: .some) { line in
        line.indent >= 6 && line.has("      ", at: 0)
    }
}
