/// Tracebacks of Python.
///
///     Traceback (most recent call last):
///       File "/app/main.py", line 12, in <module>
///         pay(account)
///         ~~~^^^^^^^^^                                               (3.11 and later)
///       [Previous line repeated 996 more times]
///     acme.Overdrawn: account 17                                     (not indented: what came to pass)
///     [SQL: SELECT 1]                                                (details of libraries: `PythonDetails`)
///
///     During handling of the above exception, another exception occurred:
///
///     Traceback (most recent call last):
///       …
///
/// Exception groups draw a tree with `|` and `+-` in front; further lines of a text in it have neither. A syntax error
/// has no first line and no `in`. Loguru puts blank lines between frames and `> ` before the one that failed; rich draws
/// a box around everything; stackprinter shows the source with numbers, and values below it (`PythonDrawings`); Ray prints a
/// whole trace, or its frames, behind the name of the exception; Spark that of Java.
///
/// - SeeAlso: `Lib/traceback.py` (`TracebackException.format`), `Python/pythonrun.c`, `Lib/threading.py`,
///   `Lib/multiprocessing/process.py` and `pool.py` (`RemoteTraceback`), `Lib/logging/__init__.py` (`handleError`,
///   `stack_info`), `Lib/asyncio/base_events.py` (`default_exception_handler`);
///   `loguru/_better_exceptions.py`; `ray/exceptions.py`; `py4j/protocol.py`.
enum PythonTrace {
    private static let announced = TracePlaces.own(0)
    private static let frames = TracePlaces.own(1)
    private static let exception = TracePlaces.own(2)
    private static let pause = TracePlaces.own(3)
    private static let link = TracePlaces.own(4)
    private static let group = TracePlaces.own(5)
    private static let groupText = TracePlaces.own(6)
    private static let stack = TracePlaces.own(7)
    private static let list = TracePlaces.own(8)
    private static let box = TracePlaces.own(9)
    private static let open = TracePlaces.own(10)
    private static let statement = TracePlaces.own(11)
    private static let report = TracePlaces.own(12)
    private static let native = TracePlaces.own(13)
    private static let java = TracePlaces.own(14)
    private static let exceptionGap = TracePlaces.own(15)
    private static let headGap = TracePlaces.own(16)
    private static let places = TracePlaces.own(17)
    private static let lastError = TracePlaces.own(18)
    private static let headText = TracePlaces.own(19)
    private static let notebookRule = TracePlaces.own(20)
    private static let notebook = TracePlaces.own(21)
    private static let boxed = TracePlaces.own(22)
    private static let task = TracePlaces.own(23)
    private static let script = TracePlaces.own(24)
    private static let sourceAtMargin = TracePlaces.own(25)
    private static let caretsAtMargin = TracePlaces.own(26)
    private static let notice = TracePlaces.own(27)
    private static let statementError = TracePlaces.own(28)
    private static let placeInStatement = TracePlaces.own(29)
    private static let made = TracePlaces.own(30)
    private static let discarded = TracePlaces.own(31)
    private static let graphQL = TracePlaces.own(32)
    private static let jax = TracePlaces.own(33)
    private static let lost = TracePlaces.own(34)
    private static let sideless = TracePlaces.own(35)
    private static let cell = TracePlaces.own(36)
    private static let features = TracePlaces.own(37)
    private static let requested = TracePlaces.own(38)
    private static let textBehindGap = TracePlaces.own(39)
    private static let printed = TracePlaces.own(40)
    private static let template = TracePlaces.own(41)
    private static let announcing = TracePlaces.own(42)
    private static let arrowed = TracePlaces.own(43)
    private static let behindGap = TracePlaces.own(44)
    private static let details = TracePlaces.own(45)
    private static let causeless = TracePlaces.own(46)

