/// How loud a record is, as its logger calls it.
enum LogLevel: Sendable {
    case calm
    case warning
    case error
    case panic

    var isAlarm: Bool { self != .calm }
}

/// A word at the beginning of a record: letters, digits, `_`, `-`, `.` and `$`.
struct HeaderWord {
    /// Its bytes as one number, first byte highest; meaningless beyond eight bytes.
    private let packed: UInt64
    let count: Int
    /// The place behind it.
    let end: Int

    @inline(__always)
    init(in line: Span<UInt8>, at start: Int) {
        var packed: UInt64 = 0
        var index = start
        let count = line.count
        while index < count {
            let byte = line[unchecked: index]
            guard isWordByte(byte) else { break }
            packed = packed << 8 | UInt64(byte)
            index += 1
        }
        self.packed = packed
        self.count = index - start
        end = index
    }

    /// The level that this word in upper case names.
    var level: LogLevel? {
        guard count >= 3, count <= 11 else { return nil }
        if count > 8 { return nil }
        switch packed {
        case Self.pack("INFO"), Self.pack("DEBUG"), Self.pack("TRACE"), Self.pack("NOTICE"), Self.pack("DBG"),
            Self.pack("INF"), Self.pack("TRC"), Self.pack("FINE"), Self.pack("FINER"), Self.pack("FINEST"),
            Self.pack("CONFIG"), Self.pack("VERBOSE"), Self.pack("LOG"), Self.pack("NOTE"), Self.pack("DEBU"),
            Self.pack("DBUG"), Self.pack("TRCE"):
            return .calm
        case Self.pack("WARN"), Self.pack("WARNING"), Self.pack("WRN"): return .warning
        case Self.pack("ERROR"), Self.pack("ERR"), Self.pack("ERRO"), Self.pack("SEVERE"), Self.pack("CRITICAL"),
            Self.pack("CRIT"), Self.pack("FATAL"), Self.pack("FATA"), Self.pack("FTL"), Self.pack("ALERT"),
            Self.pack("EMERG"), Self.pack("FAIL"):
            return .error
        case Self.pack("PANIC"), Self.pack("PANI"), Self.pack("PNC"), Self.pack("DPANIC"): return .panic
        default: return nil
        }
    }

    private var packedInUpperCase: UInt64 { packed & 0xDFDF_DFDF_DFDF_DFDF }

    /// The level that this word names in whatever case.
    var lowerCaseLevel: LogLevel? {
        guard count <= 8 else { return nil }
        return HeaderWord(packed: packedInUpperCase, count: count, end: end).level
    }

    /// A level that says what it means where the text of a record might begin.
    var isCommonLevel: Bool {
        guard count >= 4, count <= 8 else { return false }
        switch packedInUpperCase {
        case Self.pack("ERROR"), Self.pack("ERRO"), Self.pack("WARN"), Self.pack("WARNING"), Self.pack("INFO"),
            Self.pack("DEBUG"), Self.pack("CRITICAL"):
            return true
        default: return false
        }
    }

    var isLowerCase: Bool {
        guard count <= 8 else { return false }
        for place in 0..<count where packed >> UInt64(8 * place) & 0x20 == 0 { return false }
        return true
    }

    /// `note: ` is what compilers and Rust say, not how loud a logger is.
    var isNote: Bool { packed == Self.pack("note") }

    var isRequestMethod: Bool {
        switch packed {
        case Self.pack("GET"), Self.pack("POST"), Self.pack("PUT"), Self.pack("HEAD"), Self.pack("DELETE"),
            Self.pack("PATCH"), Self.pack("OPTIONS"), Self.pack("CONNECT"):
            return true
        default: return false
        }
    }

    private init(packed: UInt64, count: Int, end: Int) {
        self.packed = packed
        self.count = count
        self.end = end
    }

    @inline(__always)
    private static func pack(_ text: StaticString) -> UInt64 {
        var packed: UInt64 = 0
        for index in 0..<text.utf8CodeUnitCount { packed = packed << 8 | UInt64(text.utf8Start[index]) }
        return packed
    }
}

@inline(__always)
func isWordByte(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
}
