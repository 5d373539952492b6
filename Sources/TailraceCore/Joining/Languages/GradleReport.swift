/// What Gradle says of a build that failed.
///
///     FAILURE: Build failed with an exception.
///                                                                    (a blank line)
///     * What went wrong:
///     Execution failed for task ':run'.
///     > Process 'command 'java'' finished with non-zero exit value 1
///                                                                    (a blank line)
///     * Exception is:
///     org.gradle.api.tasks.TaskExecutionException: Execution failed for task ':run'.
///     ⇥at org.gradle.api.internal.tasks.execution.…(ExecuteActionsTaskExecuter.java:142)
///
/// - SeeAlso: `BuildExceptionReporter` of Gradle.
enum GradleReport {
    private static let report = TracePlaces.own(0)
    private static let section = TracePlaces.own(1)
    private static let frames = TracePlaces.own(2)

    static let grammar = TraceGrammar(
        language: .java,
        rules: [
            TraceRule(.first, .starts("FAILURE: Build "), .waits(report)),
            TraceRule([report, section, frames], .starts("* "), .joins(section)),
            TraceRule(section, .starts("> "), .joins(section)),
            TraceRule([section, frames], JavaTrace.frame, .joins(frames)),
            TraceRule(frames, JavaTrace.cause, .joins(section)),
            TraceRule(frames, JavaTrace.omitted, .joins(frames)),
            TraceRule(section, .unrecorded, .waits(section)),
            TraceRule(report, .blank, .waits(report)),
            TraceRule(section, .blank, .waits(section)),
            TraceRule(frames, .blank, .waits(frames)),
        ])
}