    static let grammar = TraceGrammar(
        language: .python,
        rules: [
            // Tornado indents all of it.
            TraceRule(frames, .starts("During handling of the above exception", indented: .some), .joins(link)),
            TraceRule(frames, .starts("The above exception was the ", indented: .some), .joins(link)),
            TraceRule(frames, .indented, .joins(frames)),
            // The traceback of another process.
            TraceRule([frames, announced], exceptionWithTraceback, .joins(frames)),
            // What Odoo could not render.
            TraceRule(frames, exceptionOfQWeb, .joins([exception, template])),
            TraceRule(template, .exceptionName, .joins([exception, details])),
            TraceRule([template, details], detailOfQWeb, .joins([exception, details])),
            // The traceback of another process may be its text.
            TraceRule(frames, announcingException, .joins([open, announced, announcing])),
            TraceRule(frames, openException, .joins([open, announced])),
            TraceRule(frames, exceptionLine, .joins(exception)),
            // `socket.error` of Python 2.
            TraceRule(frames, .starts("error: "), .joins(exception)),
            TraceRule(
                [.first, .alarmHead, announced, headText, headGap, link, made, discarded, graphQL],
                .starts("Traceback (most recent call last):", indented: .any),
                .joins(frames)),
            TraceRule(.first, PythonLoggers.request, .waits(requested)),
            TraceRule(requested, PythonLoggers.alarm, .joins(announced)),
            TraceRule(requested, PythonLoggers.calm, .joins(.end)),
            // Zope.
            TraceRule(
                [.first, .alarmHead, headText], .starts("Traceback (innermost last):", indented: .any), .joins(frames)),
            TraceRule(frames, .starts("> File \""), .joins(frames)),
            // Twisted; discord.py, of what holds up its loop.
            TraceRule(frames, .starts("--- <exception caught here> ---"), .joins(frames)),
            TraceRule(.alarmHead, .equals("Loop thread traceback (most recent call last):"), .joins(frames)),
            TraceRule(.first, frameAtMargin, .waits(frames)),
            TraceRule([frames, announced], frameAtMargin, .joins([frames, sourceAtMargin])),
            // Twisted indents all of a failure.
            TraceRule(.anyHead, tracebackBehindTab, .joins(frames)),
            TraceRule(frames, .blank, .waits(frames)),
            // Some take the blanks off.
            TraceRule(caretsAtMargin, PythonDetails.caretsAtMargin, .waits(frames)),
            TraceRule(sourceAtMargin, .unrecorded, .waits([frames, caretsAtMargin])),
            // Functions of Azure.
            TraceRule([.alarmHead, announced], .starts("Stack:   File \""), .joins(frames)),
            TraceRule(frames, .equals("."), .joins(.end)),
            // graphql-core quotes the request.
            TraceRule([.alarmHead, headGap], .starts("GraphQL request:"), .waits(graphQL)),
            TraceRule(graphQL, .unrecorded, .waits(graphQL)),
            // Papermill says which cell it was.
            TraceRule(open, PythonDrawings.notebookRuler, .waits(cell)),
            TraceRule(cell, .starts("Exception encountered at "), .joins(link)),
            // `socketserver`, which draws another one before the traceback.
            TraceRule(exception, .equals("----------------------------------------"), .joins(.end)),
            TraceRule(exception, .equals("--------------------"), .waits(jax)),
            TraceRule(jax, .starts("For simplicity, JAX has removed its internal frames"), .joins(exception)),
            // OmegaConf.
            TraceRule([exception, pause], .starts("full_key: ", indented: .some), .joins(exception)),
            TraceRule([exception, pause], .starts("object_type=", indented: .some), .joins(exception)),
            // Peewee.
            TraceRule(exception, .starts("Params: ["), .joins(exception)),

            // What TorchScript says of its own code, in the text of an exception.
            TraceRule([.alarmHead, exception, pause, open], .starts("Traceback of TorchScript"), .joins(script)),
            TraceRule(script, .indented, .joins(script)),
            TraceRule(script, exceptionLine, .joins(exception)),
            TraceRule(script, .unrecorded, .waits(script)),
            TraceRule(script, .blank, .waits(script)),

            // What the exception says further: indented when a colon or a bracket announces it, or in words that
            // libraries have for it.
            TraceRule(open, .indented, .joins(open)),
            TraceRule(open, PythonDetails.close, .joins(exception)),
            TraceRule(open, exceptionLine, .joins(exception)),
            TraceRule([exception, open], exceptionWithArguments, .joins(exception)),
            TraceRule([.alarmHead, .tellingHead, announced, exception, pause, open], frameInFunction, .joins(frames)),
            TraceRule([exception, pause, open], PythonDetails.openStatement, .waits(statement)),
            TraceRule(statement, PythonDetails.endOfStatement, .joins(exception)),
            TraceRule([exception, pause, open], PythonDetails.announcement, .joins(open)),
            TraceRule([exception, pause, open, list], PythonDetails.line, .joins(exception)),
            TraceRule([exception, pause, open], PythonDetails.lineOfHub, .joins(exception)),
            TraceRule([exception, features], PythonDetails.featureNames, .joins([exception, features])),
            TraceRule(features, .starts("- "), .joins([exception, features])),
            TraceRule([exception, open], PythonDetails.advice, .joins(exception)),
            TraceRule(
                pause, .starts("More information: https://developers.google.com/protocol-buffers/"),
                .joins(exception)),
            TraceRule([exception, pause, native], frameOfXGBoost, .joins(native)),
            TraceRule([exception, pause], .starts("╔", indented: .any), .joins(exception)),
            TraceRule([exception, pause], .starts("║", indented: .any), .joins(exception)),
            TraceRule([exception, pause], .starts("╚", indented: .any), .joins(exception)),
            TraceRule([exception, pause, open], CPPTrace.detailOfTorch, .joins(exception)),
            TraceRule([exception, pause, open], PythonDetails.placeBeforeSource, .joins(open)),
            TraceRule(exception, PythonDetails.actor, .joins(open)),
            TraceRule(open, .starts("The actor is dead because "), .joins(exception)),
            TraceRule([exception, pause], .equals("Last error:"), .joins(lastError)),
            TraceRule(lastError, .free, .joins(exception)),
            TraceRule([exception, pause, open], PythonDetails.indentedLine, .joins(exception)),
            TraceRule([exception, open], PythonDetails.tabbedLine, .joins(exception)),
            TraceRule([exception, pause, open], PythonDetails.carets, .joins(exception)),
            // Billiard quotes the traceback of the worker behind its own.
            TraceRule(open, .equals("\"\"\""), .joins([exception, announced])),
            TraceRule(exception, .equals("\"\"\""), .joins(exception)),
            TraceRule([exception, pause, open, native], CPPTrace.frameOfTorch, .joins(native)),
            TraceRule([exception, pause, open, native], PythonDetails.frameOfTensorRT, .joins(native)),
            TraceRule([exception, open], PythonDetails.ruler, .waits(report)),
            // scikit-learn, of all that it tried.
            TraceRule([exception, pause, open], PythonDetails.fitsFailed, .waits(announced)),
            TraceRule(report, PythonDetails.ruler, .joins(exception)),
            TraceRule(report, .unrecorded, .waits(report)),
            TraceRule(exception, .starts(": "), .waits(java)),
            TraceRule([exception, exceptionGap, java], JavaTrace.frame, .joins(java)),
            TraceRule(java, .exceptionName, .waits(java)),
            TraceRule([exceptionGap, java], JavaTrace.omitted, .joins(java)),
            TraceRule(java, JavaTrace.cause, .joins(java)),
            TraceRule(java, .equals("Driver stacktrace:"), .waits([java, pause])),

            // Lines of its text cannot be told from other prose, unless a link to the next exception follows.
            TraceRule([exception, pause, open, native, java, group, groupText, boxed], linkLine, .joins(link)),
            TraceRule([exception, pause, open], .starts("Call stack:"), .joins(stack)),
            TraceRule([exception, pause, open], PythonDetails.startOfList, .waits([list, pause, .closingText])),
            TraceRule(list, PythonDetails.itemOfList, .joins([list, exceptionGap])),
            TraceRule(statement, .unrecorded, .waits(statement)),
            TraceRule(statement, .blank, .waits(statement)),
            TraceRule(report, .blank, .waits(report)),
            TraceRule(java, .free, .waits([java, pause])),
            // A single one behind a blank line is somebody else's.
            TraceRule(behindGap, .free, .waits([pause, textBehindGap])),
            TraceRule(textBehindGap, .free, .waits([pause, .closingText])),
            // Prose is the next who speaks.
            TraceRule(.announcedText, PythonDetails.prose, .waits(pause)),
            TraceRule([announcing, .announcedText], .free, .waits([pause, .closingText, .announcedText])),
            TraceRule([exception, pause, open, native], .free, .waits([pause, .closingText])),
            TraceRule(.closingText, .blank, .waits([pause, .closingText])),
            TraceRule([exception, exceptionGap], .blank, .waits([pause, exceptionGap, behindGap])),
            TraceRule(java, .blank, .waits([java, pause])),
            TraceRule([pause, open, native], .blank, .waits(pause)),
            // Dagster has the exception before its frames.
            TraceRule(frames, .starts("The above exception was caused by the following exception:"), .joins(link)),
            TraceRule(link, .blank, .waits(link)),

            // pybind11, and so Triton, names the places behind the text.
            TraceRule([.tellingHead, .alarmHead, headGap], .blank, .waits(headGap)),
            TraceRule([.anyHead, headGap, exception, pause], .equals("At:"), .waits(places)),
            TraceRule(places, PythonDetails.place, .joins(places)),
            TraceRule(places, .equals("\""), .joins(.end)),

            // The record before it may have a text of several lines, or say twice what came to pass: Salt says it before
            // the traceback, and Dagster before `Stack Trace:`. Tornado says of which request it speaks.
            TraceRule(.alarmHead, .starts("HTTPServerRequest(", indented: .any), .waits(headText)),
            TraceRule(.alarmHead, .equals("NoneType: None"), .joins(.end)),
            // Odoo quotes PostgreSQL behind a statement.
            TraceRule([.alarmHead, .alarmText, headGap], .starts("ERROR: "), .waits(statementError)),
            TraceRule(statementError, PythonDetails.placeInStatement, .joins(placeInStatement)),
            TraceRule(statementError, .starts("DETAIL:  "), .joins(.end)),
            TraceRule(placeInStatement, PythonDetails.carets, .joins(.end)),
            TraceRule(.alarmHead, exceptionOfPython, .waits(announced)),
            TraceRule(headGap, exceptionLine, .waits(headGap)),
            TraceRule([headGap, announced, pause], .equals("Stack Trace:"), .waits(announced)),
            TraceRule(headGap, .free, .waits(headGap)),
            TraceRule([.alarmHead, headText], CPPTrace.detailOfTorch, .joins(headText)),
            TraceRule([.tellingAlarm, headText], .free, .waits(headText)),

            // Groups of exceptions.
            TraceRule([.first, .alarmHead, announced, link], groupStart, .joins(group)),
            // One that was never raised has no traceback of its own.
            TraceRule(.first, .starts("| ExceptionGroup: ", indented: .some), .waits(group)),
            TraceRule([group, groupText], groupLine, .joins(group)),
            TraceRule([group, groupText], .free, .waits(groupText)),
            TraceRule([group, groupText], .blank, .waits(groupText)),

            // Lines that announce a traceback.
            TraceRule(.first, announcement, .waits(announced)),
            // NumPy, of modules that were built for the version before.
            TraceRule(.first, .starts("A module that was compiled using NumPy "), .waits(notice)),
            TraceRule(notice, .starts("Traceback (most recent call last):  File \""), .joins(frames)),
            TraceRule(notice, .unrecorded, .waits(notice)),
            TraceRule(notice, .blank, .waits(notice)),
            // Atheris.
            TraceRule(.first, .equals("=== Uncaught Python exception: ===", indented: .some), .waits(announced)),
            // Celery, of a task it does not know.
            TraceRule(.alarmHead, .equals("The message has been ignored and discarded."), .joins(discarded)),
            TraceRule(discarded, .unrecorded, .waits(discarded)),
            TraceRule(discarded, .blank, .waits(discarded)),
            // Where a task was made, before what became of it.
            TraceRule([.alarmHead, announced], .starts("source_traceback: "), .joins(made)),
            TraceRule(made, .indented, .joins(made)),
            TraceRule([.alarmHead, announced], detailOfTask, .joins([announced, lost])),
            // Of what has no frames.
            TraceRule([lost, link], exceptionLine, .joins(exception)),
            TraceRule(announced, exceptionLine, .waits(announced)),
            TraceRule([.first, .alarmHead], remoteStart, .waits(announced)),
            TraceRule(announced, .equals("\"\"\""), .waits(announced)),
            // A cause that was never raised has no traceback.
            TraceRule(.first, .exceptionName, .waits(causeless)),
            TraceRule([announced, causeless], .blank, .waits(causeless)),
            TraceRule(causeless, linkLine, .joins(link)),

            // rich draws a box.
            TraceRule([.first, .alarmHead, headGap, link, boxed], .starts("╭", indented: .any), .waits(box)),
            TraceRule(box, .starts("│", indented: .any), .joins(box)),
            TraceRule(box, .starts("╰", indented: .any), .joins(boxed)),
            // Streamlit's has no sides.
            TraceRule([.first, .alarmHead, headGap, link, boxed], PythonDrawings.topOfBox, .waits(sideless)),
            TraceRule(sideless, .indented, .joins(sideless)),
            TraceRule(sideless, .blank, .waits(sideless)),
            TraceRule(sideless, .starts("──"), .joins(boxed)),
            TraceRule(boxed, openException, .joins(open)),
            TraceRule(boxed, exceptionLine, .joins(exception)),
            TraceRule(boxed, PythonDrawings.textBehindBox, .joins(boxed)),
            TraceRule(boxed, .blank, .waits(boxed)),

            // Dask says which task failed.
            TraceRule(.alarmHead, PythonDetails.startOfTask, .joins(task)),
            TraceRule(task, PythonDetails.lineOfTask, .joins(task)),

            // `socketserver`.
            TraceRule(notebookRule, PythonDetails.request, .joins(announced)),

            // IPython, and so what runs notebooks.
            TraceRule([.first, .alarmHead, link], PythonDrawings.notebookRuler, .waits(notebookRule)),
            TraceRule([notebookRule, link], PythonDrawings.notebookStart, .joins(notebook)),
            TraceRule(notebook, .indented, .joins(notebook)),
            TraceRule(notebook, PythonDrawings.notebookLine, .joins(notebook)),
            TraceRule(notebook, .blank, .waits(notebook)),
            TraceRule(notebook, openException, .joins(open)),
            TraceRule(notebook, exceptionLine, .joins(exception)),

            // stackprinter, which points at a line of each frame.
            TraceRule([.first, .alarmHead, arrowed], PythonDrawings.frameOfPrinter, .waits(printed)),
            TraceRule([printed, arrowed], .starts("--> "), .joins(arrowed)),
            TraceRule(arrowed, .indented, .joins(arrowed)),
            TraceRule(printed, .indented, .waits(printed)),
            TraceRule(arrowed, .blank, .waits(arrowed)),
            TraceRule(arrowed, openException, .joins(open)),
            TraceRule(arrowed, exceptionLine, .joins(exception)),

            // A syntax error, and the rest of a trace whose beginning is missing.
            TraceRule([.first, .alarmHead], fileOfSyntaxError, .waits(frames)),
            TraceRule(.first, fileLine, .resumes(frames)),

            // `logging` with `stack_info`, and what it prints about its own failures.
            TraceRule([.first, .alarmHead, exception], .starts("Stack (most recent call last):"), .joins(stack)),
            TraceRule(stack, .indented, .joins(stack)),
            TraceRule(stack, .starts("Message: "), .joins(stack)),
            TraceRule(stack, .starts("Arguments: "), .joins(.end)),
        ])

