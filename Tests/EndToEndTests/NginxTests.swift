import Foundation
import Testing

/// The whole program through a real TLS terminator: nginx, which wants a client certificate and a password, before
/// osmem-server.
@Suite(.serialized) struct NginxTests {
    @Test(.timeLimit(.minutes(10)))
    func `certificates and passwords are replaced while logs are shipped, and nothing is lost`() async throws {
        let workspace = try Workspace()
        let osmem = try await Osmem()
        let nginx = try Nginx(workspace, before: osmem.port)
        var logs = MixedLogs()
        try logs.append(1000, to: workspace)
        let shipper = try Shipper(
            workspace, endpoint: 1, adminPort: nil,
            [
                "TAILRACE_ENDPOINT": "https://localhost:\(nginx.port)/es", "TAILRACE_USERNAME": "ship",
                "TAILRACE_PASSWORD_FILE": nginx.path("password"), "TAILRACE_CA_FILE": nginx.path("ca.pem"),
                "TAILRACE_CLIENT_CERT_FILE": nginx.path("client.pem"),
                "TAILRACE_CLIENT_KEY_FILE": nginx.path("client.key"), "TAILRACE_LOG_LEVEL": "debug",
            ])
        _ = try await eventually(within: 60) { try await osmem.count() >= 1000 }
        #expect(try await osmem.count() == 1000, "\(shipper.log)")

        // A new CA, new certificates of both sides, and a new password. Until all are in place, requests are refused.
        try nginx.renew(password: "second-sesame")
        try logs.append(1000, to: workspace)
        // A refused request is tried again after half a minute.
        try await logs.expectAll(in: osmem, from: shipper, within: 100)
        #expect(shipper.log.contains("Certificates were renewed"))
        #expect(!shipper.log.contains("sesame"))
    }
}

/// `nginx` from Debian, with its configuration in a test's folder.
final class Nginx {
    let port: Int
    private let root: String
    private let process = Process()

    init(_ workspace: Workspace, before target: Int) throws {
        root = "\(workspace.root)/nginx"
        port = try FreePort.find()
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        try makeSecrets(password: "first-sesame")
        let configuration = """
            daemon off; master_process on; pid \(root)/pid; error_log \(root)/error.log; worker_processes 1; user root;
            events { worker_connections 64; }
            http {
              access_log off; client_max_body_size 100m;
              client_body_temp_path \(root)/body; proxy_temp_path \(root)/proxy; fastcgi_temp_path \(root)/fastcgi;
              uwsgi_temp_path \(root)/uwsgi; scgi_temp_path \(root)/scgi;
              server {
                listen 127.0.0.1:\(port) ssl;
                server_name localhost;
                ssl_protocols TLSv1.2 TLSv1.3;
                ssl_certificate \(root)/server.pem; ssl_certificate_key \(root)/server.key;
                ssl_client_certificate \(root)/ca.pem; ssl_verify_client on;
                auth_basic logs; auth_basic_user_file \(root)/users;
                location /es/ { proxy_pass http://127.0.0.1:\(target)/; }
              }
            }
            """
        try configuration.write(toFile: path("nginx.conf"), atomically: true, encoding: .utf8)
        process.executableURL = URL(fileURLWithPath: "/usr/sbin/nginx")
        process.arguments = ["-c", path("nginx.conf"), "-e", "\(root)/error.log"]
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    func path(_ name: String) -> String { "\(root)/\(name)" }

    /// Everything is made anew in place, and nginx told to read it.
    func renew(password: String) throws {
        try makeSecrets(password: password)
        kill(process.processIdentifier, SIGHUP)
    }

    private func makeSecrets(password: String) throws {
        try password.write(toFile: path("password"), atomically: true, encoding: .utf8)
        let hash = try openssl("passwd -apr1 \(password)")
        try "ship:\(hash)".write(toFile: path("users"), atomically: true, encoding: .utf8)
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        try openssl("req -x509 \(key) -keyout ca.key -out ca.pem -days 2 -subj /CN=ca")
        for (name, host) in [("server", "localhost"), ("client", "shipper")] {
            try openssl(
                "req \(key) -keyout \(name).key -out \(name).csr -subj /CN=\(name) -addext subjectAltName=DNS:\(host)")
            try openssl(
                "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out \(name).pem"
            )
        }
    }

    @discardableResult private func openssl(_ arguments: String) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = URL(fileURLWithPath: root)
        process.standardError = FileHandle.nullDevice
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments)")
        return String(decoding: text, as: UTF8.self)
    }
}
