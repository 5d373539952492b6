import Glibc

/// The folder of the spool. May block; called off the cooperative pool only, and with one write at a time.
package protocol SpoolDirectory: Sendable {
    /// Makes the folder if need be, and takes it for this process alone.
    ///
    /// - Throws: ``FileFailure``; `EWOULDBLOCK` when another process has it.
    func prepare() throws(FileFailure)
    func list() throws(FileFailure) -> [SpoolFile]
    /// Makes a file, which is there after a loss of power once this has returned.
    func create(_ name: String) throws(FileFailure)
    /// Writes both, one behind the other. What stands there after a failure is unknown.
    func write(_ head: [UInt8], _ body: [UInt8], to name: String, at offset: UInt64) throws(FileFailure)
    /// - Returns: fewer than `count` bytes only where the file ends.
    func read(_ name: String, at offset: UInt64, _ count: Int) throws(FileFailure) -> [UInt8]
    /// What was written is there after a loss of power once this has returned (fdatasync).
    func sync(_ name: String) throws(FileFailure)
    func truncate(_ name: String, to size: UInt64) throws(FileFailure)
    func rename(_ name: String, to target: String) throws(FileFailure)
    func remove(_ name: String) throws(FileFailure)
    /// Bytes of the file system that this process may still use.
    func freeBytes() throws(FileFailure) -> UInt64
}

package struct SpoolFile: Equatable, Sendable {
    package var name: String
    /// In bytes.
    package var size: UInt64

    package init(name: String, size: UInt64) {
        self.name = name
        self.size = size
    }
}

extension FileFailure {
    /// There is no room: on the disk, or in the quota.
    package var isAboutSpace: Bool { code == ENOSPC || code == EDQUOT }
}
