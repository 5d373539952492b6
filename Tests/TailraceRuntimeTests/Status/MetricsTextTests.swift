import TailraceCore
import TailraceRuntime
import Testing

@Suite struct MetricsTextTests {
    @Test func `every sample has a family, and paths are escaped`() {
        let file = FileReport(
            id: FileID(high: 0, low: 0), path: "/a \"b\"\\c", size: 10, position: 5, isRotated: false)
        let lines = MetricsText(Counters(), files: [file]).text.split(separator: "\n")
        let families = lines.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
        let samples = lines.filter { !$0.hasPrefix("#") }.map { $0.prefix { $0 != "{" && $0 != " " } }
        #expect(Set(samples) == Set(families))
        #expect(Set(families).count == families.count)
        #expect(lines.contains(#"tailrace_file_position_bytes{path="/a \"b\"\\c",file="AAAAAAAAAAAAAAAA"} 5"#))
    }

    @Test func `pages answer, and readiness waits for the first look`() {
        let time = LinuxTimebase()
        let board = FileBoard()
        let pages = AdminPages(
            version: "1", counters: Counters(), health: Health(now: time.now), board: board, time: time)
        #expect(pages.page("/livez")?.status == 200)
        #expect(pages.page("/readyz")?.status == 503)
        #expect(pages.page("/status")?.body.contains("\"pending\":0") == true)
        #expect(pages.page("/other") == nil)
    }
}
