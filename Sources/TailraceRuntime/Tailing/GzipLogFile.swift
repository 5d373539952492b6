import Glibc
import TailraceCore

/// A log file that was compressed by its rotation, read as if it were not.
///
/// Its beginning and what was read last are kept, so that reading on goes back as far as it does without beginning anew.
// Sendable without a check: like every log file it is used by one task at a time.
final class GzipLogFile: LogFile, @unchecked Sendable {
    private static let chunk = 64 << 10
    /// A buffer is filled again from the last line that was consumed, and the trail before it.
    private static let windowMax = ReadBuffer.capacity + 2 * Trail.lengthMax + chunk

    private let file: any LogFile
    private let path: String
    private var reader = GzipReader()
    /// Of the compressed bytes.
    private var inputOffset: UInt64 = 0
    private var front: [UInt8] = []
    /// The last bytes that were inflated, up to `offset`.
    private var window: [UInt8] = []
    private var offset: UInt64 = 0
    private var size: UInt64 = 0

    /// Reads all of `file` once, to know that it is whole, and how much it holds.
    ///
    /// - Throws: `notWhole` when it is still being written, `EBADMSG` when it is damaged. `file` is not closed then.
    init(_ file: any LogFile, _ path: String) throws(FileFailure) {
        self.file = file
        self.path = path
        while try inflate() {
            if front.count < Fingerprint.lengthMax, UInt64(front.count) < offset {
                front = Array(window.prefix(Fingerprint.lengthMax))
            }
        }
        size = offset
        keepEnd()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at wanted: UInt64) throws(FileFailure) -> Int {
        guard wanted < size, !buffer.isEmpty else { return 0 }
        if wanted < front.count { return Self.copy(front[Int(wanted)...], into: buffer) }
        if wanted < offset - UInt64(window.count) {
            reader = GzipReader()
            window.removeAll(keepingCapacity: true)
            (offset, inputOffset) = (0, 0)
        }
        while wanted >= offset {
            guard try inflate() else { return 0 }
        }
        let count = Self.copy(window[(window.count - Int(offset - wanted))...], into: buffer)
        // All lines were consumed.
        if wanted + UInt64(Trail.lengthMax) >= size { keepEnd() }
        return count
    }

    func status() throws(FileFailure) -> FileStatus {
        var status = try file.status()
        status.size = size
        return status
    }

    func close() { file.close() }

    private static func copy(_ bytes: ArraySlice<UInt8>, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(bytes.count, buffer.count)
        buffer.copyBytes(from: bytes.prefix(count))
        return count
    }

    private func keepEnd() { window = Array(window.suffix(2 * Trail.lengthMax)) }

    /// Inflates some more into the window.
    ///
    /// - Returns: false at the end.
    private func inflate() throws(FileFailure) -> Bool {
        window.reserveCapacity(Self.windowMax)
        if window.count + Self.chunk > Self.windowMax {
            window.removeFirst(window.count + Self.chunk - Self.windowMax)
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunk, alignment: 16)
        defer { buffer.deallocate() }
        let outcome = try reader.read(into: buffer) { (input) throws(FileFailure) in
            let count = try file.read(into: input, at: inputOffset)
            inputOffset += UInt64(count)
            return count
        }
        switch outcome {
        case .bytes(let count):
            window.append(contentsOf: buffer[..<count])
            offset += UInt64(count)
            return true
        case .end: return false
        case .cut: throw FileFailure("inflate", path, code: FileFailure.notWhole)
        case .corrupt: throw FileFailure("inflate", path, code: EBADMSG)
        }
    }
}
