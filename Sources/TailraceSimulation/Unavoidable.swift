/// What no shipper can avoid. Every line that is none of these arrives exactly once.
///
/// In the simulation of the tailer the seed decides which of them may happen to its files, so that most seeds allow none.
/// They are counted, and a run of many seeds in which one of them never happened has failed: it would prove nothing.
package enum Unavoidable: String, CaseIterable, Sendable {
    /// The program, or its rotation, emptied the file.
    case emptiedUnread = "lost: emptied before anybody had read it"
    /// `copytruncate` is no single step.
    case writtenBehindCopy = "lost: written between the copy and the truncation"
    case deletedUnread = "lost: deleted before anybody had read it"
    /// The same bytes at the same places of the same file are the same file.
    case rewrittenAlike = "once instead of twice: emptied and written again with the same bytes"
    /// No line has a time stamp, so that nothing tells such a copy from another file with the same beginning.
    case copiedUnseen = "twice: of a plain file that was copied and is gone, while nobody looked"
    /// What it lacks at its end was read from the file before that was emptied, so that it can't be recognised.
    case copyOvertaken = "twice: of a file that was read on after it was copied, before it was emptied"
    /// The state folder was full.
    case unsaved = "twice: the process died before the position could be saved"

    /// What may become of a line.
    enum Fate { case lost, onceOrTwice }

    var fate: Fate {
        switch self {
        case .emptiedUnread, .writtenBehindCopy, .deletedUnread: .lost
        case .rewrittenAlike, .copiedUnseen, .copyOvertaken, .unsaved: .onceOrTwice
        }
    }

    /// What the programs of this seed do, in the simulation of the tailer. Of eight kinds of seeds two do nothing of it,
    /// and two are of disks that are full at times, see ``Plan``.
    static func provoked(by seed: UInt64) -> Unavoidable? {
        switch seed % 8 {
        case 1: .emptiedUnread
        case 2: .deletedUnread
        case 4: .writtenBehindCopy
        case 5: .rewrittenAlike
        case 6: .copiedUnseen
        default: nil
        }
    }
}
