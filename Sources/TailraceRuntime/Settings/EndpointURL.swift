/// Where bulk requests go: `http://elasticsearch:9200`, `https://user:password@search.example/prefix`, `http://[::1]:9200`.
///
/// A Unix socket is `unix:///run/search.sock`, with a path behind it `unix:///run/search.sock:/prefix`; or in the form of
/// other programs, `http+unix://%2Frun%2Fsearch.sock/prefix`.
///
/// Printing it never shows credentials.
package struct EndpointURL: Sendable, Hashable, CustomStringConvertible {
    package var isSecure: Bool
    /// A name or an address; IPv6 addresses without their brackets.
    package var host: String
    package var port: Int
    /// Of a Unix socket; the host is then only what the `Host` header says.
    package var socketPath: String?
    /// What comes before `/_bulk`: empty, or beginning with a slash and ending without one.
    package var pathPrefix: String
    /// From `user:password@`, with percent-encoding undone.
    package var user: String?
    package var password: Secret?

    package struct Invalid: Error, Equatable, CustomStringConvertible {
        /// What is wrong, as the end of a sentence: "has no host".
        package var description: String
    }

    /// - Throws: ``Invalid``.
    package init(parsing text: String) throws(Invalid) {
        var (scheme, rest) = try Self.splitScheme(text)
        isSecure = scheme == "https"
        if scheme == "unix" {
            let end = rest.firstRange(of: ":/")?.lowerBound ?? rest.endIndex
            socketPath = String(rest[..<end])
            rest = "localhost\(rest[end...].dropFirst())"[...]
        } else if scheme == "http+unix" {
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            socketPath = String(rest[..<end]).percentDecoded
            rest = "localhost\(rest[end...])"[...]
        }
        if scheme.hasSuffix("unix"), socketPath?.hasPrefix("/") != true {
            throw Invalid(
                description: "has no path of a socket that begins with a slash, as in unix:///run/search.sock")
        }
        // 108 bytes with the zero at the end: `sockaddr_un`, unix(7).
        if let socketPath, socketPath.utf8.count > 107 {
            throw Invalid(description: "has a path of a socket that is longer than 107 bytes")
        }
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw Invalid(description: "has a query or a fragment; query parameters go into TAILRACE_QUERY")
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var path = rest[slash...]
        while path.last == "/" { path.removeLast() }
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Invalid(description: "has white space or non-ASCII letters in its path")
        }
        pathPrefix = String(path)
        var authority = rest[..<slash]
        if let at = authority.lastIndex(of: "@") {
            let parts = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            // A percent sign that encodes nothing stands for itself.
            let texts = parts.map { String($0).percentDecoded ?? String($0) }
            user = texts[0]
            password = texts.count == 2 ? Secret(texts[1]) : nil
            authority = authority[authority.index(after: at)...]
        }
        let (host, port) = try Self.splitPort(authority)
        guard !host.isEmpty else { throw Invalid(description: "has no host") }
        guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Invalid(description: "has white space or non-ASCII letters in its host")
        }
        self.host = host
        // Clients of Elasticsearch default to 9200 only where no scheme is given; a URL has its scheme's port.
        self.port = port ?? (isSecure ? 443 : 80)
    }

    package init(host: String, isSecure: Bool) {
        self.host = host
        self.isSecure = isSecure
        port = isSecure ? 443 : 80
        pathPrefix = ""
    }

    /// The URL without credentials.
    package var description: String {
        if let socketPath { return "unix://\(socketPath)\(pathPrefix.isEmpty ? "" : ":\(pathPrefix)")" }
        return "\(isSecure ? "https" : "http")://\(authority)\(pathPrefix)"
    }

    /// `host:port`, as the `Host` header has it (RFC 9110 §7.2); the scheme's own port is left out.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    private static func splitScheme(_ text: String) throws(Invalid) -> (scheme: String, rest: Substring) {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            throw Invalid(description: "does not begin with http:// or https://")
        }
        let scheme = text[..<colon].lowercased()
        guard ["http", "https", "unix", "http+unix"].contains(scheme) else {
            throw Invalid(description: "has the scheme \"\(scheme)\", where http, https or unix is expected")
        }
        return (scheme, text[text.index(colon, offsetBy: 3)...])
    }

    private static func splitPort(_ authority: Substring) throws(Invalid) -> (host: String, port: Int?) {
        var host = authority
        var port: Substring?
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { throw Invalid(description: "has a [ without a ]") }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let behind = authority[authority.index(after: end)...]
            guard behind.isEmpty || behind.first == ":" else { throw Invalid(description: "has text behind its ]") }
            port = behind.isEmpty ? nil : behind.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        guard let port else { return (String(host), nil) }
        guard let number = Int(port), (1...65535).contains(number) else {
            throw Invalid(description: "has the port \"\(port)\", where a number from 1 to 65535 is expected")
        }
        return (String(host), number)
    }
}
