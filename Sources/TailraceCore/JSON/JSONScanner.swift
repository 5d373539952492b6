import Glibc

/// Reads JSON (RFC 8259) one token at a time out of borrowed bytes, and validates while it goes.
///
/// | | |
/// |---|---|
/// | allocation | none, except for the texts that are asked for |
/// | nesting | at most 64 levels, so that no hostile reply can exhaust the stack or the memory |
/// | whole document | one value; only white space may follow it (`.end` says that this was checked) |
/// | UTF-8 inside strings | not checked: `text(_:)` repairs, and a damaged reason is no ground to distrust a reply |
/// | keys | may repeat; what that means is the caller's to decide |
///
/// After an error the scanner must not be used again.
package struct JSONScanner: ~Escapable {
    package static let depthMax = 64

    private let bytes: Span<UInt8>
    private var position = 0
    /// Open objects and arrays.
    private var depth = 0
    /// Bit *n* is set when level *n* + 1 is an object, clear when it is an array.
    private var objects: UInt64 = 0
    private var state = State.value

    fileprivate enum State: Sendable { case value, firstElement, firstKey, separator, finished }

    /// Where in a value a scanner stands, without the bytes: what is needed to go on with those that follow.
    struct Place: Sendable {
        fileprivate var depth = 0
        fileprivate var objects: UInt64 = 0
        fileprivate var state = State.value
    }

    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>) { self.bytes = bytes }

    /// Goes on behind `place`: the bytes before are not needed any more.
    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, from place: Place) {
        self.bytes = bytes
        (depth, objects, state) = (place.depth, place.objects, place.state)
    }

    var place: Place { Place(depth: depth, objects: objects, state: state) }

    /// Where the bytes go on that were not read yet.
    package var index: Int { position }

    /// The next token. Behind the last one this is `.end`, again and again.
    package mutating func next() throws(JSONError) -> JSONToken {
        skipWhiteSpace()
        switch state {
        case .value: return try value()
        case .firstElement: return peek == UInt8(ascii: "]") ? close() : try value()
        case .firstKey: return peek == UInt8(ascii: "}") ? close() : try key()
        case .finished:
            guard peek == nil else { throw failure(.unexpected) }
            return .end
        case .separator:
            let isObject = objects & (1 << UInt64(depth - 1)) != 0
            if peek == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) { return close() }
            try expect(UInt8(ascii: ","))
            skipWhiteSpace()
            return isObject ? try key() : try value()
        }
    }

    /// Reads the next value and forgets it. To be called where a value follows: behind a key or at the start.
    package mutating func skipValue() throws(JSONError) {
        try skipRest(of: try next())
    }

    /// Reads on to the end of the value that begins with `token`, the last one read.
    package mutating func skipRest(of token: JSONToken) throws(JSONError) {
        guard token == .beginObject || token == .beginArray else { return }
        let outside = depth - 1
        while depth > outside { _ = try next() }
    }

    /// Moves over elements behind the last one that was read, as long as each is the same bytes as that one, with nothing
    /// but a comma before it.
    ///
    /// - Parameter start: where the last element begins, which must be an object or an array.
    /// - Returns: how many elements that were.
    package mutating func skipRepeats(ofElementAt start: Int) -> Int {
        guard state == .separator else { return 0 }
        let length = position - start
        let found = bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            var found = 0
            var place = position
            while place + length < bytes.count, bytes[place] == UInt8(ascii: ","),
                memcmp(base + place + 1, base + start, length) == 0
            {
                place += length + 1
                found += 1
            }
            return found
        }
        position += found * (length + 1)
        return found
    }

    /// Does the string or key at `range` say exactly this? `text` has to be free of escapes itself.
    package func isEqual(_ range: Range<Int>, _ text: StaticString) -> Bool {
        let raw = bytes.extracting(range)
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        if raw.withUnsafeBufferPointer({ $0.elementsEqual(wanted) }) { return true }
        guard raw.withUnsafeBufferPointer({ $0.contains(UInt8(ascii: "\\")) }) else { return false }
        var unescaped = OwnedBytes()
        unescaped.appendJSONUnescaped(raw)
        return unescaped.span.withUnsafeBufferPointer { $0.elementsEqual(wanted) }
    }

    /// What the string or key at `range` stands for, cut to `limit` bytes at a character's border.
    ///
    /// Lone surrogates and bytes that are not UTF-8 become U+FFFD.
    package func text(_ range: Range<Int>, limit: Int = .max) -> String {
        var unescaped = OwnedBytes()
        unescaped.appendJSONUnescaped(bytes.extracting(range))
        let whole = unescaped.span
        var end = min(whole.count, limit)
        if end < whole.count { while end > 0, whole[end] & 0xC0 == 0x80 { end -= 1 } }
        return whole.extracting(..<end).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes at `range` as they are written.
    func raw(_ range: Range<Int>) -> String {
        bytes.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// The number at `range`, if it is written as an integer and fits.
    package func integer(_ range: Range<Int>) -> Int? {
        bytes.extracting(range).withUnsafeBufferPointer { Int(String(decoding: $0, as: UTF8.self)) }
    }
}

/// A piece of JSON. The ranges are places in the bytes that are scanned.
package enum JSONToken: Sendable, Equatable {
    case beginObject, endObject
    case beginArray, endArray
    /// The inside of a key, between the quotes, still escaped. Its value follows.
    case key(Range<Int>)
    /// The inside of a string, between the quotes, still escaped.
    case string(Range<Int>)
    case number(Range<Int>)
    case boolean(Bool)
    case null
    /// There is nothing behind the value but white space.
    case end
}

package struct JSONError: Error, Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// The bytes end before the value does.
        case truncated
        /// A byte that cannot stand where it stands.
        case unexpected
        /// More than `JSONScanner.depthMax` levels.
        case tooDeep
    }
    package var kind: Kind
    /// Index of the offending byte.
    package var index: Int

    package init(_ kind: Kind, at index: Int) {
        self.kind = kind
        self.index = index
    }
}

