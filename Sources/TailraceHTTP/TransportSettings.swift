import NIOSSL
package import TailraceRuntime

/// How to reach endpoints, and as whom.
package struct TransportSettings: Sendable {
    package enum Trust: Sendable, Hashable {
        case system
        /// PEM, instead of the system's certificates.
        case file(String)
        /// Whoever answers.
        case anybody
    }

    /// The second and later ones stand in for the first.
    package var endpoints: [EndpointURL]
    package var credentials: Credentials?
    package var trust: Trust
    /// Paths of PEM files.
    package var clientCertificate: (chain: String, key: String)?
    package var headers: [NamedText]
    package var query: [NamedText]
    package var connectTimeout: Duration
    package var requestTimeout: Duration
    package var userAgent: String

    package init(_ settings: Settings, userAgent: String) {
        endpoints = settings.endpoints
        credentials = settings.credentials
        trust = settings.insecureSkipVerify ? .anybody : settings.caFile.map { .file($0) } ?? .system
        if let chain = settings.clientCertificateFile, let key = settings.clientKeyFile {
            clientCertificate = (chain, key)
        }
        headers = settings.headers
        query = settings.query
        connectTimeout = settings.connectTimeout
        requestTimeout = settings.requestTimeout
        self.userAgent = userAgent
    }

    /// `nil` when no endpoint needs TLS, which then costs no memory.
    func makeTLS() throws(TransportMistake) -> NIOSSLContext? {
        guard endpoints.contains(where: \.isSecure) else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        switch trust {
        case .system: break
        case .file(let path): configuration.trustRoots = .certificates(try Self.certificates(path, "TAILRACE_CA_FILE"))
        case .anybody: configuration.certificateVerification = .none
        }
        if let (chain, key) = clientCertificate {
            configuration.certificateChain = try Self.certificates(chain, "TAILRACE_CLIENT_CERT_FILE")
                .map { .certificate($0) }
            do {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            } catch {
                throw TransportMistake(
                    "TAILRACE_CLIENT_KEY_FILE: \(key) holds no key in PEM that can be read: \(error).")
            }
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw TransportMistake("TLS can't be set up with these certificates: \(error).")
        }
    }

    private static func certificates(_ path: String, _ variable: String) throws(TransportMistake) -> [NIOSSLCertificate]
    {
        do {
            let certificates = try NIOSSLCertificate.fromPEMFile(path)
            if !certificates.isEmpty { return certificates }
        } catch {
            throw TransportMistake("\(variable): \(path) holds no certificates in PEM that can be read: \(error).")
        }
        throw TransportMistake("\(variable): \(path) holds no certificates.")
    }
}

/// Something that a person has to put right before any connection can be made.
package struct TransportMistake: Error, Sendable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
