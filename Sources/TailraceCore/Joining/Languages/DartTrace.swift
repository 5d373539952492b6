/// Exceptions of Dart and Flutter.
///
///     Unhandled exception:
///     FormatException: text                                          (the text may have several lines)
///     #0      main.<anonymous closure> (file:///app/bank.dart:3:5)
///     <asynchronous suspension>
///     #1      _startIsolate (dart:isolate-patch/isolate_patch.dart:265)
///
///     package:bank/bank.dart 3:5  pay                                (`package:stack_trace`)
///     ===== asynchronous gap ===========================
///
///     ══╡ EXCEPTION CAUGHT BY WIDGETS LIBRARY ╞═════════             (Flutter, up to a line like it)
///     ======== Exception caught by widgets library =====             (the same from `flutter run`)
///
///     ===== CRASH =====                                              (of the virtual machine)
///       pc 0x000055d0c2a1b2c3 fp 0x00007ffd3c2b1a00 dart::Thread::Current()+0x13
///     -- End of DumpStackTrace
///
/// - SeeAlso: `runtime/vm/object.cc` (`StackTrace::ToCString`), `package:stack_trace` (`chain.dart`);
///   `flutter/foundation/assertions.dart` (`FlutterError.dumpErrorToConsole`), `flutter_tools/lib/src/vmservice.dart`.
enum DartTrace {
    private static let announced = TracePlaces.own(0)
    private static let message = TracePlaces.own(1)
    private static let frames = TracePlaces.own(2)
    private static let box = TracePlaces.own(3)
    private static let dump = TracePlaces.own(4)

    static let grammar = TraceGrammar(
        language: .dart,
        rules: [
            TraceRule([message, frames, announced], frame, .joins(frames)),
            TraceRule(.anyHead, firstFrame, .joins(frames)),
            TraceRule([message, frames], .starts("<asynchronous suspension>", indented: .any), .joins(frames)),
            TraceRule([message, frames], .starts("===== asynchronous gap ", indented: .any), .joins(frames)),
            TraceRule([.anyHead, message, frames], terseFrame, .joins(frames)),

            TraceRule(.first, .equals("Unhandled exception:"), .waits(announced)),
            TraceRule(announced, .unrecorded, .waits(message)),
            TraceRule([.first, .anyHead], .equals("Error thrown by handler."), .waits(message)),
            TraceRule(message, .starts("Warning: This VM has been configured to "), .waits(message)),
            TraceRule(message, .starts("*** *** *** ***"), .joins(dump)),
            TraceRule([.first, .alarmHead], .exceptionName, .waits(message)),
            TraceRule([.tellingHead, message], .free, .waits(message)),
            TraceRule([.tellingHead, message], .blank, .waits(message)),

            TraceRule(.first, boxStart, .joins(box)),
            TraceRule(box, ruler, .joins(.end)),
            TraceRule(box, frame, .joins(box)),
            TraceRule(box, .exceptionName, .waits(box)),
            TraceRule(box, .free, .waits(box)),
            TraceRule(box, .blank, .waits(box)),

            // The virtual machine itself, and programs compiled ahead of time.
            TraceRule(.first, .starts("===== CRASH ====="), .joins(dump)),
            TraceRule(dump, machineFrame, .joins(dump)),
            TraceRule(dump, .starts("-- End of DumpStackTrace"), .joins(dump)),
            TraceRule(dump, CPPTrace.aborted, .joins(.end)),
            TraceRule(dump, .free, .waits(dump)),

            // The rest of a trace whose beginning is missing.
            TraceRule(.first, frame, .resumes(frames)),
            TraceRule(.first, machineFrame, .resumes(dump)),
            TraceRule(.first, .equals("<asynchronous suspension>"), .resumes(frames)),
        ])

    /// `#0      main (file:///app/bank.dart:3:5)`
    private static let frame = LinePattern.shape("a frame of Dart", ByteSet(of: "#"), indented: .any) { isFrame($0) }

    private static let firstFrame = LinePattern.shape("a frame of Dart", ByteSet(of: "#"), indented: .any) { line in
        line.startsStack && isFrame(line)
    }

    private static func isFrame(_ line: borrowing LineView) -> Bool {
        let end = line.endOfDigits(from: line.indent + 1)
        guard end > line.indent + 1, line.has("   ", at: end), line.ends(with: ")"),
            let bracket = line.index(of: " (", from: end)
        else { return false }
        return line.index(of: UInt8(ascii: ":"), from: bracket) != nil
    }

    /// `  pc 0x000055d0c2a1b2c3 fp 0x00007ffd3c2b1a00 dart::Thread::Current()+0x13`, `    #00 abs 00007f3c1a2f4d12 virt …`
    private static let machineFrame = LinePattern.shape(
        "a frame of Dart", ByteSet(of: "p#"), indented: .some, needs: .digit
    ) { line in
        if line.firstByte == UInt8(ascii: "p") {
            return line.has("pc 0x", at: line.indent) && line.index(of: " fp 0x", from: line.indent) != nil
        }
        return line.has(" abs ", at: line.endOfDigits(from: line.indent + 1))
    }

    private static let boxStart = LinePattern.shape("an error of Flutter", ByteSet(of: "═=")) { line in
        line.has("══╡", at: 0) || line.has("════════ Exception caught by ", at: 0)
            || line.has("======== Exception caught by ", at: 0)
    }

    private static let ruler = LinePattern.shape("a ruler", ByteSet(of: "═=")) { line in
        line.has("══════", at: 0) && line.index(of: 0x20, from: 0) == nil
            || line.count >= 60 && line.index(of: 0x20, from: 0) == nil && line.has("======", at: line.count - 6)
    }

    /// `package:bank/bank.dart 3:5  pay`, `package:bank/bank.dart 3   pay`, `package:bank/bank.dart   pay`,
    /// `dart:async  _completeError`
    private static let terseFrame = LinePattern.shape("a frame of Dart", ByteSet(of: "pdbl"), needs: .colon) { line in
        if line.has("dart:", at: 0) { return line.index(of: "  ", from: 5) != nil }
        guard let end = line.index(of: ".dart ", from: 0) else { return false }
        return line.index(of: "  ", from: line.has(" ", at: end + 6) ? end + 5 : line.endOfDigits(from: end + 6)) != nil
    }
}
