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

#endif
