/// The languages that still fit an event, each with its place in its table; at a fixed place in memory, because every
/// line of a trace changes it.
struct ActiveLanguages: ~Copyable {
    /// One bit a language, the first one lowest.
    private(set) var indices: UInt32 = 0
    /// Means something only where the bit is set.
    private let places: UnsafeMutablePointer<TracePlaces>

    /// - Parameter count: of all languages, at most 32.
    init(count: Int) {
        precondition(count <= UInt32.bitWidth)
        places = .allocate(capacity: count)
        places.initialize(repeating: [], count: count)
    }

    deinit { places.deallocate() }

    /// The place of a language in its table; setting it to none, or to the end, takes the language out.
    subscript(index: Int) -> TracePlaces {
        @inline(__always) get { indices >> UInt32(index) & 1 == 1 ? places[index] : [] }
        @inline(__always) set {
            places[index] = newValue
            if newValue.isEmpty || newValue == .end { remove(index) } else { indices |= 1 << UInt32(index) }
        }
    }

    var isEmpty: Bool { indices == 0 }

    @inline(__always)
    mutating func remove(_ index: Int) { indices &= ~(1 << UInt32(index)) }

    @inline(__always)
    mutating func removeAll(before index: Int) { indices &= .max << UInt32(index) }

    mutating func removeAll() { indices = 0 }

    /// Puts back what was removed since, as long as no place was set.
    mutating func putBack(_ before: UInt32) { indices = before }
}
