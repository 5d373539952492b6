/// How the output of a child, or standard input, is kept until it is delivered.
package struct CaptureSettings: Sendable {
    /// What becomes of output for which there is no room.
    package enum WhenFull: String, CaseIterable, Sendable {
        /// The app waits for ``patience``; then lines are dropped until there is room again.
        case spool
        /// The app waits.
        case block
        /// Lines are dropped at once.
        case drop
    }

    /// The bound on how long one write of the app waits for us, unless it is to wait for ever.
    package static let patience = Duration.seconds(1)

    /// Folder of the files.
    package var folder: String
    /// Of the files together, in bytes.
    package var bytesMax: Int
    package var whenFull: WhenFull
    /// Lines are written as they came, without a time and a stream of their own.
    package var isRaw: Bool
    /// How long the end may take, from when the app has ended until everything that it wrote is in the files.
    package var endMax: Duration

    package init(folder: String, bytesMax: Int, whenFull: WhenFull, isRaw: Bool, endMax: Duration) {
        self.folder = folder
        self.bytesMax = bytesMax
        self.whenFull = whenFull
        self.isRaw = isRaw
        self.endMax = endMax
    }

    /// At which another file is begun: a file is removed as a whole, once all of it is delivered.
    var fileMax: Int { min(bytesMax / 4, 16 << 20) }
}
