import TailraceCore
import Testing

@Suite struct SpoolIndexTests {
    private static let limits = SpoolIndex.Limits(bytes: 4000, segmentBytes: 1000)

    /// Of a frame: its size, and so many documents.
    private static func header(_ sequence: UInt64, bytes: Int = 400, documents: Int = 3) -> FrameHeader {
        var header = SegmentFormatTests.header(sequence)
        header.bodySize = bytes - FrameHeader.size
        header.documentCount = documents
        return header
    }

    /// What a process does with it: writes where it is told to, and tells.
    private struct World {
        var index = SpoolIndex(limits: SpoolIndexTests.limits)
        private var frames: [SpoolIndex.Frame] = []

        @discardableResult
        mutating func append(bytes: Int = 400, isTaken: Bool = false) -> SpoolIndex.Place {
            let place = index.place(forFrame: bytes)
            guard place != .full else { return place }
            let header = SpoolIndexTests.header(index.nextSequence, bytes: bytes)
            index.haveAppended(header, at: place, isTaken: isTaken)
            switch place {
            case .end(let segment, let offset): frames.append(.init(header, segment: segment, offset: offset))
            case .newSegment(let segment): frames.append(.init(header, segment: segment, offset: 0))
            case .full: break
            }
            return place
        }

        mutating func take() -> UInt64? {
            while true {
                switch index.next() {
                case .frame(let frame): return frame.sequence
                case .nothing: return nil
                case .load(let segment): _ = index.load(segment.number, frames.filter { $0.segment == segment.number })
                }
            }
        }
    }

    @Test func `frames fill segments, and the limit is kept`() {
        var world = World()
        let places = (0..<11).map { _ in world.append() }
        #expect(places[0] == .newSegment(1))
        #expect(places[1] == .end(of: 1, at: 400))
        #expect(places[2] == .newSegment(3))
        #expect(places[10] == .full)
        #expect(world.index.used == 4000)
        #expect(world.index.documentCount == 30)
    }

    @Test func `a frame that is larger than a segment has one of its own`() {
        var world = World()
        world.append()
        #expect(world.append(bytes: 2500) == .newSegment(2))
        #expect(world.append() == .newSegment(3))
        #expect(world.append(bytes: 4001) == .full, "larger than the whole")
    }

    @Test func `frames come out in the order in which they went in, while more go in`() {
        var world = World()
        var taken: [UInt64] = []
        for _ in 0..<6 { world.append() }
        while taken.count < 30, let sequence = world.take() {
            taken.append(sequence)
            _ = world.index.settle(sequence)
            _ = world.index.takeSpent()
            world.append()
        }
        #expect(taken == Array(1...30))
    }

    @Test func `what was put back comes first`() {
        var world = World()
        for _ in 0..<4 { world.append() }
        let (first, second) = (world.take(), world.take())
        #expect([first, second] == [1, 2])
        world.index.putBack(2)
        world.index.putBack(1)
        #expect((0..<4).map { _ in world.take() } == [1, 2, 3, 4])
        #expect(world.take() == nil)
    }