    /// The place behind the name of an exception at the front of the line, with what may stand in brackets behind it:
    /// `acme.Overdrawn`, `main.<locals>.Stop`, `RayTaskError(ValueError)`; 0 when there is none.
    static func endOfName(_ line: borrowing LineView) -> Int {
        var end = 0
        while end < line.count,
            isWordByte(line.bytes[end]) || line.bytes[end] >= 0x80
                || line.bytes[end] == UInt8(ascii: "<") || line.bytes[end] == UInt8(ascii: ">")
        {
            end += 1
        }
        guard end > 1, line.bytes[end - 1] != UInt8(ascii: ".") else { return 0 }
        guard line.has("(", at: end), let close = line.index(of: "): ", from: end) else { return end }
        return close + 1
    }

    /// `acme.Overdrawn: account 17`, `KeyboardInterrupt`: a name, then a colon or nothing.
    private static let exceptionLine = LinePattern.shape(
        "the exception", .letters.union(ByteSet(of: "_<"))
    ) { line in
        guard !line.isRecord else { return false }
        let end = endOfName(line)
        guard end > 0 else { return false }
        return end == line.count
            || (line.bytes[end] == UInt8(ascii: ":") && (end + 1 == line.count || line.bytes[end + 1] == 0x20))
    }

    /// `KeyError: 'master'`, `BadRequest: no such chat`: what is built in, or imported by name, has no package
    private static let exceptionOfPython = LinePattern.shape(
        "the exception", ByteSet(of: "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), needs: .name
    ) { line in
        if ExceptionText.endOfName(in: line.bytes, from: 0) != nil { return true }
        guard let colon = line.index(of: ": ", from: 2) else { return false }
        var humps = 0
        for index in 1..<colon {
            guard isLetter(line.bytes[index]) else { return false }
            if isUpper(line.bytes[index]), !isUpper(line.bytes[index - 1]) { humps += 1 }
        }
        return humps > 0
    }

    /// `RuntimeError: Error(s) in loading state_dict for Net:`
    private static let openException = LinePattern.shape(
        "an exception that announces lines", .letters.union(ByteSet(of: "_<")), needs: .colon
    ) { isOpen($0) }

    /// `AssertionError: the output differs:`
    private static let announcingException = LinePattern.shape(
        "an exception that announces lines", .letters.union(ByteSet(of: "_<")), needs: .endsInColon
    ) { isOpen($0) }

    private static func isOpen(_ line: borrowing LineView) -> Bool {
        guard !line.isRecord, PythonDetails.announcesLines(line) else { return false }
        let end = endOfName(line)
        return end > 0 && line.has(":", at: end) && (end + 1 == line.count || line.bytes[end + 1] == 0x20)
    }

    private static let exceptionOfQWeb = LinePattern.shape("the exception", ByteSet(of: "o"), needs: .colon) { line in
        line.ends(with: ".QWebException: Error while render the template")
    }

    private static let detailOfQWeb = LinePattern.shape("a detail from Odoo", ByteSet(of: "TPN"), needs: .colon) {
        line in
        line.has("Template: ", at: 0) || line.has("Path: ", at: 0) || line.has("Node: ", at: 0)
    }

    /// `NameError('BLOCK is not defined')`
    private static let exceptionWithArguments = LinePattern.shape(
        "an exception with its arguments", .letters, needs: [.roundBracket, .endsInRoundBracket]
    ) { line in
        guard let bracket = line.index(of: UInt8(ascii: "("), from: 5) else { return false }
        for index in 0..<bracket where !isWordByte(line.bytes[index]) { return false }
        return ExceptionText.endsLikeName(line.bytes, at: bracket)
    }

    /// `RuntimeError: Traceback (most recent call last):`
    private static let exceptionWithTraceback = LinePattern.shape(
        "an exception with a traceback", .letters, needs: .endsInColon
    ) { line in
        guard line.ends(with: ": Traceback (most recent call last):") else { return false }
        return line.has(": T", at: endOfName(line))
    }

    private static let linkLine = LinePattern.shape("a link to the next exception", ByteSet(of: "DTO")) { line in
        line.has("During handling of the above exception", at: 0) || line.has("The above exception was the ", at: 0)
            || line.has("Original exception was:", at: 0)
    }

    private static let groupStart = LinePattern.starts("+ Exception Group Traceback", indented: .some)

    private static let groupLine = LinePattern.shape("a branch of a group", ByteSet(of: "|+"), indented: .some) {
        line in
        line.firstByte == UInt8(ascii: "|") || line.has("+-", at: line.indent)
    }

    /// `  File "/app/main.py", line 12, in pay`
    private static let fileLine = LinePattern.shape("a frame of Python", ByteSet(of: "F"), indented: .some) { line in
        line.has("File \"", at: line.indent) && line.index(of: "\", line ", from: line.indent) != nil
    }

    /// As `fileLine`, and no place of a syntax error.
    private static let frameInFunction = LinePattern.shape(
        "a frame of Python", ByteSet(of: "F"), indented: .some
    ) { line in
        guard line.has("File \"", at: line.indent), let number = line.index(of: "\", line ", from: line.indent) else {
            return false
        }
        return line.has(", in ", at: line.endOfDigits(from: number + 8))
    }

    /// `File "/app/main.py", line 12, in pay`, of who writes frames alone
    private static let frameAtMargin = LinePattern.shape("a frame of Python", ByteSet(of: "F"), needs: .digit) { line in
        guard line.has("File \"", at: 0), let number = line.index(of: "\", line ", from: 6) else { return false }
        let end = line.endOfDigits(from: number + 8)
        // structlog, and so Airflow, writes no comma.
        return line.has(", in ", at: end) || line.has(" in ", at: end)
    }

    private static let tracebackBehindTab = LinePattern.shape(
        "an indented traceback", ByteSet(of: "T"), indented: .some, needs: .endsInColon
    ) { line in
        line.bytes[0] == 0x09 && line.has("Traceback (most recent call last):", at: line.indent)
    }

    /// `  File "/app/main.py", line 12`
    private static let fileOfSyntaxError = LinePattern.shape(
        "a place without a function", ByteSet(of: "F"), indented: .some
    ) { line in
        guard line.has("File \"", at: line.indent), let number = line.index(of: "\", line ", from: line.indent) else {
            return false
        }
        return line.endOfDigits(from: number + 8) == line.count
    }

    /// What threading, multiprocessing, asyncio and the interpreter print before a traceback.
    private static let announcement = LinePattern.shape("an announcement of a traceback", ByteSet(of: "EPTUu-")) {
        line in
        switch line.firstByte {
        case UInt8(ascii: "E"):
            (line.has("Exception in thread ", at: 0) && !line.has("\"", at: 20))
                || line.has("Exception ignored ", at: 0)
                || line.has("Exception in callback ", at: 0) || line.has("Exception raised in creation task", at: 0)
                || line.has("Error in sys.excepthook:", at: 0)
                || line.has("Error in atexit.", at: 0)
        case UInt8(ascii: "P"): line.has("Process ", at: 0) && line.ends(with: ":")
        case UInt8(ascii: "T"):
            line.has("Task exception was never retrieved", at: 0) || line.has("Task was destroyed but it is ", at: 0)
        case UInt8(ascii: "U"): line.has("Unhandled exception in ", at: 0) || line.has("Unhandled Error", at: 0)
        case UInt8(ascii: "u"): line.has("unhandled exception during ", at: 0)
        default: line.has("--- Logging error ---", at: 0)
        }
    }

    /// What asyncio prints between, and aiohttp of what was never closed.
    private static let detailOfTask = LinePattern.shape("a detail from asyncio", ByteSet(of: "fhtpcs"), needs: .colon) {
        line in
        line.has("future: <", at: 0) || line.has("handle: <", at: 0) || line.has("task: <", at: 0)
            || line.has("protocol: <", at: 0) || line.has("transport: <", at: 0) || line.has("context: ", at: 0)
            || line.has("client_session: <", at: 0) || line.has("connections: [", at: 0)
            || line.has("connector: <", at: 0)
    }

    /// `  [bt] (0) /usr/lib/libxgboost.so(+0x21f5f5) [0x7f3c1a2b]`
    private static let frameOfXGBoost = LinePattern.shape(
        "a frame of XGBoost", ByteSet(of: "["), indented: .some, needs: [.squareBracket, .digit]
    ) { line in
        line.has("[bt] (", at: line.indent) && FrameShape.isNumbered(line)
    }

    /// `concurrent.futures.process._RemoteTraceback: `
    private static let remoteStart = LinePattern.shape("a traceback of another process", .letters, needs: .colon) {
        line in
        guard let name = line.index(of: "RemoteTraceback:", from: 0) else { return false }
        return name + 17 >= line.count
    }
}
