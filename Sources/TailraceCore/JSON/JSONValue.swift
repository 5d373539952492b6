/// A JSON text as a tree, for the small ones that are looked into here and there: what a metadata service answers, an
/// index template. Replies to bulk requests are scanned instead.
package enum JSONValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    /// As it is written.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// In the order in which they are written.
    case object([Member])

    package struct Member: Sendable, Equatable {
        package var name: String
        package var value: JSONValue

        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    package init(parsing bytes: [UInt8]) throws(JSONError) {
        let span = bytes.span
        var scanner = JSONScanner(span)
        let first = try scanner.next()
        self = try JSONValue(&scanner, first)
        _ = try scanner.next()
    }

    private init(_ scanner: inout JSONScanner, _ token: JSONToken) throws(JSONError) {
        switch token {
        case .string(let range): self = .string(scanner.text(range))
        case .number(let range): self = .number(scanner.raw(range))
        case .boolean(let value): self = .boolean(value)
        case .beginArray:
            var elements: [JSONValue] = []
            while true {
                let next = try scanner.next()
                if next == .endArray { break }
                elements.append(try JSONValue(&scanner, next))
            }
            self = .array(elements)
        case .beginObject:
            var members: [Member] = []
            while case .key(let key) = try scanner.next() {
                let name = scanner.text(key)
                let next = try scanner.next()
                members.append(Member(name, try JSONValue(&scanner, next)))
            }
            self = .object(members)
        case .null, .endObject, .endArray, .key, .end: self = .null
        }
    }

    /// The member of an object; of several with the same name, the last.
    package subscript(name: String) -> JSONValue? {
        get {
            guard case .object(let members) = self else { return nil }
            return members.last { $0.name == name }?.value
        }
        set {
            guard case .object(var members) = self else { return }
            let place = members.lastIndex { $0.name == name }
            switch (place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(Member(name, value))
            case (nil, nil): break
            }
            self = .object(members)
        }
    }

    package var members: [Member] { if case .object(let members) = self { members } else { [] } }
    package var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
    package var text: String? { if case .string(let text) = self { text } else { nil } }

    /// - Parameter indented: two spaces for each level, for people; else without any white space.
    package func rendered(indented: Bool = false) -> [UInt8] {
        var output = OwnedBytes()
        append(to: &output, indent: indented ? 0 : nil)
        return Array(output.span)
    }

    private func append(to output: inout OwnedBytes, indent: Int?) {
        switch self {
        case .null: output.append("null")
        case .boolean(let value): output.append(value ? "true" : "false")
        case .number(let text): output.append(Array(text.utf8))
        case .string(let text): output.appendJSON(text)
        case .array(let elements):
            Self.append("[", "]", elements, to: &output, indent) { element, output, indent in
                element.append(to: &output, indent: indent)
            }
        case .object(let members):
            Self.append("{", "}", members, to: &output, indent) { member, output, indent in
                output.appendJSON(member.name)
                output.append(indent == nil ? ":" : ": ")
                member.value.append(to: &output, indent: indent)
            }
        }
    }

    private static func append<Part>(
        _ open: StaticString, _ close: StaticString, _ parts: [Part], to output: inout OwnedBytes, _ indent: Int?,
        _ appendPart: (Part, inout OwnedBytes, Int?) -> Void
    ) {
        output.append(open)
        for (place, part) in parts.enumerated() {
            if place > 0 { output.append(",") }
            newLine(indent.map { $0 + 1 }, &output)
            appendPart(part, &output, indent.map { $0 + 1 })
        }
        if !parts.isEmpty { newLine(indent, &output) }
        output.append(close)
    }

    private static func newLine(_ indent: Int?, _ output: inout OwnedBytes) {
        guard let indent else { return }
        output.append("\n")
        for _ in 0..<indent { output.append("  ") }
    }
}
