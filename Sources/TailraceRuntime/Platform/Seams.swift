import Glibc
package import TailraceCore

/// Clock and chance. Nothing else in the program may read a clock, sleep or draw a random number.
package protocol Timebase: Sendable {
    /// Monotonic.
    var now: Moment { get }
    /// Time of day.
    var wallClock: Timestamp { get }
    /// Returns at `moment`, or throws `CancellationError` as soon as the task is cancelled.
    func sleep(until moment: Moment) async throws
    /// 64 random bits that nobody can guess.
    func random() -> UInt64
}

/// The read-only side of the file system: other people's log files.
///
/// All functions may block; they are called on the ingest thread only.
package protocol LogFiles: Sendable {
    /// The names in a directory, without `.` and `..`, in no particular order.
    func list(_ directory: String) throws(FileFailure) -> DirectoryListing
    /// Follows symbolic links. `nil` when nothing is there, or a link leads nowhere.
    func status(of path: String) throws(FileFailure) -> FileStatus?
    /// The same path without symbolic links; `path` itself when it leads nowhere.
    func resolve(_ path: String) -> String
    /// Opens a regular file for reading. Never blocks on a FIFO; anything but a regular file is `notRegular`.
    func open(_ path: String) throws(FileFailure) -> any LogFile
    /// From now on ``waitForChange(until:)`` tells when something is created in, moved into or removed from the folder.
    /// - Returns: false when it can't be watched, so that the caller has to look by itself.
    func watchDirectory(_ path: String) -> Bool
    /// From now on ``waitForChange(until:)`` names `key` when the file that `path` leads to has been written to.
    func watchFile(_ path: String, key: FileKey) -> Bool
    func unwatchFile(_ key: FileKey)
    /// Returns at the first change, at `moment`, or at ``wake()``, whichever comes first.
    func waitForChange(until moment: Moment) async -> FileChanges
    /// Ends a wait that is going on, or the next one. From any thread.
    func wake()
}

package struct DirectoryEntry: Sendable, Hashable {
    package enum Kind: Sendable { case file, directory, link, other, unknown }
    package var name: String
    package var kind: Kind
    /// As the directory tells it: on some file systems not the number that ``LogFiles/status(of:)`` gives.
    package var inode: UInt64

    package init(name: String, kind: Kind, inode: UInt64) {
        self.name = name
        self.kind = kind
        self.inode = inode
    }
}

package struct DirectoryListing: Sendable {
    package var entries: [DirectoryEntry]
    /// False when something came, went or was renamed meanwhile: of that, and of nothing else, the list may lack
    /// names, or have two. See readdir(3p): whether such a name is returned is unspecified.
    package var isWhole: Bool

    package init(_ entries: [DirectoryEntry], isWhole: Bool) {
        self.entries = entries
        self.isWhole = isWhole
    }
}

package struct FileChanges: Sendable {
    /// Files that were written to.
    package var written: Set<FileKey> = []
    /// Something came or went in a watched folder: look for files again.
    package var isListingStale = false
    /// Changes were missed (the kernel's queue overflowed): look at everything.
    package var isIncomplete = false

    package init() {}
}

/// One log file that is open for reading. Used by one task at a time.
package protocol LogFile: AnyObject, Sendable {
    /// Reads at `offset`; 0 at the end of the file. May return less than asked for.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileFailure) -> Int
    func status() throws(FileFailure) -> FileStatus
    /// The descriptor is given back. Nothing else may be called afterwards.
    func close()
}

/// Our own folder: small files that are replaced as a whole. May block; called off the cooperative pool only.
package protocol StateDirectory: Sendable {
    /// - Returns: `nil` when there is no such file.
    func read(_ name: String) throws(FileFailure) -> [UInt8]?
    /// After a crash at any instant the file holds either the old bytes or the new ones; once this has returned, the new
    /// ones, also after a loss of power. (Temporary file, fsync, rename, fsync of the folder.)
    func replace(_ name: String, with bytes: [UInt8]) throws(FileFailure)
    /// Appends whole lines to files that are bounded together. They are on disk once this has returned; after a failure,
    /// nothing of them is there.
    /// - Returns: how many older lines had to be removed for them.
    func append(_ lines: [UInt8], to files: BoundedFiles) throws(FileFailure) -> Int
    /// Renames a file that can't be used, so that a person can look at it.
    /// - Returns: the new name.
    func setAside(_ name: String) throws(FileFailure) -> String
}

/// Delivers one request. Implementations reconnect, resolve and authenticate by themselves, and end within their time-out.
package protocol BulkTransport: Sendable {
    func post(_ payload: Payload) async -> PostOutcome
    /// Ends connections. Called once, after the last `post` has returned.
    func shutDown() async
}

/// A system call that failed.
package struct FileFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was tried, as a verb: "open", "read", "rename".
    package var operation: String
    package var path: String
    /// As in errno(3).
    package var code: CInt

    package init(_ operation: String, _ path: String, code: CInt) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// A file server does not know the open file any more.
    package var isAboutHandle: Bool { code == ESTALE }

    /// This process, or the machine, has no descriptors left.
    package var isAboutDescriptors: Bool { code == EMFILE || code == ENFILE }

    /// Of a compressed file that is still being written, and of a folder in which files are being renamed.
    package static let notWhole = EAGAIN

    /// There is no such file or folder.
    package var isAboutNothing: Bool { code == ENOENT || code == ENOTDIR }

    package var description: String {
        "cannot \(operation) \(path): \(String(cString: strerror(code)))"
    }
}
