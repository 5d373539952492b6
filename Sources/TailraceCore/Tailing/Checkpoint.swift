/// What is remembered of one file across restarts.
package struct Checkpoint: Hashable, Sendable {
    package var id: FileID
    /// Where the program writes it: under which path it was found first.
    package var path: String
    /// Where that path led, without links: what rotations make of the file stands beside it.
    package var home: String
    /// `nil` while the file has no complete line.
    package var format: LogFormat?
    package var key: FileKey
    /// As in ``FileStatus/birth``.
    package var birth: Int64
    /// As in ``FileStatus/modified``, as seen last.
    package var modified: Int64
    /// When the file was found.
    package var seenAt: Timestamp
    /// When it was let go, read to its end. It is remembered for a while, so that what comes of it (a copy, a compressed
    /// form) is not taken for another file.
    package var doneAt: Timestamp?
    package var fingerprint: Fingerprint
    /// Of all that has been read.
    package var trail: Trail
    package var resume: ResumeOffsets
    /// In order of their offsets; all behind `resume.low`.
    package var cuts: [Cut]

    package init(
        id: FileID, path: String, home: String? = nil, format: LogFormat?, key: FileKey, birth: Int64,
        modified: Int64 = 0,
        seenAt: Timestamp = Timestamp(nanoseconds: 0), doneAt: Timestamp? = nil, fingerprint: Fingerprint,
        trail: Trail = .none, resume: ResumeOffsets, cuts: [Cut] = []
    ) {
        self.id = id
        self.path = path
        self.home = home ?? path
        self.format = format
        self.key = key
        self.birth = birth
        self.modified = modified
        self.seenAt = seenAt
        self.doneAt = doneAt
        self.fingerprint = fingerprint
        self.trail = trail
        self.resume = resume
        self.cuts = cuts
    }

    /// True when a file that holds the same is no other file with the same beginning: there are time stamps in each line,
    /// or fingerprint and trail cover different bytes, and many of them.
    package var isUnmistakable: Bool { isTimed || trail.isBehindFingerprint }

    /// Each line has its time, so that no other file begins like it.
    package var isTimed: Bool { format.map { $0 != .plain } ?? false }

    /// True when the file may be the one that this was saved for, as far as can be told without reading it.
    ///
    /// Device numbers can change with a reboot; a birth time in nanoseconds together with the inode does not happen
    /// twice.
    package func mayDescribe(_ status: FileStatus) -> Bool {
        guard key.inode == status.inode, birth == 0 || status.birth == 0 || birth == status.birth else { return false }
        return key.device == status.device || (birth != 0 && birth == status.birth)
    }

    /// True when it was read to the end of the file that it describes, and nobody has written to that since.
    package func isUntouched(_ status: FileStatus) -> Bool {
        trail.offset == status.size && modified == status.modified
    }
}
