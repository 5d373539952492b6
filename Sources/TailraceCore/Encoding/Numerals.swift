extension OwnedBytes {
    /// Appends `value` in lower-case hexadecimal digits without leading zeros.
    package mutating func appendHexadecimal(_ value: UInt64) {
        append(atMost: ByteWriter.hexadecimalMax) { target in
            var writer = ByteWriter(target)
            writer.putHexadecimal(value)
            return writer.end - target
        }
    }

    /// Appends `value` in decimal digits without leading zeros.
    package mutating func appendDecimal(_ value: UInt64) {
        append(atMost: ByteWriter.decimalMax) { target in
            var writer = ByteWriter(target)
            writer.putDecimal(value)
            return writer.end - target
        }
    }
}
