import Glibc

/// How much memory the container that this process is in may use, as the kernel's control groups have it.
///
/// | Version | Group of the process, in `/proc/self/cgroup` | Limit |
/// |---|---|---|
/// | 2 | `0::/PATH` | `/sys/fs/cgroup/PATH/memory.max`, or `max` |
/// | 1 | `9:memory:/PATH` | `/sys/fs/cgroup/memory/PATH/memory.limit_in_bytes`, or a number near 2⁶³ |
///
/// The limits of all groups above count as well. In a container, the path may be one of the host that can't be seen; the
/// container's own group is then at the top.
///
/// - SeeAlso: `cgroups(7)`; Linux kernel documentation, "Control Group v2", memory interface files.
package enum ContainerMemory {
    /// Beyond ``Settings/memoryLimit``: code, the runtime, buffers of reading, requests and TLS, free space between them.
    package static let overhead = 40 << 20

    /// - Parameter root: where the file system begins; for tests.
    /// - Returns: bytes; `nil` where there is no limit.
    package static func limit(root: String = "") -> Int? {
        var limits: [Int] = []
        for line in (text(of: "\(root)/proc/self/cgroup") ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            if parts[0] == "0", parts[1].isEmpty {
                limits += Self.limits("\(root)/sys/fs/cgroup", parts[2], "memory.max")
            } else if parts[1].split(separator: ",").contains("memory") {
                limits += Self.limits("\(root)/sys/fs/cgroup/memory", parts[2], "memory.limit_in_bytes")
            }
        }
        return limits.min()
    }

    /// What a person should know of a container that is too small; `nil` when it is not.
    package static func warning(memoryLimit: Int, root: String = "") -> String? {
        guard let limit = limit(root: root), limit < memoryLimit + overhead else { return nil }
        let room = limit - overhead
        let other =
            room < 1 << 20
            ? "" : ", or set TAILRACE_MEMORY_LIMIT to \(room >> 20)MiB (and TAILRACE_BATCH_BYTES to half of it at most)"
        return """
            This container may use \(limit >> 20) MiB of memory, but TAILRACE_MEMORY_LIMIT allows \(memoryLimit >> 20) MiB \
            for what is under way, and the program itself takes up to \(overhead >> 20) MiB: under load the kernel may end \
            it. Nothing is lost by that, but the limit of the container should be \
            \((memoryLimit + overhead) >> 20) MiB or more\(other).
            """
    }

    /// Of a group and of all above it.
    private static func limits(_ mount: String, _ path: Substring, _ name: String) -> [Int] {
        var limits: [Int] = []
        var parts = path.split(separator: "/").filter { $0 != ".." }
        while true {
            let folder = ([mount[...]] + parts).joined(separator: "/")
            if let text = text(of: "\(folder)/\(name)"), let limit = Int(text.filter { $0 != "\n" }), limit < 1 << 60 {
                limits.append(limit)
            }
            if parts.isEmpty { return limits }
            parts.removeLast()
        }
    }

    private static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let count = read(descriptor, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }
}
