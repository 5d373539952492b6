import Synchronization
import TailraceCore
import TailraceHTTP
import TailraceRuntime
import Testing

/// Everything that an endpoint, or what stands before it, has been seen to do, as a table. Each row ends with every
/// document stored once, unless the row says that it is the document's fault, and with words that a person understands.
@Suite(.timeLimit(.minutes(10))) struct MisbehaviourTests {
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

    private static let html = "<html><title>Welcome</title></html>"

    /// A reply of which each request makes one, after the documents were stored.
    private static func stored(
        _ store: Store, _ steps: @escaping @Sendable (_ body: String) -> [RawServer.Step]
    ) -> RawServer.Answer {
        .steps { steps(store.take($0)) }
    }

    private static let cases: [Case] = [
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

    private static let payload: Payload = {
        let text = (0..<3).map { "{\"create\":{\"_id\":\"\($0)\"}}\n{\"n\":\($0)}\n" }.joined()
        let bytes = Array(text.utf8)
        return Payload(sealing: bytes.span, number: BatchNumber(1), documentCount: 3, with: nil)
    }()

    @Test(arguments: cases)
    func `nothing is lost, nothing comes twice, and a person knows why`(_ row: Case) async throws {
        let store = Store()
        let good = RawServer.Answer.made { reply("200 OK", "", store.take($0)) }
        let server = try await RawServer(row.answers(store) + [good])
        var reader = SettingReader(
            [
                "TAILRACE_ENDPOINT": "http://127.0.0.1:\(server.port)",
                "TAILRACE_REQUEST_TIMEOUT": row.words?.contains("did not answer") == true ? "3s" : "10m",
                "TAILRACE_BACKOFF_MAX": "100ms",
            ], readFile: ProcessEnvironment.readFile)
        let time = LinuxTimebase()
        let loops = EventLoops()
        let transport = try HTTPBulkTransport(
            TransportSettings(Settings(reading: &reader), userAgent: "tailrace/test"), time: time, loops: loops)
        var delivery = Delivery(of: Self.payload, backoff: Backoff(most: .milliseconds(100)))
        var complaints: [String] = []
        var refused: Set<String> = []
        var settled = 0
        for round in 0..<300 {
            guard let part = delivery.next else { break }
            let step = delivery.take(await transport.post(part), random: time.random(), storedElsewhere: round)
            if let complaint = step.complaint { complaints.append(complaint.sentence) }
            for document in try part.documents(at: step.refused.map(\.index)) {
                refused.insert(String(document.action.split(separator: "\"")[5]))
            }
            settled += step.accepted.total + step.refused.count
            // As long as it has to be, but nobody has to wait for half a minute here.
            try await time.sleep(until: time.now + min(step.wait, .milliseconds(100)))
        }
        await transport.shutDown()
        await server.stop()
        #expect(delivery.next == nil, "not settled: \(complaints)")
        #expect(settled == 3)
        #expect(refused == row.refused)
        #expect(store.ids == ["0", "1", "2"].filter { !row.refused.contains($0) })
        if let words = row.words {
            #expect(complaints.contains { $0.contains(words) }, "\(complaints)")
        } else {
            #expect(complaints == [])
        }
        #expect(!complaints.contains { $0.contains("sesame") })
        await loops.shutDown()
    }

    @Test func `a connection that was closed while idle, just as the next request is written`() async throws {
        let store = Store()
        let good = RawServer.Answer.made { reply("200 OK", "", store.take($0)) }
        let server = try await RawServer([good, .close, good])
        var reader = SettingReader(
            ["TAILRACE_ENDPOINT": "http://127.0.0.1:\(server.port)"], readFile: ProcessEnvironment.readFile)
        let loops = EventLoops()
        let transport = try HTTPBulkTransport(
            TransportSettings(Settings(reading: &reader), userAgent: "tailrace/test"), time: LinuxTimebase(),
            loops: loops)
        let first = judge(await transport.post(Self.payload), documentCount: 3)
        #expect(first == .accepted(AcceptedTally(stored: 3)))
        let second = judge(await transport.post(Self.payload), documentCount: 3)
        #expect(second == .accepted(AcceptedTally(alreadyThere: 3)), "on a new connection, without a word")
        #expect(server.connectionCount == 2)
        await transport.shutDown()
    }

    @Test func `connections are renewed when they are old`() async throws {
        let store = Store()
        let server = try await RawServer([.made { reply("200 OK", "", store.take($0)) }])
        let time = MovedTime()
        let transport = try HTTPBulkTransport.reading(
            ["TAILRACE_CONNECTION_MAX_AGE": "100m"], endpoint: "http://127.0.0.1:\(server.port)", time: time)
        // Unused, a connection is given up after 50 s; less than a tenth of its age is taken off by chance.
        for _ in 0..<180 {
            _ = await transport.post(Self.payload)
            time.move(by: 30)
        }
        #expect(server.connectionCount == 1, "89 minutes and a half")
        for _ in 0..<40 {
            _ = await transport.post(Self.payload)
            time.move(by: 30)
        }
        #expect(server.connectionCount == 2)
        await transport.shutDown()
    }
}
