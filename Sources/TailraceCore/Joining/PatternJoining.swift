/// What becomes of lines when a user's pattern says where records begin or end.
extension MultilineJoiner {
    /// Places one line; the machine is not asked.
    mutating func placeByPattern(
        _ line: Span<UInt8>, _ view: borrowing LineView, _ stamp: LineStamp,
        into sink: inout some EventSink & ~Copyable
    ) {
        guard let isMatch = matcher?.matches(view.bytes), let mode = matcher?.mode else { return }
        let joins =
            switch mode {
            case .starts: !isMatch
            case .continues: isMatch
            case .ends: true
            }
        if isWaiting, joins, hasRoom(for: line.count, behind: text.count, heldCount: 0) {
            join(line, stamp)
        } else {
            var first = event(of: stamp)
            if isWaiting {
                if joins { first.flags.insert(.continuation) }
                finishEvent([], into: &sink)
            }
            text.append(line)
            startEvent(first, 0..<text.count)
        }
        if mode == .ends, isMatch { finishEvent([], into: &sink) }
    }
}
