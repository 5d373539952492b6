#pragma once
#include <isa-l/igzip_lib.h>

/// Bytes of `level_buf`, by level. At the first two, blocks of 16,384 symbols, as zlib's are: the bodies get no larger by it than
/// with four times the memory. Macros that add up structs are nothing that Swift sees.
static inline uint32_t cisal_level_buffer_size(uint32_t level) {
    switch (level) {
    case 1: return ISAL_DEF_LVL1_SMALL;
    case 2: return ISAL_DEF_LVL2_SMALL;
    case 3: return ISAL_DEF_LVL3_DEFAULT;
    default: return ISAL_DEF_LVL0_DEFAULT;
    }
}
