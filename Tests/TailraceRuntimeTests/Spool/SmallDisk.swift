import Foundation
import Glibc
import Testing

/// A file system of its own in memory, with so much room, that goes away with the test. Only root can have one.
final class SmallDisk: Sendable {
    let path: String

    /// For `.enabled(if:)`: whether this machine lets us mount anything.
    static let canBeHad: Bool = (try? SmallDisk(bytes: 1 << 20)) != nil
    static let need: Comment = "mounting a tmpfs needs root and CAP_SYS_ADMIN"

    init(bytes: Int) throws {
        path = NSTemporaryDirectory() + "tailrace-disk-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
            let code = errno
            rmdir(path)
            throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EPERM)
        }
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }

    /// Every write fails with EROFS, or does not any more.
    func setReadOnly(_ isReadOnly: Bool) {
        let flags = UInt(MS_REMOUNT) | (isReadOnly ? UInt(MS_RDONLY) : 0)
        #expect(mount("tmpfs", path, "tmpfs", flags, nil) == 0, "remount: \(String(cString: strerror(errno)))")
    }

    /// Somebody else's file, with as much in it as there is room for.
    func fill() {
        let file = open(path + "/others", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        let piece = [UInt8](repeating: 1, count: 4096)
        while write(file, piece, piece.count) > 0 {}
        close(file)
    }

    func clear() { unlink(path + "/others") }
}
