import TailraceRuntime
import Testing

@Suite struct ProxyRulesTests {
    private func proxy(for url: String, _ environment: [String: String]) throws -> String? {
        var reader = SettingReader(environment, readFile: ProcessEnvironment.readFile)
        let rules = Settings(reading: &reader).proxies
        try #require(reader.mistakes.isEmpty)
        return rules.proxy(for: try EndpointURL(parsing: url))?.host
    }

    @Test(
        arguments: [
            ("https://a.example", ["HTTPS_PROXY": "http://p:3128"], "p"),
            ("http://a.example", ["HTTPS_PROXY": "p"], nil),
            ("http://a.example", ["http_proxy": "p"], "p"), ("https://a.example", ["ALL_PROXY": "p"], "p"),
            ("https://a.example", ["TAILRACE_PROXY": "q", "HTTPS_PROXY": "p"], "q"),
            ("https://a.example", ["TAILRACE_PROXY": "off", "HTTPS_PROXY": "p"], nil),
            ("https://a.example", ["HTTPS_PROXY": "p", "NO_PROXY": "b.example, example"], nil),
            ("https://a.example", ["HTTPS_PROXY": "p", "NO_PROXY": ".example"], nil),
            ("https://an.example", ["HTTPS_PROXY": "p", "NO_PROXY": "n.example"], "p"),
            ("https://a.example", ["HTTPS_PROXY": "p", "no_proxy": "a.example:9200"], "p"),
            ("https://a.example:9200", ["HTTPS_PROXY": "p", "no_proxy": "a.example:9200"], nil),
            ("https://10.1.2.3", ["HTTPS_PROXY": "p", "NO_PROXY": "10.0.0.0/8"], nil),
            ("https://11.1.2.3", ["HTTPS_PROXY": "p", "NO_PROXY": "10.0.0.0/8"], "p"),
            ("https://[2001:db8::1]", ["HTTPS_PROXY": "p", "NO_PROXY": "2001:db8::1"], nil),
            ("https://a.example", ["HTTPS_PROXY": "p", "NO_PROXY": "*"], nil),
            ("https://127.0.0.1", ["HTTPS_PROXY": "p"], nil), ("http://localhost", ["HTTP_PROXY": "p"], nil),
            ("unix:///run/a.sock", ["HTTP_PROXY": "p"], nil),
        ] as [(String, [String: String], String?)])
    func `says through which proxy`(_ url: String, _ environment: [String: String], _ host: String?) throws {
        #expect(try proxy(for: url, environment) == host)
    }

    @Test func `a proxy that can't be used is a mistake, and its password is not shown`() {
        var reader = SettingReader(
            ["TAILRACE_PROXY": "https://me:sesame@p", "TAILRACE_ENDPOINT": "http://a"],
            readFile: ProcessEnvironment.readFile)
        let settings = Settings(reading: &reader)
        #expect(reader.mistakes.first?.description.contains("without TLS") == true)
        #expect(!reader.mistakes.map(\.description).joined().contains("sesame"))
        #expect(!SettingsText.inForce(reader.inForce).contains("sesame"))
        #expect(!"\(settings)".contains("sesame"))
    }
}
