/// The bytes that all documents of one file have in common, rendered once when the file is opened.
///
/// One event becomes two lines; `…` stands for what differs from event to event:
///
/// ```
/// {"create":{"_index":"INDEX","_id":"FILEID-…"}}
/// {"@timestamp":"…",ERROR"message":"…","stream":"stdout","log":{"iostream":"stdout","offset":…,"flags":[…],
///   "file":{"path":"PATH"}},"event":{"created":"…","dataset":"DATASET"},STATIC}
/// ```
///
/// Where the endpoint takes no ids, `_id` is left out.
///
/// What differs comes first and in few places, and the constant parts lie together: long equal runs are what makes a
/// batch compress well. `stream` and `log.iostream` are left out where the format has no streams, `log.flags` where
/// there are none. ERROR is there in documents of stack traces: see ``ErrorFields``. `stream` and `event.created` are
/// left out of lean documents: see ``Metadata``.
///
/// The id is `<file id>-<start>-<length>` in hexadecimal digits of the file's bytes, `length` being `end - start`.
package final class DocumentTemplate: Sendable {
    /// With all tokens but dates put in.
    let index: IndexName
    /// False where the endpoint takes no ids.
    let sendsID: Bool
    private let fileID: FileID
    /// From behind the message to the offset, for stdout and stderr.
    let middles: (stdout: [UInt8], stderr: [UInt8])
    /// From behind the offset, or the flags, to the time of creation.
    let tailHead: [UInt8]
    /// From behind the time of creation to the end of the line.
    let tailEnd: [UInt8]
    let errorFields: ErrorFields
    /// False in lean documents.
    let tellsCreation: Bool

    /// - Parameters:
    ///   - index: the data stream or index to write to.
    ///   - path: the path under which the file was found.
    ///   - isContainerFormat: true when its lines name their stream.
    ///   - errorFields: what documents of stack traces have besides the text.
    package init(
        index: IndexName, fileID: FileID, path: String, staticFields: StaticFields, isContainerFormat: Bool,
        errorFields: ErrorFields = .off, metadata: Metadata = .full, sendsID: Bool = true
    ) {
        tellsCreation = metadata == .full
        self.errorFields = errorFields
        self.index = index.resolved(with: staticFields)
        self.sendsID = sendsID
        self.fileID = fileID
        let root = staticFields.root
        let log = root[object: "log"]

        func middle(_ stream: String) -> [UInt8] {
            let name = isContainerFormat && metadata == .full ? ",\"stream\":\"\(stream)\"" : ""
            let nameInLog = isContainerFormat ? "\"iostream\":\"\(stream)\"," : ""
            return Array("\"\(name),\"log\":{\(nameInLog)\"offset\":".utf8)
        }
        middles = (middle("stdout"), middle("stderr"))

        var head = OwnedBytes()
        head.append(",\"file\":{\"path\":")
        head.appendJSON(path)
        log[object: "file"].append(to: &head)
        head.append("}")
        log.append(to: &head, except: ["file"])
        head.append(tellsCreation ? "},\"event\":{\"created\":\"" : "}")
        tailHead = Array(head.span)

        var end = OwnedBytes()
        if tellsCreation {
            end.append("\"")
            root[object: "event"].append(to: &end)
            end.append("}")
        }
        root.append(to: &end, except: tellsCreation ? ["log", "event"] : ["log"])
        end.append("}\n")
        tailEnd = Array(end.span)
    }

    /// Up to the start offset in the id, or to the end of the index where there is none.
    func appendActionHead(at time: Timestamp, to action: inout OwnedBytes) {
        action.append("{\"create\":{\"_index\":")
        action.appendJSON(index.text(at: time))
        guard sendsID else { return }
        action.append(",\"_id\":\"")
        action.append(Array(fileID.text.utf8))
        action.append("-")
    }
}
