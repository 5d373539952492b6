import Foundation
import Synchronization

/// An HTTP/1.1 server whose answers a test makes, over plain sockets.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        var method: String
        /// Without the query.
        var path: String
        var query: String
        /// Names in lower case.
        var headers: [String: String]
        var body: Data

        var json: [String: Any] { (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:] }
    }

    struct Answer: Sendable {
        var status = 200
        var body = Data()

        static func json(_ value: Any, _ status: Int = 200) -> Answer {
            Answer(status: status, body: (try? JSONSerialization.data(withJSONObject: value)) ?? Data())
        }

        static let silence = Answer(status: 0)
    }

    let port: Int
    private let socket: ListeningSocket
    private let answer: @Sendable (Request) -> Answer
    private let seen = Mutex<[Request]>([])

    init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
        socket = try ListeningSocket(port: 0)
        port = socket.port
        self.answer = answer
        let socket = socket
        Thread.detachNewThread { [weak self] in
            while let connection = socket.accept() {
                Thread.detachNewThread { [weak self] in self?.serve(connection) }
            }
        }
    }

    deinit { socket.close() }

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { seen.withLock { $0 } }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var rest = Data()
        while let request = Self.read(connection, &rest) {
            seen.withLock { $0.append(request) }
            let answer = answer(request)
            // Until the client gives up.
            guard answer.status != 0 else { return _ = Self.read(connection, &rest) }
            let head =
                "HTTP/1.1 \(answer.status) Said\r\nContent-Type: application/json\r\nContent-Length: \(answer.body.count)\r\n\r\n"
            Self.write(Data(head.utf8) + answer.body, to: connection)
        }
    }

    private static func read(_ connection: Int32, _ rest: inout Data) -> Request? {
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            if let end = rest.range(of: Data("\r\n\r\n".utf8)) {
                let lines = String(decoding: rest[rest.startIndex..<end.lowerBound], as: UTF8.self)
                    .components(separatedBy: "\r\n")
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    guard let colon = line.firstIndex(of: ":") else { continue }
                    headers[line[..<colon].lowercased()] = line[line.index(after: colon)...]
                        .trimmingCharacters(in: .whitespaces)
                }
                let length = Int(headers["content-length"] ?? "0") ?? 0
                if rest.distance(from: end.upperBound, to: rest.endIndex) >= length {
                    let bodyEnd = rest.index(end.upperBound, offsetBy: length)
                    let words = lines[0].split(separator: " ")
                    let target = words[1].split(separator: "?", maxSplits: 1)
                    let request = Request(
                        method: String(words[0]), path: String(target[0]),
                        query: target.count > 1 ? String(target[1]) : "",
                        headers: headers, body: Data(rest[end.upperBound..<bodyEnd]))
                    rest = Data(rest[bodyEnd...])
                    return request
                }
            }
            let count = Foundation.read(connection, &piece, piece.count)
            guard count > 0 else { return nil }
            rest += piece[..<count]
        }
    }

    private static func write(_ bytes: Data, to connection: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
