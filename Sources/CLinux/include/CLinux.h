#pragma once
#include <stdint.h>
#include <sys/eventfd.h>

struct clinux_status {
    uint64_t device;
    uint64_t inode;
    uint64_t size;
    uint64_t links;
    /// As in stat(2), `st_mode`.
    uint32_t mode;
    /// Nanoseconds since 1970, or 0 where the file system does not keep it.
    int64_t birth;
    /// Nanoseconds since 1970.
    int64_t modified;
};

/// Status of what `path` leads to, or of the open file `descriptor` when `path` is null. Links are followed.
/// Returns 0, or -1 with errno. See statx(2).
int clinux_status(int descriptor, const char *path, struct clinux_status *status);

/// Names the calling thread, as `top -H` shows it; at most 15 bytes. See prctl(2), PR_SET_NAME.
void clinux_name_thread(const char *name);

/// Has the allocator keep one heap, and not give every large block back to the kernel at once: a batch is as large as the
/// one before it, and pages that are asked for anew are cleared first. Call it before there is a second thread.
void clinux_settle_allocator(void);

/// Gives the kernel back what the heap has free, and the pages of the program itself: those that are still in use come
/// back from the page cache. See malloc_trim(3), madvise(2).
void clinux_return_memory(void);
