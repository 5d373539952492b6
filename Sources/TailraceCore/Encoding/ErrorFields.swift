/// What documents of stack traces have in `error`, besides the whole text in `message`.
///
/// ```
/// "error":{"language":"java","type":"java.io.IOException","message":"disk full","stack_trace":"java.io.…"},
/// ```
///
/// What is not known is left out. The stack trace holds the bytes of the message a second time, which compression makes
/// small: they are near.
///
/// - SeeAlso: Elastic Common Schema, "Error fields". `language` is ours.
package enum ErrorFields: String, Sendable, CaseIterable {
    case all
    /// Without the stack trace.
    case brief
    case off

    /// Appends the object and a comma, or nothing when the event is no trace.
    func append(_ text: Span<UInt8>, _ language: TraceLanguages, to output: inout OwnedBytes) {
        guard language.isDisjoint(with: .optional), let name = language.names.first else { return }
        let parts = ErrorParts(of: text, language)
        output.append("\"error\":{\"language\":\"")
        output.append(Array(name.utf8))
        output.append("\"")
        if let type = parts.type { output.appendField(",\"type\":\"", text.extracting(type)) }
        if let message = parts.message { output.appendField(",\"message\":\"", text.extracting(message)) }
        if self == .all { output.appendField(",\"stack_trace\":\"", text.extracting(parts.stack)) }
        output.append("},")
    }
}

extension OwnedBytes {
    fileprivate mutating func appendField(_ name: StaticString, _ value: Span<UInt8>) {
        append(name)
        _ = appendJSONEscaped(value)
        append("\"")
    }
}
