import TailraceCore
import Testing

@Suite struct JSONScannerTests {
    /// All tokens of `text`, strings and numbers with their content.
    static func tokens(_ bytes: [UInt8]) throws(JSONError) -> [String] {
        var scanner = JSONScanner(bytes.span)
        var tokens: [String] = []
        while true {
            switch try scanner.next() {
            case .beginObject: tokens.append("{")
            case .endObject: tokens.append("}")
            case .beginArray: tokens.append("[")
            case .endArray: tokens.append("]")
            case .key(let range): tokens.append("\(scanner.text(range)):")
            case .string(let range): tokens.append("\"\(scanner.text(range))\"")
            case .number(let range): tokens.append(scanner.text(range))
            case .boolean(let value): tokens.append("\(value)")
            case .null: tokens.append("null")
            case .end: return tokens
            }
        }
    }

    static func tokens(_ text: String) throws(JSONError) -> [String] { try tokens(Array(text.utf8)) }

    @Test func `every kind of value is read in order`() throws {
        let text = " { \"a\" : [ 1 , -2.5e+3, true,false , null , \"x\\n\\u00e9\" ,[],{} ] ,\"b\":{\"c\":0}}\r\n\t"
        #expect(
            try Self.tokens(text) == [
                "{", "a:", "[", "1", "-2.5e+3", "true", "false", "null", "\"x\né\"", "[", "]", "{", "}", "]",
                "b:", "{", "c:", "0", "}", "}",
            ])
    }

    @Test(arguments: [
        "0", "-0", "10", "1.5", "1e5", "1E-5", "0.0e+0", "true", "false", "null", "\"\"", "\"é\u{2028}\"", "[]", "{}",
        "[[]]", "{\"\":{}}", "{\"a\":1,\"a\":2}", #""\"\\\/\b\f\n\r\t\uD83D\uDE00""#, " 1 ",
    ])
    func `valid JSON is taken`(text: String) throws {
        _ = try Self.tokens(text)
    }

    @Test(arguments: [
        "", " ", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{]", "{\"a\"", "{\"a\":", "{\"a\":1",
        "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "{1:1}", "{,}", "01", "-", "-a", "+1", ".5", "1.", "1.e5",
        "1e",
        "1e+", "0x1", "NaN", "tru", "True", "nul", "nullx", "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"",
        "\"\\u12G4\"",
        "\"a\nb\"", "\"\0\"", "'a'", "1 1", "{} {}", "[]]", "\u{FEFF}1", "//", "<html>", "ok",
    ])
    func `anything else is an error`(text: String) {
        #expect(throws: JSONError.self) { try Self.tokens(text) }
    }

    @Test func `an error says where, and whether more bytes would have helped`() {
        #expect(throws: JSONError(.unexpected, at: 3)) { try Self.tokens("[1 2]") }
        #expect(throws: JSONError(.truncated, at: 4)) { try Self.tokens("[1, ") }
        #expect(throws: JSONError(.truncated, at: 0)) { try Self.tokens("") }
    }

    @Test func `sixty-four levels are taken and no more`() throws {
        func nested(_ depth: Int) -> String {
            let half = depth / 2
            return String(repeating: "[{\"a\":", count: half) + (depth % 2 == 1 ? "[]" : "1")
                + String(repeating: "}]", count: half)
        }
        #expect(try Self.tokens(nested(64)).filter { $0 == "}" }.count == 32)
        #expect(throws: JSONError(.tooDeep, at: 32 * 6)) { try Self.tokens(nested(65)) }
        #expect(throws: JSONError(.tooDeep, at: 64)) {
            try Self.tokens(String(repeating: "[", count: 1_000_000))
        }
    }

    @Test func `a value that nobody wants is skipped whole`() throws {
        let bytes = Array("{\"a\":{\"x\":[1,{\"y\":[]}]},\"b\":[[],[]],\"c\":\"}\",\"d\":7}".utf8)
        var scanner = JSONScanner(bytes.span)
        var keys: [String] = []
        #expect(try scanner.next() == .beginObject)
        while case .key(let key) = try scanner.next() {
            keys.append(scanner.text(key))
            try scanner.skipValue()
        }
        #expect(keys == ["a", "b", "c", "d"])
        #expect(try scanner.next() == .end)
        #expect(try scanner.next() == .end)
    }

    @Test func `keys are compared by what they mean`() throws {
        let bytes = Array(#"{"it\u0065ms":1,"items2":1,"item":1}"#.utf8)
        var scanner = JSONScanner(bytes.span)
        var answers: [Bool] = []
        #expect(try scanner.next() == .beginObject)
        while case .key(let key) = try scanner.next() {
            answers.append(scanner.isEqual(key, "items"))
            try scanner.skipValue()
        }
        #expect(answers == [true, false, false])
    }

    @Test(arguments: [(0, ""), (1, "a"), (2, "a"), (3, "aé"), (4, "aé"), (6, "aé"), (7, "aé🙂"), (99, "aé🙂z")])
    func `a text is cut between characters`(limit: Int, text: String) throws {
        let bytes = Array("\"aé🙂z\"".utf8)
        var scanner = JSONScanner(bytes.span)
        guard case .string(let range) = try scanner.next() else {
            Issue.record("no string")
            return
        }
        #expect(scanner.text(range, limit: limit) == text)
    }

    @Test func `bytes that are not UTF-8 are repaired`() throws {
        #expect(try Self.tokens([0x22, 0x61, 0xFF, 0x62, 0x22]) == ["\"a\u{FFFD}b\""])
        #expect(try Self.tokens(#""\ud800""#) == ["\"\u{FFFD}\""])
    }

    @Test(
        arguments: [
            ("201", 201), ("-7", -7), ("0", 0), ("201.0", nil), ("2e2", nil), ("99999999999999999999", nil),
        ] as [(String, Int?)])
    func `only integers are integers`(text: String, value: Int?) throws {
        let bytes = Array(text.utf8)
        var scanner = JSONScanner(bytes.span)
        guard case .number(let range) = try scanner.next() else {
            Issue.record("no number")
            return
        }
        #expect(scanner.integer(range) == value)
    }

    @Test func `random pieces of JSON never crash it`() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededBytes(seed)
        let pieces = [
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"", "\\", "1", "-", "e", ".", "true", "nul", " ", "\u{0}", "é",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int(random.next() % 12)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let tokens = try? Self.tokens(text)
            let opened = tokens?.filter { $0 == "{" || $0 == "[" }.count
            #expect(opened == tokens?.filter { $0 == "}" || $0 == "]" }.count, "seed \(seed): \(text)")
        }
    }
}
