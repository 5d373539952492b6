import TailraceRuntime
import Testing

@Suite struct EndpointURLTests {
    @Test func `takes a URL apart`() throws {
        let url = try EndpointURL(parsing: "https://elastic:p%40ss@search.example:9243/es/")
        #expect(url.isSecure)
        #expect(url.host == "search.example")
        #expect(url.port == 9243)
        #expect(url.pathPrefix == "/es")
        #expect(url.user == "elastic")
        #expect(url.password?.revealed == "p@ss")
        #expect("\(url)" == "https://search.example:9243/es")
        #expect(String(reflecting: url.password) == "Optional(***)")
    }

    @Test func `uses the port of the scheme`() throws {
        #expect(try EndpointURL(parsing: "http://a").port == 80)
        #expect(try EndpointURL(parsing: "https://a/").authority == "a")
    }

    @Test func `reads addresses of IPv6`() throws {
        let url = try EndpointURL(parsing: "http://[::1]:9200")
        #expect(url.host == "::1")
        #expect(url.authority == "[::1]:9200")
    }

    @Test func `reads Unix sockets`() throws {
        let url = try EndpointURL(parsing: "unix:///run/es.sock")
        #expect(url.socketPath == "/run/es.sock")
        #expect("\(url)" == "unix:///run/es.sock")
        let other = try EndpointURL(parsing: "http+unix://%2Frun%2Fes.sock/prefix/")
        #expect(other.socketPath == "/run/es.sock")
        #expect(other.pathPrefix == "/prefix")
        #expect(try EndpointURL(parsing: "\(other)") == other)
    }

    @Test(arguments: [
        "unix://run/a.sock", "unix://", "http+unix://run/x", "elasticsearch:9200", "ftp://a", "http://", "http://a:0",
        "http://a:port", "http://[::1", "http://a/?x=1",
        "http://a b", "http://[::1]x",
    ])
    func `says what is wrong`(text: String) {
        #expect(throws: EndpointURL.Invalid.self) { try EndpointURL(parsing: text) }
    }
}
