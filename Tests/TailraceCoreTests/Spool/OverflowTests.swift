import TailraceCore
import Testing

@Suite struct OverflowTests {
    private static func at(_ seconds: Int) -> Moment { Moment(nanoseconds: 0) + .seconds(seconds) }

    private static func isOn(_ mode: Overflow.Mode, _ notes: [(seconds: Int, Backlog, isHeldUp: Bool)]) -> Bool {
        var overflow = Overflow(mode)
        for note in notes { overflow.note(note.1, isHeldUp: note.isHeldUp, isEnding: false, now: at(note.seconds)) }
        return overflow.isOn
    }

    @Test func `a backlog that grows while delivery is held up goes to disk`() {
        #expect(Self.isOn(.auto, [(0, Backlog(unread: 10), true), (6, Backlog(unread: 20), true)]))
        #expect(!Self.isOn(.auto, [(0, Backlog(unread: 10), true), (4, Backlog(unread: 20), true)]), "not so soon")
        #expect(!Self.isOn(.auto, [(0, Backlog(unread: 10), false), (60, Backlog(unread: 90), false)]), "it is read")
        #expect(!Self.isOn(.auto, [(0, Backlog(unread: 90), true), (60, Backlog(unread: 20), true)]), "it shrinks")
    }

    @Test func `what was rotated away with unread data is at risk, however small`() {
        let backlog = Backlog(unread: 10, isAtRisk: true)
        #expect(Self.isOn(.auto, [(0, backlog, true), (6, backlog, true)]))
        #expect(!Self.isOn(.auto, [(0, Backlog(unread: 10), true), (60, Backlog(unread: 10), true)]))
    }

    @Test func `a pause in the trouble begins it anew`() {
        let notes = [
            (0, Backlog(unread: 10), true), (3, Backlog(unread: 10), false), (6, Backlog(unread: 20), true),
            (8, Backlog(unread: 30), true),
        ]
        #expect(!Self.isOn(.auto, notes))
    }

    @Test func `always is always, off is never`() {
        #expect(Overflow(.always).isOn)
        let notes = [(0, Backlog(unread: 10, isAtRisk: true), true), (60, Backlog(unread: 20, isAtRisk: true), true)]
        #expect(!Self.isOn(.off, notes))
        var off = Overflow(.off)
        off.begin()
        #expect(!off.isOn)
    }

    @Test func `it ends when everything on disk is delivered, and the end of the process begins it`() {
        var overflow = Overflow(.auto)
        overflow.begin()
        #expect(overflow.isOn)
        overflow.end()
        #expect(!overflow.isOn)
        overflow.note(Backlog(unread: 1), isHeldUp: true, isEnding: true, now: Self.at(0))
        #expect(overflow.isOn)
    }
}
