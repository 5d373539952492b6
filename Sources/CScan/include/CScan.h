#ifndef CSCAN_H
#define CSCAN_H

#include <stddef.h>
#include <stdint.h>

/// Copies what a JSON string holds as it is (ASCII but quotes, backslashes and what is below a blank), up to the first
/// other byte. Writes up to 31 bytes beyond that.
///
/// Returns how many bytes count. May be fewer than there are: of less than 16 bytes, and where the processor has no AVX2,
/// none.
size_t scan_copy_plain(uint8_t *target, const uint8_t *source, size_t count);

// What `scan_marks` looks for.
#define SCAN_COLON (1 << 0)
#define SCAN_ROUND_BRACKET (1 << 1)
#define SCAN_SQUARE_BRACKET (1 << 2)
#define SCAN_DOT (1 << 3)
#define SCAN_DIGIT (1 << 4)
/// A backquote or an apostrophe.
#define SCAN_QUOTE (1 << 5)
#define SCAN_BAR (1 << 6)
#define SCAN_SLASH (1 << 7)

/// Returns the sum of those of them that are anywhere in the text.
uint8_t scan_marks(const uint8_t *text, size_t count);

/// Returns where `Er`, `Ex` or `Th` stands first, with which the words begin that exceptions are called; `count` when
/// none of them does.
size_t scan_start_of_error(const uint8_t *text, size_t count);

/// Returns where a blank or a closing round bracket stands first; `count` when there is none.
size_t scan_end_of_call(const uint8_t *text, size_t count);

/// Returns where the first byte stands that no name of a class with its package has: letters and digits of ASCII, `.`, `_`,
/// `$`, and what is not ASCII; `count` when there is none.
size_t scan_end_of_name(const uint8_t *text, size_t count);

#endif
