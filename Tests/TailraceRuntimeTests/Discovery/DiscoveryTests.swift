import Foundation
import TailraceRuntime
import Testing

@Suite struct DiscoveryTests {
    private let folder: Folder
    private let files = LinuxLogFiles(ChangeWatcher(time: LinuxTimebase()))

    init() throws { folder = try Folder() }

    private func find(_ patterns: [String], excluded: [String] = []) -> [String] {
        let discovery = Discovery(patterns: patterns.map { "\(folder.path)/\($0)" }, excluded: excluded)
        return discovery.scan(files).files.map { String($0.path.dropFirst(folder.path.count + 1)) }
    }

    @Test func `globs match within names, and two stars across folders`() throws {
        for name in ["a.log", "b.txt", "x/c.log", "x/y/d.log", ".hidden/e.log", ".f.log", "x/g1.log"] {
            try folder.write(name)
        }
        #expect(find(["*.log"]) == ["a.log"])
        #expect(find(["**/*.log"]) == ["a.log", "x/c.log", "x/g1.log", "x/y/d.log"])
        #expect(find(["x/**"]) == ["x/c.log", "x/g1.log", "x/y/d.log"])
        #expect(find(["?/[cg]*.log"]) == ["x/c.log", "x/g1.log"])
        #expect(find(["b.txt", "*.log"]) == ["b.txt", "a.log"])
    }

    @Test func `what is excluded is not found, by name or by path`() throws {
        for name in ["a.log", "a.log.gz", "debug/b.log", "c/d.log"] { try folder.write(name) }
        #expect(find(["**"], excluded: ["*.gz", "\(folder.path)/debug/**"]) == ["a.log", "c/d.log"])
    }

    @Test func `a file that several paths lead to is found once`() throws {
        let file = try folder.write("pods/app/0.log")
        try folder.link("app.log", to: file)
        try folder.link("dangling.log", to: "/nowhere")
        #expect(find(["*.log", "pods/*/*.log"]) == ["app.log"])
    }

    @Test func `folders that are not there yet are watched for by their parents`() throws {
        let scan = Discovery(patterns: ["\(folder.path)/later/*.log"], excluded: []).scan(files)
        #expect(scan.files.isEmpty)
        #expect(scan.failures.isEmpty)
        #expect(scan.directories.contains(folder.path))
    }

    @Test func `a folder that is named as if it were a file is told apart from one that a wildcard meets`() throws {
        try folder.write("a.log/b.log")
        func folders(_ pattern: String) -> [String] {
            Discovery(patterns: ["\(folder.path)/\(pattern)"], excluded: []).scan(files).folders
        }
        #expect(folders("a.log") == ["\(folder.path)/a.log"])
        #expect(folders("*.log").isEmpty)
        #expect(folders("a.log/*.log").isEmpty)
    }

    @Test func `a loop of links ends`() throws {
        try folder.write("a/b.log")
        try folder.link("a/loop", to: folder.path)
        #expect(find(["**/*.log"]) == ["a/b.log"])
    }
}
