import Synchronization
import TailraceCore
import Testing

/// The table of ``MisbehaviourTests``.
extension MisbehaviourTests {
    /// What is behind the misbehaviour: it stores by id, and knows what came before.
    final class Store: Sendable {
        private let documents = Mutex<[String: String]>([:])

        var ids: [String] { documents.withLock { $0.keys.sorted() } }

        /// - Returns: the body of a bulk reply, for an uncompressed request.
        func take(_ request: String) -> String {
            let lines = request.split(separator: "\r\n\r\n", maxSplits: 1).last?.split(separator: "\n") ?? []
            let items = stride(from: 0, to: lines.count - 1, by: 2).map { place in
                let id = String(lines[place].split(separator: "\"")[5])
                let isNew = documents.withLock { $0.updateValue(String(lines[place + 1]), forKey: id) == nil }
                return isNew
                    ? #"{"create":{"status":201}}"#
                    : #"{"create":{"status":409,"error":{"type":"version_conflict_engine_exception","reason":"there"}}}"#
            }
            return #"{"took":1,"errors":false,"items":[\#(items.joined(separator: ","))]}"#
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        /// What a person is told; `nil` when there is nothing to tell.
        var words: String?
        /// Documents that the endpoint will not have.
        var refused: Set<String> = []
        /// The first answers; what comes then is all well.
        var answers: @Sendable (Store) -> [RawServer.Answer]

        init(
            _ name: String, _ words: String? = nil, refused: Set<String> = [],
            _ answers: @escaping @Sendable (Store) -> [RawServer.Answer]
        ) {
            (self.name, self.words, self.refused, self.answers) = (name, words, refused, answers)
        }

        var testDescription: String { name }
    }

    static let html = "<html><title>Welcome</title></html>"

    /// A reply of which each request makes one, after the documents were stored.
    static func stored(
        _ store: Store, _ steps: @escaping @Sendable (_ body: String) -> [RawServer.Step]
    ) -> RawServer.Answer {
        .steps { steps(store.take($0)) }
    }

