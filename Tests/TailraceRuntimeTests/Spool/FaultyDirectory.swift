import Synchronization
import TailraceRuntime

/// The real folder, in which the calls fail that are told to.
final class FaultyDirectory: SpoolDirectory {
    /// Asked before each call that may fail, with its name.
    let fails = Mutex<@Sendable (_ call: String) -> CInt?>({ _ in nil })
    private let directory: LinuxSpoolDirectory

    init(_ path: String) { directory = LinuxSpoolDirectory(path) }

    private func ask(_ call: String) throws(FileFailure) {
        if let code = fails.withLock({ $0(call) }) { throw FileFailure(call, "the spool", code: code) }
    }

    func prepare() throws(FileFailure) {
        try ask("prepare")
        try directory.prepare()
    }

    func list() throws(FileFailure) -> [SpoolFile] {
        try ask("list")
        return try directory.list()
    }

    func create(_ name: String) throws(FileFailure) {
        try ask("create")
        try directory.create(name)
    }

    func write(_ head: [UInt8], _ body: [UInt8], to name: String, at offset: UInt64) throws(FileFailure) {
        do throws(FileFailure) {
            try ask("write")
        } catch {
            // A part of it is there all the same.
            try? directory.write(head, Array(body.dropLast()), to: name, at: offset)
            throw error
        }
        try directory.write(head, body, to: name, at: offset)
    }

    func read(_ name: String, at offset: UInt64, _ count: Int) throws(FileFailure) -> [UInt8] {
        try ask("read")
        return try directory.read(name, at: offset, count)
    }

    func sync(_ name: String) throws(FileFailure) {
        try ask("sync")
        try directory.sync(name)
    }

    func truncate(_ name: String, to size: UInt64) throws(FileFailure) {
        try ask("truncate")
        try directory.truncate(name, to: size)
    }

    func rename(_ name: String, to target: String) throws(FileFailure) {
        try ask("rename")
        try directory.rename(name, to: target)
    }

    func remove(_ name: String) throws(FileFailure) {
        try ask("remove")
        try directory.remove(name)
    }

    func freeBytes() throws(FileFailure) -> UInt64 {
        try ask("freeBytes")
        return try directory.freeBytes()
    }
}
