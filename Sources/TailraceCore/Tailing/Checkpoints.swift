/// What is saved in the state folder.
package struct Checkpoints: Equatable, Sendable {
    package var files: [Checkpoint]
    /// For each ``Checkpoint/home`` of which files were done with: whatever was written there and rotated has been
    /// looked at, if the last write to it was before this time; in nanoseconds since 1970, by the clock of the file
    /// system. Beyond it, ``files`` has all that has been read.
    package var floors: [String: Int64]

    package init(files: [Checkpoint] = [], floors: [String: Int64] = [:]) {
        self.files = files
        self.floors = floors
    }
}
