/// What documents of stack traces have in `error`, besides the whole text in `message`.
///
/// ```
/// "error":{"language":"java","type":"java.io.IOException","message":"disk full","stack_trace":"java.io.…"},
/// ```
///
/// What is not known is left out, and so is what the lines were sent with: see ``TransportPrefix``. The stack trace holds the bytes of the message a second time, which compression makes
/// small: they are near.
///
/// - SeeAlso: Elastic Common Schema, "Error fields". `language` is ours.
package enum ErrorFields: String, Sendable, CaseIterable {
    case all
    /// Without the stack trace.
    case brief
    case off

    /// Appends the object and a comma, or nothing when the event is no trace.
    ///
    /// - Returns: where the stack trace stands, for the message to be made of; `nil` without one.
    func append(_ text: Span<UInt8>, _ language: TraceLanguages, to output: inout OwnedBytes) -> EscapedPart? {
        guard language.isDisjoint(with: .optional), let name = language.names.first else { return nil }
        var sent = OwnedBytes()
        guard EventTransport.remove(from: text, into: &sent) else { return append(text, language, name, to: &output) }
        // The stack is no part of the message then.
        _ = append(sent.span, language, name, to: &output)
        return nil
    }

    private func append(
        _ text: Span<UInt8>, _ language: TraceLanguages, _ name: String, to output: inout OwnedBytes
    ) -> EscapedPart? {
        let parts = ErrorParts(of: text, language)
        output.append("\"error\":{\"language\":\"")
        output.append(Array(name.utf8))
        output.append("\"")
        if let type = parts.type { output.appendField(",\"type\":\"", text.extracting(type)) }
        if let message = parts.message { output.appendField(",\"message\":\"", text.extracting(message)) }
        var stack: EscapedPart?
        if self == .all {
            output.append(",\"stack_trace\":\"")
            let start = output.count
            let isRepaired = output.appendJSONEscaped(text.extracting(parts.stack))
            stack = EscapedPart(source: parts.stack, escaped: start..<output.count, isRepaired: isRepaired)
            output.append("\"")
        }
        output.append("},")
        return stack
    }
}

/// A part of a text, and where it stands in the output, escaped. It begins and ends between two characters.
struct EscapedPart {
    let source: Range<Int>
    let escaped: Range<Int>
    /// It was not all UTF-8.
    let isRepaired: Bool
}

extension OwnedBytes {
    fileprivate mutating func appendField(_ name: StaticString, _ value: Span<UInt8>) {
        append(name)
        _ = appendJSONEscaped(value)
        append("\"")
    }
}
