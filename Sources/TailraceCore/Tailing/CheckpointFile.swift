/// The file `checkpoints` in the state folder: text, one line for each file, replaced as a whole.
///
/// ```
/// tailrace-checkpoints 2
/// path <floor> <home>
/// file <id> <format> <device> <inode> <birth> <modified> <seen> <done> <fingerprint> <trail> <stdout> <stderr> <home> <path>
/// cut <offset> <streams>
/// end <checksum>
/// ```
///
/// | Part | Meaning |
/// |---|---|
/// | `2` | version of the format; the first, which had no floors, is read as well |
/// | `floor` | ``Checkpoints/floors``, nanoseconds since 1970 |
/// | `id` | ``FileID/text`` |
/// | `format` | ``LogFormat``, or `-` while it is not known |
/// | `device`, `inode`, checksums | hexadecimal |
/// | `birth`, `modified` | of the file, nanoseconds since 1970, 0 when unknown |
/// | `seen` | when it was found, nanoseconds since 1970 |
/// | `done` | when it was let go, read to its end; `-` for a file that is read on |
/// | `fingerprint` | `<length>:<checksum>`, ``Fingerprint`` |
/// | `trail` | `<offset>:<length>:<checksum>`, ``Trail`` |
/// | `stdout`, `stderr` | ``ResumeOffsets``, decimal |
/// | `home` | the path without links; as `path`, and a space as `\x20`; `-` when it is the same |
/// | `path` | to the end of the line; `\`, line ends and other control bytes as `\xHH` |
/// | `cut` | a ``Cut`` of the file above it; `streams` is 1 (stdout), 2 (stderr) or 3 |
/// | `end` | CRC-32 of everything before this line: without it the file is torn |
package enum CheckpointFile {
    package static let name = "checkpoints"
    private static let header = "tailrace-checkpoints 2"
    private static let headerBefore = "tailrace-checkpoints 1"

    /// Why a file can't be used, as the end of a sentence.
    package struct Damage: Error, Equatable, CustomStringConvertible {
        package var description: String
    }

    package static func render(_ checkpoints: Checkpoints) -> [UInt8] {
        var bytes = Array((header + "\n").utf8)
        bytes.reserveCapacity(checkpoints.files.count * 256)
        for (home, floor) in checkpoints.floors.sorted(by: { $0.key < $1.key }) {
            bytes += "path \(floor) \(escaped(home))\n".utf8
        }
        // One line at a time: with thousands of files, all of them as text would be twice the memory.
        for checkpoint in checkpoints.files {
            let key = checkpoint.key
            let print = checkpoint.fingerprint
            let trail = checkpoint.trail
            var line =
                "file \(checkpoint.id.text) \(checkpoint.format?.rawValue ?? "-") \(hex(key.device)) \(hex(key.inode)) "
            line += "\(checkpoint.birth) \(checkpoint.modified) \(checkpoint.seenAt.nanoseconds) "
            line += "\(checkpoint.doneAt.map { String($0.nanoseconds) } ?? "-") "
            line += "\(print.length):\(hex(UInt64(print.checksum))) "
            line += "\(trail.offset):\(trail.length):\(hex(UInt64(trail.checksum))) "
            line += "\(checkpoint.resume.stdout) \(checkpoint.resume.stderr) "
            line += "\(home(of: checkpoint)) \(escaped(checkpoint.path))\n"
            for cut in checkpoint.cuts { line += "cut \(cut.offset) \(cut.streams.rawValue)\n" }
            bytes += line.utf8
        }
        let checksum = crc32(bytes.span)
        bytes += "end \(hex(UInt64(checksum)))\n".utf8
        return bytes
    }

    /// - Throws: ``Damage``. A file is used as a whole or not at all.
    package static func parse(_ bytes: [UInt8]) throws(Damage) -> Checkpoints {
        guard let body = bodyBeforeTrailer(bytes) else {
            throw Damage(description: "is incomplete or was changed: its checksum does not fit")
        }
        var lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        let first = lines.popFirst().map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard first == header || first == headerBefore else {
            throw Damage(description: "begins with \(String(quoting: first)), where \"\(header)\" is expected")
        }
        var checkpoints = Checkpoints()
        for line in lines.dropLast() {
            let words = line.split(separator: 0x20, maxSplits: 14, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            if let checkpoint = parseFile(words) {
                checkpoints.files.append(checkpoint)
            } else if let cut = parseCut(words), !checkpoints.files.isEmpty {
                checkpoints.files[checkpoints.files.count - 1].cuts.append(cut)
            } else if let (home, floor) = parseFloor(line) {
                checkpoints.floors[home] = floor
            } else {
                throw Damage(description: "has the line \(String(quoting: words.joined(separator: " ")))")
            }
        }
        return checkpoints
    }

    private static func bodyBeforeTrailer(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        guard bytes.last == UInt8(ascii: "\n") else { return nil }
        let start = bytes.dropLast().lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let trailer = String(decoding: bytes[start...].dropLast(), as: UTF8.self)
        let body = bytes[..<start]
        let copy = Array(body)
        guard trailer == "end \(hex(UInt64(crc32(copy.span))))" else { return nil }
        return body
    }

    private static func parseFile(_ words: [String]) -> Checkpoint? {
        guard words.count == 15, words[0] == "file", let id = FileID(text: words[1]),
            words[2] == "-" || LogFormat(rawValue: words[2]) != nil, let device = UInt64(words[3], radix: 16),
            let inode = UInt64(words[4], radix: 16), let birth = Int64(words[5]), let modified = Int64(words[6]),
            let seen = Int64(words[7]), words[8] == "-" || Int64(words[8]) != nil,
            let fingerprint = parseFingerprint(words[9]), let trail = parseTrail(words[10]),
            let stdout = UInt64(words[11]), let stderr = UInt64(words[12]), let path = unescaped(words[14]),
            let home = words[13] == "-" ? path : unescaped(words[13])
        else { return nil }
        return Checkpoint(
            id: id, path: path, home: home, format: LogFormat(rawValue: words[2]),
            key: FileKey(device: device, inode: inode),
            birth: birth, modified: modified, seenAt: Timestamp(nanoseconds: seen),
            doneAt: Int64(words[8]).map { Timestamp(nanoseconds: $0) }, fingerprint: fingerprint, trail: trail,
            resume: ResumeOffsets(stdout: stdout, stderr: stderr))
    }

    private static func home(of checkpoint: Checkpoint) -> String {
        if checkpoint.home == checkpoint.path { return "-" }
        return escaped(checkpoint.home).split(separator: " ", omittingEmptySubsequences: false).joined(
            separator: "\\x20")
    }

    private static func parseTrail(_ word: String) -> Trail? {
        let parts = word.split(separator: ":")
        guard parts.count == 3, let offset = UInt64(parts[0]), let length = Int(parts[1]),
            (0...Trail.lengthMax).contains(length), UInt64(length) <= offset,
            let checksum = UInt32(parts[2], radix: 16)
        else { return nil }
        return Trail(offset: offset, length: length, checksum: checksum)
    }

    private static func parseFingerprint(_ word: String) -> Fingerprint? {
        let parts = word.split(separator: ":")
        guard parts.count == 2, let length = Int(parts[0]), (0...Fingerprint.lengthMax).contains(length),
            let checksum = UInt32(parts[1], radix: 16)
        else { return nil }
        return Fingerprint(length: length, checksum: checksum)
    }

    private static func parseFloor(_ line: ArraySlice<UInt8>) -> (home: String, floor: Int64)? {
        let words = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 3, words[0] == "path", let floor = Int64(words[1]), let home = unescaped(words[2])
        else { return nil }
        return (home, floor)
    }

    private static func parseCut(_ words: [String]) -> Cut? {
        guard words.count == 3, words[0] == "cut", let offset = UInt64(words[1]), let streams = UInt8(words[2]),
            (1...3).contains(streams)
        else { return nil }
        return Cut(offset: offset, streams: Cut.Streams(rawValue: streams))
    }

    private static func hex(_ value: UInt64) -> String { String(value, radix: 16) }

    /// The path in one line: `\`, line ends and other control bytes as `\xHH`.
    package static func escaped(_ path: String) -> String {
        guard path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") }) else { return path }
        var bytes: [UInt8] = []
        for byte in path.utf8 {
            if byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\\") {
                let digits = hex(UInt64(byte))
                bytes += Array("\\x\(digits.count == 1 ? "0" : "")\(digits)".utf8)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unescaped(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            guard rest.popFirst() == UInt8(ascii: "x"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
