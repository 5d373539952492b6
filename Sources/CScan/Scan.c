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

static uint8_t marks_one_by_one(const uint8_t *text, size_t count) {
    static const uint8_t table[256] = {
        [':'] = SCAN_COLON, ['('] = SCAN_ROUND_BRACKET, [')'] = SCAN_ROUND_BRACKET, ['['] = SCAN_SQUARE_BRACKET,
        [']'] = SCAN_SQUARE_BRACKET, ['.'] = SCAN_DOT, ['0' ... '9'] = SCAN_DIGIT, ['`'] = SCAN_QUOTE, ['\''] = SCAN_QUOTE,
        ['|'] = SCAN_BAR, ['/'] = SCAN_SLASH,
    };
    uint8_t found = 0;
    for (size_t place = 0; place < count; place++) found |= table[text[place]];
    return found;
}

#if defined(__x86_64__)
// The marks that bytes with this low half may have, and those that bytes with this high half may have: a byte has what
// both say. Only the backquote would need a ninth, and is compared with.
#define LOW_HALVES SCAN_DIGIT, SCAN_DIGIT, SCAN_DIGIT, SCAN_DIGIT, SCAN_DIGIT, SCAN_DIGIT, SCAN_DIGIT, \
    SCAN_DIGIT | SCAN_QUOTE, SCAN_DIGIT | SCAN_ROUND_BRACKET, SCAN_DIGIT | SCAN_ROUND_BRACKET, SCAN_COLON, \
    SCAN_SQUARE_BRACKET, SCAN_BAR, SCAN_SQUARE_BRACKET, SCAN_DOT, (char)SCAN_SLASH
#define HIGH_HALVES 0, 0, (char)(SCAN_ROUND_BRACKET | SCAN_DOT | SCAN_QUOTE | SCAN_SLASH), SCAN_COLON | SCAN_DIGIT, 0, \
    SCAN_SQUARE_BRACKET, 0, SCAN_BAR, 0, 0, 0, 0, 0, 0, 0, 0

WIDE static uint8_t marks_wide(const uint8_t *text, size_t count) {
    const __m256i low = _mm256_setr_epi8(LOW_HALVES, LOW_HALVES), high = _mm256_setr_epi8(HIGH_HALVES, HIGH_HALVES);
    const __m256i half = _mm256_set1_epi8(15), backquote = _mm256_set1_epi8('`'), quote = _mm256_set1_epi8(SCAN_QUOTE);
    __m256i found = _mm256_setzero_si256();
    size_t last = count - 32, place = 0;
    while (1) {
        __m256i block = _mm256_loadu_si256((const __m256i *)(text + place));
        __m256i low_marks = _mm256_shuffle_epi8(low, block);
        __m256i high_marks = _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(block, 4), half));
        __m256i apart = _mm256_and_si256(_mm256_cmpeq_epi8(block, backquote), quote);
        found = _mm256_or_si256(found, _mm256_or_si256(_mm256_and_si256(low_marks, high_marks), apart));
        if (place == last) break;
        // The last ones are looked at together with some of those before them.
        place = last - place < 32 ? last : place + 32;
    }
    __m128i halves = _mm_or_si128(_mm256_castsi256_si128(found), _mm256_extracti128_si256(found, 1));
    uint64_t word = (uint64_t)_mm_cvtsi128_si64(_mm_or_si128(halves, _mm_unpackhi_epi64(halves, halves)));
    word |= word >> 32;
    word |= word >> 16;
    return (uint8_t)(word | word >> 8);
}

uint8_t scan_marks(const uint8_t *text, size_t count) {
    return count < 32 || !__builtin_cpu_supports("avx2") ? marks_one_by_one(text, count) : marks_wide(text, count);
}
#else
uint8_t scan_marks(const uint8_t *text, size_t count) { return marks_one_by_one(text, count); }
#endif

static int is_start_of_error(const uint8_t *text) {
    return (text[0] == 'E' && (text[1] == 'r' || text[1] == 'x')) || (text[0] == 'T' && text[1] == 'h');
}

static size_t start_one_by_one(const uint8_t *text, size_t count) {
    for (size_t place = 0; place + 1 < count; place++)
        if (is_start_of_error(text + place)) return place;
    return count;
}

#if defined(__x86_64__)
WIDE static size_t start_wide(const uint8_t *text, size_t count) {
    const __m256i e = _mm256_set1_epi8('E'), t = _mm256_set1_epi8('T');
    const __m256i r = _mm256_set1_epi8('r'), x = _mm256_set1_epi8('x'), h = _mm256_set1_epi8('h');
    size_t place = 0, last = count - 33;
    while (1) {
        __m256i block = _mm256_loadu_si256((const __m256i *)(text + place));
        __m256i next = _mm256_loadu_si256((const __m256i *)(text + place + 1));
        __m256i er = _mm256_and_si256(
            _mm256_cmpeq_epi8(block, e), _mm256_or_si256(_mm256_cmpeq_epi8(next, r), _mm256_cmpeq_epi8(next, x)));
        __m256i th = _mm256_and_si256(_mm256_cmpeq_epi8(block, t), _mm256_cmpeq_epi8(next, h));
        uint32_t found = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(er, th));
        if (found) return place + (size_t)__builtin_ctz(found);
        if (place == last) return count;
        place = last - place < 32 ? last : place + 32;
    }
}

