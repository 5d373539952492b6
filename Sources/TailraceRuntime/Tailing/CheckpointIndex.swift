import TailraceCore

/// Checkpoints of files that nobody reads, found by inode and by path, in the order in which they came.
struct CheckpointIndex {
    final class Entry {
        let checkpoint: Checkpoint
        let since: Moment
        /// The file is there, but no longer holds what was read from it.
        var isEmptied: Bool
        fileprivate let number: Int

        fileprivate init(_ checkpoint: Checkpoint, since: Moment, isEmptied: Bool, number: Int) {
            self.checkpoint = checkpoint
            self.since = since
            self.isEmptied = isEmptied
            self.number = number
        }
    }

    private var byInode: [UInt64: [Entry]] = [:]
    private var byHome: [String: [Entry]] = [:]
    private var lastNumber = 0
    private(set) var count = 0

    mutating func insert(_ checkpoint: Checkpoint, since: Moment, isEmptied: Bool = false) {
        lastNumber += 1
        count += 1
        let entry = Entry(checkpoint, since: since, isEmptied: isEmptied, number: lastNumber)
        byInode[checkpoint.key.inode, default: []].append(entry)
        byHome[checkpoint.home, default: []].append(entry)
    }

    mutating func remove(_ entry: Entry) {
        count -= 1
        Self.remove(entry, from: &byInode, at: entry.checkpoint.key.inode)
        Self.remove(entry, from: &byHome, at: entry.checkpoint.home)
    }

    private static func remove<Key>(_ entry: Entry, from entries: inout [Key: [Entry]], at key: Key) {
        guard var others = entries.removeValue(forKey: key) else { return }
        others.removeAll { $0 === entry }
        if !others.isEmpty { entries[key] = others }
    }

    /// Those that may be of this very file, as far as can be told without reading it.
    func describing(_ status: FileStatus) -> [Entry] {
        guard count > 0, let entries = byInode[status.inode] else { return [] }
        return entries.filter { $0.checkpoint.mayDescribe(status) }
    }

    func at(_ home: String) -> [Entry] { byHome[home] ?? [] }

    func isAny(at home: String) -> Bool { byHome[home] != nil }

    /// Of all of these paths together.
    func at(_ homes: [String]) -> [Entry] {
        homes.flatMap { at($0) }.sorted { $0.number < $1.number }
    }

    /// Each path, and what is known of it.
    var homes: some Sequence<(key: String, value: [Entry])> { byHome }

    var all: [Entry] { byHome.values.joined().sorted { $0.number < $1.number } }

    var first: Entry? { byHome.values.joined().min { $0.number < $1.number } }
}
