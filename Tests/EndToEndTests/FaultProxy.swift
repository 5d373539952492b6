import Foundation
import Synchronization
import Testing

/// Stands before an endpoint and misbehaves on demand.
final class FaultProxy: Sendable {
    enum Fault: Sendable {
        case none
        /// Every second bulk request is answered with 429.
        case everySecondBusy
        /// Every third bulk request is stored, and its reply is lost.
        case everyThirdReplyLost
        /// Every seventh bulk request is stored and its reply is lost; every eleventh is answered with 429.
        case someFail
        /// Every bulk request is answered with 401.
        case everyRequestUnauthorized
    }

    let port: Int
    private let host: String
    private let target: Int
    private let currentFault: Mutex<Fault>
    private let listener: Mutex<ListeningSocket?>
    private let requests = Mutex(0)
    private let open = Mutex<Set<Int32>>([])
    private let silent = Mutex(false)

    init(to target: Int, _ fault: Fault = .none, on host: String = "127.0.0.1") throws {
        // It is given up and taken again: one that the kernel gives away could then be somebody else's.
        let socket = try ListeningSocket(port: try FreePort.find(), on: host)
        self.host = host
        self.target = target
        currentFault = Mutex(fault)
        port = socket.port
        listener = Mutex(socket)
        serve(socket)
    }

    deinit { stop() }

    /// Bulk requests that came in.
    var requestCount: Int { requests.withLock { $0 } }

    /// Connections are refused, and those that are open end.
    func stop() {
        listener.withLock { socket in
            socket?.close()
            socket = nil
        }
        open.withLock { for descriptor in $0 { shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }

    /// From now on everything is passed on as it is.
    func behave() { currentFault.withLock { $0 = .none } }

    /// Requests are taken, and neither passed on nor answered.
    func beSilent(_ isSilent: Bool) { silent.withLock { $0 = isSilent } }

    func start() throws {
        let socket = try ListeningSocket(port: port, on: host)
        listener.withLock { $0 = socket }
        serve(socket)
    }

    private func serve(_ socket: ListeningSocket) {
        Thread.detachNewThread { [weak self] in
            while let connection = socket.accept() {
                Thread.detachNewThread { [weak self] in self?.forward(connection) }
            }
        }
    }

    private func forward(_ client: Int32) {
        _ = open.withLock { $0.insert(client) }
        defer {
            _ = open.withLock { $0.remove(client) }
            close(client)
        }
        while let request = Self.readMessage(client) {
            let number = requests.withLock { count in
                count += 1
                return count
            }
            if silent.withLock({ $0 }) {
                while silent.withLock({ $0 }) { usleep(20_000) }
                return
            }
            let fault = currentFault.withLock { $0 }
            let isBusy =
                switch fault {
                case .everySecondBusy: number % 2 == 0
                case .someFail: number % 11 == 0
                default: false
                }
            if isBusy {
                Self.write(Array("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n".utf8), to: client)
                continue
            }
            if case .everyRequestUnauthorized = fault {
                Self.write(Array("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".utf8), to: client)
                continue
            }
            guard let server = ListeningSocket.connect(to: target) else { return }
            defer { close(server) }
            Self.write(request, to: server)
            guard let reply = Self.readMessage(server) else { return }
            if case .everyThirdReplyLost = fault, number % 3 == 0 { return }
            if case .someFail = fault, number % 7 == 0 { return }
            Self.write(reply, to: client)
        }
    }

    /// A request or a reply with a `Content-Length`.
    private static func readMessage(_ descriptor: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var wanted: Int?
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while wanted.map({ bytes.count < $0 }) ?? true {
            let count = read(descriptor, &piece, piece.count)
            guard count > 0 else { return nil }
            bytes += piece[..<count]
            guard wanted == nil, let end = Data(bytes).range(of: Data("\r\n\r\n".utf8)) else { continue }
            let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).lowercased()
            let line = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            let length = line.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
            wanted = end.upperBound + length
        }
        return bytes
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
