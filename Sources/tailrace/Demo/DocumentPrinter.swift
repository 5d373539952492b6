import Synchronization
import TailraceCore

/// Shows documents as a person would read logs, and remembers their messages.
final class DocumentPrinter: Sendable {
    /// Messages that are kept for comparing; a demo of samples has a few hundred.
    private static let messagesMax = 10_000

    private let isColoured: Bool
    private let seen = Mutex<[String]>([])

    init(isColoured: Bool) { self.isColoured = isColoured }

    var messages: [String] { seen.withLock { $0 } }

    func show(_ json: [UInt8]) {
        guard let document = Document(json) else { return Console.print(String(decoding: json, as: UTF8.self)) }
        seen.withLock { if $0.count < Self.messagesMax { $0.append(document.message) } }
        let lines = document.message.split(separator: "\n", omittingEmptySubsequences: false)
        var text =
            paint(String(document.time.dropFirst(11).prefix(12)), .grey) + " " + paint(document.source, .cyan) + " "
        text += paint(printable(lines[0]), document.isError ? .red : .plain)
        if lines.count > 1 { text += paint("  [\(lines.count) lines]", .grey) }
        for line in lines.dropFirst() { text += "\n" + paint("             | " + printable(line), .grey) }
        Console.print(text)
    }

    private enum Colour: String {
        case plain = ""
        case grey = "90"
        case red = "31"
        case cyan = "36"
    }

    private func paint(_ text: String, _ colour: Colour) -> String {
        isColoured && colour != .plain ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// A log must not steer the terminal.
    private func printable(_ text: Substring) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 && $0 != "\t" ? "?" : $0 }))
    }
}

/// The few fields that are shown.
private struct Document {
    var time = ""
    var message = ""
    var container = ""
    var id = ""
    var path = ""
    var isError: Bool { ["ERROR", "Traceback", "panic:", "Exception"].contains { message.contains($0) } }
    /// The container, or the first letters of its id, as `docker ps` shows it, or the file.
    var source: String {
        if !container.isEmpty { return container }
        return id.isEmpty ? String(path.split(separator: "/").last ?? "") : String(id.prefix(12))
    }

    init?(_ json: [UInt8]) {
        var scanner = JSONScanner(json.span)
        var depth = 0
        var parents: [String] = []
        var key = ""
        do {
            while true {
                switch try scanner.next() {
                case .end: return
                case .key(let range): key = scanner.text(range)
                case .beginObject:
                    if depth > 0 { parents.append(key) }
                    depth += 1
                case .endObject:
                    depth -= 1
                    _ = parents.popLast()
                case .string(let range): take(scanner.text(range), at: (parents + [key]).joined(separator: "."))
                default: continue
                }
            }
        } catch {
            return nil
        }
    }

    private mutating func take(_ text: String, at name: String) {
        switch name {
        case "@timestamp": time = text
        case "message": message = text
        case "container.name": container = text
        case "container.id": id = text
        case "log.file.path": path = text
        default: break
        }
    }
}
