/// Records of requests: what servers write of each, whatever the level.
extension RecordHeader {
    /// `START RequestId: 112dd745-38dc-430d-b88b-8a5adf3cc00c Version: $LATEST` of AWS Lambda, `Started GET "/a" for …`,
    /// `Processing by BankController#pay as */*` and `Completed 200 OK in 5ms` of Rails
    static func requestFirst(_ line: Span<UInt8>) -> RecordHeader? {
        switch line[unchecked: 0] {
        case UInt8(ascii: "S"):
            if line.has("START RequestId: ", at: 0) { return .calm }
            guard line.has("Started ", at: 0) else { return nil }
            let method = HeaderWord(in: line, at: 8)
            return method.isRequestMethod && line.has(" \"", at: method.end) ? .access : nil
        case UInt8(ascii: "E"): return line.has("END RequestId: ", at: 0) ? .calm : nil
        case UInt8(ascii: "R"): return line.has("REPORT RequestId: ", at: 0) ? .calm : nil
        case UInt8(ascii: "I"): return line.has("INIT_START Runtime Version: ", at: 0) ? .calm : nil
        case UInt8(ascii: "P"):
            guard line.has("Processing by ", at: 0) else { return nil }
            let controller = endOfPath(line, from: 14)
            guard line.has("#", at: controller) else { return nil }
            return line.has(" as ", at: endOfPath(line, from: controller + 1)) ? .calm : nil
        case UInt8(ascii: "C"):
            guard line.has("Completed ", at: 0), line.count > 14, isDigit(line[10]), isDigit(line[11]),
                isDigit(line[12])
            else { return nil }
            return line.has(" ", at: 13) && line.firstIndex(of: " in ", from: 14) != nil ? .calm : nil
        default: return nil
        }
    }

    /// Of `Api::BankController`.
    private static func endOfPath(_ line: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < line.count, isWordByte(line[unchecked: end]) || line[unchecked: end] == UInt8(ascii: ":") {
            end += 1
        }
        return end
    }

    static func unratedOrAccess(_ line: Span<UInt8>) -> RecordHeader {
        isAccess(line) ? .access : .unrated
    }

    static func accessOrNone(_ line: Span<UInt8>) -> RecordHeader {
        isAccess(line) || isRequestBehindAddress(line) ? .access : .none
    }

    /// `127.0.0.1 GET /a 200 1.2ms`
    private static func isRequestBehindAddress(_ line: Span<UInt8>) -> Bool {
        let address = HeaderWord(in: line, at: 0)
        guard address.count >= 7, address.count <= 15, line.has(" ", at: address.end) else { return false }
        let method = HeaderWord(in: line, at: address.end + 1)
        guard method.isRequestMethod, line.has(" /", at: method.end),
            let blank = line.firstIndex(of: 0x20, from: method.end + 1)
        else { return false }
        return blank + 1 < line.count && isDigit(line[blank + 1])
    }

    /// A request line in quotes: `"GET /a HTTP/1.1"`.
    static func isAccess(_ line: Span<UInt8>) -> Bool {
        guard let quote = line.firstIndex(of: UInt8(ascii: "\"")) else { return false }
        let word = HeaderWord(in: line, at: quote + 1)
        guard word.count >= 3, word.end + 1 < line.count, line[unchecked: word.end] == 0x20 else { return false }
        // Loggers also quote requests in what they say about them.
        guard word.isRequestMethod else { return false }
        if line.firstIndex(of: " HTTP/", from: word.end) != nil { return true }
        // Daphne: `"GET /a" 200 20`
        guard let end = line.firstIndex(of: UInt8(ascii: "\""), from: word.end) else { return false }
        return line.has(" ", at: end + 1) && end + 4 < line.count && isDigit(line[end + 2]) && isDigit(line[end + 3])
            && isDigit(line[end + 4])
    }
}
