/// What the path of a log file says about the container that writes it.
///
/// | path ends in | says |
/// |---|---|
/// | `<namespace>_<pod>_<uid>/<container>/<n>.log`, also with what rotation appends | all but the container's id |
/// | `<pod>_<namespace>_<container>-<64 hex digits>.log` | namespace, pod, container, id |
/// | `<64 hex digits>/<the same>-json.log`, also with what rotation appends | the container's id |
///
/// Only the end counts, since the folder is mounted anywhere in a sidecar. On nodes these are `/var/log/pods`,
/// `/var/log/containers` and `/var/lib/docker/containers`.
///
/// - SeeAlso: Kubernetes, `pkg/kubelet/kuberuntime/helpers.go` (`BuildPodLogsDirectory`) and `legacy.go` (`logSymlink`).
package struct PathMetadata: Equatable, Sendable {
    package private(set) var namespace: String?
    package private(set) var podName: String?
    package private(set) var podUID: String?
    package private(set) var containerName: String?
    package private(set) var containerID: String?
    /// How often the container had been restarted when the file was begun.
    package private(set) var restartCount: Int?

    package init(path: String) {
        let parts = path.split(separator: "/")
        if readPodFolder(parts) { return }
        if readContainerLink(parts) { return }
        readDockerFile(parts)
    }

    /// The fields that follow from it, under the names that Filebeat's dashboards expect.
    package var fields: [(name: String, value: String)] {
        let all = [
            ("kubernetes.namespace", namespace), ("kubernetes.pod.name", podName), ("kubernetes.pod.uid", podUID),
            ("kubernetes.container.name", containerName),
            ("kubernetes.container.restart_count", restartCount.map(String.init)),
            ("container.id", containerID), ("container.name", containerName),
        ]
        return all.compactMap { name, value in value.map { (name, $0) } }
    }

    private mutating func readPodFolder(_ parts: [Substring]) -> Bool {
        guard parts.count >= 3, let count = Self.stem(of: parts[parts.count - 1], before: ".log").flatMap({ Int($0) }),
            count >= 0
        else { return false }
        let folder = parts[parts.count - 3].split(separator: "_", omittingEmptySubsequences: false)
        guard folder.count == 3, Self.isName(folder[0]), Self.isName(folder[1]), Self.isName(folder[2]) else {
            return false
        }
        (namespace, podName, podUID) = (String(folder[0]), String(folder[1]), String(folder[2]))
        (containerName, restartCount) = (String(parts[parts.count - 2]), count)
        return true
    }

    private mutating func readContainerLink(_ parts: [Substring]) -> Bool {
        guard let file = parts.last, let stem = Self.stem(of: file, before: ".log") else { return false }
        let pieces = stem.split(separator: "_", omittingEmptySubsequences: false)
        guard pieces.count == 3, Self.isName(pieces[0]), Self.isName(pieces[1]),
            let dash = pieces[2].lastIndex(of: "-"), dash > pieces[2].startIndex
        else { return false }
        let id = pieces[2][pieces[2].index(after: dash)...]
        guard Self.isContainerID(id) else { return false }
        (podName, namespace) = (String(pieces[0]), String(pieces[1]))
        (containerName, containerID) = (String(pieces[2][..<dash]), String(id))
        return true
    }

    private mutating func readDockerFile(_ parts: [Substring]) {
        guard parts.count >= 2, let id = Self.stem(of: parts[parts.count - 1], before: "-json.log"),
            id == parts[parts.count - 2], Self.isContainerID(id)
        else { return }
        containerID = String(id)
    }

    /// `name` up to `suffix`, behind which only what rotation appends may follow: `.20261123-121315.gz`, `.1`.
    private static func stem(of name: Substring, before suffix: String) -> Substring? {
        guard let dot = name.firstIndex(of: "."), let end = suffix.firstIndex(of: ".") else { return nil }
        // A pod's name may hold dots, so the first one need not be the suffix's.
        if name.hasSuffix(suffix) { return name.dropLast(suffix.count) }
        let stem = name[..<dot]
        let rest = name[dot...]
        let marker = suffix[..<end]
        guard stem.hasSuffix(marker), rest.hasPrefix(suffix[end...] + ".") else { return nil }
        return stem.dropLast(marker.count)
    }

    private static func isContainerID(_ text: Substring) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// A DNS name as Kubernetes allows it, which also covers the uid.
    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D || $0 == 0x2E
            }
    }
}