extension JSONScanner {
    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipWhiteSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func failure(_ kind: JSONError.Kind) -> JSONError {
        JSONError(kind == .unexpected && position >= bytes.count ? .truncated : kind, at: position)
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard peek == byte else { throw failure(.unexpected) }
        position += 1
    }

    private mutating func value() throws(JSONError) -> JSONToken {
        let token: JSONToken
        switch peek {
        case UInt8(ascii: "{"): return try open(.firstKey, isObject: true)
        case UInt8(ascii: "["): return try open(.firstElement, isObject: false)
        case UInt8(ascii: "\""): token = .string(try string())
        case UInt8(ascii: "t"): token = try word("true", .boolean(true))
        case UInt8(ascii: "f"): token = try word("false", .boolean(false))
        case UInt8(ascii: "n"): token = try word("null", .null)
        default: token = .number(try number())
        }
        endValue()
        return token
    }

    private mutating func open(_ inside: State, isObject: Bool) throws(JSONError) -> JSONToken {
        guard depth < JSONScanner.depthMax else { throw failure(.tooDeep) }
        let bit: UInt64 = 1 << UInt64(depth)
        objects = isObject ? objects | bit : objects & ~bit
        depth += 1
        position += 1
        state = inside
        return isObject ? .beginObject : .beginArray
    }

    /// The bracket at the present position is known to fit.
    private mutating func close() -> JSONToken {
        depth -= 1
        position += 1
        endValue()
        return objects & (1 << UInt64(depth)) != 0 ? .endObject : .endArray
    }

    private mutating func endValue() { state = depth == 0 ? .finished : .separator }

    private mutating func key() throws(JSONError) -> JSONToken {
        let inside = try string()
        skipWhiteSpace()
        try expect(UInt8(ascii: ":"))
        state = .value
        return .key(inside)
    }

    private mutating func string() throws(JSONError) -> Range<Int> {
        try expect(UInt8(ascii: "\""))
        let start = position
        while let byte = peek, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw failure(.unexpected) }
            position += 1
            if byte == UInt8(ascii: "\\") { try escape() }
        }
        try expect(UInt8(ascii: "\""))
        return start..<position - 1
    }

    /// What stands behind a backslash.
    private mutating func escape() throws(JSONError) {
        switch peek {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            for _ in 0..<4 {
                guard let digit = peek, isHexDigit(digit) else { throw failure(.unexpected) }
                position += 1
            }
        default:
            throw failure(.unexpected)
        }
    }

    private mutating func number() throws(JSONError) -> Range<Int> {
        let start = position
        if peek == UInt8(ascii: "-") { position += 1 }
        if peek == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if peek == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            position += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        return start..<position
    }

    /// At least one digit.
    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = peek, isDigit(byte) { position += 1 }
        guard position > start else { throw failure(.unexpected) }
    }

    private mutating func word(_ text: StaticString, _ token: JSONToken) throws(JSONError) -> JSONToken {
        for place in 0..<text.utf8CodeUnitCount { try expect(text.utf8Start[place]) }
        return token
    }
}

func isHexDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 6 }
