import Testing

@testable import TailraceRuntime

@Suite struct BracesTests {
    @Test(
        arguments: [
            ("/logs/*.log", ["/logs/*.log"]),
            ("{a,b}.log", ["a.log", "b.log"]),
            ("/{a,b}/{1,2}", ["/a/1", "/a/2", "/b/1", "/b/2"]),
            ("{a,b{1,2}}x", ["ax", "b1x", "b2x"]),
            ("app{,.old}.log", ["app.log", "app.old.log"]),
            ("{a}.log", ["{a}.log"]),
            ("{a{1,2}}", ["{a1}", "{a2}"]),
            ("{a,b", ["{a,b"]),
            ("a,b}", ["a,b}"]),
            ("\\{a,b\\}", ["\\{a,b\\}"]),
            ("", [""]),
        ])
    func `braces are expanded as shells do it`(_ text: String, _ expanded: [String]) {
        #expect(Braces.expand(text[...]) == expanded)
    }

    @Test func `commas in braces do not separate the parts of a list`() {
        #expect(Braces.split("/a/{b,c}/*.log,/d,{e") == ["/a/{b,c}/*.log", "/d", "{e"])
        #expect(Braces.split("a\\,b,c") == ["a\\,b", "c"])
    }
}
