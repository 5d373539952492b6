/// What the file system tells of a file at one moment.
package struct FileStatus: Hashable, Sendable {
    package var device: UInt64
    package var inode: UInt64
    /// Birth time in nanoseconds since 1970; 0 where the file system keeps none.
    package var birth: Int64
    /// In bytes.
    package var size: UInt64
    /// Time of the last write in nanoseconds since 1970.
    package var modified: Int64
    /// Time of the last write, or of the last change to the file's names, in nanoseconds since 1970 (`st_ctime`).
    package var changed: Int64
    /// Number of names; 0 once the file has been deleted.
    package var linkCount: Int
    package var kind: Kind

    package enum Kind: Sendable { case file, directory, other }

    package init(
        device: UInt64, inode: UInt64, birth: Int64, size: UInt64, modified: Int64, changed: Int64,
        linkCount: Int = 1,
        kind: Kind = .file
    ) {
        self.device = device
        self.inode = inode
        self.birth = birth
        self.size = size
        self.modified = modified
        self.changed = changed
        self.linkCount = linkCount
        self.kind = kind
    }

    package var key: FileKey { FileKey(device: device, inode: inode) }
}

/// What tells two files apart while both exist. Numbers are used again once a file is gone.
package struct FileKey: Hashable, Sendable {
    package var device: UInt64
    package var inode: UInt64

    package init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }
}
