import Foundation
import TailraceCore
import Testing

@Suite struct LogFormatTests {
    @Test(arguments: FormatFixture.all)
    func `a log file is decoded as its fixture says`(fixture: FormatFixture) throws {
        let detected = LogFormat.detect(fixture.input.span)
        let format = try #require(detected)
        var decoder = LineDecoder(format)
        let decoded = fixture.lines.map { decoder.describe($0) }
        #expect(["format \(format.rawValue)"] + decoded == fixture.expected)
    }

    @Test(arguments: FormatFixture.all)
    func `a line cut at any byte is decoded inside its bounds or refused`(fixture: FormatFixture) {
        for format in LogFormat.allCases {
            for line in fixture.lines {
                for cut in 0...line.count {
                    var decoder = LineDecoder(format)
                    let head = Array(line[..<cut])
                    guard let record = decoder.decode(head.span) else { continue }
                    #expect(record.message.upperBound <= cut)
                    #expect(format != .docker || record.message.upperBound < cut)
                }
            }
        }
    }

    @Test func `the fixtures are found`() {
        #expect(FormatFixture.all.count == 7)
    }

    @Test func `random damage never harms`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = SeededBytes(seed)
        let lines = FormatFixture.all.flatMap(\.lines).filter { !$0.isEmpty }
        var decoders = LogFormat.allCases.map { LineDecoder($0) }
        for _ in 0..<20_000 {
            var line = lines.randomElement(using: &random) ?? []
            for _ in 0...random.next() % 3 {
                let place = Int.random(in: line.indices, using: &random)
                line[place] = Bool.random(using: &random) ? UInt8.random(in: 0...255, using: &random) : 0x22
            }
            for index in decoders.indices {
                guard let record = decoders[index].decode(line.span) else { continue }
                #expect(record.message.upperBound <= line.count)
            }
        }
    }

    @Test(
        arguments: [
            ("", nil), ("\n\n", nil), ("2026-11-23T17:52:39.12Z stdout F not complete", nil),
            ("hello\n", .plain), ("1\n2\n3\n2026-11-23T17:52:39.12Z stdout F the fourth\n", .plain),
            ("1\n2\n2026-11-23T17:52:39.12Z stdout F the third\n", .cri),
            ("\n\n\n\n2026-11-23T17:52:39.12Z stdout F after empty ones\n", .cri),
            ("{\"log\":\"x\",\"time\":\"2026-11-23T17:52:39Z\"}\n2026-11-23T17:52:39Z stdout F CRI goes first\n", .cri),
        ] as [(String, LogFormat?)])
    func `the first three complete lines show the format`(start: String, format: LogFormat?) {
        let detected = LogFormat.detect(Array(start.utf8).span)
        #expect(detected == format)
    }
}

struct FormatFixture: CustomTestStringConvertible, Sendable {
    let name: String
    let input: [UInt8]
    let expected: [String]

    var testDescription: String { name }

    /// Without their newlines.
    var lines: [[UInt8]] {
        input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast().map(Array.init)
    }

    static let all: [FormatFixture] = {
        guard let folder = Bundle.module.url(forResource: "Fixtures/formats", withExtension: nil),
            let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        else { return [] }
        return files.filter { $0.pathExtension == "in" }.sorted { $0.path < $1.path }.compactMap { file in
            let output = file.deletingPathExtension().appendingPathExtension("out")
            guard let input = try? Data(contentsOf: file), let expected = try? Data(contentsOf: output) else {
                return nil
            }
            let lines = String(decoding: expected, as: UTF8.self).split(separator: "\n").map(String.init)
            return FormatFixture(
                name: file.deletingPathExtension().lastPathComponent, input: Array(input), expected: lines)
        }
    }()
}

extension LineDecoder {
    /// In the form of the `.out` files.
    fileprivate mutating func describe(_ line: [UInt8]) -> String {
        guard let record = decode(line.span) else { return "malformed" }
        var text = OwnedBytes()
        let message = line.span.extracting(record.message)
        if record.isEscaped { text.appendJSONUnescaped(message) } else { text.append(message) }
        var output = OwnedBytes()
        var printer = RFC3339Printer()
        if let time = record.time { printer.append(time, to: &output) } else { output.append("none") }
        output.append(record.stream == .stdout ? " stdout " : " stderr ")
        output.append(record.isPartial ? "piece \"" : "whole \"")
        output.appendJSONEscaped(text.span)
        output.append("\"")
        return String(decoding: Array(output.span), as: UTF8.self)
    }
}
