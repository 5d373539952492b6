import Foundation

/// What the machine that the tests run on lets them do. A test that needs more says so and is skipped.
enum Machine {
    static var isRoot: Bool { geteuid() == 0 }

    /// Namespaces of one's own, which containers often forbid.
    static let hasUserNamespaces = succeeds("unshare -Ur true")
    static let hasMounts = succeeds("\(unshareMounts) true")
    static let hasOtherUsers = isRoot && succeeds("\(asNobody) '\(Shipper.binary)' --version")

    static var unshareMounts: String { isRoot ? "unshare -m" : "unshare -Urm" }
    static let asNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups"

    /// - Parameter command: for `sh`.
    static func succeeds(_ command: String) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
