/// A set of places in a trace. A language's own places are single bits from ``own(_:)`` up.
///
/// A rule names the places it applies to, so one rule can say "a frame may follow the message, a frame, or a cause".
struct TracePlaces: OptionSet, Sendable {
    let rawValue: UInt64
    init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Nothing has been read: the line is the first of its event.
    static let first = TracePlaces(rawValue: 1 << 0)
    /// Behind any one line that is no trace itself but may have announced one.
    static let anyHead = TracePlaces(rawValue: 1 << 1)
    /// Behind a record of a warning or worse, or a line that announces a failure without saying its level.
    static let alarmHead = TracePlaces(rawValue: 1 << 2)
    /// Behind a line that names an exception somewhere.
    static let tellingHead = TracePlaces(rawValue: 1 << 3)
    /// Behind a line that is nothing but a time.
    static let timeHead = TracePlaces(rawValue: 1 << 4)
    /// Behind a line that ends where a value of several lines begins; also with an opening bracket or brace, where objects
    /// are asked for.
    static let bracketHead = TracePlaces(rawValue: 1 << 5)
    /// Behind what is both an alarm and names an exception.
    static let tellingAlarm = TracePlaces(rawValue: 1 << 6)
    /// The trace is complete; no line can follow.
    static let end = TracePlaces(rawValue: 1 << 7)
    /// Behind a record of Python's warnings.
    static let warningHead = TracePlaces(rawValue: 1 << 8)
    /// Behind an alarm and text that may be its exception's.
    static let alarmText = TracePlaces(rawValue: 1 << 9)
    /// Behind an alarm that ends in a colon.
    static let announcingHead = TracePlaces(rawValue: 1 << 10)
    /// Behind text that belongs to the trace if a record follows: see ``TraceMachine/holdsText``.
    static let closingText = TracePlaces(rawValue: 1 << 11)
    /// Behind one line of such text, where even that is certain.
    static let closingLine = TracePlaces(rawValue: 1 << 13)
    /// As ``closingText``, where the line before the text announced it, whatever the head.
    static let announcedText = TracePlaces(rawValue: 1 << 14)
    /// Behind an alarm that ends with an opening bracket or brace.
    static let openAlarm = TracePlaces(rawValue: 1 << 12)

    static let heads: TracePlaces = [
        .anyHead, .alarmHead, .tellingHead, .timeHead, .bracketHead, .tellingAlarm, .warningHead, .alarmText,
        .announcingHead, .openAlarm,
    ]

    /// - Parameter number: 0...47, unique in its language.
    static func own(_ number: UInt64) -> TracePlaces { TracePlaces(rawValue: 1 << (16 + number)) }
}

/// One line of a language's table: at these places, a line that looks like this does that.
struct TraceRule: Sendable {
    enum Verdict: Sendable {
        /// The line belongs to the event, and so does everything held before it.
        case joins(TracePlaces)
        /// As `joins`, and the line can be of no other language.
        case settles(TracePlaces)
        /// The line is held: it belongs to the event if a later line joins.
        case waits(TracePlaces)
        /// As `joins`, and an event that starts with this line carries on one that was cut.
        case resumes(TracePlaces)

        var next: TracePlaces {
            switch self {
            case .joins(let places), .settles(let places), .waits(let places), .resumes(let places): places
            }
        }
    }

    let places: TracePlaces
    let pattern: LinePattern
    let verdict: Verdict

    init(_ places: TracePlaces, _ pattern: LinePattern, _ verdict: Verdict) {
        self.places = places
        self.pattern = pattern
        self.verdict = verdict
    }
}

/// The trace format of one language. The first rule that applies decides.
///
/// A rule at `.first` alone describes a line that names itself and belongs to nothing before it; with `.alarmHead`, a
/// bare trace that belongs to the record before it; with `.anyHead`, a frame that makes a trace of whatever line is
/// before it.
struct TraceGrammar: Sendable {
    let language: TraceLanguages
    let rules: [TraceRule]

    static let all: [TraceGrammar] = [
        // Its frames read like those of Java, which has no blank in front of the bracket.
        ClojureTrace.grammar,
        JavaTrace.grammar, GradleReport.grammar, PythonTrace.grammar, PythonFault.grammar, PythonWarnings.grammar,
        GoTrace.grammar, GoLoggers.grammar, NodeTrace.grammar, DotNetTrace.grammar,
        RubyTrace.grammar, RubyCrash.grammar, PHPTrace.grammar, RustTrace.grammar, SwiftTrace.grammar, CPPTrace.grammar,
        DebuggerTrace.grammar, SanitizerReport.grammar, ServerCrash.grammar, EngineCrash.grammar, KernelOops.grammar,
        DartTrace.grammar, ErlangTrace.grammar, PerlTrace.grammar, LuaTrace.grammar, RTrace.grammar,
        HaskellTrace.grammar, OCamlTrace.grammar, UnknownTrace.grammar,
        PrettyJSON.grammar, PrettyXML.grammar, PostgreSQLLog.grammar, MySQLLog.grammar,
    ]
}
