#pragma once
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/types.h>

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
    /// Nanoseconds since 1970.
    int64_t changed;
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

/// From now on, signals that ask a program for something are passed on to the child. Those that come before there is one
/// are passed on when there is. A key typed at the terminal is left out: the kernel has told the child of it as well.
/// Once the child has ended, the second signal ends this process with the exit code of the child.
void clinux_forward_signals(void);

/// Runs a program as the one child. It is searched for in PATH; signals are for it as they were for this process at the
/// start. `output` and `errors` become the ends to read of pipes that are its standard output and error.
/// Returns 0 or an error number. See posix_spawn(3).
int clinux_spawn(char *const *words, char *const *environment, int *output, int *errors, pid_t *child);

/// Waits for the child, and meanwhile takes leave of every other process that ends and has no other parent.
/// Returns its exit code, or 128 and the number of the signal that ended it. See waitid(2).
int clinux_wait(pid_t child);
