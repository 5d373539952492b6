/// Which endpoints are reached through a proxy.
///
/// | variable | read as |
/// |---|---|
/// | `TAILRACE_PROXY` | for all endpoints, whatever the others say; `off` for none |
/// | `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` | for endpoints of that scheme; also in lower case |
/// | `NO_PROXY` | names, with all below them; addresses and networks (`10.0.0.0/8`); with or without a port; `*` |
///
/// This machine's own addresses are never reached through a proxy, as in curl and in Go's `net/http`.
package struct ProxyRules: Sendable, Equatable {
    private var secure: EndpointURL?
    private var plain: EndpointURL?
    private var exceptions: [String] = []

    package static let none = ProxyRules()

    package init() {}

    init(_ proxy: Proxy?, reading reader: inout SettingReader) {
        switch proxy {
        case .off: return
        case .through(let url): (secure, plain) = (url, url)
        case nil:
            let all = Self.url("ALL_PROXY", &reader)
            secure = Self.url("HTTPS_PROXY", &reader) ?? all
            plain = Self.url("HTTP_PROXY", &reader) ?? all
        }
        let list = reader.foreign("NO_PROXY") ?? reader.foreign("no_proxy") ?? ""
        exceptions = list.split(separator: ",").map { $0.trimmingBlanks.lowercased() }.filter { !$0.isEmpty }
    }

    package enum Proxy: Sendable, Equatable {
        case off
        case through(EndpointURL)
    }

    package func proxy(for endpoint: EndpointURL) -> EndpointURL? {
        guard endpoint.socketPath == nil, let proxy = endpoint.isSecure ? secure : plain else { return nil }
        let host = endpoint.host.lowercased()
        guard host != "localhost", host != "::1", !host.hasPrefix("127.") else { return nil }
        return exceptions.contains { Self.matches($0, host, endpoint.port) } ? nil : proxy
    }

    private static func url(_ name: String, _ reader: inout SettingReader) -> EndpointURL? {
        for variable in [name, name.lowercased()] {
            guard let text = reader.foreign(variable) else { continue }
            do throws(EndpointURL.Invalid) {
                return try EndpointURL(parsingProxy: text)
            } catch {
                reader.report(foreign: variable, "\(error)", remedy: "TAILRACE_PROXY=off does without a proxy.")
            }
        }
        return nil
    }

    private static func matches(_ exception: String, _ host: String, _ port: Int) -> Bool {
        if exception == "*" { return true }
        if let network = Network(exception), let address = Network.address(host) { return network.contains(address) }
        var name = exception[...]
        if name.first == "[", let end = name.firstIndex(of: "]") {
            guard name[name.index(after: end)...].isEmpty || name.hasSuffix(":\(port)") else { return false }
            name = name[..<end].dropFirst()
        } else if let colon = name.lastIndex(of: ":"), name.firstIndex(of: ":") == colon {
            guard Int(name[name.index(after: colon)...]) == port else { return false }
            name = name[..<colon]
        }
        while name.first == "." || name.first == "*" { name.removeFirst() }
        return host == name || (!name.isEmpty && host.hasSuffix(".\(name)"))
    }

    /// Of IPv4: `10.0.0.0/8`.
    private struct Network {
        var base: UInt32
        var mask: UInt32

        init?(_ text: String) {
            let sides = text.split(separator: "/", omittingEmptySubsequences: false)
            guard sides.count == 2, let base = Self.address(String(sides[0])), let length = Int(sides[1]),
                (0...32).contains(length)
            else { return nil }
            (self.base, mask) = (base, length == 0 ? 0 : UInt32.max << UInt32(32 - length))
        }

        func contains(_ address: UInt32) -> Bool { address & mask == base & mask }

        static func address(_ text: String) -> UInt32? {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
            guard parts.count == 4, !parts.contains(nil) else { return nil }
            return parts.reduce(0) { $0 << 8 | UInt32($1 ?? 0) }
        }
    }
}

extension EndpointURL {
    /// `http://user:password@proxy:3128`; the scheme may be left out, as in other programs.
    init(parsingProxy text: String) throws(Invalid) {
        try self.init(parsing: text.contains("://") ? text : "http://" + text)
        guard !isSecure else {
            throw Invalid(
                description: "has the scheme \"https\", but a connection to a proxy is made without TLS: write http://")
        }
    }
}

extension SettingKind where Value == ProxyRules.Proxy {
    static var proxy: Self {
        SettingKind(
            word: "URL", limits: "http, or off", example: "http://proxy.example:3128", mayHoldSecret: true
        ) { text throws(Refusal) in
            if text.lowercased() == "off" { return .off }
            do throws(EndpointURL.Invalid) {
                return .through(try EndpointURL(parsingProxy: text))
            } catch {
                throw Refusal(reason: "\(error)")
            }
        }
    }
}