    @Test func `what is put back while the next segment is looked at is not forgotten`() {
        var world = World()
        for _ in 0..<4 { world.append() }
        #expect((0..<2).map { _ in world.take() } == [1, 2])
        guard case .load(let segment) = world.index.next() else { return #expect(Bool(false)) }
        world.index.putBack(2)
        let frames = [3, 4].map { SpoolIndex.Frame(Self.header($0), segment: 3, offset: ($0 - 3) * 400) }
        #expect(world.index.load(segment.number, frames) == 0)
        #expect((0..<4).map { _ in world.take() } == [2, 3, 4, nil])
    }

    @Test func `what is on its way from memory does not come from disk as well`() {
        var world = World()
        world.append(isTaken: true)
        world.append()
        #expect(world.index.waitingCount == 1)
        #expect(world.take() == 2)
        #expect(world.take() == nil)
        world.append(isTaken: true)
        _ = world.index.settle(3)
        world.append()
        #expect(world.take() == 4)
    }

    @Test func `a segment goes when all of its frames are settled, in any order`() {
        var world = World()
        for _ in 0..<6 { world.append() }
        for _ in 0..<6 { _ = world.take() }
        _ = world.index.settle(3)
        _ = world.index.settle(2)
        #expect(world.index.takeSpent().isEmpty)
        _ = world.index.settle(4)
        #expect(world.index.takeSpent().map(\.number) == [3])
        _ = world.index.settle(1)
        #expect(world.index.takeSpent().map(\.number) == [1])
        #expect(world.index.used == 800)
    }

    @Test func `the last segment stays while it is small, so that draining makes no file for each frame`() {
        var world = World()
        world.append(bytes: 200)
        _ = world.take()
        _ = world.index.settle(1)
        #expect(world.index.takeSpent().isEmpty)
        #expect(world.append() == .end(of: 1, at: 200))
        _ = world.take()
        _ = world.index.settle(2)
        #expect(world.index.takeSpent(keepsLast: true).isEmpty, "a frame is being written to it")
        #expect(world.index.takeSpent().map(\.number) == [1])
        #expect(world.append() == .newSegment(3))
    }

    @Test func `behind a write that failed nothing is appended, and its sequence is not used again`() {
        var world = World()
        world.append()
        world.index.haveFailedToAppend()
        #expect(world.append() == .newSegment(3))
        #expect(world.take() == 1)
        #expect(world.take() == 3)
    }

    @Test func `segments that were there at the start come first, and no number is used again`() {
        var world = World()
        world.index.adopt(.init(number: 40, size: 800, frames: 2, documents: 6), lastSequence: 41)
        world.index.adopt(.init(number: 42, size: 400, frames: 1, documents: 3), lastSequence: 42)
        world.index.avoid(50)
        #expect(world.append() == .newSegment(51))
        guard case .load(let segment) = world.index.next() else { return #expect(Bool(false)) }
        #expect(segment.number == 40)
        let frames = [40, 41].map { SpoolIndex.Frame(Self.header($0), segment: 40, offset: ($0 - 40) * 400) }
        #expect(world.index.load(40, frames) == 0)
        #expect(world.take() == 40)
        #expect(world.index.used == 1600)
    }

    @Test func `frames that can't be found any more are counted, and hold nothing up`() {
        var world = World()
        world.index.adopt(.init(number: 40, size: 800, frames: 2, documents: 6), lastSequence: 41)
        let frame = SpoolIndex.Frame(Self.header(41), segment: 40, offset: 400)
        #expect(world.index.load(40, [frame]) == -3)
        world.index.noteDamage(in: 40)
        #expect(world.take() == 41)
        world.index.discard(41)
        #expect(world.index.takeSpent().map(\.isDamaged) == [true], "set aside, not removed")
        #expect(world.index.isEmpty && world.take() == nil)
    }

    @Test func `a segment whose frames were all settled before it was looked at is not looked at`() {
        var world = World()
        for _ in 0..<4 { world.append(isTaken: true) }
        for sequence in 1...4 { _ = world.index.settle(UInt64(sequence)) }
        #expect(world.take() == nil)
        #expect(world.index.takeSpent().count == 2)
    }

    @Test func `anything in any order: each frame comes once, in order, and the limit holds`() {
        for seed in UInt64(0)..<50 {
            var random = SeededBytes(seed)
            var world = World()
            var (queued, out): ([UInt64], Set<UInt64>) = ([], [])
            for _ in 0..<400 {
                switch Int.random(in: 0..<5, using: &random) {
                case 0, 1:
                    let isTaken = queued.isEmpty && Bool.random(using: &random)
                    let sequence = world.index.nextSequence
                    let bytes = Int.random(in: 60...1400, using: &random)
                    guard world.append(bytes: bytes, isTaken: isTaken) != .full else { break }
                    if isTaken { out.insert(sequence) } else { queued.append(sequence) }
                case 2:
                    let sequence = world.take()
                    #expect(sequence == queued.first, "seed \(seed)")
                    guard let sequence else { break }
                    queued.removeFirst()
                    out.insert(sequence)
                case 3:
                    guard let sequence = out.randomElement(using: &random) else { break }
                    out.remove(sequence)
                    _ = world.index.settle(sequence)
                default: _ = world.index.takeSpent()
                }
                #expect(world.index.used <= 4000, "seed \(seed)")
                #expect(world.index.waitingCount == queued.count, "seed \(seed)")
            }
        }
    }
}
