import CPCRE2

/// A user's own rule for which lines belong together: a regular expression, and what a line means that matches.
///
/// No expression can hang the process: PCRE2 gives up after ``matchLimit`` steps at each place of a line, of which only
/// the first ``lookMax`` bytes are looked at. A line on which it gives up does not match.
///
/// - SeeAlso: `pcre2api(3)`, `pcre2jit(3)`.
// Sendable without a check: PCRE2 changes a compiled expression only while it is compiled.
package final class JoinPattern: @unchecked Sendable {
    package enum Mode: String, Sendable, CaseIterable {
        /// The line begins a record; others carry it on.
        case starts
        /// The line carries on the record before it; others begin one.
        case continues
        /// The line is the last of its record.
        case ends
    }

    /// Why a text is no regular expression.
    package struct Invalid: Error, Sendable {
        /// In PCRE2's words.
        package let reason: String
        /// Where the fault is in the text, in bytes.
        package let offset: Int
    }

    static let matchLimit: UInt32 = 5_000
    /// Bytes of a line.
    static let lookMax = 4 << 10

    let mode: Mode
    fileprivate let code: OpaquePointer
    fileprivate let context: OpaquePointer?

    package init(_ text: String, mode: Mode) throws(Invalid) {
        let bytes = Array(text.utf8)
        var fault: CInt = 0
        var offset = 0
        let options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF
        guard let code = pcre2_compile_8(bytes, bytes.count, options, &fault, &offset, nil) else {
            var words = [UInt8](repeating: 0, count: 256)
            let count = max(0, pcre2_get_error_message_8(fault, &words, words.count))
            throw Invalid(reason: String(decoding: words.prefix(Int(count)), as: UTF8.self), offset: offset)
        }
        // Where there is no compiler for the machine, the interpreter does it.
        _ = pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE)
        let context = pcre2_match_context_create_8(nil)
        pcre2_set_match_limit_8(context, Self.matchLimit)
        pcre2_set_depth_limit_8(context, Self.matchLimit)
        // KiB.
        pcre2_set_heap_limit_8(context, 1024)
        (self.code, self.context, self.mode) = (code, context, mode)
    }

    deinit {
        pcre2_match_context_free_8(context)
        pcre2_code_free_8(code)
    }
}

/// What one joiner needs to match lines against a pattern.
struct PatternMatcher: ~Copyable {
    private let pattern: JoinPattern
    private let scratch: OpaquePointer?

    init(_ pattern: JoinPattern) {
        self.pattern = pattern
        scratch = pcre2_match_data_create_8(1, nil)
    }

    deinit { pcre2_match_data_free_8(scratch) }

    var mode: JoinPattern.Mode { pattern.mode }

    func matches(_ line: Span<UInt8>) -> Bool {
        // Where a line is cut for this, it does not end.
        let options = line.count > JoinPattern.lookMax ? PCRE2_NOTEOL : 0
        return line.extracting(first: min(line.count, JoinPattern.lookMax)).withUnsafeBufferPointer { bytes in
            pcre2_match_8(pattern.code, bytes.baseAddress, bytes.count, 0, options, scratch, pattern.context) >= 0
        }
    }
}
