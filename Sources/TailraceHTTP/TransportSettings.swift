package import TailraceCore
package import TailraceRuntime

/// How to reach endpoints, and as whom.
package struct TransportSettings: Sendable {
    package enum Trust: Sendable, Hashable {
        case system
        /// PEM, instead of the system's certificates.
        case file(String)
        /// Certificates with these SHA-256 fingerprints, and what they have signed.
        case pinned([[UInt8]])
        /// Whoever answers.
        case anybody
    }

    /// Requests go to the one with the fewest under way.
    package var endpoints: [EndpointURL]
    package var kind: EndpointKind
    package var credentials: Credentials?
    package var trust: Trust
    package var clientCertificate: ClientCertificate?
    package var proxies: ProxyRules
    package var headers: [NamedText]
    /// What is in it now wins over `headers`.
    package var headersFile: String?
    package var query: [NamedText]
    package var connectTimeout: Duration
    package var requestTimeout: Duration
    /// Connections that are older are not used for another request.
    package var connectionMaxAge: Duration
    /// The longest that a host which fails is left alone.
    package var backoffMax: Duration
    package var userAgent: String

    package init(_ settings: Settings, userAgent: String) {
        kind = settings.endpointKind
        endpoints = settings.endpoints.map { endpoint in
            var endpoint = endpoint
            if endpoint.pathPrefix.isEmpty { endpoint.pathPrefix = settings.endpointKind.prefix }
            return endpoint
        }
        credentials = settings.credentials
        let pins = settings.certificatePins
        trust =
            settings.insecureSkipVerify
            ? .anybody : settings.caFile.map { .file($0) } ?? (pins.isEmpty ? .system : .pinned(pins))
        proxies = settings.proxies
        if let chain = settings.clientCertificateFile, let key = settings.clientKeyFile {
            clientCertificate = ClientCertificate(chain: chain, key: key, passphrase: settings.clientKeyPassphrase)
        }
        headers = settings.headers
        headersFile = settings.headersFile
        query = settings.query
        connectTimeout = settings.connectTimeout
        requestTimeout = settings.requestTimeout
        connectionMaxAge = settings.connectionMaxAge
        backoffMax = settings.backoffMax
        self.userAgent = userAgent
    }
}

/// Our own certificate, as it is in files.
package struct ClientCertificate: Sendable {
    /// Paths of PEM files.
    package var chain: String
    package var key: String
    /// Of the key, where it is encrypted.
    package var passphrase: Secret?
}

/// Something that a person has to put right before any connection can be made.
package struct TransportMistake: Error, Sendable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
