import Glibc
import TailraceCore

/// A log file that was compressed by its rotation, read as if it were not.
///
/// Going back means to begin anew; a rest is read from its start, once.
// Sendable without a check: like every log file it is used by one task at a time.
final class GzipLogFile: LogFile, @unchecked Sendable {
    private let file: any LogFile
    private let path: String
    private var reader = GzipReader()
    /// Of the compressed bytes.
    private var inputOffset: UInt64 = 0
    /// Of what was inflated.
    private var offset: UInt64 = 0
    private var size: UInt64 = 0

    /// Reads all of `file` once, to know that it is whole, and how much it holds.
    ///
    /// - Throws: `notWhole` when it is still being written, `EBADMSG` when it is damaged. `file` is not closed then.
    init(_ file: any LogFile, _ path: String) throws(FileFailure) {
        self.file = file
        self.path = path
        try skip(to: .max)
        size = offset
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at wanted: UInt64) throws(FileFailure) -> Int {
        guard wanted < size, !buffer.isEmpty else { return 0 }
        if wanted < offset {
            reader = GzipReader()
            (offset, inputOffset) = (0, 0)
        }
        try skip(to: wanted)
        return try inflate(into: buffer)
    }

    func status() throws(FileFailure) -> FileStatus {
        var status = try file.status()
        status.size = size
        return status
    }

    func close() { file.close() }

    private func skip(to wanted: UInt64) throws(FileFailure) {
        guard offset < wanted else { return }
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { scratch.deallocate() }
        while offset < wanted {
            let most = min(UInt64(scratch.count), wanted - offset)
            if try inflate(into: UnsafeMutableRawBufferPointer(rebasing: scratch[..<Int(most)])) == 0 { return }
        }
    }

    private func inflate(into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
        let outcome = try reader.read(into: buffer) { (input) throws(FileFailure) in
            let count = try file.read(into: input, at: inputOffset)
            inputOffset += UInt64(count)
            return count
        }
        switch outcome {
        case .bytes(let count):
            offset += UInt64(count)
            return count
        case .end: return 0
        case .cut: throw FileFailure("inflate", path, code: FileFailure.notWhole)
        case .corrupt: throw FileFailure("inflate", path, code: EBADMSG)
        }
    }
}
