import Glibc
import TailraceCore

/// Appends frames to segments. Blocks.
struct SegmentWriter: Sendable {
    private let directory: any SpoolDirectory
    private let minFree: Int

    /// - Parameter minFree: bytes of the file system that are left to others; 0 asks nobody.
    init(_ directory: any SpoolDirectory, minFree: Int) {
        self.directory = directory
        self.minFree = minFree
    }

    /// - Throws: ``FileFailure``; what stands at `place` then is no frame, as far as that can be seen to.
    func write(_ header: FrameHeader, _ body: [UInt8], at place: SpoolIndex.Place) throws(FileFailure) {
        switch place {
        case .full: preconditionFailure("a frame is to be written to a spool that is full")
        case .newSegment(let number):
            let name = SegmentName.of(number)
            try makeSure(of: header.frameSize, name)
            do throws(FileFailure) {
                try directory.create(name)
                try directory.write(header.bytes, body, to: name, at: 0)
            } catch {
                try? directory.remove(name)
                throw error
            }
        case .end(let number, let offset):
            let name = SegmentName.of(number)
            try makeSure(of: header.frameSize, name)
            do throws(FileFailure) {
                try directory.write(header.bytes, body, to: name, at: offset)
            } catch {
                try? directory.truncate(name, to: offset)
                throw error
            }
        }
    }

    private func makeSure(of size: Int, _ name: String) throws(FileFailure) {
        guard minFree > 0, try directory.freeBytes() < UInt64(size + minFree) else { return }
        throw FileFailure("leave TAILRACE_SPOOL_MIN_FREE while writing", name, code: ENOSPC)
    }
}
