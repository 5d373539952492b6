import TailraceCore
import Testing

@Suite struct CRIPrinterTests {
    private let time = Timestamp(nanoseconds: 1_764_107_094_123_000_000)

    /// The lines that a reader of container logs makes of it.
    private func lines(of output: borrowing OwnedBytes, _ stream: LogStream) throws -> [[UInt8]] {
        var decoder = LineDecoder(.cri)
        var lines: [[UInt8]] = []
        var pieces: [UInt8] = []
        for line in Array(output.span).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
        {
            let bytes = Array(line)
            let decoded = decoder.decode(bytes.span)
            let record = try #require(decoded)
            #expect(record.stream == stream && record.time == time)
            pieces += bytes[record.message]
            if record.isPartial { continue }
            lines.append(pieces)
            pieces = []
        }
        #expect(pieces.isEmpty)
        return lines
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `whatever was written, and however it is cut, comes back line by line`(_ seed: UInt64) throws {
        var random = SeededBytes(seed)
        var text: [UInt8] = []
        for _ in 0..<20 {
            text += random.text(upTo: seed % 4 == 0 ? 60_000 : 200).filter { $0 != UInt8(ascii: "\n") }
            text.append(UInt8(ascii: "\n"))
        }
        let stream: LogStream = seed % 2 == 0 ? .stdout : .stderr
        var printer = CRIPrinter(stream)
        var output = OwnedBytes()
        var index = 0
        while index < text.count {
            let end = min(text.count, index + Int.random(in: 1...(seed % 3 == 0 ? 7000 : 300), using: &random))
            printer.append(text.span.extracting(index..<end), at: time, to: &output)
            index = end
        }
        printer.endLine(to: &output)
        let expected = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast().map(
            Array.init)
        #expect(try lines(of: output, stream) == expected, "seed \(seed)")
    }

    @Test func `a last line without an end is a line`() throws {
        var printer = CRIPrinter(.stdout)
        var output = OwnedBytes()
        printer.append(Array("a\nb".utf8).span, at: time, to: &output)
        #expect(Array(output.span) == Array("2025-11-25T21:44:54.123Z stdout F a\n".utf8))
        printer.endLine(to: &output)
        #expect(try lines(of: output, .stdout) == [Array("a".utf8), Array("b".utf8)])
    }

    @Test func `no line is glued together across a gap`() throws {
        var printer = CRIPrinter(.stderr)
        var output = OwnedBytes()
        printer.append(Array("one\nbegin".utf8).span, at: time, to: &output)
        printer.noteGap(isInsideLine: true, to: &output)
        printer.append(Array("rest of one that is lost\ntwo\n".utf8).span, at: time, to: &output)
        printer.noteGap(isInsideLine: false, to: &output)
        printer.append(Array("three\n".utf8).span, at: time, to: &output)
        #expect(try lines(of: output, .stderr) == ["one", "begin", "two", "three"].map { Array($0.utf8) })
    }
}
