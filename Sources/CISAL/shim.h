#pragma once
#include <isa-l/igzip_lib.h>

/// Bytes of `level_buf`, by level. At the first two, blocks of 32,768 and 16,384 symbols: the bodies get no larger by it
/// than with several times the memory, and at the first, half as many would take 2 % more time for the tables of each.
/// Macros that add up structs are nothing that Swift sees.
static inline uint32_t cisal_level_buffer_size(uint32_t level) {
    switch (level) {
    case 1: return ISAL_DEF_LVL1_MEDIUM;
    case 2: return ISAL_DEF_LVL2_SMALL;
    case 3: return ISAL_DEF_LVL3_DEFAULT;
    default: return ISAL_DEF_LVL0_DEFAULT;
    }
}
