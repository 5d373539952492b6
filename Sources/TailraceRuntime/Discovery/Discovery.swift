package import TailraceCore

/// Finds the files that patterns lead to.
package struct Discovery: Sendable {
    package struct Found: Sendable, Hashable {
        package var path: String
        package var status: FileStatus
    }

    package struct Findings: Sendable {
        /// In the order of the patterns, then of the names. A file that several paths lead to is listed once.
        package var files: [Found] = []
        /// Folders where new files can turn up, as far as they exist.
        package var directories: [String] = []
        /// What is in the folders that had to be listed.
        package var listings: [String: DirectoryListing] = [:]
        /// Folders where a pattern without wildcards at its end asks for a file.
        package var folders: [String] = []
        /// What could not be looked at.
        package var failures: [FileFailure] = []
    }

    private let patterns: [PathPattern]
    private let excluded: [PathPattern]

    /// - Parameters:
    ///   - patterns: globs, see `PathPattern`.
    ///   - excluded: globs; one without a slash is held against the last name of a path.
    package init(patterns: [String], excluded: [String]) {
        self.patterns = patterns.map(PathPattern.init)
        self.excluded = excluded.map(PathPattern.init)
    }

    /// A pattern that leads to `path` and nowhere else.
    package static func literal(_ path: String) -> String {
        var pattern = ""
        for character in path.unicodeScalars {
            if "*?[\\".unicodeScalars.contains(character) { pattern += "\\" }
            pattern.unicodeScalars.append(character)
        }
        return pattern
    }

    /// Whether a pattern leads to `path`, whatever is there.
    func leads(to path: String) -> Bool {
        patterns.contains { $0.matches(path) } && !excluded.contains { $0.matches(path) }
    }

    /// Looks at every folder that a pattern leads through. Blocks.
    package func scan(_ files: any LogFiles) -> Findings {
        var scan = Scan(files: files, excluded: excluded)
        for pattern in patterns { scan.walk(pattern.isAbsolute ? "/" : ".", pattern.parts[...], depth: 0) }
        return scan.findings
    }
}

/// One look at all folders.
private struct Scan {
    /// Folders below each other that `**` enters.
    private static let depthMax = 32

    let files: any LogFiles
    let excluded: [PathPattern]
    var findings = Discovery.Findings()
    private var seen: Set<FileKey> = []
    private var watched: Set<String> = []
    /// `nil` for a folder that can't be listed.
    private var listings: [String: [DirectoryEntry]?] = [:]

    init(files: any LogFiles, excluded: [PathPattern]) {
        self.files = files
        self.excluded = excluded
    }

    mutating func walk(_ folder: String, _ parts: ArraySlice<PathPattern.Part>, depth: Int) {
        guard let part = parts.first else { return }
        let rest = parts.dropFirst()
        switch part {
        case .name(let name): follow(name, isNamed: true, in: folder, rest, depth: depth)
        case .wildcard:
            for entry in list(folder) where part.matches(entry.name) && entry.kind != .other {
                follow(entry.name, kind: entry.kind, in: folder, rest, depth: depth)
            }
        case .anyDepth:
            walk(folder, rest, depth: depth)
            guard depth < Self.depthMax else { return }
            for entry in list(folder) where part.matches(entry.name) {
                let path = Self.join(folder, entry.name)
                guard entry.kind == .directory || entry.kind == .unknown && status(of: path)?.kind == .directory
                else { continue }
                walk(path, parts, depth: depth + 1)
            }
        }
    }

    /// - Parameters:
    ///   - kind: `unknown` for a name that was not listed.
    ///   - isNamed: the pattern names it, and not others.
    private mutating func follow(
        _ name: String, kind: DirectoryEntry.Kind = .unknown, isNamed: Bool = false, in folder: String,
        _ rest: ArraySlice<PathPattern.Part>, depth: Int
    ) {
        let path = Self.join(folder, name)
        if rest.isEmpty {
            watch(folder)
            if kind != .directory { find(path, isNamed: isNamed) }
        } else if kind == .directory {
            walk(path, rest, depth: depth)
        } else if kind != .file {
            guard let status = status(of: path) else { return watch(folder) }
            if status.kind == .directory { walk(path, rest, depth: depth) }
        }
    }

    private mutating func find(_ path: String, isNamed: Bool) {
        guard !excluded.contains(where: { $0.matches(path) }), let status = status(of: path) else { return }
        if isNamed, status.kind == .directory { findings.folders.append(path) }
        guard status.kind == .file, seen.insert(status.key).inserted else { return }
        findings.files.append(Discovery.Found(path: path, status: status))
    }

    private mutating func status(of path: String) -> FileStatus? {
        do throws(FileFailure) {
            return try files.status(of: path)
        } catch {
            findings.failures.append(error)
            return nil
        }
    }

    private mutating func list(_ folder: String) -> [DirectoryEntry] {
        if let entries = listings[folder] { return entries ?? [] }
        watch(folder)
        do throws(FileFailure) {
            var listing = try files.list(folder)
            listing.entries.sort { $0.name < $1.name }
            listings[folder] = listing.entries
            findings.listings[folder] = listing
            return listing.entries
        } catch {
            listings[folder] = .some(nil)
            if !error.isAboutNothing { findings.failures.append(error) }
            return []
        }
    }

    private mutating func watch(_ folder: String) {
        if watched.insert(folder).inserted { findings.directories.append(folder) }
    }

    private static func join(_ folder: String, _ name: String) -> String {
        switch folder {
        case ".": name
        case "/": "/" + name
        default: "\(folder)/\(name)"
        }
    }
}
