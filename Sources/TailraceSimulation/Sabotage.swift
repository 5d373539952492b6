import TailraceCore
import TailraceRuntime

/// Known bugs, built in on purpose at the seams, to see that the simulation finds them. Production code knows nothing of
/// them.
package enum Sabotage: String, CaseIterable, Sendable {
    case none
    /// Segments of the spool are not synced before reading moves on.
    case syncSkipped
    /// A new segment is synced, its name is not.
    case folderSyncSkipped
    /// Recovery of the spool cuts off more than what is torn.
    case tailDroppedOnRecovery
    /// Damaged frames are taken for whole ones.
    case checksumIgnored
    /// Segments that are delivered stay.
    case segmentsKept
    /// A request counts as accepted before its reply has come.
    case acknowledgedBeforeReply
    /// A request that nobody answered counts as accepted.
    case silenceTakenForConsent
    /// A document that is told to come again later counts as accepted.
    case refusalTakenForConsent
    /// A checkpoint is one byte too far.
    case offsetOffByOne
    /// A checkpoint says how far a file was read, not how far it was delivered.
    case checkpointAheadOfDelivery
    /// Cuts are not saved.
    case cutsForgotten
    /// Two lives of files get the same random id.
    case idReused
    /// Checkpoints are written in place.
    case checkpointsTorn
    /// What was saved is gone after each crash.
    case stateForgotten

    /// What is saved instead of these checkpoints.
    func spoil(_ bytes: [UInt8]) -> [UInt8] {
        guard [.offsetOffByOne, .checkpointAheadOfDelivery, .cutsForgotten].contains(self),
            var checkpoints = try? CheckpointFile.parse(bytes)
        else { return bytes }
        for index in checkpoints.files.indices {
            switch self {
            case .offsetOffByOne:
                guard checkpoints.files[index].resume.low > 0 else { continue }
                checkpoints.files[index].resume.stdout += 1
                checkpoints.files[index].resume.stderr += 1
            case .checkpointAheadOfDelivery:
                checkpoints.files[index].resume.advance(to: ResumeOffsets(checkpoints.files[index].trail.offset))
            default: checkpoints.files[index].cuts = []
            }
        }
        return CheckpointFile.render(checkpoints)
    }

    /// A frame of the spool as if no checksum were looked at.
    static func withFittingChecksums(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= FrameHeader.size, bytes.starts(with: Array("TLRF".utf8)) else { return bytes }
        var bytes = bytes
        func put(_ value: UInt32, at offset: Int) {
            for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index)) }
        }
        if bytes.count > FrameHeader.size {
            put(CRC32C.checksum(bytes.span.extracting(FrameHeader.size...)), at: 36)
        }
        let state = bytes[FrameHeader.stateOffset]
        bytes[FrameHeader.stateOffset] = 0
        put(CRC32C.checksum(bytes.span.extracting(..<40)), at: 40)
        bytes[FrameHeader.stateOffset] = state
        return bytes
    }
}

/// The way to the endpoint, with bugs in how replies are read.
struct SabotagedTransport: BulkTransport {
    let endpoint: SimulatedEndpoint
    let sabotage: Sabotage
    let executor: SimulatedExecutor

    func post(_ payload: Payload) async -> PostOutcome {
        if sabotage == .acknowledgedBeforeReply {
            Task(executorPreference: executor) { _ = await endpoint.post(payload) }
            return .taken
        }
        let outcome = await endpoint.post(payload)
        switch (sabotage, outcome) {
        case (.silenceTakenForConsent, .failed): return .taken
        case (.refusalTakenForConsent, .reply(let reply)) where reply.status == 200 && reply.body.count > 2:
            return .taken
        default: return outcome
        }
    }

    func shutDown() async {}
}
