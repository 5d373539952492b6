package import TailraceCore

/// What the spool has to know of the settings.
package struct SpoolSettings: Sendable {
    /// When positions of log files move on over what was written.
    package enum Sync: String, CaseIterable, Sendable {
        /// As soon as it is on disk: a group of batches at a time.
        case always
        /// The same, at most once a second.
        case interval
        /// At once; the kernel writes when it likes.
        case never
    }

    package enum WhenFull: String, CaseIterable, Sendable {
        /// Reading waits, as it does without a spool.
        case block
        case dropOldest = "drop_oldest"
        case dropNewest = "drop_newest"
    }

    package var mode: Overflow.Mode
    package var limits: SpoolIndex.Limits
    package var sync: Sync
    package var whenFull: WhenFull
    /// Bytes of the file system that are left to others.
    package var minFree: Int

    package init(
        mode: Overflow.Mode, limits: SpoolIndex.Limits, sync: Sync = .always, whenFull: WhenFull = .block,
        minFree: Int = 0
    ) {
        self.mode = mode
        self.limits = limits
        self.sync = sync
        self.whenFull = whenFull
        self.minFree = minFree
    }
}

extension SpoolSettings {
    /// Reads them, in the order of the documentation.
    init(reading reader: inout SettingReader) {
        let mode = reader.value(
            "SPOOL", .choice(Overflow.Mode.allCases.map(\.rawValue)), default: "auto",
            "When batches go to disk: `auto` when the endpoint does not keep up and log files may be rotated away unread; `always`; or `off`."
        )
        let bytes = reader.value(
            "SPOOL_MAX_SIZE", .size((1 << 20)...(1 << 40), example: "10GiB"), default: "1GiB",
            "Of the spool on disk.")
        let segmentBytes = reader.value(
            "SPOOL_SEGMENT_SIZE", .size((64 << 10)...(1 << 30), example: "64MiB"), default: "16MiB",
            "Of one file of the spool, which is deleted once all of it is delivered; at most a quarter of the whole.")
        let sync = reader.value(
            "SPOOL_SYNC", .choice(Sync.allCases.map(\.rawValue)), default: "always",
            "When positions move over what was written: `always` when it is on disk, `interval` the same once a second, `never` at once, which a loss of power may undo."
        )
        let whenFull = reader.value(
            "SPOOL_WHEN_FULL", .choice(WhenFull.allCases.map(\.rawValue)), default: "block",
            "What a full spool does: `block` lets reading wait; the others drop records, count and report them.")
        let minFree = reader.value(
            "SPOOL_MIN_FREE", .size(0...(1 << 40), example: "1GiB"), default: "64MiB",
            "Bytes of the disk that the spool leaves to others.")
        self.init(
            mode: Overflow.Mode(rawValue: mode) ?? .auto,
            limits: SpoolIndex.Limits(bytes: bytes, segmentBytes: segmentBytes),
            sync: Sync(rawValue: sync) ?? .always, whenFull: WhenFull(rawValue: whenFull) ?? .block, minFree: minFree)
    }
}
