import NIOSSL
import TailraceCore
import TailraceRuntime

/// A TLS handshake that failed, in words that say what to do. BoringSSL's own are for people who know its sources.
struct TLSFault: Error {
    /// As BoringSSL and NIO print it.
    let text: String

    init(_ error: any Error) { text = "\(error)" }

    /// It is the server's certificate that was not good enough for us.
    var isAboutCertificate: Bool { text.contains("CERTIFICATE_VERIFY_FAILED") || isAboutName }

    private var isAboutName: Bool { text.contains("failedToValidateHostname") }

    func failure(of endpoint: EndpointURL) -> TransportFailure {
        TransportFailure(.tls, "\(endpoint.authority): \(words)")
    }

    /// - Parameter chain: what the server has sent, its own certificate first.
    func failure(of endpoint: EndpointURL, chain: [NIOSSLCertificate], now: Timestamp) -> TransportFailure {
        TransportFailure(.tls, "\(endpoint.authority): \(words(about: chain, endpoint, now))")
    }

    private func words(about chain: [NIOSSLCertificate], _ endpoint: EndpointURL, _ now: Timestamp) -> String {
        guard let own = chain.first else { return words }
        if isAboutName {
            let names = own._subjectAlternativeNames().compactMap { name in
                name.nameType == .dnsName ? String(decoding: name.contents, as: UTF8.self) : nil
            }
            let others = names.isEmpty ? "names no host" : "is for \(names.joined(separator: ", "))"
            return
                "its certificate \(others), and not for \(endpoint.host). Write a name it is for in TAILRACE_ENDPOINT"
        }
        let seconds = Int(now.nanoseconds / 1_000_000_000)
        for (place, certificate) in chain.enumerated() {
            let whose = place == 0 ? "its certificate" : "a certificate of the CA above it"
            if certificate.notValidAfter < seconds {
                return "\(whose) has expired on \(Self.date(certificate.notValidAfter)). Renew it"
            }
            if certificate.notValidBefore > seconds {
                return "\(whose) is not valid before \(Self.date(certificate.notValidBefore)). Check the clocks"
            }
        }
        let fingerprint = (try? chain[chain.count - 1].toDERBytes()).map { SHA256.digest(of: $0).hexadecimal }
        return
            "its certificate is signed by nobody who is trusted here. Put the certificate of its CA into a file that "
            + "TAILRACE_CA_FILE names, or, if you know its SHA-256 fingerprint, into TAILRACE_CA_SHA256; "
            + "the last certificate it sends has \(fingerprint ?? "none")"
    }

    private static func date(_ seconds: Int) -> String {
        var bytes = OwnedBytes()
        var times = RFC3339Printer()
        times.append(Timestamp(nanoseconds: Int64(seconds) * 1_000_000_000), to: &bytes)
        return String(decoding: Array(bytes.span).prefix(10), as: UTF8.self)
    }

    var words: String { Self.known.first { text.contains($0.sign) }?.words ?? text }

    /// Alerts of the server (RFC 8446 §6) and errors of ours, by the names BoringSSL gives them.
    private static let known: [(sign: String, words: String)] = [
        (
            "ALERT_CERTIFICATE_REQUIRED",
            "it wants a client certificate. Set TAILRACE_CLIENT_CERT_FILE and TAILRACE_CLIENT_KEY_FILE"
        ),
        ("ALERT_UNKNOWN_CA", "it does not know the CA of our client certificate (TAILRACE_CLIENT_CERT_FILE)"),
        ("ALERT_CERTIFICATE_EXPIRED", "it says that our client certificate has expired. Renew it"),
        ("ALERT_CERTIFICATE_REVOKED", "it says that our client certificate was revoked. Renew it"),
        ("ALERT_BAD_CERTIFICATE", refused), ("ALERT_CERTIFICATE_UNKNOWN", refused),
        ("ALERT_UNSUPPORTED_CERTIFICATE", refused), ("ALERT_ACCESS_DENIED", refused),
        ("ALERT_PROTOCOL_VERSION", version), ("UNSUPPORTED_PROTOCOL", version),
        ("ALERT_UNRECOGNIZED_NAME", "it serves no host of this name. Check the host in TAILRACE_ENDPOINT"),
        ("WRONG_VERSION_NUMBER", plain), ("HTTP_REQUEST", plain),
        (
            "ALERT_HANDSHAKE_FAILURE",
            "it refused the handshake: it may want a client certificate (TAILRACE_CLIENT_CERT_FILE), or ciphers that are not had here"
        ),
        ("CERTIFICATE_VERIFY_FAILED", "its certificate can't be trusted"),
        ("EOF during handshake", "it hung up during the TLS handshake"),
        ("reset by peer", "it hung up during the TLS handshake"),
        ("uncleanShutdown", "it hung up without ending TLS"),
    ]
    private static let refused = "it refuses our client certificate (TAILRACE_CLIENT_CERT_FILE)"
    private static let version = "it has no version of TLS in common with us; 1.2 or newer is needed"
    private static let plain =
        "it does not speak TLS on this port. Write http:// in TAILRACE_ENDPOINT, or the port that does"
}
