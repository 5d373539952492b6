/// What a batch means for the checkpoints: written down when the batch is cut, taken into account when it is settled.
package struct Manifest: Equatable, Sendable {
    /// For each file of the batch: who it is, and, as `resume`, where reading would go on once the batch is settled. The
    /// `cuts` are those made since the last manifest.
    package var files: [Checkpoint]
    /// Checkpoints that are of no use once the batch, and all before it, is settled.
    package var forgotten: [FileID]
    /// Copies of files, of which nothing has to be read once the batch, and all before it, is settled.
    package var copies: [Checkpoint]

    package init(files: [Checkpoint] = [], forgotten: [FileID] = [], copies: [Checkpoint] = []) {
        self.files = files
        self.copies = copies
        self.forgotten = forgotten
    }

    /// Takes in the one that was cut after it: what counts in the end is what was said last of each file.
    mutating func absorb(_ next: Manifest) {
        var places = Dictionary(zip(files.map(\.id), files.indices), uniquingKeysWith: { $1 })
        for file in next.files {
            if let place = places[file.id] {
                files[place] = file
            } else {
                places[file.id] = files.count
                files.append(file)
            }
        }
        forgotten += next.forgotten
        copies += next.copies
    }

    package var isEmpty: Bool { files.isEmpty && forgotten.isEmpty && copies.isEmpty }
}
