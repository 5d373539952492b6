import TailraceCore

@testable import TailraceRuntime

/// A log file in memory that counts what is read of it.
// Sendable without a check: used by one test at a time.
final class MemoryFile: LogFile, @unchecked Sendable {
    private let bytes: [UInt8]
    private let identity: FileStatus
    private(set) var bytesRead = 0

    init(_ bytes: [UInt8], device: UInt64 = 1, birth: Int64 = 0) {
        self.bytes = bytes
        identity = FileStatus(
            device: device, inode: 7, birth: birth, size: UInt64(bytes.count), modified: 100, changed: 100)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileFailure) -> Int {
        guard offset < bytes.count else { return 0 }
        let part = bytes[Int(offset)...].prefix(buffer.count)
        buffer.copyBytes(from: part)
        bytesRead += part.count
        return part.count
    }

    func status() throws(FileFailure) -> FileStatus { identity }
    func close() {}
}
