/// What is remembered of one file across restarts.
package struct Checkpoint: Hashable, Sendable {
    package var id: FileID
    /// Where the file was last seen.
    package var path: String
    /// `nil` while the file has no complete line.
    package var format: LogFormat?
    package var key: FileKey
    /// As in ``FileStatus/birth``.
    package var birth: Int64
    package var fingerprint: Fingerprint
    package var resume: ResumeOffsets
    /// In order of their offsets; all behind `resume.low`.
    package var cuts: [Cut]

    package init(
        id: FileID, path: String, format: LogFormat?, key: FileKey, birth: Int64, fingerprint: Fingerprint,
        resume: ResumeOffsets, cuts: [Cut] = []
    ) {
        self.id = id
        self.path = path
        self.format = format
        self.key = key
        self.birth = birth
        self.fingerprint = fingerprint
        self.resume = resume
        self.cuts = cuts
    }

    /// True when the file may be the one that this was saved for, as far as can be told without reading it.
    ///
    /// Device numbers can change with a reboot; a birth time in nanoseconds together with the inode does not happen
    /// twice.
    package func mayDescribe(_ status: FileStatus) -> Bool {
        guard key.inode == status.inode, birth == 0 || status.birth == 0 || birth == status.birth else { return false }
        return key.device == status.device || (birth != 0 && birth == status.birth)
    }

    /// True when it is that file, and nobody has emptied it since.
    ///
    /// - Parameter head: the file's first bytes, as many as there are up to ``Fingerprint/lengthMax``.
    package func describes(_ status: FileStatus, head: Span<UInt8>) -> Bool {
        mayDescribe(status) && fingerprint.matches(head) && status.size >= resume.low
    }
}
