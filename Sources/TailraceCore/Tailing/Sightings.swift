/// What looks at the folders have found since it was told last.
package struct Sightings: Sendable {
    /// Files that are seen for the first time, are read again after they were done with, or whose rest has been found.
    package var files: [Checkpoint]
    /// Those of ``Checkpoints/floors`` that have changed; `nil`: nothing of the path is known any more.
    package var floors: [String: Int64?]

    package init(files: [Checkpoint] = [], floors: [String: Int64?] = [:]) {
        self.files = files
        self.floors = floors
    }

    package var isEmpty: Bool { files.isEmpty && floors.isEmpty }
}
