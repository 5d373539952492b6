extension OwnedBytes {
    /// Appends `value` in lower-case hexadecimal digits without leading zeros.
    package mutating func appendHexadecimal(_ value: UInt64) {
        let count = max(1, (67 - value.leadingZeroBitCount) / 4)
        append(atMost: 16) { target in
            var rest = value
            for place in stride(from: count - 1, through: 0, by: -1) {
                let digit = UInt8(truncatingIfNeeded: rest & 15)
                target[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
                rest >>= 4
            }
            return count
        }
    }

    /// Appends `value` in decimal digits without leading zeros.
    package mutating func appendDecimal(_ value: UInt64) {
        append(atMost: 20) { target in
            var count = 1
            var bound: UInt64 = 10
            while count < 20, value >= bound {
                bound &*= 10
                count += 1
            }
            var rest = value
            for place in stride(from: count - 1, through: 0, by: -1) {
                target[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return count
        }
    }
}
