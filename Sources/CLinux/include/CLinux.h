#pragma once
#include <stdint.h>

/// Birth time of the file open as `descriptor`, in nanoseconds since 1970, or 0 where the file system does not keep one.
/// See statx(2), STATX_BTIME.
int64_t clinux_birth_time(int descriptor);
