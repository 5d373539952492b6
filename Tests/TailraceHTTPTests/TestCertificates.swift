import Foundation
import Testing

/// A folder with a CA and what it has signed, made with the `openssl` program, as an operator would. It goes away with
/// the test.
final class TestCertificates: Sendable {
    let folder: String

    /// With `ca.pem`, and `server.pem` for `localhost`.
    init() async throws {
        folder = NSTemporaryDirectory() + "tailrace-tls-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try await makeCA("ca")
        try await sign("server", by: "ca", host: "localhost")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// `NAME.pem` and `NAME.key`.
    func makeCA(_ name: String) async throws {
        try await openssl(
            "req -x509 \(Self.newKey) -keyout \(name).key -out \(name).pem -days 2 -subj /CN=test-\(name)")
    }

    /// `NAME.pem`, which holds the CA's certificate as well, and `NAME.key`.
    ///
    /// - Parameter days: of validity; negative for a certificate that has expired.
    func sign(_ name: String, by ca: String, host: String, days: Int = 2) async throws {
        try await openssl(
            "req \(Self.newKey) -keyout \(name).key -out \(name).csr -subj /CN=\(name) -addext subjectAltName=DNS:\(host)"
        )
        try await openssl(
            "x509 -req -in \(name).csr -CA \(ca).pem -CAkey \(ca).key -CAcreateserial -days \(days) -copy_extensions copy -out \(name).pem"
        )
        let chain = try ["\(name).pem", "\(ca).pem"].map { try String(contentsOfFile: path($0), encoding: .utf8) }
        try chain.joined().write(toFile: path("\(name).pem"), atomically: true, encoding: .utf8)
    }

    /// As `openssl x509 -fingerprint` shows it, with colons.
    func fingerprint(_ name: String) async throws -> String {
        let line = try await openssl("x509 -in \(name).pem -noout -fingerprint -sha256")
        return try #require(line.split(separator: "=").last).trimmingCharacters(in: .newlines)
    }

    /// Puts a file into the place of another one.
    func move(_ name: String, to other: String) throws {
        try #require(rename(path(name), path(other)) == 0)
    }

    private static let newKey = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"

    @discardableResult private func openssl(_ arguments: String) async throws -> String {
        try await runProgram(["openssl"] + arguments.split(separator: " ").map(String.init), in: folder)
    }
}
