/// Decides when batches go to disk, although what they were made of is still in log files.
///
/// | Mode | |
/// |---|---|
/// | `always` | every batch |
/// | `auto` | from the time on at which the endpoint has not kept up for ``patience``, and files may be rotated away before they are read: what is unread grows, or belongs to a file that was rotated already. Until all of it is delivered |
/// | `off` | none |
///
/// Otherwise the log files are the buffer on disk, and nothing is written twice.
package struct Overflow: Sendable {
    package enum Mode: String, CaseIterable, Sendable {
        case auto, always, off
    }

    /// A pause in delivery, or in what it gets done, that is no reason to write anything.
    package static let patience = Duration.seconds(5)

    package let mode: Mode
    package private(set) var isOn: Bool
    /// When there was least to read, since delivery has been held up.
    private var least: (at: Moment, unread: UInt64)?

    package init(_ mode: Mode) {
        self.mode = mode
        isOn = mode == .always
    }

    /// - Parameters:
    ///   - isHeldUp: batches wait for the endpoint, or reading waits for memory.
    ///   - isEnding: nobody will wait for the endpoint much longer.
    package mutating func note(_ backlog: Backlog, isHeldUp: Bool, isEnding: Bool, now: Moment) {
        guard mode == .auto, !isOn else { return }
        guard isHeldUp else {
            least = nil
            return
        }
        if isEnding { isOn = true }
        guard let least, backlog.unread >= least.unread else {
            self.least = (now, backlog.unread)
            return
        }
        let isThreatened = backlog.unread > least.unread || backlog.isAtRisk
        if now - least.at >= Self.patience, isThreatened { isOn = true }
    }

    /// The process ends: what is left goes to disk.
    package mutating func begin() {
        if mode != .off { isOn = true }
    }

    /// Everything on disk is delivered.
    package mutating func end() {
        if mode == .auto { isOn = false }
        least = nil
    }
}

/// What the log files hold that is not delivered.
package struct Backlog: Equatable, Sendable {
    /// Bytes that have not been read yet, of all files.
    package var unread: UInt64
    /// Some of what is undelivered is in a file that was rotated or deleted, or comes from no file: it may be gone soon.
    package var isAtRisk: Bool

    package init(unread: UInt64 = 0, isAtRisk: Bool = false) {
        self.unread = unread
        self.isAtRisk = isAtRisk
    }
}