    static let cases: [Case] = [
        Case("all is well") { _ in [] },
        Case("closes without a word", "closed the connection before its reply was complete") { _ in [.close] },
        Case("resets instead of answering, after all was stored", "Connection reset by peer") { store in
            [stored(store) { _ in [.reset] }]
        },
        Case("half a reply, then the end", "closed the connection before its reply was complete") { store in
            [
                stored(store) { body in
                    [.send(String(reply("200 OK", "", body).dropLast(20))), .close]
                }
            ]
        },
        Case("half a reply, then silence", "did not answer within") { store in
            [stored(store) { body in [.send(String(reply("200 OK", "", body).dropLast(20)))] }]
        },
        Case("half a status line, then the end", "closed the connection before its reply was complete") { store in
            [stored(store) { _ in [.send("HTTP/1.1 20"), .close] }]
        },
        Case("silent for ever", "did not answer within") { _ in [.silence] },
        Case("stores all, and is silent for ever", "did not answer within") { store in [stored(store) { _ in [] }]
        },
        Case("a slow drip", "did not answer within") { store in
            [
                stored(store) { body in
                    reply("200 OK", "", body).flatMap { [RawServer.Step.send(String($0)), .wait(100)] }
                }
            ]
        },
        Case("a reply in single bytes, but in time") { store in
            [stored(store) { body in reply("200 OK", "", body).map { .send(String($0)) } }]
        },
        Case("a length that is too large", "did not answer within") { store in
            [stored(store) { body in [.send("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + body)] }]
        },
        Case("a length that is too small", "which is cut off") { store in
            [stored(store) { body in [.send("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + body)] }]
        },
        Case("a length that is no number", "does not speak HTTP") { store in
            [stored(store) { body in [.send("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n" + body)] }]
        },
        Case("HTTP/1.0, ended by the end of the connection") { store in
            [stored(store) { body in [.send("HTTP/1.0 200 OK\r\n\r\n" + body), .close] }]
        },
        Case("HTTP/1.0, cut", "which is cut off") { store in
            [stored(store) { body in [.send("HTTP/1.0 200 OK\r\n\r\n" + body.dropLast(9)), .close] }]
        },
        Case("chunks, with trailers") { store in
            [
                stored(store) { body in
                    let (a, b) = (body.prefix(30), body.dropFirst(30))
                    return [
                        .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"),
                        .send("\(String(a.utf8.count, radix: 16))\r\n\(a)\r\n"), .wait(20),
                        .send("\(String(b.utf8.count, radix: 16))\r\n\(b)\r\n0\r\nX-Sum: 1\r\n\r\n"),
                    ]
                }
            ]
        },
        Case("chunks, without the last one", "closed the connection before its reply was complete") { store in
            [
                stored(store) { body in
                    [
                        .send(
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n"
                        ), .close,
                    ]
                }
            ]
        },
        Case("100 Continue and 103 Early Hints before the reply") { store in
            [
                stored(store) { body in
                    [
                        .send("HTTP/1.1 100 Continue\r\n\r\n"), .wait(20),
                        .send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + reply("200 OK", "", body)),
                    ]
                }
            ]
        },
        // As proxies do before they close a connection on which nothing has come for some time.
        Case("a reply before anything was asked", "sent again") { _ in
            [.unasked(reply("408 Request Timeout", "Connection: close\r\n", ""))]
        },
        Case("two replies to one request") { store in
            [
                stored(store) { body in
                    let lie = #"{"create":{"status":201}}"#
                    let second = reply("200 OK", "", #"{"errors":false,"items":[\#(lie),\#(lie),\#(lie)]}"#)
                    return [.send(reply("200 OK", "", body) + second)]
                }
            ]
        },
        Case("not HTTP at all", "does not speak HTTP") { _ in [.bytes("SSH-2.0-OpenSSH_9.2\r\n\r\n")] },
        Case("says gzip, and is not", "can't be decompressed") { store in
            [stored(store) { body in [.send(reply("200 OK", "Content-Encoding: gzip\r\n", body))] }]
        },
        Case("a reply in gzip") { store in
            [stored(store) { body in compressed(body, 1) }]
        },
        Case("a reply in two members of gzip, in single bytes") { store in
            [
                stored(store) { body in
                    let half = body.utf8.count / 2
                    let parts = gzip(Array(body.utf8.prefix(half))) + gzip(Array(body.utf8.dropFirst(half)))
                    return [head(parts.count)] + parts.map { .bytes([$0]) }
                }
            ]
        },
        Case("gzip, cut off", "can't be decompressed") { store in
            [
                stored(store) { body in
                    let part = Array(gzip(Array(body.utf8)).dropLast(9))
                    return [head(part.count), .bytes(part)]
                }
            ]
        },
        Case("gzip, which holds something else than its checksum says", "can't be decompressed") { store in
            [
                stored(store) { body in
                    var bytes = gzip(Array(body.utf8))
                    bytes[bytes.count - 6] ^= 1
                    return [head(bytes.count), .bytes(bytes)]
                }
            ]
        },
        Case("a few kilobytes of gzip that become many megabytes", "too long to be read") { store in
            [stored(store) { _ in compressed(String(repeating: " ", count: 8 << 20), 9) }]
        },
        Case("an endless reply", "too long to be read") { store in
            [
                stored(store) { _ in
                    let spaces = String(repeating: " ", count: 64 << 10)
                    return [.send("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")]
                        + (0..<40).map { _ in .send(spaces) }
                }
            ]
        },
        Case("a page of a proxy, as 200", "which is not JSON") { _ in [.bytes(reply("200 OK", "", html))] },
        Case("200 without a body", "an empty body") { _ in [.bytes(reply("200 OK", "", ""))] },
        Case("204", "an empty body") { _ in [.bytes("HTTP/1.1 204 No Content\r\n\r\n")] },
        Case("200 with other JSON", "not a bulk reply") { _ in [.bytes(reply("200 OK", "", #"{"acknowledged":true}"#))]
        },
        Case("fewer items than documents", "answered for 1 of 3 documents") { store in
            [stored(store) { _ in [.send(reply("200 OK", "", #"{"items":[{"create":{"status":201}}]}"#))] }]
        },
        Case("redirected to a log-in page", "write the final address in TAILRACE_ENDPOINT") { _ in
            [.bytes(reply("302 Found", "Location: https://sso.example/login?token=sesame\r\n"))]
        },
        Case("no _bulk here", "Check address and path in TAILRACE_ENDPOINT") { _ in
            [.bytes(reply("404 Not Found", "", html))]
        },
        Case("not allowed", "Check the credentials") { _ in [.bytes(reply("401 Unauthorized"))] },
        Case("too much to do", "It has too much to do") { _ in
            [.bytes(reply("429 Too Many Requests", "Retry-After: 1\r\n"))]
        },
        Case("a gateway without a server", "answered 502") { _ in [.bytes(reply("502 Bad Gateway", "", html))] },
        Case("unwell three times", "answered 503") { _ in
            Array(repeating: .bytes(reply("503 Service Unavailable")), count: 3)
        },
        Case("too large, until there are single documents") { store in
            let answer = RawServer.Answer.steps { request in
                let isAlone = request.split(separator: "\"create\"").count == 2
                return [
                    .send(isAlone ? reply("200 OK", "", store.take(request)) : reply("413 Payload Too Large", "", ""))
                ]
            }
            return Array(repeating: answer, count: 20)
        },
        Case("too large, answered while the request is still coming") { _ in
            [.early(reply("413 Payload Too Large", "Connection: close\r\n", ""))]
        },
        Case("one document is not to its taste", refused: ["1"]) { store in
            [
                .steps { request in
                    let rest = request.replacing(/.*"_id":"1".*\n.*\n/, with: "")
                    let items = store.take(rest).split(separator: "[")[1]
                    let first = items.prefix { $0 != "}" } + "}}"
                    let error = #"{"create":{"status":400,"error":{"type":"mapper_parsing_exception","reason":"r"}}}"#
                    return [.send(reply("200 OK", "", #"{"items":[\#(first),\#(error),\#(first)]}"#))]
                }
            ]
        },
        Case("hangs up over one document each time", "closed the connection", refused: ["1"]) { store in
            Array(
                repeating: .steps { request in
                    request.contains(#""_id":"1""#) ? [.close] : [.send(reply("200 OK", "", store.take(request)))]
                }, count: 200)
        },
    ]

    private static func gzip(_ bytes: [UInt8], _ level: Int = 1) -> [UInt8] {
        (try? GzipCompressor(level: level))?.compress(bytes.span) ?? []
    }

    private static func head(_ count: Int) -> RawServer.Step {
        .send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(count)\r\n\r\n")
    }

    private static func compressed(_ body: String, _ level: Int) -> [RawServer.Step] {
        let bytes = gzip(Array(body.utf8), level)
        return [head(bytes.count), .bytes(bytes)]
    }
}
