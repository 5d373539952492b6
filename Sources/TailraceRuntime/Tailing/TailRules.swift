package import TailraceCore

/// What all tailed files have in common.
package struct TailRules: Sendable {
    package var assembly: AssemblyRules
    /// Since the last line that was read, after which an event is complete.
    package var joinTimeout: Duration
    /// `nil`: each file's first lines tell.
    package var format: LogFormat?
    /// The data stream or index.
    package var index: IndexName
    /// The fields of every document that say who we are, the weakest of all.
    package var ownFields: [(name: String, value: String)]
    /// The fields of every document that the environment and the user gave; stronger than what a path tells.
    package var givenFields: [(name: String, value: String)]
    /// Bytes of text that may wait in all files together. Beyond it events end early.
    package var waitingMax: Int
    package var grace = TailState.Grace()
    package var errorFields = ErrorFields.all
    package var metadata = Metadata.full
    /// False where the endpoint takes no ids.
    package var sendsID = true
    package var readFrom = ReadFrom.beginning
    /// Since the last write to a file that was never seen before.
    package var ignoreOlder: Duration?
    /// Files that are open at once; rotated ones, which can't be opened again, may be more.
    package var openFilesMax = 512
    package var capture: Captured?

    /// Files of our own, with what came out of pipes: read from their beginning, and done with once they are deleted.
    package struct Captured: Sendable {
        package var folder: String
        /// `nil`: the first lines of each tell.
        package var format: LogFormat?

        package init(folder: String, format: LogFormat?) {
            self.folder = folder
            self.format = format
        }
    }

    /// Where a file is read from that was never seen before.
    package enum ReadFrom: String, Sendable, CaseIterable {
        case beginning
        /// Those that are there at the start. Later ones are read from their beginning.
        case end
        /// Nowhere: only what was begun is read on.
        case checkpointOnly = "checkpoint-only"
    }

    package init(
        assembly: AssemblyRules, joinTimeout: Duration, format: LogFormat?, index: IndexName,
        ownFields: [(name: String, value: String)], givenFields: [(name: String, value: String)], waitingMax: Int
    ) {
        self.assembly = assembly
        self.joinTimeout = joinTimeout
        self.format = format
        self.index = index
        self.ownFields = ownFields
        self.givenFields = givenFields
        self.waitingMax = waitingMax
    }

    func isCaptured(_ path: String) -> Bool {
        guard let capture else { return false }
        return path.hasPrefix(capture.folder + "/")
    }

    /// `nil`: its first lines tell.
    func format(of path: String) -> LogFormat? { isCaptured(path) ? capture?.format : format }

    func grace(of path: String) -> TailState.Grace {
        var grace = grace
        // We delete what is delivered.
        if isCaptured(path) { grace.deleted = .zero }
        return grace
    }

    func template(for id: FileID, path: String, format: LogFormat) -> DocumentTemplate {
        // A file that nobody but us knows tells nothing.
        let path = isCaptured(path) ? "-" : path
        return DocumentTemplate(
            index: index, fileID: id, path: path,
            staticFields: StaticFields(ownFields + PathMetadata(path: path).fields + givenFields),
            isContainerFormat: format != .plain, errorFields: errorFields, metadata: metadata,
            sendsID: sendsID)
    }
}
