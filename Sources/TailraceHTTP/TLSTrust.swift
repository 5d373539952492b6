import Glibc
import Logging
import NIOSSL
import Synchronization
import TailraceCore
import TailraceRuntime

/// Whom to trust, and as whom to appear. Certificates and keys that are renewed in place are taken up with the next
/// connection; what can't be used is reported once, and the ones before stay in force.
final class TLSTrust: Sendable {
    private struct State {
        var context: NIOSSLContext
        var stamps: [FileStamp?]
        /// Of files that could not be used.
        var refused: [FileStamp?]?
        /// A CA with a pinned fingerprint, as the server has sent it.
        var root: NIOSSLCertificate?
    }

    private let trust: TransportSettings.Trust
    private let client: ClientCertificate?
    private let pins: [[UInt8]]
    private let time: any Timebase
    private let logger: Logger
    private let state: Mutex<State>

    /// - Throws: ``TransportMistake`` for files that can't be used.
    init(
        _ trust: TransportSettings.Trust, client: ClientCertificate?, time: any Timebase, logger: Logger
    ) throws(TransportMistake) {
        self.trust = trust
        self.client = client
        self.time = time
        self.logger = logger
        if case .pinned(let pins) = trust { self.pins = pins } else { pins = [] }
        let files = Self.files(trust, client)
        let stamps = files.map { FileStamp(of: $0) }
        let context = try Self.makeContext(trust, client, root: nil)
        state = Mutex(State(context: context, stamps: stamps))
    }

    var isPinned: Bool { !pins.isEmpty }
    var hasPinnedRoot: Bool { state.withLock { $0.root != nil } }
    var wallClock: Timestamp { time.wallClock }

    /// With what is in the files now.
    func context() -> NIOSSLContext {
        let stamps = Self.files(trust, client).map { FileStamp(of: $0) }
        return state.withLock { state in
            guard stamps != state.stamps, stamps != state.refused else { return state.context }
            do throws(TransportMistake) {
                state.context = try Self.makeContext(trust, client, root: state.root)
                (state.stamps, state.refused) = (stamps, nil)
                logger.notice("Certificates were renewed; new connections use them.")
            } catch {
                // A key is often written a moment after its certificate; the next connection looks again.
                state.refused = stamps
                logger.error("\(error) The ones read before stay in force.")
            }
            return state.context
        }
    }

    func isPinned(_ certificate: NIOSSLCertificate?) -> Bool {
        guard isPinned, let bytes = try? certificate?.toDERBytes() else { return false }
        return pins.contains(SHA256.digest(of: bytes))
    }

    /// Makes a certificate of the chain, if it is pinned, the one that vouches for servers.
    ///
    /// - Returns: false when none of them is pinned.
    func adoptRoot(from chain: [NIOSSLCertificate]) -> Bool {
        guard let root = chain.last(where: { isPinned($0) }) else { return false }
        return state.withLock { state in
            guard let context = try? Self.makeContext(trust, client, root: root) else { return false }
            (state.root, state.context) = (root, context)
            return true
        }
    }

    func pinFault(_ endpoint: EndpointURL, _ chain: [NIOSSLCertificate]) -> String {
        let shown = chain.compactMap { try? $0.toDERBytes() }.map { SHA256.digest(of: $0).hexadecimal }
        return "\(endpoint.authority): none of its certificates has a fingerprint of TAILRACE_CA_SHA256. They have "
            + shown.joined(separator: ", ") + "; a server has to send the certificate of its CA as well"
    }

    // MARK: Files

    private static func files(_ trust: TransportSettings.Trust, _ client: ClientCertificate?) -> [String] {
        var files = client.map { [$0.chain, $0.key] } ?? []
        if case .file(let path) = trust { files.append(path) }
        return files
    }

    private static func makeContext(
        _ trust: TransportSettings.Trust, _ client: ClientCertificate?, root: NIOSSLCertificate?
    ) throws(TransportMistake) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        switch trust {
        case .system: break
        case .pinned: configuration.trustRoots = .certificates(root.map { [$0] } ?? [])
        case .file(let path): configuration.trustRoots = .certificates(try certificates(path, "TAILRACE_CA_FILE"))
        case .anybody: configuration.certificateVerification = .none
        }
        if let client {
            configuration.certificateChain = try certificates(client.chain, "TAILRACE_CLIENT_CERT_FILE")
                .map { .certificate($0) }
            configuration.privateKey = .privateKey(try key(of: client))
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            guard client != nil, "\(error)".contains("failedToLoadPrivateKey") else {
                throw TransportMistake("TLS can't be set up with these certificates: \(error).")
            }
            throw TransportMistake(
                "TAILRACE_CLIENT_KEY_FILE is not the key of the certificate in TAILRACE_CLIENT_CERT_FILE.")
        }
    }

    private static func key(of client: ClientCertificate) throws(TransportMistake) -> NIOSSLPrivateKey {
        let passphrase = client.passphrase.map { RenewedText($0, logger: .silent).current() }
        do {
            guard let passphrase else { return try NIOSSLPrivateKey(file: client.key, format: .pem) }
            return try NIOSSLPrivateKey(file: client.key, format: .pem) { (set: NIOSSLPassphraseSetter<[UInt8]>) in
                set(Array(passphrase.utf8))
            }
        } catch {
            let hint = passphrase == nil ? " If it is encrypted, set TAILRACE_CLIENT_KEY_PASSPHRASE." : ""
            let what = passphrase == nil ? "" : ", or TAILRACE_CLIENT_KEY_PASSPHRASE is not its passphrase"
            throw TransportMistake(
                "TAILRACE_CLIENT_KEY_FILE: \(client.key) holds no key in PEM that can be read\(what): \(error).\(hint)")
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

/// The certificates that a server has sent, its own first.
final class ShownChain: Sendable {
    private let chain = Mutex<[NIOSSLCertificate]>([])

    var certificates: [NIOSSLCertificate] { chain.withLock { $0 } }
    func keep(_ certificates: [NIOSSLCertificate]) { chain.withLock { $0 = certificates } }
}
