import TailraceCore

/// When the files of each path were made, in order: that tells when one was rotated.
struct Births {
    private let memory: FileMemory
    private let tails: TailTable
    private var births: [String: [Int64]] = [:]

    init(_ memory: FileMemory, _ tails: TailTable) {
        self.memory = memory
        self.tails = tails
    }

    /// When a file was written to last, or rotated. Its name changes with each later rotation too, but another was made
    /// in its place just once.
    mutating func quietSince(_ status: FileStatus, at home: String) -> Int64 {
        let all = births[home] ?? (tails.at(home).map(\.checkpoint.birth) + memory.births(at: home)).sorted()
        births[home] = all
        let replacedAt = all.first { $0 > status.birth } ?? status.changed
        return max(status.modified, min(status.changed, replacedAt))
    }
}
