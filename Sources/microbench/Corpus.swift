import TailraceCore

/// Log lines made up from a fixed seed: the same bytes on every machine, so that instructions can be compared.
///
/// One line in ten is the first of a Java stack trace in the corpus `traces`; `lines` has none.
struct Corpus {
    enum Kind: String, CaseIterable {
        case lines
        case traces
    }

    private(set) var bytes: [UInt8] = []
    private(set) var lineCount = 0
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var milliseconds: UInt64 = 0

    init(_ kind: Kind, lines: Int) {
        bytes.reserveCapacity(lines * 220)
        while lineCount < lines {
            milliseconds += random(8)
            if kind == .traces, random(10) == 0 {
                add(record("ERROR") + "request failed")
                add("java.lang.IllegalStateException: pool \(random(100)) is exhausted")
                for _ in 0..<8 + random(24) {
                    add(
                        "\tat com.acme.\(Self.words[Int(random(16))]).Handler$\(random(9)).run(Handler.java:\(random(900)))"
                    )
                }
                add("Caused by: java.net.SocketTimeoutException: Read timed out")
                for _ in 0..<2 + random(4) {
                    add("\tat java.base/java.net.Socket.\(Self.words[Int(random(16))])(Socket.java:\(random(900)))")
                }
                add("\t... \(random(40)) more")
            } else {
                var text = record(random(5) == 0 ? "WARN " : "INFO ")
                for _ in 0..<2 + random(10) { text += Self.words[Int(random(16))] + " " }
                text +=
                    random(4) == 0 ? "sql=\"select * from t where id=\(random(1 << 20))\"" : "took \(random(900)) ms"
                add(text)
            }
        }
    }

    private static let words = [
        "query", "refund", "retry", "pool", "upstream", "order", "payment", "cache", "token", "scaled", "slow",
        "worker",
        "delivered", "partition", "connection", "batch",
    ]

    private func record(_ level: String) -> String {
        "2026-09-21T14:13:\(Self.padded(milliseconds / 1000 % 60, 2)).\(Self.padded(milliseconds % 1000, 3)) \(level) "
            + "[exec-\(state % 32)] c.a.cart.CartService seq=\(lineCount) "
    }

    private mutating func add(_ text: String) {
        let stream = lineCount % 7 == 6 && text.first != "\t" ? "stderr" : "stdout"
        let time =
            "2026-09-21T14:13:\(Self.padded(milliseconds / 1000 % 60, 2)).\(Self.padded(milliseconds % 1000, 3))\(100_000 + random(900_000))Z"
        bytes += Array("\(time) \(stream) F \(text)\n".utf8)
        lineCount += 1
    }

    private static func padded(_ number: UInt64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// xorshift64*.
    private mutating func random(_ bound: UInt64) -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return (state &* 0x2545_F491_4F6C_DD1D) >> 33 % bound
    }
}
