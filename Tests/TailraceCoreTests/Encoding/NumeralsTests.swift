import TailraceCore
import Testing

@Suite struct NumeralsTests {
    @Test func `numbers are written as the standard library writes them`() {
        var values: [UInt64] = [0, .max]
        for shift in 0..<64 { values += [1 << UInt64(shift), (1 << UInt64(shift)) - 1] }
        var power: UInt64 = 1
        for _ in 0..<19 {
            power *= 10
            values += [power - 1, power]
        }
        for value in values {
            var decimal = OwnedBytes()
            decimal.appendDecimal(value)
            let decimalText = String(decoding: Array(decimal.span), as: UTF8.self)
            #expect(decimalText == String(value))
            var hexadecimal = OwnedBytes()
            hexadecimal.appendHexadecimal(value)
            let hexadecimalText = String(decoding: Array(hexadecimal.span), as: UTF8.self)
            #expect(hexadecimalText == String(value, radix: 16))
        }
    }
}
