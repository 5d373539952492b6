#pragma once
#include <isa-l/igzip_lib.h>

/// Bytes of `level_buf`, by level, as igzip's own program has them. Macros that add up structs are nothing that Swift sees.
static inline uint32_t cisal_level_buffer_size(uint32_t level) {
    switch (level) {
    case 1: return ISAL_DEF_LVL1_DEFAULT;
    case 2: return ISAL_DEF_LVL2_DEFAULT;
    case 3: return ISAL_DEF_LVL3_DEFAULT;
    default: return ISAL_DEF_LVL0_DEFAULT;
    }
}
