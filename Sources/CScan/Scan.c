#include "CScan.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx2,bmi")))

// Compared as signed numbers, what is not ASCII is below a blank as well.
WIDE static size_t copy_long(uint8_t *target, const uint8_t *source, size_t count) {
    const __m256i quote = _mm256_set1_epi8('"'), backslash = _mm256_set1_epi8('\\'), blank = _mm256_set1_epi8(' ');
    size_t place = 0;
    while (place < count) {
        // The last ones are looked at together with some of those before them.
        if (count - place < 32) place = count - 32;
        __m256i block = _mm256_loadu_si256((const __m256i *)(source + place));
        _mm256_storeu_si256((__m256i *)(target + place), block);
        __m256i marks = _mm256_or_si256(_mm256_cmpeq_epi8(block, quote), _mm256_cmpeq_epi8(block, backslash));
        uint32_t found = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(marks, _mm256_cmpgt_epi8(blank, block)));
        if (found) return place + (size_t)__builtin_ctz(found);
        place += 32;
    }
    return count;
}

WIDE static size_t copy_short(uint8_t *target, const uint8_t *source, size_t count) {
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), blank = _mm_set1_epi8(' ');
    size_t place = 0;
    while (place < count) {
        if (count - place < 16) place = count - 16;
        __m128i block = _mm_loadu_si128((const __m128i *)(source + place));
        _mm_storeu_si128((__m128i *)(target + place), block);
        __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash));
        uint32_t found = (uint32_t)_mm_movemask_epi8(_mm_or_si128(marks, _mm_cmpgt_epi8(blank, block)));
        if (found) return place + (size_t)__builtin_ctz(found);
        place += 16;
    }
    return count;
}

size_t scan_copy_plain(uint8_t *target, const uint8_t *source, size_t count) {
    if (count < 16 || !__builtin_cpu_supports("avx2")) return 0;
    return count < 32 ? copy_short(target, source, count) : copy_long(target, source, count);
}
#else
size_t scan_copy_plain(uint8_t *target, const uint8_t *source, size_t count) {
    (void)target, (void)source, (void)count;
    return 0;
}
#endif
