/// How large a request may be, as learnt from those that were refused for their size (413): no setting has to know it.
///
/// | | |
/// |---|---|
/// | too large | the limit is half of that size, or the largest that was taken, if that is more |
/// | taken | after ``patience`` requests near the limit, an eighth more is tried |
/// | a trial fails | the limit is back, and it takes twice as many requests until the next trial |
///
/// Sizes are of bodies before compression: what Elasticsearch counts. For a proxy that counts compressed bytes it is as
/// good a measure, since logs of one kind compress alike.
package struct SizeLimit: Sendable, Equatable {
    /// One document alone can be refused for its size as well; that says little about batches.
    package static let least = 64 << 10
    private static let patienceMax = 12_800

    /// In bytes; `nil` as long as nothing was too large.
    package private(set) var bytes: Int?
    /// The largest that was taken since anything was refused.
    private var largestTaken = 0
    private var takenNear = 0
    /// Requests near the limit until it is tried to go beyond.
    private var patience = 100
    /// The largest that was ever refused: there is nothing to be learnt beyond it.
    private var largestRefused = 0

    package init() {}

    /// The endpoint said that a request of so many bytes was too large.
    package mutating func tooLarge(_ size: Int) {
        largestRefused = max(largestRefused, size)
        if bytes != nil { patience = min(patience * 2, Self.patienceMax) }
        largestTaken = min(largestTaken, size - 1)
        takenNear = 0
        bytes = max(size / 2, largestTaken, Self.least)
    }

    /// The endpoint found nothing wrong with the size of a request.
    package mutating func taken(_ size: Int) {
        largestTaken = max(largestTaken, size)
        guard let limit = bytes, size >= limit / 2 else { return }
        takenNear += 1
        guard takenNear >= patience else { return }
        takenNear = 0
        bytes = min(limit + limit / 8, largestRefused)
    }
}
