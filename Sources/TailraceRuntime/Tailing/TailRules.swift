package import TailraceCore

/// What all tailed files have in common.
package struct TailRules: Sendable {
    package var assembly: AssemblyRules
    /// Since the last line that was read, after which an event is complete.
    package var joinTimeout: Duration
    /// `nil`: each file's first lines tell.
    package var format: LogFormat?
    /// The data stream or index.
    package var index: String
    /// The fields of every document that say who we are, the weakest of all.
    package var ownFields: [(name: String, value: String)]
    /// The fields of every document that the environment and the user gave; stronger than what a path tells.
    package var givenFields: [(name: String, value: String)]
    /// Bytes of text that may wait in all files together. Beyond it events end early.
    package var waitingMax: Int
    package var grace = TailState.Grace()

    package init(
        assembly: AssemblyRules, joinTimeout: Duration, format: LogFormat?, index: String,
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

    func template(for id: FileID, path: String, format: LogFormat) -> DocumentTemplate {
        DocumentTemplate(
            index: index, fileID: id, path: path,
            staticFields: StaticFields(ownFields + PathMetadata(path: path).fields + givenFields),
            isContainerFormat: format != .plain)
    }
}
