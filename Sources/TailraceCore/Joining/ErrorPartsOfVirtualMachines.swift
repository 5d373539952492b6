/// Errors of Erlang, Elixir and Clojure.
extension ErrorParts {
    /// `** (RuntimeError) account 17`, `exception error: bad argument`, and the line behind `** Reason for termination`.
    mutating func findErlang(_ text: Span<UInt8>) {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            let bytes = text.extracting(line)
            if bytes.has("** (", at: 0), let close = bytes.firstIndex(of: UInt8(ascii: ")")) {
                type = line.lowerBound + 4..<line.lowerBound + close
                stack = line.lowerBound..<text.count
                let start = line.lowerBound + close + 2
                guard start < line.upperBound else { return }
                var last = line.upperBound
                while let next = lines.next(text), !next.isEmpty, !isBlank(text[next.lowerBound]),
                    lines.count <= Self.linesMax, !isDetailOfProcess(text, next)
                {
                    last = next.upperBound
                }
                message = start..<last
                return
            }
            if let word = bytes.firstIndex(of: "exception ") {
                let colon = bytes.firstIndex(of: ": ", from: word) ?? bytes.count
                guard colon < bytes.count, colon - word < 18 else { continue }
                type = line.lowerBound + word + 10..<line.lowerBound + colon
                message = line.lowerBound + colon + 2..<line.upperBound
                return
            }
            if bytes.has("** Reason for ", at: 0), let next = lines.next(text), text.has("** ", at: next.lowerBound) {
                message = next.lowerBound + 3..<next.upperBound
                return
            }
        }
    }

    private func isDetailOfProcess(_ text: Span<UInt8>, _ line: Range<Int>) -> Bool {
        text.has("Last message", at: line.lowerBound) || text.has("State: ", at: line.lowerBound)
            || text.has("Function: ", at: line.lowerBound)
    }

    /// `Execution error (ExceptionInfo) at bank/pay (bank.clj:3).`, the text in the next line; `:cause "account 17"`
    mutating func findClojure(_ text: Span<UInt8>) {
        var lines = LineWalk()
        while let line = lines.next(text), lines.count <= Self.linesMax {
            let bytes = text.extracting(line)
            if bytes.has("Execution error (", at: 0) || bytes.has("Syntax error (", at: 0),
                let open = bytes.firstIndex(of: "("), let close = bytes.firstIndex(of: ")", from: open)
            {
                type = line.lowerBound + open + 1..<line.lowerBound + close
                stack = line.lowerBound..<text.count
                if let next = lines.next(text), !next.isEmpty { message = next }
                return
            }
            if let cause = bytes.firstIndex(of: ":cause \""),
                let quote = bytes.firstIndex(of: UInt8(ascii: "\""), from: cause + 8)
            {
                message = line.lowerBound + cause + 8..<line.lowerBound + quote
                return
            }
        }
        if message == nil { findName(text) }
    }
}
