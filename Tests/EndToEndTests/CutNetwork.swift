import Foundation
import Testing

/// A network namespace with a cable to this one that can be cut. Only root can have one.
final class CutNetwork: Sendable {
    /// Of this side of the cable.
    let address: String
    private let name: String
    private let cable: String

    /// - Returns: `nil` when this machine does not let us have one.
    init?() {
        let number = Int.random(in: 0..<60_000)
        (name, cable) = ("tailrace-\(number)", "tr\(number)")
        let net = "10.213.\(number / 250)"
        let host = number % 62 * 4
        address = "\(net).\(host + 1)"
        let isUp =
            Self.ip("netns add \(name)")
            && Self.ip("link add \(cable) type veth peer name \(cable)in")
            && Self.ip("link set \(cable)in netns \(name)") && Self.ip("addr add \(address)/30 dev \(cable)")
            && Self.ip("link set \(cable) up")
            && Self.ip("netns exec \(name) ip addr add \(net).\(host + 2)/30 dev \(cable)in")
            && Self.ip("netns exec \(name) ip link set \(cable)in up")
        guard isUp else {
            remove()
            return nil
        }
    }

    deinit { remove() }

    /// For ``Shipper``: runs it on the other side.
    var shell: String { "exec ip netns exec \(name) \"$@\"" }

    func cut() { #expect(Self.ip("link set \(cable) down")) }
    func mend() { #expect(Self.ip("link set \(cable) up")) }

    private func remove() {
        _ = Self.ip("link del \(cable)")
        _ = Self.ip("netns del \(name)")
    }

    private static func ip(_ arguments: String) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ip"] + arguments.split(separator: " ").map(String.init)
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
