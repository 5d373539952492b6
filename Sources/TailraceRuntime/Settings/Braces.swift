/// Braces of globs, as shells expand them: `/logs/{a,b}/*.log` is `/logs/a/*.log` and `/logs/b/*.log`.
///
/// They may be nested. Braces without a comma, without their other half, or behind a `\` are characters like others.
enum Braces {
    /// Parts of a list, where commas within braces separate nothing.
    static func split(_ text: Substring) -> [Substring] {
        var parts: [Substring] = []
        var start = text.startIndex
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == ",", index >= start {
                parts.append(text[start..<index])
                start = text.index(after: index)
            }
            index = step(index, in: text)
        }
        return parts + [text[start...]]
    }

    static func expand(_ text: Substring) -> [String] {
        var index = text.startIndex
        while index < text.endIndex {
            let next = step(index, in: text)
            if text[index] == "{", text[text.index(before: next)] == "}" {
                let parts = split(text[text.index(after: index)..<text.index(before: next)])
                if parts.count > 1 {
                    let ends = expand(text[next...])
                    return parts.flatMap { part in
                        expand(part).flatMap { middle in ends.map { text[..<index] + middle + $0 } }
                    }
                }
                index = text.index(after: index)
            } else {
                index = next
            }
        }
        return [String(text)]
    }

    /// Behind the character at `index`, what is escaped there, or all that the brace there encloses.
    private static func step(_ index: Substring.Index, in text: Substring) -> Substring.Index {
        let next = text.index(after: index)
        if text[index] == "\\", next < text.endIndex { return text.index(after: next) }
        guard text[index] == "{" else { return next }
        var inner = next
        while inner < text.endIndex {
            if text[inner] == "}" { return text.index(after: inner) }
            inner = step(inner, in: text)
        }
        return next
    }
}
