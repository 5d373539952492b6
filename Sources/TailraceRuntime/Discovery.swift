package import TailraceCore
// stand-in until merge
package struct Discovery: Sendable {
    package struct Found: Sendable { package var path: String; package var status: FileStatus }
    package struct Findings: Sendable { package var files: [Found] = []; package var directories: [String] = []; package var failures: [FileFailure] = [] }
    package init(patterns: [String], excluded: [String]) {}
    package func scan(_ files: any LogFiles) -> Findings { Findings() }
}
