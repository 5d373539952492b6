import TailraceCore

/// What the admin port shows.
package struct AdminPages: Sendable {
    private let version: String
    private let counters: Counters
    private let health: Health
    private let board: FileBoard
    private let time: any Timebase

    package init(version: String, counters: Counters, health: Health, board: FileBoard, time: any Timebase) {
        self.version = version
        self.counters = counters
        self.health = health
        self.board = board
        self.time = time
    }

    /// - Returns: `nil` when there is no such page.
    package func page(_ path: String) -> AdminReply? {
        switch path {
        case "/metrics":
            AdminReply(
                contentType: "text/plain; version=0.0.4; charset=utf-8",
                body: MetricsText(counters, files: board.files).text)
        case "/livez": livez
        case "/readyz": readyz
        case "/status": AdminReply(contentType: "application/json", body: status)
        default: nil
        }
    }

    private var livez: AdminReply {
        health.isAlive(pending: counters.ledger.pending, now: time.now)
            ? AdminReply(body: "ok\n")
            : AdminReply(status: 503, body: "Data waits and the endpoint answers, but nothing has moved for minutes.\n")
    }

    private var readyz: AdminReply {
        guard board.hasLooked else { return AdminReply(status: 503, body: "The files have not been looked for yet.\n") }
        guard let trouble = health.trouble else { return AdminReply(body: "ok\n") }
        return AdminReply(status: 503, body: trouble.sentence + "\n")
    }

    private var status: String {
        var json = OwnedBytes()
        let ledger = counters.ledger
        json.append("{\"version\":")
        json.appendJSON(version)
        let numbers = [
            ("read", ledger.read), ("stored", ledger.stored), ("already_there", ledger.alreadyThere),
            ("rejected", ledger.rejected), ("lost", ledger.lost), ("pending", ledger.pending),
            ("spooled", ledger.spooled),
        ]
        json.append(Array(",\"events\":{\(numbers.map { "\"\($0)\":\($1)" }.joined(separator: ","))}".utf8))
        json.append(Array(",\"memory_used_bytes\":\(counters.memoryUsed.value),\"trouble\":".utf8))
        if let trouble = health.trouble { json.appendJSON(trouble.sentence) } else { json.append("null") }
        json.append(",\"files\":[")
        for (place, file) in board.files.enumerated() {
            json.append(place == 0 ? "{\"path\":" : ",{\"path\":")
            json.appendJSON(file.path)
            let rest =
                ",\"size\":\(file.size),\"position\":\(file.position),\"delivered\":\(file.delivered),\"rotated\":\(file.isRotated)}"
            json.append(Array(rest.utf8))
        }
        json.append("]}\n")
        return String(decoding: Array(json.span), as: UTF8.self)
    }
}
