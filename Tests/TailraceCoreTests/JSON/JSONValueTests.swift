import TailraceCore
import Testing

@Suite struct JSONValueTests {
    @Test(arguments: [
        "{}", "[]", "null", "{\"a\":[1,2.50,true,{\"b\":\"x\\ny\"}],\"c\":null}", "\"ü\"",
    ])
    func `what was read is written as it was`(_ text: String) throws {
        let value = try JSONValue(parsing: Array(text.utf8))
        #expect(String(decoding: value.rendered(), as: UTF8.self) == text)
        #expect(try JSONValue(parsing: value.rendered(indented: true)) == value)
    }

    @Test func `members are found, set and removed`() throws {
        var value = try JSONValue(parsing: Array("{\"a\":{\"b\":\"x\"}}".utf8))
        #expect(value["a"]?["b"]?.text == "x")
        value["c"] = .boolean(true)
        value["a"] = nil
        #expect(value == .object([.init("c", .boolean(true))]))
    }

    @Test func `what is no JSON is refused`() {
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array("{\"a\":1} x".utf8)) }
    }
}
