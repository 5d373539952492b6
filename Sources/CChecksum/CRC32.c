#include "CChecksum.h"
#include <zlib.h>

static uint32_t by_zlib(uint32_t before, const uint8_t *bytes, size_t count) {
    // zlib counts in 32 bits.
    while (count > 0) {
        uInt part = count > 1u << 30 ? 1u << 30 : (uInt)count;
        before = (uint32_t)crc32(before, bytes, part);
        bytes += part;
        count -= part;
    }
    return before;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define FOLDING __attribute__((target("pclmul,sse4.1")))

FOLDING static __m128i load(const uint8_t *bytes) { return _mm_loadu_si128((const __m128i *)bytes); }

// What stands `distance` bits before `next`, moved on to it: both halves times a power of x modulo the polynomial.
FOLDING static __m128i fold(__m128i block, __m128i powers, __m128i next) {
    __m128i low = _mm_clmulepi64_si128(block, powers, 0x00);
    __m128i high = _mm_clmulepi64_si128(block, powers, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

// V. Gopal and others, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ", Intel 2009, which has the powers.
// The last block is left to zlib: it has the same remainder as all that was folded into it. At least 64 bytes.
FOLDING static uint32_t by_folding(const uint8_t *bytes, size_t count) {
    const __m128i by_four = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
    const __m128i by_one = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
    __m128i blocks[4] = {load(bytes), load(bytes + 16), load(bytes + 32), load(bytes + 48)};
    // The register starts with all ones.
    blocks[0] = _mm_xor_si128(blocks[0], _mm_cvtsi32_si128(-1));
    for (bytes += 64, count -= 64; count >= 64; bytes += 64, count -= 64)
        for (int place = 0; place < 4; place++)
            blocks[place] = fold(blocks[place], by_four, load(bytes + 16 * place));
    __m128i block = blocks[0];
    for (int place = 1; place < 4; place++) block = fold(block, by_one, blocks[place]);
    for (; count >= 16; bytes += 16, count -= 16) block = fold(block, by_one, load(bytes));
    uint8_t last[16];
    _mm_storeu_si128((__m128i *)last, block);
    // zlib inverts the register before and after: this starts it with zeros.
    return by_zlib(by_zlib(UINT32_MAX, last, 16), bytes, count);
}

uint32_t checksum_crc32(const uint8_t *bytes, size_t count) {
    if (count < 64 || !__builtin_cpu_supports("pclmul") || !__builtin_cpu_supports("sse4.1"))
        return by_zlib(0, bytes, count);
    return by_folding(bytes, count);
}
#else
uint32_t checksum_crc32(const uint8_t *bytes, size_t count) { return by_zlib(0, bytes, count); }
#endif
