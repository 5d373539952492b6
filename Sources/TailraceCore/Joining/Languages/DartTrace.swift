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
/// - SeeAlso: `runtime/vm/object.cc` (`StackTrace::ToCString`), `package:stack_trace` (`chain.dart`);
///   `flutter/foundation/assertions.dart` (`FlutterError.dumpErrorToConsole`), `flutter_tools/lib/src/vmservice.dart`.
enum DartTrace {
    private static let announced = TracePlaces.own(0)
    private static let message = TracePlaces.own(1)
    private static let frames = TracePlaces.own(2)
    private static let box = TracePlaces.own(3)

    static let grammar = TraceGrammar(
        language: .dart,
        rules: [
            TraceRule([.anyHead, message, frames, announced], frame, .joins(frames)),
            TraceRule([message, frames], asynchronous, .joins(frames)),
            TraceRule([.anyHead, message, frames], terseFrame, .joins(frames)),

            TraceRule(.first, .equals("Unhandled exception:"), .waits(announced)),
            TraceRule(announced, .unrecorded, .waits(message)),
            TraceRule([.first, .alarmHead], .exceptionName, .waits(message)),
            TraceRule([.tellingHead, message], .free, .waits(message)),
            TraceRule([.tellingHead, message], .blank, .waits(message)),

            TraceRule(.first, boxStart, .joins(box)),
            TraceRule(box, ruler, .joins(.end)),
            TraceRule(box, frame, .joins(box)),
            TraceRule(box, .exceptionName, .waits(box)),
            TraceRule(box, .free, .waits(box)),
            TraceRule(box, .blank, .waits(box)),

            // The rest of a trace whose beginning is missing.
            TraceRule(.first, frame, .resumes(frames)),
        ])

    /// `#0      main (file:///app/bank.dart:3:5)`
    private static let frame = LinePattern.shape("a frame of Dart", ByteSet(of: "#"), indented: .any) { line in
        let end = line.endOfDigits(from: line.indent + 1)
        guard end > line.indent + 1, line.has("   ", at: end), line.ends(with: ")"),
            let bracket = line.index(of: " (", from: end)
        else { return false }
        return line.index(of: UInt8(ascii: ":"), from: bracket) != nil
    }

    private static let boxStart = LinePattern.shape("an error of Flutter", ByteSet(of: "═=")) { line in
        line.has("══╡", at: 0) || line.has("════════ Exception caught by ", at: 0)
            || line.has("======== Exception caught by ", at: 0)
    }

    private static let ruler = LinePattern.shape("a ruler", ByteSet(of: "═=")) { line in
        line.has("══════", at: 0) && line.index(of: 0x20, from: 0) == nil
            || line.count >= 60 && line.index(of: 0x20, from: 0) == nil && line.has("======", at: line.count - 6)
    }

    private static let asynchronous = LinePattern.shape(
        "an asynchronous gap", ByteSet(of: "<="), indented: .any
    ) { line in
        line.has("<asynchronous suspension>", at: line.indent)
            || line.has("===== asynchronous gap ", at: line.indent)
    }

    /// `package:bank/bank.dart 3:5  pay`, `package:bank/bank.dart 3   pay`, `package:bank/bank.dart   pay`,
    /// `dart:async  _completeError`
    private static let terseFrame = LinePattern.shape("a frame of Dart", ByteSet(of: "pdbl"), needs: .colon) { line in
        if line.has("dart:", at: 0) { return line.index(of: "  ", from: 5) != nil }
        guard let end = line.index(of: ".dart ", from: 0) else { return false }
        return line.index(of: "  ", from: line.has(" ", at: end + 6) ? end + 5 : line.endOfDigits(from: end + 6)) != nil
    }
}