size_t scan_start_of_error(const uint8_t *text, size_t count) {
    return count < 33 || !__builtin_cpu_supports("avx2") ? start_one_by_one(text, count) : start_wide(text, count);
}
#else
size_t scan_start_of_error(const uint8_t *text, size_t count) { return start_one_by_one(text, count); }
#endif

static int ends_call(uint8_t byte) { return byte == ' ' || byte == ')'; }

static int ends_name(uint8_t byte) {
    int is_in_name = byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte | 0x20) - 'a' < 26u || byte == '.' ||
        byte == '_' || byte == '$';
    return !is_in_name;
}

static inline size_t first_one_by_one(const uint8_t *text, size_t count, int (*is_wanted)(uint8_t)) {
    for (size_t place = 0; place < count; place++)
        if (is_wanted(text[place])) return place;
    return count;
}

#if defined(__x86_64__)
// `wanted` returns a bit for each byte of the block. There are 32 bytes at least.
WIDE static inline size_t first_wide(const uint8_t *text, size_t count, uint32_t (*wanted)(__m256i)) {
    size_t place = 0, last = count - 32;
    while (1) {
        uint32_t found = wanted(_mm256_loadu_si256((const __m256i *)(text + place)));
        if (found) return place + (size_t)__builtin_ctz(found);
        if (place == last) return count;
        place = last - place < 32 ? last : place + 32;
    }
}

WIDE static inline uint32_t ends_of_call(__m256i block) {
    const __m256i blank = _mm256_set1_epi8(' '), bracket = _mm256_set1_epi8(')');
    return (uint32_t)_mm256_movemask_epi8(
        _mm256_or_si256(_mm256_cmpeq_epi8(block, blank), _mm256_cmpeq_epi8(block, bracket)));
}

// A byte has both halves' bit if it is one of a name. What is not ASCII is told by its sign.
#define HIGH_2 1
#define HIGH_3 2
#define HIGH_4_6 4
#define HIGH_5 8
#define HIGH_7 16
#define LETTERS HIGH_4_6 | HIGH_5 | HIGH_7
#define NAME_LOW_HALVES HIGH_3 | HIGH_5 | HIGH_7, HIGH_3 | LETTERS, HIGH_3 | LETTERS, HIGH_3 | LETTERS, \
    HIGH_2 | HIGH_3 | LETTERS, HIGH_3 | LETTERS, HIGH_3 | LETTERS, HIGH_3 | LETTERS, HIGH_3 | LETTERS, HIGH_3 | LETTERS, \
    LETTERS, HIGH_4_6, HIGH_4_6, HIGH_4_6, HIGH_2 | HIGH_4_6, HIGH_4_6 | HIGH_5
#define NAME_HIGH_HALVES 0, 0, HIGH_2, HIGH_3, HIGH_4_6, HIGH_5, HIGH_4_6, HIGH_7, 0, 0, 0, 0, 0, 0, 0, 0

WIDE static inline uint32_t ends_of_name(__m256i block) {
    const __m256i low = _mm256_setr_epi8(NAME_LOW_HALVES, NAME_LOW_HALVES);
    const __m256i high = _mm256_setr_epi8(NAME_HIGH_HALVES, NAME_HIGH_HALVES);
    __m256i high_half = _mm256_and_si256(_mm256_srli_epi16(block, 4), _mm256_set1_epi8(15));
    __m256i both = _mm256_and_si256(_mm256_shuffle_epi8(low, block), _mm256_shuffle_epi8(high, high_half));
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(both, _mm256_setzero_si256())) &
        ~(uint32_t)_mm256_movemask_epi8(block);
}

WIDE static size_t call_wide(const uint8_t *text, size_t count) { return first_wide(text, count, ends_of_call); }
WIDE static size_t name_wide(const uint8_t *text, size_t count) { return first_wide(text, count, ends_of_name); }

size_t scan_end_of_call(const uint8_t *text, size_t count) {
    return count < 32 || !__builtin_cpu_supports("avx2") ? first_one_by_one(text, count, ends_call) : call_wide(text, count);
}

size_t scan_end_of_name(const uint8_t *text, size_t count) {
    return count < 32 || !__builtin_cpu_supports("avx2") ? first_one_by_one(text, count, ends_name) : name_wide(text, count);
}
#else
size_t scan_end_of_call(const uint8_t *text, size_t count) { return first_one_by_one(text, count, ends_call); }
size_t scan_end_of_name(const uint8_t *text, size_t count) { return first_one_by_one(text, count, ends_name); }
#endif
