import Foundation
import TailraceCore
import Testing

@testable import TailraceRuntime

@Suite struct CaptureFilesTests {
    private func files(_ folder: Folder, bytesMax: Int = 4 << 20) throws -> CaptureFiles {
        try CaptureFiles(
            CaptureSettings(
                folder: "\(folder.path)/capture", bytesMax: bytesMax, whenFull: .block, isRaw: true, endMax: .zero),
            time: LinuxTimebase())
    }

    private func names(_ folder: Folder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/capture").sorted()
    }

    private func append(_ text: String, to files: CaptureFiles) throws {
        var written = 0
        try files.append(Array(text.utf8).span, written: &written)
        #expect(written == text.utf8.count)
    }

    @Test func `files end with a line, and hold all that was written, in order`() throws {
        let folder = try Folder()
        let files = try files(folder)
        var text = ""
        for number in 0..<40_000 { text += "line \(number) of the app with some words\n" }
        var rest = Substring(text)
        while !rest.isEmpty {
            try append(String(rest.prefix(70_001)), to: files)
            rest = rest.dropFirst(70_001)
        }
        let contents = try names(folder).map {
            try String(contentsOfFile: "\(folder.path)/capture/\($0)", encoding: .utf8)
        }
        #expect(contents.count == 2)
        #expect(contents.allSatisfy { $0.hasSuffix("\n") && $0.utf8.count < 2 << 20 })
        #expect(contents.joined() == text)
        #expect(files.used == text.utf8.count)
    }

    @Test func `what is delivered is removed, but for the file that is written to`() throws {
        let folder = try Folder()
        let files = try files(folder)
        let long = String(repeating: "x", count: 1 << 20)
        try append("\(long)\n", to: files)
        try append("\(long)\n", to: files)
        try append("end\n", to: files)
        let all = try names(folder)
        try #require(all.count == 3)
        #expect(!files.hasRoom(for: 3 << 20))
        files.release([all[0]: UInt64(1 << 20)])
        #expect(try names(folder) == all, "one byte is missing")
        files.release([all[0]: UInt64(1 << 20) + 1, all[2]: 4])
        #expect(try names(folder) == Array(all[1...]))
        files.end()
        files.release([all[2]: 4])
        #expect(try names(folder) == [all[1]])
        #expect(files.used == 1 << 20 + 1)
    }

    @Test func `a line that is longer than the limit comes to its end`() throws {
        let folder = try Folder()
        let files = try files(folder)
        for _ in 0..<10 {
            #expect(files.hasRoom(for: 1 << 20))
            try append(String(repeating: "x", count: 1 << 20), to: files)
        }
        try append("\nnext\n", to: files)
        #expect(try names(folder).count == 2)
    }

    @Test func `what a killed process has left is completed and kept`() throws {
        let folder = try Folder()
        try folder.write("capture/01764107094123456.log", "whole\nhal")
        let files = try files(folder)
        try append("new\n", to: files)
        let all = try names(folder)
        #expect(all.count == 2)
        #expect(try String(contentsOfFile: "\(folder.path)/capture/\(all[0])", encoding: .utf8) == "whole\nhal\n")
        #expect(try String(contentsOfFile: "\(folder.path)/capture/\(all[1])", encoding: .utf8) == "new\n")
    }

    @Test func `a folder that was taken away comes back`() throws {
        let folder = try Folder()
        let files = try files(folder)
        try FileManager.default.removeItem(atPath: "\(folder.path)/capture")
        try append("a\n", to: files)
        #expect(try names(folder).count == 1)
    }
}
