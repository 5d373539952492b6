import TailraceCore

/// What was read from pipes and is not in a file yet: a buffer of memory between the app and a disk that may be slow,
/// full or gone. The one place that decides whether the app waits.
///
/// Memory: ``bytesMax``, and what the writer has taken out.
final class CaptureQueue: Sendable {
    enum Piece: Sendable {
        case bytes([UInt8], LogStream, Timestamp)
        /// Something was left out here. As in ``CRIPrinter/noteGap(isInsideLine:to:)``.
        case gap(LogStream, isInsideLine: Bool)
    }

    /// Lines and bytes that were left out.
    struct Loss: Sendable, Equatable {
        var lines = 0
        var bytes = 0
    }

    static let bytesMax = 1 << 20
    /// What the writer takes at once.
    private static let takeMax = 128 << 10
    /// What a piece costs beside its bytes.
    private static let overhead = 128

    private struct State {
        var pieces: [Piece] = []
        var bytes = 0
        var loss = Loss()
        /// Of each stream: what was left out since its last piece ends in the middle of a line.
        var gaps: [LogStream: Bool] = [:]
        /// Somebody has waited in vain: nobody waits before there is room again.
        var isDropping = false
        var isFinished = false
        var isAbandoned = false
    }

    private let state = Monitor(State())
    private let whenFull: CaptureSettings.WhenFull
    private let time: any Timebase

    init(_ whenFull: CaptureSettings.WhenFull, time: any Timebase) {
        self.whenFull = whenFull
        self.time = time
    }

    // MARK: For readers

    /// Blocks while there is no room, for as long as the settings say.
    func put(_ bytes: [UInt8], of stream: LogStream, at moment: Timestamp) {
        guard !bytes.isEmpty else { return }
        let deadline: Moment =
            switch whenFull {
            case .block: .distantFuture
            case .spool: time.now + CaptureSettings.patience
            case .drop: time.now
            }
        let isAdmitted = state.wait(until: deadline) { state -> Bool? in
            if state.isAbandoned { return false }
            if state.isDropping, state.bytes > Self.bytesMax / 2 { return false }
            return state.bytes + bytes.count <= Self.bytesMax || state.pieces.isEmpty ? true : nil
        }
        state.change { state in
            guard isAdmitted == true else {
                state.isDropping = true
                let isInsideLine = bytes.last != UInt8(ascii: "\n")
                state.loss.lines += bytes.count { $0 == UInt8(ascii: "\n") } + (isInsideLine ? 1 : 0)
                state.loss.bytes += bytes.count
                state.gaps[stream] = isInsideLine
                return
            }
            state.isDropping = false
            if let isInsideLine = state.gaps.removeValue(forKey: stream) {
                state.pieces.append(.gap(stream, isInsideLine: isInsideLine))
            }
            state.pieces.append(.bytes(bytes, stream, moment))
            state.bytes += bytes.count + Self.overhead
        }
    }

    /// Nothing more will be put in.
    func finish() { state.change { $0.isFinished = true } }

    // MARK: For the writer

    /// - Returns: the oldest; none at `deadline`; `nil` when there will be none any more.
    func take(until deadline: Moment) -> [Piece]? {
        let taken = state.wait(until: deadline) { state -> [Piece]?? in
            guard !state.pieces.isEmpty else { return state.isFinished ? .some(nil) : nil }
            var bytes = 0
            var count = 0
            while count < state.pieces.count, bytes < Self.takeMax {
                if case .bytes(let piece, _, _) = state.pieces[count] { bytes += piece.count + Self.overhead }
                count += 1
            }
            let pieces = Array(state.pieces[..<count])
            state.pieces.removeFirst(count)
            state.bytes -= bytes
            return pieces
        }
        // Whoever waits for room is woken.
        state.change { _ in }
        guard let taken else { return [] }
        return taken
    }

    /// Whoever waits, and will, is let go: what there is no room for is left out.
    func abandon() { state.change { $0.isAbandoned = true } }

    var isAbandoned: Bool { state.change(\.isAbandoned) }

    /// Waits for a while, but not when everything is over.
    ///
    /// - Returns: false when it is.
    func pause(_ duration: Duration) -> Bool {
        state.wait(until: time.now + duration) { $0.isAbandoned ? true : nil } == nil
    }

    /// What the writer could not bring to disk.
    func lose(_ bytes: Span<UInt8>) {
        var lines = 0
        for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") { lines += 1 }
        let count = bytes.count
        state.change { state in
            state.loss.lines += lines
            state.loss.bytes += count
        }
    }

    /// Since the last call.
    func takeLoss() -> Loss {
        state.change { state in
            defer { state.loss = Loss() }
            return state.loss
        }
    }
}
