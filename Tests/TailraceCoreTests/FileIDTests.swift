import TailraceCore
import Testing

@Suite struct FileIDTests {
    @Test func `the text gives the id back`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<1000 {
            let id = FileID(high: random.next(), low: UInt32(truncatingIfNeeded: random.next() as UInt64))
            #expect(FileID(text: id.text) == id)
        }
        #expect(FileID(high: 0, low: 0).text == "AAAAAAAAAAAAAAAA")
        #expect(FileID(high: .max, low: .max).text == "________________")
        #expect(FileID(text: "too short") == nil)
        #expect(FileID(text: "AAAAAAAAAAAAAA=A") == nil)
    }
}
